//! Inputs that tasks declare.

use codex_ledger::TurnId;
use codex_ledger::values::sha256_hex;
use codex_runner::{ComputedValues, InputState};

use crate::project::{Project, SESSION};

fn task(body: &str) -> Project {
    Project::new().pattern("tasks/TASK 01 - Model.task.md", body)
}

#[test]
fn inputs_are_read_in_all_their_forms() {
    let project = task(
        "# Model\n\nNames `no/input.md`.\n\n## **Inputs**:\n\nRead these, e.g. first, Node and Java/Kotlin:\n\n- src/lib.rs\n\
         - `docs/two words.md`\n- Schema: ${SCHEMAS}/order.json.\n- [link](docs/link.md), https://example.com/x.md\n\
         - {{ANSWER}} {{ ask the user }}\n- docs/\n- src/*.rs\n- src/lib.rs again\n- missing.yaml\n- ${NOBODY}/x\n\n\
         ```\nin/code.md\n```\n\n### More\n\n- ${CURRENT_TURN_DIRECTORY}/adr.md\n\n## Output\n\n- out/put.md\n",
    )
    .file(SESSION, "SCHEMAS = `ai/schemas`\nANSWER = `docs/link.md`\n")
    .file("ai/schemas/order.json", "{}")
    .file("src/lib.rs", "//! A.\n")
    .file("docs/link.md", "");
    let plan = project.plan();
    insta::assert_snapshot!(project.show(&plan));
    let first = &plan.tasks[0].inputs[0];
    assert_eq!((first.sha256.clone(), first.bytes), (Some(sha256_hex(b"//! A.\n")), Some(7)));
    let used: Vec<_> = plan.tasks[0]
        .variables
        .iter()
        .map(|used| format!("{}={}", used.name, project.tame(&used.value)))
        .collect();
    let turn = "CURRENT_TURN_DIRECTORY=/tmp/shop/ai/agentic-pipeline/turns/${TURN_ID}";
    assert_eq!(used, ["SCHEMAS=ai/schemas", "ANSWER=docs/link.md", turn]);
}

#[test]
fn an_input_that_an_earlier_task_writes_is_found_when_it_is_there() {
    let project = task("# A\n\n## Inputs\n\n- out/model.md\n- ${CURRENT_TURN_DIRECTORY}/notes.md\n");
    let plan = project.plan();
    assert!(plan.is_runnable());
    let states =
        |inputs: &[codex_runner::TaskInput]| inputs.iter().map(|input| input.state).collect::<Vec<_>>();
    assert_eq!(states(&plan.tasks[0].inputs), [InputState::Missing, InputState::Unknown]);
    let project =
        project.file("out/model.md", "made\n").file("ai/agentic-pipeline/turns/1/notes.md", "made\n");
    let plan = plan.complete(&ComputedValues::new().turn(TurnId::FIRST));
    let now = project.request().inputs(&plan, &plan.tasks[0]);
    assert_eq!(states(&now), [InputState::File, InputState::File]);
    assert_eq!(now[0].sha256.as_deref(), Some(sha256_hex(b"made\n").as_str()));
}

#[test]
fn what_is_no_plain_file_is_not_opened() {
    let project = task("# A\n\n## Inputs\n\n- pipe.fifo\n");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        project.root().join("pipe.fifo"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    let plan = project.plan();
    assert_eq!(
        (plan.tasks[0].inputs[0].state, plan.tasks[0].inputs[0].sha256.clone()),
        (InputState::File, None)
    );
}

#[test]
fn a_link_within_the_project_is_the_file_that_it_leads_to() {
    let project =
        task("# A\n\n## Inputs\n\n- linked.md\n").file("real.md", "x\n").link("linked.md", "real.md");
    assert_eq!(project.plan().tasks[0].inputs[0].path, "real.md");
}

#[test]
fn a_file_over_the_limit_has_no_hash() {
    let project = task("# A\n\n## Inputs\n\n- big.bin\n").file("big.bin", vec![0; 2048]);
    let mut limits = codex_runner::PipelineLimits::default();
    limits.hashed_file_bytes = 2047;
    let plan = project.request().limits(limits).plan();
    assert_eq!((plan.tasks[0].inputs[0].state, plan.tasks[0].inputs[0].bytes), (InputState::File, None));
}
