//! A pipeline: the starter that `codex-turns init` writes, run at once.

use anyhow::{Result, ensure};
use codex_fixtures::{Reply, Script};
use serde_json::{Value, json};

use super::{DemoProject, DemoStage, THOUGHT, below_root, sandbox};

const GREET: &str = "#!/bin/sh\n# Greets whoever is named.\necho \"Hello, $1!\"\n";
const FILES: [(&str, &str); 2] =
    [("greet.sh", GREET), ("test.sh", "test \"$(sh greet.sh Ada)\" = \"Hello, Ada!\"\n")];

const FIRST: &str = "*** Begin Patch
*** Add File: docs/overview.md
+# Overview
+
+A shell script that greets whoever is named.
+
+- `greet.sh` greets.
+- `tests/` has the tests; `sh test.sh` runs them.
*** End Patch
";
const SECOND: &str = "*** Begin Patch
*** Update File: docs/overview.md
@@
 - `greet.sh` greets.
-- `tests/` has the tests; `sh test.sh` runs them.
+- `test.sh` tests it; `sh test.sh` runs it.
*** End Patch
";

/// Shows it.
pub(super) fn show() -> Result<()> {
    let stage = DemoStage::set(
        "A scratch repository",
        |folder| DemoProject::create(folder, &FILES, "a greeting"),
        script(),
    )?;

    println!("\n4. Contexts and a pattern with two tasks to begin with\n");
    stage.type_in(&["init"])?;

    println!("5. The plan: what would run, with what; nothing runs yet\n");
    stage.type_in(&["pipeline", "check"])?;

    println!(
        "6. The tasks, one after the other: each is a turn, and then its agent is asked what it did and why\n"
    );
    stage.type_in(&["pipeline", "run", "--sandbox", sandbox(), "--result", "../result.json"])?;
    let tasks = &stage.result()?["tasks"];
    let is_completed = |task: &Value| task["verdict"] == "completed";
    ensure!(
        tasks.as_array().is_some_and(|tasks| tasks.len() == 2 && tasks.iter().all(is_completed)),
        "the pipeline ended well, but its tasks are {tasks}"
    );

    println!(
        "7. One record of both tasks: what was observed, what the agent says, and the proof that it stays so\n"
    );
    let shown = [&["ledger", "show", "1"][..], &["adr", "list"], &["ledger", "verify", "--git"]];
    for words in shown {
        stage.type_in(words)?;
    }
    tell(&stage);
    println!("{NEXT_STEPS}");
    Ok(())
}

fn tell(stage: &DemoStage) {
    let DemoStage { project, server, .. } = stage;
    println!("What was done");
    println!("   Codex asked the model {} times, in two threads, for two tasks.", server.requests().len());
    println!(
        "   The second task found a folder that is not there in what the first had written, and put it right."
    );
    println!("\nWhere to look");
    let repository = project.repository();
    println!("   {}  what the tasks are made of", below_root(&repository.join("ai/context")));
    println!("   {}  the record", below_root(&repository.join("ai/agentic-pipeline/turns/1")));
    println!("   {}  what is known of the tasks, as JSON", below_root(&project.result_file()));
}

/// What the model answers, call after call.
fn script() -> Script {
    let reply = || Reply::new().delay(THOUGHT);
    let decision = json!([{
        "title": "Describe files, not functions",
        "status": "Accepted",
        "context": "The overview is for somebody who sees the project for the first time.",
        "optionsConsidered": ["One line for each file", "One line for each function"],
        "decision": "One line for each file, since the pattern asks for what is where.",
        "result": "docs/overview.md",
        "consequences": "It stays short, and true for longer.",
        "files": ["docs/overview.md"],
    }]);
    let report = |statement: &str, decisions: &Value| {
        reply().message(&json!({ "statementOfWork": statement, "decisions": decisions }).to_string())
    };
    Script::new([
        reply().exec("ls"),
        reply().patch(FIRST),
        reply().message("`docs/overview.md` says what is where."),
        report("Wrote docs/overview.md with one line for each file.", &decision),
        reply().exec("for name in greet.sh tests test.sh; do test -e $name || echo $name is not there; done"),
        reply().message("There is no folder `tests`.").patch(SECOND),
        reply().message("`docs/overview.md` names only what is there."),
        report("Took a folder out of docs/overview.md that does not exist.", &json!([])),
    ])
}

const NEXT_STEPS: &str = "
What to type next, with an account of your own
   npm install --global @openai/codex       unless you have Codex
   codex login                              or: export CODEX_API_KEY=...
   cargo install --locked --path crates/codex-cli
   cd YOUR/REPOSITORY
   codex-turns init                         writes ai/context; change it as you like
   codex-turns pipeline check
   codex-turns pipeline run --until \"make test\"";
