//! What the readers of contexts promise for any bytes.

use std::collections::BTreeMap;

use codex_ledger::TurnId;
use codex_ledger::texts::session_context_values;
use codex_runner::{ComputedValues, PatternContext, ProjectContext, ResolvedContext, SessionContext};

use crate::outline::outline;

/// Takes the bytes for a context of each kind; what stands behind a NUL is that of the project.
pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (session, project) = text.split_once('\0').unwrap_or((&text, &text));
    let pattern = PatternContext::parse("pattern_context.md", &text);
    assert!(pattern.constraints.is_none_or(|constraints| text.contains(&constraints)));
    let session = SessionContext::parse("session_context.md", session);
    let project = ProjectContext::parse("ai/context/project_context.md", project);
    let outer = BTreeMap::from([("TARGET_PROJECT".to_owned(), "${BASE} {{BASE}}".to_owned())]);
    let early = ResolvedContext::resolve(&session, &project, &outer);
    let late = early.complete(&ComputedValues::new().turn(TurnId::FIRST));
    for context in [&early, &late] {
        assert_eq!(context.values.len(), session.variables.len() + project.entries.len());
        for problem in context.problems.iter().chain(&context.warnings) {
            assert_eq!(problem.to_string().lines().count(), 1, "a problem is one line: {problem:?}");
        }
        let values = session_context_values(&context.context_values());
        assert_eq!(outline(&values), ["# Session Context Values", "## Globals", "## Project"], "{values}");
    }
}
