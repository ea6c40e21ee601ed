//! [`read`]: the JSON of Istanbul's summary and of llvm-cov.

use serde::Deserialize;

use super::{Coverage, CoverageKind};
use crate::reports::report_error::ReportError;

#[derive(Deserialize)]
struct JsonReport {
    /// Istanbul's; the other keys are files.
    total: Option<IstanbulTotals>,
    #[serde(rename = "type")]
    kind: Option<String>,
    data: Option<Vec<LlvmData>>,
}

#[derive(Deserialize)]
struct IstanbulTotals {
    lines: IstanbulLines,
}

#[derive(Deserialize)]
struct IstanbulLines {
    total: u64,
    covered: u64,
}

#[derive(Deserialize)]
struct LlvmData {
    totals: LlvmTotals,
}

#[derive(Deserialize)]
struct LlvmTotals {
    lines: LlvmLines,
}

#[derive(Deserialize)]
struct LlvmLines {
    count: u64,
    covered: u64,
}

pub(super) fn read(bytes: &[u8]) -> Result<Coverage, ReportError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let report: JsonReport = serde_json::from_slice(bytes).map_err(|source| ReportError::Json { source })?;
    if let Some(data) = report.data.filter(|_| report.kind.as_deref() == Some("llvm.coverage.json.export")) {
        let sum = |number: fn(&LlvmLines) -> u64| data.iter().map(|data| number(&data.totals.lines)).sum();
        return Coverage::counted(
            CoverageKind::LlvmLines,
            sum(|lines| lines.covered),
            sum(|lines| lines.count),
        );
    }
    match report.total {
        Some(total) => Coverage::counted(CoverageKind::IstanbulLines, total.lines.covered, total.lines.total),
        None => Err(ReportError::Format {
            expected: "a coverage report",
            found: "it is neither an Istanbul summary nor an llvm-cov export".to_owned(),
        }),
    }
}
