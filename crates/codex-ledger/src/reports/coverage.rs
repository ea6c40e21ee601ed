//! [`Coverage`]: how much of the code the tests reach, from the reports of the usual tools.

mod json;
mod lcov;
mod xml;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::reports::report_error::ReportError;

/// Says how much of what could be covered is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Coverage {
    /// What was counted, and by whose rules.
    pub kind: CoverageKind,
    /// How many lines (or instructions) are covered; `None` where the report has nothing but the share.
    pub covered: Option<u64>,
    /// How many there are.
    pub total: Option<u64>,
    /// The share that is covered, from 0 to 100, with two decimals.
    pub percent: f64,
}

/// Names what was counted; only numbers of one kind can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CoverageKind {
    /// Lines of an lcov tracefile.
    LcovLines,
    /// Lines of a Cobertura report.
    CoberturaLines,
    /// Lines of a `JaCoCo` report.
    JacocoLines,
    /// Bytecode instructions of a `JaCoCo` report of classes without line numbers.
    JacocoInstructions,
    /// Lines of an Istanbul summary.
    IstanbulLines,
    /// Lines of an export of llvm-cov.
    LlvmLines,
}

/// Names a format, for a report that is not to be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CoverageFormat {
    /// A tracefile of lcov: text.
    Lcov,
    /// Cobertura's XML.
    Cobertura,
    /// `JaCoCo`'s XML.
    Jacoco,
    /// Istanbul's `coverage-summary.json`.
    Istanbul,
    /// The JSON of `llvm-cov export`.
    LlvmCov,
}

impl CoverageKind {
    /// The kind in a word, the same as in JSON, such as `lcov-lines`.
    pub fn word(self) -> &'static str {
        match self {
            Self::LcovLines => "lcov-lines",
            Self::CoberturaLines => "cobertura-lines",
            Self::JacocoLines => "jacoco-lines",
            Self::JacocoInstructions => "jacoco-instructions",
            Self::IstanbulLines => "istanbul-lines",
            Self::LlvmLines => "llvm-lines",
        }
    }
}

impl fmt::Display for CoverageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Coverage {
    fn counted(kind: CoverageKind, covered: u64, total: u64) -> Result<Self, ReportError> {
        if total == 0 {
            return Err(ReportError::NoLines);
        }
        if covered > total {
            return Err(ReportError::Number {
                name: format!("covered of {total}"),
                value: covered.to_string(),
            });
        }
        let hundredths = (u128::from(covered) * 20_000 / u128::from(total)).div_ceil(2);
        let hundredths =
            u32::try_from(hundredths).expect("a share is at most 10,000 hundredths of a percent");
        let percent = f64::from(hundredths) / 100.0;
        Ok(Self { kind, covered: Some(covered), total: Some(total), percent })
    }

    fn stated(kind: CoverageKind, percent: f64) -> Result<Self, ReportError> {
        if (0.0..=100.0).contains(&percent) {
            return Ok(Self { kind, covered: None, total: None, percent: two_decimals(percent) });
        }
        Err(ReportError::Number { name: "share".to_owned(), value: percent.to_string() })
    }

    /// The bytes of `reports/coverage.json`: one object with the keys `kind`, `covered`, `total`, `percent`.
    ///
    /// # Panics
    ///
    /// Never: a struct of numbers can be written as JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("numbers can be written as JSON");
        bytes.push(b'\n');
        bytes
    }
}

/// How much a share of coverage has changed, with two decimals.
///
/// ```
/// assert_eq!(codex_ledger::reports::coverage_delta(80.1, 81.9), 1.8);
/// ```
pub fn coverage_delta(before_percent: f64, after_percent: f64) -> f64 {
    two_decimals(after_percent - before_percent)
}

/// Without a negative zero, which nobody would understand.
fn two_decimals(number: f64) -> f64 {
    (number * 100.0).round() / 100.0 + 0.0
}

/// Reads the total of a coverage report, whose format is guessed by its look where none is named.
///
/// # Errors
///
/// The report is cut off, of another format, or has nothing that could be covered: see [`ReportError`].
///
/// ```
/// use codex_ledger::reports::{CoverageKind, parse_coverage};
///
/// let coverage = parse_coverage(b"SF:a.rs\nDA:1,1\nDA:2,0\nDA:3,7\nend_of_record\n", None)?;
/// assert_eq!((coverage.kind, coverage.percent), (CoverageKind::LcovLines, 66.67));
/// # Ok::<(), codex_ledger::reports::ReportError>(())
/// ```
pub fn parse_coverage(bytes: &[u8], format: Option<CoverageFormat>) -> Result<Coverage, ReportError> {
    match format {
        Some(CoverageFormat::Lcov) => lcov::read(bytes),
        Some(CoverageFormat::Cobertura | CoverageFormat::Jacoco) => {
            let coverage = xml::read(bytes)?;
            let is_named = (format == Some(CoverageFormat::Cobertura))
                == (coverage.kind == CoverageKind::CoberturaLines);
            if is_named { Ok(coverage) } else { Err(other_kind(coverage.kind)) }
        }
        Some(CoverageFormat::Istanbul | CoverageFormat::LlvmCov) => {
            let coverage = json::read(bytes)?;
            let is_named =
                (format == Some(CoverageFormat::LlvmCov)) == (coverage.kind == CoverageKind::LlvmLines);
            if is_named { Ok(coverage) } else { Err(other_kind(coverage.kind)) }
        }
        None => {
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
            match text.first() {
                None => Err(ReportError::Empty),
                Some(b'{') => json::read(text),
                Some(b'<' | 0 | 0xff | 0xfe) => xml::read(bytes),
                Some(_) => lcov::read(text),
            }
        }
    }
}

fn other_kind(kind: CoverageKind) -> ReportError {
    ReportError::Format { expected: "of the format that was named", found: format!("it counts {kind}") }
}

#[cfg(test)]
mod tests;
