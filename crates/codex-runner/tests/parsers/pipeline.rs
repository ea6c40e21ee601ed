//! What the reader of pipeline files promises for any bytes.

use codex_runner::{AgentCall, ItemForm, PipelineFile};

/// Takes the bytes for a pipeline file, and each of its lines for a call of an agent.
pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let file = PipelineFile::parse("task-pipeline.md", &text);
    let mut last = 0;
    for item in &file.items {
        assert!(item.line > last, "items stand in the order of the file: {item:?}");
        last = item.line;
        assert!(item.label.parse::<u32>().is_ok(), "{item:?}");
        assert!(text.contains(&item.text), "what is read was written: {item:?}");
        match (&item.form, AgentCall::parse(&item.text)) {
            (ItemForm::Agent(call), Some(Ok(again))) => assert_eq!(*call, again),
            (form, read) => assert!(*form == ItemForm::Task && read.is_none(), "{item:?}"),
        }
    }
    for problem in file.problems.iter().chain(&file.warnings) {
        assert_eq!(problem.to_string().lines().count(), 1, "a problem is one line: {problem:?}");
    }
    for line in text.lines() {
        if let Some(Ok(call)) = AgentCall::parse(line) {
            assert!(
                call.arguments.iter().all(|(key, _)| !key.is_empty() || line.contains("--=")),
                "{call:?}"
            );
        }
    }
}
