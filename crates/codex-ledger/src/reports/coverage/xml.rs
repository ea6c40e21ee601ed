//! [`read`]: the XML of Cobertura and of `JaCoCo`.

use super::{Coverage, CoverageKind};
use crate::reports::report_error::ReportError;
use crate::reports::report_xml::{Document, Element, XmlNode};

/// What a report states of itself as a whole.
#[derive(Default)]
struct Totals {
    cobertura: Option<Cobertura>,
    lines: Option<(u64, u64)>,
    instructions: Option<(u64, u64)>,
}

struct Cobertura {
    covered: Option<u64>,
    valid: Option<u64>,
    rate: Option<String>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Coverage, ReportError> {
    let document = Document::new(bytes);
    let mut totals = Totals::default();
    let root = document.visit(|depth, node| match node {
        XmlNode::Start(element) => totals.start(depth, &element),
        XmlNode::End => Ok(()),
    })?;
    match root.name.as_str() {
        "coverage" => totals.cobertura(),
        "report" => totals.jacoco(),
        other => Err(ReportError::Format {
            expected: "a coverage report",
            found: format!("its root is <{other}>"),
        }),
    }
}

impl Totals {
    fn start(&mut self, depth: usize, element: &Element<'_>) -> Result<(), ReportError> {
        match (depth, element.name) {
            (0, "coverage") => {
                self.cobertura = Some(Cobertura {
                    covered: element.count("lines-covered")?,
                    valid: element.count("lines-valid")?,
                    rate: element.attribute("line-rate"),
                });
            }
            (1, "counter") => {
                let counts = element.count("covered")?.zip(element.count("missed")?);
                match element.attribute("type").as_deref() {
                    Some("LINE") => self.lines = counts,
                    Some("INSTRUCTION") => self.instructions = counts,
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn cobertura(&self) -> Result<Coverage, ReportError> {
        let nothing = || ReportError::Format {
            expected: "a Cobertura report",
            found: "it has neither lines-valid nor line-rate".to_owned(),
        };
        let totals = self.cobertura.as_ref().ok_or_else(nothing)?;
        if let (Some(covered), Some(valid)) = (totals.covered, totals.valid) {
            return Coverage::counted(CoverageKind::CoberturaLines, covered, valid);
        }
        let rate = totals.rate.as_ref().ok_or_else(nothing)?;
        let share: f64 = rate
            .trim()
            .parse()
            .map_err(|_| ReportError::Number { name: "line-rate".to_owned(), value: rate.clone() })?;
        Coverage::stated(CoverageKind::CoberturaLines, share * 100.0)
    }

    /// Classes that were compiled without line numbers have a count of instructions only.
    fn jacoco(&self) -> Result<Coverage, ReportError> {
        let (kind, (covered, missed)) = match (self.lines, self.instructions) {
            (Some(lines), _) => (CoverageKind::JacocoLines, lines),
            (None, Some(instructions)) => (CoverageKind::JacocoInstructions, instructions),
            (None, None) => return Err(ReportError::NoLines),
        };
        Coverage::counted(kind, covered, covered.saturating_add(missed))
    }
}
