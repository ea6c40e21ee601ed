//! The prompt of a task.

use codex_ledger::TurnId;
use codex_runner::{ComputedValues, TaskPrompt};

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
