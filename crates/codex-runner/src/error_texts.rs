//! What the errors of this crate say: all of them, in one snapshot.

use codex_fixtures::{ErrorTexts, error_texts};

use crate::{AgentReport, AgentReportError};

#[test]
fn every_error_of_the_runner_is_a_sentence() {
    let mut texts = ErrorTexts::new();
    let answer = |text: &str| AgentReport::read(text).expect_err("it is no report");
    error_texts!(
        texts,
        AgentReportError {
            TooLong: answer(&" ".repeat(AgentReport::LIMIT_BYTES + 1)),
            NotJson: answer("All done!"),
            Part: answer(r#"{"statementOfWork": 7}"#),
            NoObject: answer("[]"),
            Empty: answer(r#"{"statementOfWork": "", "decisions": []}"#),
        }
    );
    insta::assert_snapshot!(texts);
}
