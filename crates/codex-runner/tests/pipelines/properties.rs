//! Whatever people write: resolving ends, nothing leads out of the project, and our documents keep their structure.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some of the many events of a reader")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use codex_ledger::texts::{ProjectFile, ProjectFileLimits, project_files, session_context_values};
use codex_ledger::values::RepoPath;
use codex_ledger::{RedactionRules, Redactor};
use codex_runner::{PipelineFile, ProjectContext, ResolvedContext, SessionContext, TaskPrompt, TaskTarget};
use proptest::prelude::*;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::project::{PATTERN, PROJECT, Project, SESSION};

fn cases() -> ProptestConfig {
    ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() }
}

/// A line of a context or a pipeline, or what somebody may take for one.
fn line() -> impl Strategy<Value = String> {
    let name = || "[A-E]";
    let value = proptest::collection::vec(
        prop_oneof![
            4 => name().prop_map(|name| format!("${{{name}}}")),
            2 => name().prop_map(|name| format!("{{{{{name}}}}}")),
            1 => name().prop_map(|name| format!("{{{{project.{name}}}}}")),
            1 => name().prop_map(|name| format!("ai/context/project_context.md/project.{name}")),
            1 => Just("${TURN_ID}".to_owned()),
            1 => Just("${TARGET_PROJECT}".to_owned()),
            1 => Just("${".to_owned()),
            1 => Just("{{ free text }}".to_owned()),
            1 => Just("..".to_owned()),
            2 => Just("/".to_owned()),
            1 => Just("secret.md".to_owned()),
            1 => Just("out".to_owned()),
            1 => Just("`".to_owned()),
            1 => "[a-z |]{1,6}",
        ],
        0..6,
    )
    .prop_map(|parts| parts.concat());
    let value = value.boxed();
    prop_oneof![
        4 => (name(), value.clone()).prop_map(|(name, value)| format!("{name} = `{value}`")),
        2 => (name(), value.clone()).prop_map(|(name, value)| format!("- {name}: {value}")),
        1 => (name(), value.clone()).prop_map(|(name, value)| format!("| **{name}** | x | {value} |")),
        1 => value.clone().prop_map(|value| format!("    {value}")),
        3 => value.clone().prop_map(|value| format!("1. {value}")),
        1 => value.clone().prop_map(|value| format!("1. agent run {value}")),
        1 => value.clone().prop_map(|value| format!("1. agent run out --key {value}")),
        1 => Just("# Project".to_owned()),
        1 => Just("## Globals".to_owned()),
        1 => Just("## Inputs".to_owned()),
        1 => Just("- Application Implementation Pattern: crud".to_owned()),
        1 => value.prop_map(|value| format!("- Domain Object: load {value}")),
        1 => Just("```".to_owned()),
        1 => Just("<!--".to_owned()),
        1 => Just("turn 1".to_owned()),
        1 => Just(String::new()),
        1 => ".{0,12}",
    ]
}

fn document() -> impl Strategy<Value = String> {
    let end = prop_oneof![Just("\n"), Just("\r\n")];
    (proptest::collection::vec(line(), 0..16), end).prop_map(|(lines, end)| lines.join(end))
}

/// Text that tries to get out of a document.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => "[a-z]{1,4}",
        3 => Just("\n".to_owned()),
        2 => "[`~]{1,6}",
        2 => "\n`{3,6}\n",
        1 => Just("\n# Constraints\n".to_owned()),
        1 => Just("\n## Values\n".to_owned()),
        1 => Just("\nFile: project_root/x\n".to_owned()),
        1 => Just("| a | b |\n| --- | --- |\n".to_owned()),
        1 => Just("<!--".to_owned()),
        1 => Just("<script>".to_owned()),
        1 => Just("    ".to_owned()),
        1 => Just("- ".to_owned()),
        1 => Just("> ".to_owned()),
        1 => Just("---\n".to_owned()),
        1 => Just("\r".to_owned()),
        1 => Just("\\".to_owned()),
        1 => Just("_*_".to_owned()),
        1 => Just("\u{1b}[31m\u{202e}".to_owned()),
    ];
    proptest::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
}

/// Headings and blocks of code in their order, and whether there is HTML.
fn structure(text: &str) -> (Vec<String>, bool) {
    let (mut found, mut is_html, mut heading) = (Vec::new(), false, None);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1 | HeadingLevel::H2, .. }) => {
                heading = Some(String::new());
            }
            Event::End(TagEnd::Heading(HeadingLevel::H1 | HeadingLevel::H2)) => found.extend(heading.take()),
            Event::Start(Tag::CodeBlock(_)) => found.push("code".to_owned()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::Html(_) | Event::InlineHtml(_) => is_html = true,
            _ => {}
        }
    }
    (found, is_html)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn resolving_never_panics_and_always_ends(session in document(), project in document(), outer in document()) {
        let session = SessionContext::parse("s.md", &session);
        let project = ProjectContext::parse("ai/context/project_context.md", &project);
        let outer = BTreeMap::from([("A".to_owned(), outer)]);
        let context = ResolvedContext::resolve(&session, &project, &outer);
        prop_assert_eq!(context.values.len(), session.variables.len() + project.entries.len());
        prop_assert!(context.values.iter().all(|value| value.value.len() <= 64 * 1024 + 256));
        for problem in context.problems.iter().chain(&context.warnings) {
            prop_assert_eq!(problem.to_string().lines().count(), 1, "{:?}", problem);
        }
        let values = session_context_values(&context.context_values());
        let (headings, is_html) = structure(&values);
        prop_assert_eq!(headings, ["Session Context Values", "Globals", "Project"]);
        prop_assert!(!is_html, "{}", values);
    }

    #[test]
    fn nothing_leads_out_of_the_project(
        session in document(),
        context in document(),
        items in document(),
        body in document(),
    ) {
        let context = format!("{context}\n- Application Implementation Pattern: crud\n");
        let project = Project::new()
            .beside("secret.md", "# The secret\n")
            .beside("out/secret.md", "# The secret\n")
            .link("out", "../out")
            .link(&format!("{PATTERN}/tasks/secret.md"), "../../../../../../secret.md")
            .link(&format!("{PATTERN}/out"), "../../../../../out")
            .beside("agent/agent.md", "# The secret\n")
            .link("coding-agents/out", "../../agent")
            .file(SESSION, session)
            .file(PROJECT, context)
            .items(&format!("{items}\n1. Model\n"))
            .pattern("tasks/TASK 01 - Model.task.md", body);
        let plan = project.request().pattern("crud").plan();
        for task in &plan.tasks {
            prop_assert!(!task.body.contains("The secret"), "{}", project.show(&plan));
            if let TaskTarget::File { file, .. } = &task.target {
                prop_assert!(project.root().join(&file.path).is_file() && !file.path.contains(".."), "{:?}", file);
            }
            for input in task.inputs.iter().filter(|input| input.sha256.is_some()) {
                prop_assert!(!input.path.contains("secret") || input.path.starts_with("ai/"), "{:?}", input);
            }
        }
        let secret = codex_ledger::values::sha256_hex(b"# The secret\n");
        prop_assert!(!serde_json::to_string(&plan).unwrap().contains(&secret), "{}", project.show(&plan));
    }

    #[test]
    fn a_prompt_keeps_its_parts_whatever_the_task_says(
        title in hostile(),
        body in hostile(),
        value in hostile(),
        constraints in hostile(),
    ) {
        let body = format!("# {title}\n{body}\n");
        let value = value.replace(['\n', '\r'], " ");
        let project = Project::new()
            .file(SESSION, format!("HOSTILE = {{{{x}}}}{value}\n"))
            .pattern("pattern_context.md", format!("## Constraints\n{constraints}\n"))
            .pattern("tasks/TASK 01 - Model.task.md", &body)
            .items("1. Model\n");
        let plan = project.plan();
        prop_assume!(plan.tasks.len() == 1);
        let prompt = TaskPrompt::new(&plan, &plan.tasks[0]).constraint(constraints.clone()).render();
        prop_assert!(prompt.contains(&body), "{}", prompt);
        let (found, is_html) = structure(&prompt);
        // The first heading is the title, and the constraints of the pattern may have code of their own.
        let ours: Vec<&str> = found[1..].iter().map(String::as_str).collect();
        let mut expected = vec!["Task", "code", "Values", "Inputs", "Constraints"];
        expected.extend(ours.iter().skip(expected.len()).filter(|part| **part == "code"));
        expected.push("Report");
        prop_assert_eq!(ours, expected, "{}", prompt);
        prop_assert!(!is_html, "{}", prompt);
    }

    #[test]
    fn project_files_has_one_block_for_each_file(texts in proptest::collection::vec((hostile(), hostile()), 0..5)) {
        let mut files = Vec::new();
        for (name, text) in texts {
            if let Ok(path) = RepoPath::from_bytes(name.into_bytes()) {
                files.push(ProjectFile::read(path, text.into_bytes()));
            }
        }
        let redactor = Redactor::new(RedactionRules::none()).unwrap();
        let text = project_files(&files, &ProjectFileLimits::default(), &redactor);
        let (found, is_html) = structure(&text);
        prop_assert_eq!(&found[0], "Project Files");
        prop_assert_eq!(found.len(), files.len() + 1, "{}", text);
        prop_assert!(found[1..].iter().all(|part| part == "code") && !is_html, "{}", text);
    }

    #[test]
    fn any_text_is_a_pipeline_file_or_none(text in document(), bytes in proptest::collection::vec(any::<char>(), 0..64)) {
        let mut all = text;
        for letter in bytes {
            let _ = write!(all, "{letter}");
        }
        let file = PipelineFile::parse("p.md", &all);
        prop_assert!(file.items.iter().all(|item| !item.label.is_empty() && item.line >= 1));
        SessionContext::parse("s.md", &all);
        ProjectContext::parse("c.md", &all);
    }
}
