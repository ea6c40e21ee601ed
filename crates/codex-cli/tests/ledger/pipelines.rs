//! Pipelines: planned, run by the real Codex against a scripted model, cut off and gone on with.

mod accounts;
mod choices;
mod elsewhere;
mod plans;
mod records;
mod restated;
mod resumption;
mod stopping;

use std::process::Command;

use codex_fixtures::{ModelServer, Reply};
use serde_json::{Value, json};

use crate::project::Project;

const PATTERN: &str = "ai/context/application-implementation-patterns/shop";

/// A project with a pipeline of three tasks, recorded.
fn shop() -> Project {
    let project = Project::recorded();
    let context = "PROJECT_CONTEXT = `${TARGET_PROJECT}/ai/context/project_context.md`\n\nSTORE = `src/store.txt`\n\nNUMBER = ${TURN_ID}\n";
    project.write("ai/context/session_context.md", context);
    let context = "# Project\n\n- Name: shop\n- Application Implementation Pattern: shop\n";
    project.write("ai/context/project_context.md", context);
    project.write(&format!("{PATTERN}/pattern_context.md"), "# Shop\n\n## Constraints\n\n- Keep it small.\n");
    project.write(
        &format!("{PATTERN}/task-pipeline.md"),
        "turn 1\n\n1. TASK 01 - Store.task.md\n2. TASK 02 - Report.task.md\n3. TASK 03 - Choose.task.md\n",
    );
    project.write(&format!("{PATTERN}/tasks/TASK 01 - Store.task.md"), "# Store\n\nMake `${STORE}`.\n");
    project.write(
        &format!("{PATTERN}/tasks/TASK 02 - Report.task.md"),
        "# Report\n\n## Inputs\n\n- src/store.txt\n\n## Task\n\nWrite `report.txt` until it is right.\n",
    );
    project.write(
        &format!("{PATTERN}/tasks/TASK 03 - Choose.task.md"),
        "# Choose\n\nDecide where orders are kept.\n",
    );
    project.commit("a pipeline");
    project
}

fn pipeline(project: &Project, server: &ModelServer, words: &[&str]) -> Command {
    let words = [&["pipeline"], words].concat();
    if words[1] == "run" {
        return project.real_turns(server, &words);
    }
    let mut command = project.with_real_codex(server);
    command.args(words);
    command
}

fn patch(text: &str) -> Reply {
    Reply::new().patch(&format!("*** Begin Patch\n{text}*** End Patch\n"))
}

fn report(statement: &str, decisions: &Value) -> Reply {
    Reply::new().message(&json!({ "statementOfWork": statement, "decisions": decisions }).to_string())
}

fn decision() -> Value {
    json!([{
        "title": "Keep orders in a file",
        "status": "Accepted",
        "context": "Orders have to survive a restart.",
        "optionsConsidered": ["A database", "A file"],
        "decision": "A file, since the pattern asks for little.",
        "result": "One file.",
        "consequences": "Simple, and slow with many orders.",
        "files": ["docs/orders.md"],
    }])
}
