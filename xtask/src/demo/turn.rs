//! One turn: Codex mends a bug.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use codex_fixtures::{Reply, Script};
use serde_json::Value;

use super::{DemoProject, DemoStage, THOUGHT, below_root, sandbox};
use crate::process::command;

pub(crate) const PROMPT: &str = "test.sh fails. Find out why, mend it, and show that it passes.";
const GREET: &str = "#!/bin/sh\n# Greets whoever is named.\necho \"Hello, $2!\"\n";
const TEST: &str = "#!/bin/sh
# Fails unless greet.sh greets who is named. It takes its time, as tests do, and leaves a report.
sleep 1
greeting=$(sh greet.sh Ada)
mkdir -p report
if [ \"$greeting\" != \"Hello, Ada!\" ]; then
    echo \"FAILED: expected 'Hello, Ada!', got '$greeting'\"
    echo '<testsuite><testcase name=\"greeting\"><failure/></testcase></testsuite>' > report/junit.xml
    exit 1
fi
echo \"ok: $greeting\"
echo '<testsuite><testcase name=\"greeting\"/></testsuite>' > report/junit.xml
";
const SETTINGS: &str = "# Run after each turn; what the report says becomes part of the record.
[tests]
command = \"sh test.sh\"
report = \"report/junit.xml\"
";
const PATCH: &str = "*** Begin Patch
*** Update File: greet.sh
@@
 # Greets whoever is named.
-echo \"Hello, $2!\"
+echo \"Hello, $1!\"
*** End Patch
";
const FILES: [(&str, &str); 4] =
    [("greet.sh", GREET), ("test.sh", TEST), ("codex-turns.toml", SETTINGS), (".gitignore", "report/\n")];

/// Shows it.
pub(super) fn show() -> Result<()> {
    let stage = DemoStage::set("A scratch repository with a bug", project, script())?;

    println!("\n4. A ledger: from here on every turn in the repository leaves a record\n");
    stage.type_in(&["ledger", "init"])?;

    println!("The settings of the repository name a command: it runs once they are trusted\n");
    stage.type_in(&["trust"])?;

    println!(
        "5. One turn: Codex runs commands and edits a file, codex-turns shows it, judges it, and records it\n"
    );
    stage.type_in(&["run", "--sandbox", sandbox(), "--result", "../result.json", PROMPT])?;
    let repository = stage.project.repository();
    let test = command("sh").arg("test.sh").current_dir(repository).output().context("cannot start sh")?;
    ensure!(test.status.success(), "the turn completed, but test.sh still fails");

    println!("6. The record: what was observed, and the proof that it is what it was\n");
    for words in [&["ledger", "list"][..], &["ledger", "show", "1"], &["ledger", "verify", "--git"]] {
        stage.type_in(words)?;
    }
    tell(&stage)?;
    println!("{NEXT_STEPS}");
    Ok(())
}

/// A repository with a bug, below this folder.
pub(crate) fn project(folder: &Path) -> Result<DemoProject> {
    DemoProject::create(folder, &FILES, "a greeting, with a bug")
}

/// What the model answers, call after call.
pub(crate) fn script() -> Script {
    let plan = |states: [&str; 3]| {
        let steps = ["Run the test", "Mend the script", "Run the test again"];
        let steps: Vec<(&str, &str)> = steps.into_iter().zip(states).collect();
        Reply::new().delay(THOUGHT).plan(&steps)
    };
    Script::new([
        plan(["in_progress", "pending", "pending"]).exec("sh test.sh"),
        Reply::new()
            .delay(THOUGHT)
            .message("`greet.sh` greets the second argument. The name is the first.")
            .patch(PATCH),
        plan(["completed", "completed", "in_progress"]).exec("sh test.sh"),
        plan(["completed", "completed", "completed"]),
        Reply::new().delay(THOUGHT).message(
            "`test.sh` passes now. `greet.sh` used `$2`, the second argument, where the name is the first; \
             it uses `$1`.",
        ),
    ])
}

fn tell(stage: &DemoStage) -> Result<()> {
    let DemoStage { project, server, .. } = stage;
    println!("What was done");
    println!(
        "   Codex asked the model {} times; the turn's verdict is {}.",
        server.requests().len(),
        verdict(&stage.result()?)
    );
    println!("   test.sh failed before the turn and passes now, because of this change:\n");
    for line in project.diff()?.lines() {
        println!("   {line}");
    }
    println!("\nWhere to look");
    println!("   git -C {} diff", below_root(&project.repository()));
    println!("   {}  the record", below_root(&project.repository().join("ai/agentic-pipeline/turns/1")));
    println!("   {}  what is known of the turn, as JSON", below_root(&project.result_file()));
    println!("   {}  what Codex keeps of the thread", below_root(&project.codex_home().join("sessions")));
    Ok(())
}

fn verdict(result: &Value) -> String {
    let verdict = &result["verdict"];
    let word = verdict.as_str().or_else(|| verdict["kind"].as_str()).or_else(|| verdict["word"].as_str());
    word.map_or_else(|| verdict.to_string(), str::to_owned)
}

const NEXT_STEPS: &str = "
What to type next, with an account of your own
   npm install --global @openai/codex       unless you have Codex
   codex login                              or: export CODEX_API_KEY=...
   cargo install --locked --path crates/codex-cli
   codex-turns doctor
   cd YOUR/REPOSITORY
   codex-turns ledger init                  unless nothing is to be recorded
   codex-turns run --sandbox workspace-write \"fix the failing test\"
   codex-turns run --sandbox workspace-write --resume last \"and now the docs\"";
