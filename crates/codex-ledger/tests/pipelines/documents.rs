//! The prompt of a task, and `project-files.md`.

use codex_ledger::{
    ComputedValues, ProjectFile, ProjectFileLimits, RedactionRules, Redactor, RepoPath, TaskPrompt, TurnId,
    project_files,
};

use crate::project::{PROJECT, Project, SESSION};

#[test]
fn the_prompt_of_a_task_follows_its_template() {
    let project = Project::new()
        .file(
            SESSION,
            "TARGET_PROJECT = `/workspace/${TARGET_PROJECT}`\nMODELS = `src/models`\nAPI_KEY = `v3ry-s3cret`\nBAR = `a|b`\n",
        )
        .file(
            PROJECT,
            "# Project\n- Name: Shop\n- Application Implementation Pattern: crud\n# Domain\n- Domain Object: load ./order.json\n",
        )
        .file("ai/context/order.json", "{}")
        .pattern("pattern_context.md", "# CRUD\n\n## Constraints\n\n### Java 21\n- no <b>HTML</b>\n")
        .pattern(
            "tasks/TASK 01 - Model.task.md",
            "# Model of *{{project.name}}*\n\n## Inputs\n\n- ${MODELS}/order.md\n- ai/context/order.json\n\n## Task\n\n\
             ````\nWrite `${APP_NAME}` into ${MODELS}.\n````\n\n## Constraints\n\n- At most 60 lines.",
        );
    let plan = project.plan();
    let plan = plan.complete(&ComputedValues::new().turn(TurnId::FIRST));
    let prompt =
        TaskPrompt::new(&plan, &plan.tasks[0]).constraint("Run `cargo test`\nbefore you end.").render();
    assert!(prompt.contains(&plan.tasks[0].body), "the text of the task is there word for word");
    assert!(!prompt.contains("v3ry-s3cret"));
    insta::assert_snapshot!(project.tame(&prompt));
}

#[test]
fn the_prompt_of_an_agent_call_names_its_arguments() {
    let project = Project::new()
        .file("coding-agents/sql/agent.md", "Make tables.\n")
        .file("coding-agents/bare/notes.txt", "")
        .items("1. agent run sql --dialect 'post gres' --force\n2. agent run bare\n");
    let plan = project.plan();
    let prompts: Vec<String> =
        plan.tasks.iter().map(|task| project.tame(&TaskPrompt::new(&plan, task).render())).collect();
    let heads: Vec<&str> = prompts.iter().map(|prompt| prompt.split("## Values").next().unwrap()).collect();
    insta::assert_snapshot!(heads.join("\n~~~\n\n"));
}

#[test]
fn project_files_shows_text_and_names_the_rest() {
    let rules = RedactionRules::new().environment([("DEPLOY_TOKEN", "v3ry-s3cret")]).home("/home/ada");
    let path = |bytes: &[u8]| RepoPath::from_bytes(bytes).unwrap();
    let files = [
        ProjectFile::read(path(b"README.md"), "# Shop\n\n```rust\nfn main() {}\n```\n"),
        ProjectFile::read(path(b"src/snake_case/_private_.rs"), "no line feed"),
        ProjectFile::read(path(b"a b`c\n# d.rs"), ""),
        ProjectFile::read(path(b"caf\xe9.txt"), "in /home/ada: v3ry-s3cret\n"),
        ProjectFile::read(path(b"logo.png"), b"\x89PNG\0"),
        ProjectFile::read(path(b"latin.txt"), b"caf\xe9\n"),
        ProjectFile::read(path(b"long.txt"), vec![b'a'; 101]),
        ProjectFile::read(path(b"late.txt"), vec![b'b'; 100]),
        ProjectFile::left_out(path(b"link"), "symbolic link to <elsewhere>"),
        ProjectFile::left_out(path(b"gone.md"), "purged in record 7"),
    ];
    let mut limits = ProjectFileLimits::default();
    (limits.file_bytes, limits.document_bytes) = (100, 500);
    insta::assert_snapshot!(project_files(&files, &limits, &Redactor::new(rules).unwrap()));
}

#[test]
fn a_project_without_files_is_none() {
    let redactor = Redactor::new(RedactionRules::new()).unwrap();
    assert_eq!(project_files(&[], &ProjectFileLimits::default(), &redactor), "# Project Files\n\nNone\n");
}
