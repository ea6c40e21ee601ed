//! What stands against running a pipeline: each is one sentence that names file, line and the way out.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::project::{PATTERN, PROJECT, Project, SESSION};

fn session(text: &str) -> Project {
    Project::new().file(SESSION, text)
}

fn circle(count: usize) -> Project {
    let mut text = String::new();
    for number in 0..count {
        let _ = writeln!(text, "V{number} = ${{V{}}}", (number + 1) % count);
    }
    session(&text)
}

/// Each value is twice the one before.
fn explosion_up_to(last: usize) -> String {
    let mut text = "V0 = `0123456789`\n".to_owned();
    for number in 1..=last {
        let _ = writeln!(text, "V{number} = ${{V{}}}${{V{}}}", number - 1, number - 1);
    }
    text
}

fn explosion_of_keys() -> String {
    let mut text = "# P\n- k0: 0123456789\n".to_owned();
    for number in 1..100 {
        let _ = writeln!(text, "- k{number}: {{{{p.k{}}}}}{{{{p.k{}}}}}", number - 1, number - 1);
    }
    text
}

/// What is wrong with each project, and the project.
fn projects() -> Vec<(&'static str, Project)> {
    let pipeline = |items: &str| Project::new().items(items);
    let task = |body: &str| Project::new().pattern("tasks/TASK 01 - Model.task.md", body);
    let project = |text: &str| {
        Project::new().file(PROJECT, format!("- Application Implementation Pattern: crud\n{text}"))
    };
    vec![
        ("cycle of two", circle(2)),
        ("cycle of a thousand", circle(1000)),
        ("self reference", session("HOME_FOLDER = ${HOME_FOLDER}/x\n")),
        ("lookup of itself", session("NAME = ai/context/project_context.md/domain.name\n")
        .file(PROJECT, "# Project\n- Application Implementation Pattern: crud\n# Domain\n- Name: ${NAME}\n")),
        ("exponential expansion", session(&explosion_up_to(99))),
        ("unterminated", session("A = `1`\nTASKS = ${A/tasks\n")),
        ("unterminated in a block", Project::new().file(PROJECT, "- Application Implementation Pattern: crud\n- Notes:\n\n    one\n    ${two\n")),
        ("unterminated in an item", Project::new().items("1. ${TARGET_PROJECT/a.md\n")),
        ("duplicate names", session("A = `1`\n\nB = `2`\n| **A** | again | `3` |\n")),
        ("ambiguous key", session("PATTERN = ai/context/project_context.md/project.name\n")
        .file(PROJECT, "# Project\n- Name: a\n- name: b\n- Application Implementation Pattern: crud\n")),
        ("missing lookup", session("A = no/file.md/project.name\nB = ${PROJECT_CONTEXT}/project.color\n")),
        ("symlink out of the pattern", Project::new().file("elsewhere.md", "# Elsewhere\n").items("1. TASK 03 - Link.task.md\n")
        .link(&format!("{PATTERN}/tasks/TASK 03 - Link.task.md"), "../../../../../elsewhere.md")),
        ("symlink out of the project", Project::new().beside("secret.md", "secret").items("1. TASK 03 - Link.task.md\n")
        .link(&format!("{PATTERN}/tasks/TASK 03 - Link.task.md"), "../../../../../../secret.md")),
        ("context of a pattern outside", Project::new().beside("secret.md", "secret")
        .without(&format!("{PATTERN}/pattern_context.md")).link(&format!("{PATTERN}/pattern_context.md"), "../../../../../secret.md")),
        ("instructions of an agent outside", Project::new().beside("secret.md", "secret").file("coding-agents/sql/README.md", "# SQL\n")
        .items("1. agent run sql\n").link("coding-agents/sql/agent.md", "../../../secret.md")),
        ("folder that is a link", Project::new().beside("other/TASK 03 - Link.task.md", "secret").items("1. linked/TASK 03 - Link.task.md\n")
        .link(&format!("{PATTERN}/linked"), "../../../../../other")),
        ("parent in an item", Project::new().items("1. ../../TASK 01 - Model.task.md\n")),
        ("variable that leads up", session("UP = `..`\n").items("1. ${UP}/TASK 01 - Model.task.md\n")),
        ("variable that leads out", session("ELSEWHERE = /etc\n").items("1. ${ELSEWHERE}/TASK 01 - Model.task.md\n")),
        ("unknown variable in an item", Project::new().items("1. ${NOWHERE}/a.md\n")),
        ("item that fits two", Project::new().pattern("tasks/TASK 02 - Model.task.md", "").items("7. Model\n")),
        ("item that fits none", Project::new().items("1. TASK 01 - Modle.task.md\n")),
        ("no agent", Project::new().file("coding-agents/sql-ddl-generator/agent.md", "").items("1. agent run sql-dd-generator\n")),
        ("unreadable call", Project::new().items("1. agent run\n2. agent run sql now\n")),
        ("empty pipeline", Project::new().items("")),
        ("pipeline without items", Project::new().items("# Tasks\n\n- TASK 01 - Model.task.md\n")),
        ("two pipelines", Project::new().pattern("execution-plan.md", "1. Model\n")),
        ("no pattern", Project::new().file(PROJECT, "# Project\n")),
        ("unknown pattern", Project::new().file(PROJECT, "# Project\n- Application Implementation Pattern: crude\n")),
        ("missing schema", Project::new()
        .file(PROJECT, "- Application Implementation Pattern: crud\n\n## Domain\n- Domain Object: load ./schemas/order.json\n")),
        ("task of ten megabytes", Project::new().pattern("tasks/TASK 01 - Model.task.md", vec![b'a'; 10 << 20])),
        ("task that is not utf 8", Project::new().pattern("tasks/TASK 01 - Model.task.md", b"# Caf\xc3\xa9\n\ncaf\xe9\n")),
        ("context that is not utf 8", Project::new().file(SESSION, b"A = `\xff`\n")),
        ("input outside", Project::new().pattern("tasks/TASK 01 - Model.task.md", "# A\n\n## Inputs\n\n- /etc/passwd\n- ../x.md\n")),
        ("key that refers to itself", project("# P\n- Name: {{p.name}}\n")),
        ("exponential expansion of a project", project(&explosion_of_keys())),
        ("item that grows", session(&explosion_up_to(12)).items(&format!("1. {}\n", "${V12}".repeat(3)))),
        ("item longer than a value may be", pipeline(&format!("1. {}\n", "a".repeat(70_000)))),
        ("unterminated in a bullet", session("## Globals\n\n- a: ${B\n")),
        ("unterminated in a table", session("| **A** | text | `${B` |\n")),
        ("unterminated in an argument", {
            pipeline("1. agent run sql --folder ${TARGET_PROJECT\n").file("coding-agents/sql/agent.md", "")
        }),
        ("variable that is up in an input", {
            task("# A\n\n## Inputs\n\n- ${UP}/x.md\n").file(SESSION, "UP = `../..`\n")
        }),
        ("two agents of one name", {
            let agent = |name: &str| format!("coding-agents/{name}/agent.md");
            pipeline("1. agent run sql-ddl\n").file(&agent("sql_ddl"), "").file(&agent("SQL-DDL"), "")
        }),
        ("agent that is a link", {
            pipeline("1. agent run sql\n").beside("sql/agent.md", "secret").link("coding-agents/sql", "../../sql")
        }),
        ("pipeline that is a link", {
            let path = format!("{PATTERN}/execution-plan.md");
            Project::new().beside("plan.md", "1. Model\n").link(&path, "../../../../../plan.md")
        }),
        ("path of a pattern outside", {
            session("ACTIVE_PATTERN_PATH = /etc\n").file(PROJECT, "# Project\n")
        }),
        ("pattern that is a link", {
            project("").file(PROJECT, "- Application Implementation Pattern: linked\n")
                .beside("linked/task-pipeline.md", "1. Model\n")
                .link("ai/context/application-implementation-patterns/linked", "../../../../linked")
        }),
        ("context that is a link", {
            Project::new().beside("values.md", "A = `1`\n").link("ai/session_context.md", "../../values.md")
                .without(SESSION)
        }),
        ("schema outside", project("- Domain Object: load /etc/passwd\n- Persisted Data schema: load ../x.json\n")),
        ("schema that is a folder", project("- Domain Object: load ./schemas/\n").file("ai/context/schemas/a.json", "")),
        ("more items than are read", pipeline(&"1. Model\n".repeat(1001))),
        ("more variables than are read", session(&(0..10_001).fold(String::new(), |text, number| {
            format!("{text}V{number} = `1`\n")
        }))),
        ("context longer than is read", session(&"a\n".repeat(600_000))),
        ("every item is unknown", pipeline(&"1. Nobody\n".repeat(1000))),
    ]
}

#[test]
fn it_is_one_sentence_with_file_line_and_way_out() {
    // It is about the whole file, or about a folder.
    let has_no_line = [
        "two pipelines",
        "no pattern",
        "pipeline that is a link",
        "context that is a link",
        "context longer than is read",
        "context of a pattern outside",
    ];
    let mut table = String::new();
    for (name, project) in projects() {
        let started = Instant::now();
        let plan = project.plan();
        assert!(started.elapsed() < Duration::from_secs(10), "{name} took {:?}", started.elapsed());
        assert!(!plan.is_runnable(), "{name}");
        let _ = writeln!(table, "{name}");
        for problem in plan.problems.iter().take(3) {
            let sentence = project.tame(&problem.to_string());
            let is_complete = !problem.file.is_empty() && !problem.way_out.is_empty() && sentence.len() < 600;
            let has_line = problem.line.is_some() || has_no_line.contains(&name);
            assert!(is_complete && has_line && !sentence.contains('\n'), "{name}: {problem:?}");
            let _ = writeln!(table, "    {sentence}");
        }
        if plan.problems.len() > 3 {
            let _ = writeln!(table, "    and {} more", plan.problems.len() - 3);
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_project_that_is_not_there_is_a_problem() {
    let project = Project::new();
    let plan = codex_runner::PipelineRequest::new(project.outside().join("nowhere")).plan();
    let expected = "problem: /tmp/nowhere: the folder is not there; name the folder of the project\n";
    assert_eq!(project.complaints(&plan), expected);
}

#[test]
fn a_thousand_variables_that_are_a_chain_are_fine() {
    let mut text = "V0 = `end`\n".to_owned();
    for number in 1..5000 {
        let _ = writeln!(text, "V{number} = ${{V{}}}", number - 1);
    }
    let plan = session(&text).plan();
    assert!(plan.is_runnable(), "{:?}", plan.problems);
    assert_eq!(plan.value("V4999"), Some("end"));
}

#[test]
fn windows_line_ends_change_nothing() {
    let unix = Project::new()
        .file(SESSION, "A = `1`\n\n| **B** | b | `${A}` |\n\n## Globals\n- c: ${A}\n")
        .file(
            PROJECT,
            "# Project\n- Name:\n\n    Shop\n    two\n- Application Implementation Pattern: crud\n",
        )
        .items("# Turn 1\n1. `TASK 01 - Model.task.md`\n2. Views\n")
        .pattern("pattern_context.md", "# CRUD\n\n## Constraints\n\n- Java 21\n")
        .pattern(
            "tasks/TASK 01 - Model.task.md",
            "# Model\n\n## Inputs\n\n- ${A}/a.md\n- b.md\n\n## Task\n\nc.md\n",
        );
    let expected = unix.show(&unix.plan());
    let windows = |path: &str| {
        let text = std::fs::read_to_string(unix.root().join(path)).unwrap();
        std::fs::write(unix.root().join(path), text.replace('\n', "\r\n")).unwrap();
    };
    [SESSION, PROJECT].into_iter().for_each(windows);
    let of_the_pattern = ["task-pipeline.md", "pattern_context.md", "tasks/TASK 01 - Model.task.md"];
    for path in of_the_pattern {
        windows(&format!("{PATTERN}/{path}"));
    }
    let plan = unix.plan();
    assert!(plan.is_runnable());
    assert_eq!(unix.show(&plan), expected);
    assert_eq!(
        plan.tasks[0].inputs.iter().map(|input| input.path.as_str()).collect::<Vec<_>>(),
        ["1/a.md", "b.md"]
    );
    assert_eq!(plan.pattern.unwrap().constraints.as_deref(), Some("- Java 21"));
}
