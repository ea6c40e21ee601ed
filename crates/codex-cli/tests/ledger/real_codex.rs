//! The real Codex against a scripted model: needs `cargo xtask codex`.

use std::process::Stdio;
use std::time::{Duration, Instant};

use codex_fixtures::{FakeCodex, ModelServer, PINNED_CODEX_VERSION, Reply, Script, alive, wait_until};
use serde_json::json;

use crate::project::{Project, Ran, SOON, working};

const PATCH: &str = "*** Begin Patch\n*** Update File: hello.txt\n@@\n-hello\n+hello, world\n*** Add File: new.txt\n+one\n+two\n*** End Patch\n";
/// Writes a report, as a test runner does.
const TEST: &str = "mkdir -p out\ngrep -q world hello.txt && worked='' || worked='<failure/>'\n\
    printf '<testsuite><testcase name=\"a\">%s</testcase><testcase name=\"b\"/></testsuite>' \"$worked\" > out/junit.xml\n";

#[test]
fn a_real_turn_leaves_a_record_whose_every_number_is_right() {
    let project = Project::recorded();
    project.write("test.sh", TEST);
    project.write(".gitignore", "out/\n");
    project.trusted_settings("[tests]\ncommand = \"sh test.sh\"\nreport = \"out/junit.xml\"\ngate = true\n");
    project.commit("tests");
    let server = ModelServer::start(Script::new([
        Reply::new().exec("sh test.sh"),
        Reply::new().patch(PATCH),
        Reply::new().message("All is well."),
    ]))
    .unwrap();
    let ran = Ran::from(
        project
            .real_turns(&server, &["run"])
            .args(["--task", "greet the world", "make it pass"])
            .output()
            .unwrap(),
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "All is well.\n"), "{ran:?}");
    server.assert_clean();
    assert!(ran.stderr.contains("✓ tests: sh test.sh"), "{ran:?}");
    assert!(ran.stderr.contains("turn 1 recorded in ai/agentic-pipeline/turns/1\n"), "{ran:?}");
    let manifest = project.manifest(1);
    assert_eq!(manifest["turnId"], 1);
    assert_eq!(manifest["actor"]["agent"], format!("codex@{PINNED_CODEX_VERSION}"));
    assert_eq!(manifest["task"]["name"], "greet the world");
    assert_eq!(
        manifest["changes"],
        json!({ "added": ["new.txt"], "modified": ["hello.txt"], "deleted": [] })
    );
    assert_eq!(
        manifest["metrics"],
        json!({ "filesChanged": 2, "linesAdded": 3, "linesDeleted": 1, "testsPassed": 2, "testsFailed": 0, "coverageDeltaPct": null })
    );
    assert_eq!(
        (&manifest["validation"]["testsStatus"], &manifest["validation"]["lintStatus"]),
        (&"passed".into(), &"not-run".into())
    );
    let ledger = &manifest["ledger"];
    assert_eq!(ledger["state"], "completed");
    // The scripted model uses 100 and 10 tokens for each of its three answers.
    assert_eq!(ledger["usage"]["inputTokens"], 300, "{}", ledger["usage"]);
    assert_eq!(ledger["turns"].as_array().unwrap().len(), 1);
    assert_eq!(ledger["turns"][0]["exit"], json!({ "code": 0, "signal": null }));
    assert_eq!(ledger["turns"][0]["finalMessage"], "All is well.");
    assert_eq!(ledger["violations"], json!([]));
    assert_eq!(ledger["trees"]["dirtyBefore"], false);
    assert_eq!(project.git(&["diff", "--numstat", "HEAD", "--", "hello.txt"]), "1\t1\thello.txt");
    let log = project.artifact(1, "logs/task.log");
    assert!(log.contains("sh test.sh"), "{log}");
    project.assert_verified(&["--git"]);
    let shown = project.turns(&["ledger", "show", "1"]);
    assert!(shown.stdout.contains("2 files +3 −1") && shown.stdout.contains("2 passed"), "{shown:?}");
}

#[test]
fn a_real_run_mends_what_its_check_finds_and_is_one_record() {
    let project = Project::recorded();
    let check =
        "#!/bin/sh\nsum=$(cat sum.txt)\ntest \"$sum\" = 4 || { echo \"2 + 2 is not $sum\"; exit 1; }\n";
    project.write("check.sh", check);
    project.write("sum.txt", "5\n");
    project.commit("a sum");
    let patch = |old: &str, new: &str| {
        let change = format!("@@\n-{old}\n+{new}");
        let patch = format!("*** Begin Patch\n*** Update File: sum.txt\n{change}\n*** End Patch\n");
        Reply::new().patch(&patch)
    };
    let server = ModelServer::start(Script::new([
        Reply::new().message("I think it is right."),
        patch("5", "6"),
        Reply::new().message("I changed it."),
        patch("6", "4"),
        Reply::new().message("Now it is right."),
    ]))
    .unwrap();
    let mut command = project.real_turns(&server, &["auto"]);
    command.args(["--until", "sh check.sh", "--budget-tokens", "100000", "--result", "../result.json"]);
    let ran = Ran::from(command.arg("put the sum right").output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "Now it is right.\n"), "{ran:?}");
    server.assert_clean();
    assert!(ran.stderr.contains("step 3 of 10, because a check does not pass\n"), "{ran:?}");
    assert!(ran.stderr.contains("\n  | 2 + 2 is not 6\n"), "{ran:?}");
    assert!(ran.stderr.contains("satisfied after 3 turns in "), "{ran:?}");
    assert!(ran.stderr.contains("  600 of 100,000 tokens\n"), "{ran:?}");
    assert_eq!(project.read("sum.txt"), "4\n");
    assert_eq!(project.rows().len(), 1);
    let manifest = project.manifest(1);
    assert_eq!(manifest["changes"]["modified"], json!(["sum.txt"]));
    let ledger = &manifest["ledger"];
    assert_eq!((&ledger["state"], &ledger["usage"]["inputTokens"]), (&"completed".into(), &500.into()));
    let turns = ledger["turns"].as_array().unwrap();
    let told: Vec<_> =
        turns.iter().map(|turn| (&turn["verdict"], &turn["usage"]["turn"]["inputTokens"])).collect();
    let completed = json!("completed");
    assert_eq!(told, [(&completed, &json!(100)), (&completed, &json!(200)), (&completed, &json!(200))]);
    assert!(turns.iter().all(|turn| turn["threadId"] == turns[0]["threadId"]), "{turns:?}");
    let prompts = project.artifact(1, "logs/llm_prompt.txt");
    let asked: Vec<_> =
        server.requests().iter().filter_map(|request| request.prompt().map(str::to_owned)).collect();
    assert_eq!(asked.len(), 5, "one for each call of the model");
    assert!(asked.iter().all(|prompt| prompts.contains(prompt)), "{asked:?} in {prompts}");
    assert!(prompts.contains("2 + 2 is not 5") && prompts.contains("2 + 2 is not 6"), "{prompts}");
    assert_eq!(ledger["violations"], json!([]));
    let result: serde_json::Value =
        serde_json::from_slice(&std::fs::read(project.path("result.json")).unwrap()).unwrap();
    assert_eq!((&result["spent"]["tokens"], &result["record"]["turnId"]), (&600.into(), &1.into()));
    project.assert_verified(&["--git"]);
}

#[test]
fn a_real_run_that_is_killed_takes_codex_with_it_and_is_one_record() {
    let project = Project::recorded();
    project.write(".gitignore", "*.pid\n");
    project.commit("set up");
    // A three-deep tree, and a process that left its session.
    let busy = "sh -c 'sh -c \"echo \\$\\$ > tree; mv tree tree.pid; sleep 120; true\"; true'";
    let busy = format!("echo half > new.txt; setsid sleep 120 & echo $! > left.pid; {busy}");
    let server =
        ModelServer::start(Script::new([Reply::new().message("I think so."), Reply::new().exec(&busy)]))
            .unwrap();
    let mut command = project.real_turns(&server, &["auto"]);
    command.args(["--until", "test -e done.txt", "do it"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    assert!(wait_until(SOON, || project.has("tree.pid")), "the command of the second turn runs");
    let pid = |name: &str| project.read(name).trim().parse::<u32>().unwrap();
    let (tree, left) = (pid("tree.pid"), pid("left.pid"));
    child.kill().unwrap();
    let killed = Instant::now();
    child.wait().unwrap();
    assert!(wait_until(SOON, || !alive(tree)));
    assert!(killed.elapsed() < Duration::from_secs(5), "a second where nobody else needs the machine");
    assert_eq!(project.turns(&["ledger", "verify"]).code, Some(7));
    let fake = FakeCodex::new(working());
    let ran = project.run(&fake, &["go on"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(wait_until(SOON, || !alive(left)), "the next start sweeps what no signal reached");
    assert!(ran.stderr.contains("turn 1 was left unfinished and is recorded now: interrupted"), "{ran:?}");
    assert_eq!(project.rows().len(), 2);
    let ledger = &project.manifest(1)["ledger"];
    let verdicts: Vec<_> = ledger["turns"].as_array().unwrap().iter().map(|turn| &turn["verdict"]).collect();
    assert_eq!(
        (&ledger["state"], verdicts.len(), verdicts[0]),
        (&json!("interrupted"), 2, &json!("completed"))
    );
    project.assert_verified(&["--git"]);
}

#[test]
fn a_real_turn_that_is_killed_is_recovered_with_what_codex_itself_has_kept() {
    let project = Project::recorded();
    let reply = Reply::new().message("I begin.").exec("echo half > new.txt; touch running; sleep 120");
    let server = ModelServer::start(Script::new([reply])).unwrap();
    let mut command = project.real_turns(&server, &["run"]);
    let mut child = command.arg("do it").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(wait_until(SOON, || project.has("running")), "the command runs");
    // Codex announces a command late by a part of a second; what is asked for here is on its way at least.
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(project.turns(&["ledger", "verify"]).code, Some(7));
    let ran = project.turns(&["ledger", "recover"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), "turn 1 was left unfinished and is recorded now: interrupted\n"),
        "{ran:?}"
    );
    let manifest = project.manifest(1);
    let ledger = &manifest["ledger"];
    assert_eq!(ledger["state"], "interrupted");
    assert!(ledger["agent"]["threadId"].is_string(), "the lines or the journal know it: {ledger}");
    assert_eq!(ledger["usage"]["inputTokens"], 100, "only the rollout knows: {}", ledger["usage"]);
    let log = project.artifact(1, "logs/task.log");
    assert!(log.contains("echo half"), "{log}");
    project.assert_verified(&["--git"]);
}
