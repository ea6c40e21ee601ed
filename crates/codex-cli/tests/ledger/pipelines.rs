//! Pipelines: planned, run by the real Codex against a scripted model, cut off and gone on with.

use std::fs;
use std::process::{Command, Stdio};

use codex_fixtures::{ModelServer, Reply, Script, pinned_codex, wait_until};
use rstest::rstest;
use serde_json::{Value, json};

use crate::project::{LEDGER, Project, Ran, SOON, files_below};

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
    let codex = pinned_codex().unwrap_or_else(|missing| panic!("{missing}"));
    let settings = server.settings();
    let mut command = project.command();
    command.env("CODEX_PATH", codex).envs(settings.environment.iter().cloned());
    command.env("CODEX_HOME", project.path("codex-home"));
    command.args(["pipeline"]).args(words);
    if words[0] == "run" {
        command.args(settings.arguments()).args(["-s", "danger-full-access"]);
    }
    command
}

fn patch(text: &str) -> Reply {
    Reply::new().patch(&format!("*** Begin Patch\n{text}*** End Patch\n"))
}

fn report(statement: &str, decisions: Value) -> Reply {
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

/// What differs from run to run, replaced.
fn settled(project: &Project, turn: u32, name: &str) -> String {
    let manifest = project.manifest(turn);
    let start = manifest["timestampUtc"].as_str().unwrap();
    let (day, time, minute) = (&start[..10], &start[11..19], &start[11..16]);
    let text = project.artifact(turn, name);
    text.replace(&format!("{day} - {time}"), "START").replace(&format!("{day} - {minute}"), "MINUTE")
}

fn outputs(manifest: &Value, task: usize) -> Vec<(String, String)> {
    let outputs = manifest["tasks"][task]["outputs"].as_array().unwrap();
    let pair = |output: &Value| {
        (output["path"].as_str().unwrap().to_owned(), output["sha256"].as_str().unwrap().to_owned())
    };
    outputs.iter().map(pair).collect()
}

#[test]
fn three_tasks_become_one_record_whose_every_number_is_right() {
    let project = shop();
    project.write("test.sh", "mkdir -p out; printf '<testsuite><testcase name=\"a\"/><testcase name=\"b\"/></testsuite>' > out/junit.xml\n");
    project.write(".gitignore", "out/\n");
    project.write("codex-turns.toml", "[tests]\ncommand = \"sh test.sh\"\nreport = \"out/junit.xml\"\n");
    // The check of every task; only the second one writes what it looks at.
    project.write(
        "check.sh",
        "test ! -e report.txt || grep -q right report.txt || { echo 'the report is wrong'; exit 1; }\n",
    );
    project.commit("checks");
    let server = ModelServer::start(Script::new([
        patch("*** Add File: src/store.txt\n+one\n"),
        Reply::new().message("The store is there."),
        report("Made the store.", json!([])),
        patch("*** Add File: report.txt\n+wrong\n"),
        Reply::new().message("The report is there."),
        patch("*** Update File: report.txt\n@@\n-wrong\n+still wrong\n"),
        Reply::new().message("The report is better."),
        patch("*** Update File: report.txt\n@@\n-still wrong\n+all right\n*** Update File: src/store.txt\n@@\n-one\n+two\n"),
        Reply::new().message("The report is right."),
        report("Wrote the report.", json!([])),
        patch("*** Add File: docs/orders.md\n+Orders are in a file.\n*** Delete File: hello.txt\n"),
        Reply::new().message("It is decided."),
        report("Decided where orders are kept.", decision()),
    ]))
    .unwrap();
    let ran = Ran::from(
        pipeline(&project, &server, &["run", "--until", "sh check.sh", "--result", "../result.json"])
            .output()
            .unwrap(),
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    server.assert_clean();
    for said in [
        "pipeline shop begins: 3 tasks, turn 1\n",
        "task 2 of 3: Report\n",
        "✗ sh check.sh",
        "✓ task 2 completed in 3 turns\n",
        "✓ tests: sh test.sh",
        "tasks: 3 completed\n",
        "turn 1 recorded in ai/agentic-pipeline/turns/1\n",
    ] {
        assert!(ran.stderr.contains(said), "{said:?} is not in {}", ran.stderr);
    }
    let manifest = project.manifest(1);
    // What git itself says of the worktree.
    let mut status: Vec<String> = project
        .git(&["status", "--porcelain", "-uall", "--", ".", ":!ai"])
        .lines()
        .map(str::to_owned)
        .collect();
    status.sort();
    assert_eq!(status, [" D hello.txt", "?? docs/orders.md", "?? report.txt", "?? src/store.txt"]);
    assert_eq!(
        manifest["changes"],
        json!({ "added": ["docs/orders.md", "report.txt", "src/store.txt"], "modified": [], "deleted": ["hello.txt"] })
    );
    let hash = |text: &str| codex_ledger::sha256_hex(text.as_bytes());
    assert_eq!(outputs(&manifest, 0), [("src/store.txt".to_owned(), hash("one\n"))]);
    assert_eq!(
        outputs(&manifest, 1),
        [("report.txt".to_owned(), hash("all right\n")), ("src/store.txt".to_owned(), hash("two\n"))]
    );
    assert_eq!(outputs(&manifest, 2), [("docs/orders.md".to_owned(), hash("Orders are in a file.\n"))]);
    assert_eq!(manifest["tasks"][2]["deleted"], json!(["hello.txt"]));
    let inputs = manifest["tasks"][1]["inputFiles"].as_array().unwrap();
    assert!(inputs.contains(&json!({ "path": "src/store.txt", "sha256": hash("one\n") })), "{inputs:?}");
    let rules: Vec<&Value> = (0..3).map(|task| &manifest["tasks"][task]["validations"][0]).collect();
    assert_eq!((&rules[1]["rule"], &rules[1]["status"]), (&json!("sh check.sh"), &json!("pass")));
    let of: Vec<(&str, bool)> = manifest["ledger"]["turns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|turn| (turn["task"].as_str().unwrap(), turn["purpose"] == "report"))
        .collect();
    let [one, two, three] =
        ["TASK 01 - Store.task.md", "TASK 02 - Report.task.md", "TASK 03 - Choose.task.md"];
    assert_eq!(
        of,
        [
            (one, false),
            (one, true),
            (two, false),
            (two, false),
            (two, false),
            (two, true),
            (three, false),
            (three, true)
        ]
    );
    // The scripted model uses 100 and 10 tokens for each of its thirteen answers.
    assert_eq!(manifest["ledger"]["usage"]["inputTokens"], 1300, "{}", manifest["ledger"]["usage"]);
    assert_eq!(
        (&manifest["metrics"]["testsPassed"], &manifest["metrics"]["testsFailed"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(manifest["provenance"]["activePatternName"], "shop");
    let threads: std::collections::BTreeSet<&str> = manifest["ledger"]["turns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|turn| turn["threadId"].as_str().unwrap())
        .collect();
    assert_eq!(threads.len(), 3, "each task has a thread of its own");
    let changelog = settled(&project, 1, "changelog.md");
    let prompts = changelog.find("## Input Prompt").unwrap()..changelog.find("## Tasks Executed").unwrap();
    insta::assert_snapshot!(
        "pipeline_changelog",
        [&changelog[..prompts.start], &changelog[prompts.end..]].concat()
    );
    insta::assert_snapshot!("pipeline_adr", settled(&project, 1, "adr.md"));
    insta::assert_snapshot!("pipeline_files", project.artifact(1, "project-files.md"));
    let values = project.artifact(1, "session_context_values.md");
    assert!(
        values.contains("| `NUMBER` | `1` |") && values.contains("| `STORE` | `src/store.txt` |"),
        "{values}"
    );
    let result: Value = serde_json::from_slice(&fs::read(project.path("result.json")).unwrap()).unwrap();
    assert_eq!(
        (&result["tasks"][1]["verdict"], &result["tasks"][1]["turns"]),
        (&json!("completed"), &json!(3))
    );
    assert_eq!(result["record"]["turnId"], 1);
    project.assert_verified(&["--git"]);
}

/// The answers of a pipeline whose second task hangs in a command.
fn hanging() -> Script {
    Script::new([
        patch("*** Add File: src/store.txt\n+one\n"),
        Reply::new().message("The store is there."),
        report("Made the store.", decision()),
        Reply::new().message("I begin.").exec("echo half > report.txt; touch running; sleep 120"),
    ])
}

/// A pipeline that was killed in its second task.
fn killed() -> Project {
    let project = shop();
    let server = ModelServer::start(hanging()).unwrap();
    let mut child =
        pipeline(&project, &server, &["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(wait_until(SOON, || project.has("running")), "the command of the second task runs");
    child.kill().unwrap();
    child.wait().unwrap();
    fs::remove_file(project.work("running")).unwrap();
    project
}

#[test]
fn a_pipeline_that_was_killed_goes_on_where_it_was() {
    let project = killed();
    assert_eq!(project.turns(&["ledger", "verify"]).code, Some(7));
    let said = "turn 1 (pipeline shop) was cut off; `codex-turns pipeline resume 1` goes on with it\n";
    let ran = project.turns(&["ledger", "recover"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), said), "it is not closed by the way: {ran:?}");
    let server = ModelServer::start(Script::new([
        Reply::new().message("The report is whole."),
        report("Wrote the report.", json!([])),
        Reply::new().message("It is decided."),
        report("Decided.", json!([])),
    ]))
    .unwrap();
    // Everything but the address of the service is what was typed before.
    rewire(&project, &server);
    let ran = Ran::from(pipeline(&project, &server, &["resume", "1"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    server.assert_clean();
    assert!(ran.stderr.contains("pipeline shop goes on: 3 tasks, turn 1\n"), "{ran:?}");
    assert!(!ran.stderr.contains("task 1 of 3"), "it is not run again: {ran:?}");
    let asked = server.requests();
    assert!(asked[0].prompt().unwrap().contains("was cut off"), "{:?}", asked[0].prompt());
    assert!(
        asked[0].user_texts().iter().any(|text| text.contains("# Task: Report")),
        "it is the same thread"
    );
    assert_eq!(project.rows().len(), 1, "one record");
    let manifest = project.manifest(1);
    assert_eq!(manifest["ledger"]["state"], "completed");
    let verdicts: Vec<&Value> = (0..3).map(|task| &manifest["tasks"][task]["verdict"]).collect();
    assert_eq!(verdicts, ["completed", "completed", "completed"]);
    let turns = manifest["ledger"]["turns"].as_array().unwrap();
    assert_eq!(turns.len(), 7, "two of the first task, three of the second, two of the third");
    assert_eq!(turns[2]["verdict"], Value::Null, "nobody saw its end");
    assert_eq!(turns[2]["threadId"], turns[3]["threadId"]);
    assert_eq!(manifest["changes"]["added"], json!(["report.txt", "src/store.txt"]));
    let changelog = project.artifact(1, "changelog.md");
    assert!(changelog.contains("Made the store.") && changelog.contains("Wrote the report."), "{changelog}");
    assert!(
        project.artifact(1, "adr.md").contains("Keep orders in a file"),
        "what was said before the crash counts"
    );
    project.assert_verified(&["--git"]);
    let again = project.turns(&["pipeline", "resume", "1"]);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(again.stderr.contains("error: turn 1 is no pipeline that was cut off"), "{again:?}");
}

/// Lets the words of the pipeline that was killed name another service.
fn rewire(project: &Project, server: &ModelServer) {
    let journals = project.work(".git/turns/journal");
    let journal = fs::read_dir(journals).unwrap().next().unwrap().unwrap().path().join("open.json");
    let text = fs::read_to_string(&journal).unwrap();
    let mut entry: Value = serde_json::from_str(&text).unwrap();
    let words = entry["header"]["continuation"]["words"].as_array_mut().unwrap();
    let end = words.iter().position(|word| word == "run").unwrap();
    words.truncate(end + 1);
    let more =
        server.settings().arguments().into_iter().chain(["-s".to_owned(), "danger-full-access".to_owned()]);
    words.extend(more.map(Value::from));
    fs::write(&journal, entry.to_string()).unwrap();
}

#[test]
fn a_task_that_was_changed_meanwhile_stops_the_resumption() {
    let project = killed();
    project.write(&format!("{PATTERN}/tasks/TASK 03 - Choose.task.md"), "# Choose\n\nSomething else.\n");
    let ran = project.turns(&["pipeline", "resume", "1"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.stderr.contains(
            "error: task 3 (TASK 03 - Choose.task.md) is not what it was when the pipeline began\n"
        ),
        "{ran:?}"
    );
    let ran = project.turns(&["ledger", "recover", "--close", "1"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(project.manifest(1)["ledger"]["state"], "interrupted");
    assert_eq!(project.manifest(1)["tasks"][0]["verdict"], "completed");
    project.assert_verified(&["--git"]);
}

#[test]
fn the_next_turn_leaves_a_pipeline_alone_and_says_so() {
    let project = killed();
    let ran = project.work_turn(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("`codex-turns pipeline resume 1` goes on with it\n"), "{ran:?}");
    assert!(!project.has(&format!("{LEDGER}/turns/1")));
    project.assert_verified_but_unfinished();
}

impl Project {
    fn assert_verified_but_unfinished(&self) {
        let ran = self.turns(&["ledger", "verify", "--git"]);
        assert_eq!(ran.code, Some(7), "{ran:?}");
    }
}

#[rstest]
#[case("stop", ["failed", "notRun", "notRun"])]
#[case("continue", ["failed", "failed", "completed"])]
fn a_failed_task_stops_the_pipeline_or_not(#[case] on_failure: &str, #[case] verdicts: [&str; 3]) {
    let project = shop();
    // Nothing is right the first time. The second task does not even begin, for want of its input.
    project.write("check.sh", "test -e .git/asked && exit 0; touch .git/asked; exit 1\n");
    let server = ModelServer::start(Script::new([
        Reply::new().message("I do nothing."),
        Reply::new().message("It is decided."),
    ]))
    .unwrap();
    let mut command = pipeline(&project, &server, &["run", "--report", "derived", "--max-turns", "1"]);
    command.args(["--until", "sh check.sh", "--on-failure", on_failure, "--result", "../result.json"]);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(5), "the limit of turns passed: {ran:?}");
    let result: Value = serde_json::from_slice(&fs::read(project.path("result.json")).unwrap()).unwrap();
    let found: Vec<&Value> = (0..3).map(|task| &result["tasks"][task]["verdict"]).collect();
    assert_eq!(found, verdicts, "{ran:?}");
    let manifest = project.manifest(1);
    let ledger = &manifest["ledger"];
    assert_eq!((&ledger["state"], &ledger["reason"]), (&json!("failed"), &json!("task-failed")));
    assert_eq!(manifest["tasks"][0]["validations"][0]["status"], "fail");
    assert!(!project.has(&format!("{LEDGER}/turns/1/project-files.md")), "only what completed has one");
    project.assert_verified(&["--git"]);
}

#[test]
fn tasks_may_share_a_thread_and_one_report() {
    let project = shop();
    let server = ModelServer::start(Script::new([
        patch("*** Add File: src/store.txt\n+one\n"),
        Reply::new().message("The store is there."),
        Reply::new().message("The report is there."),
        Reply::new().message("It is decided."),
        report("All of it.", decision()),
    ]))
    .unwrap();
    let ran = Ran::from(pipeline(&project, &server, &["run", "--thread", "shared"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    server.assert_clean();
    let manifest = project.manifest(1);
    let threads: std::collections::BTreeSet<&str> = manifest["ledger"]["turns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|turn| turn["threadId"].as_str().unwrap())
        .collect();
    assert_eq!(threads.len(), 1);
    assert_eq!(
        manifest["ledger"]["decisions"],
        json!([{ "title": "Keep orders in a file", "status": "Accepted" }])
    );
    project.assert_verified(&["--git"]);
}

#[test]
fn one_task_or_the_rest_may_be_chosen() {
    let project = shop();
    project.write("src/store.txt", "one\n");
    let server = ModelServer::start(Script::new([Reply::new().message("The report is there.")])).unwrap();
    let ran = Ran::from(
        pipeline(&project, &server, &["run", "--only", "report", "--report", "derived"]).output().unwrap(),
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let manifest = project.manifest(1);
    assert_eq!(manifest["task"]["parameters"]["tasks"], json!(["TASK 02 - Report.task.md"]));
    assert!(project.artifact(1, "adr.md").contains("Rationale stated for pipeline shop"), "derived");
    project.assert_verified(&["--git"]);
}

#[test]
fn a_plan_is_shown_and_nothing_runs() {
    let project = shop();
    let before = files_below(&project.path("work"));
    let ran = project.turns(&["pipeline", "check"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    insta::assert_snapshot!("pipeline_check", ran.stdout);
    assert!(ran.stderr.contains("src/store.txt"), "that it is missing is a warning: {ran:?}");
    let json = project.turns(&["pipeline", "check", "--json"]).json();
    assert_eq!(json["tasks"][1]["inputs"][0]["state"], "missing");
    assert_eq!(files_below(&project.path("work")), before);
}

#[rstest]
#[case::no_such_item(&[("task-pipeline.md", "1. TASK 01 - Stoer\n")], &[], "task-pipeline.md:1: no task file fits")]
#[case::empty(&[("task-pipeline.md", "Nothing yet.\n")], &[], "the pipeline has no items")]
#[case::two_files(&[("tasks/TASK 01 – store.task.md", "# Other\n"), ("task-pipeline.md", "1. task 01 - STORE\n")], &[], "could be")]
#[case::windows_is_fine_but_not_latin1(&[("tasks/TASK 01 - Store.task.md", "\u{0}LATIN1")], &[], "not UTF-8")]
#[case::too_long(&[("tasks/TASK 01 - Store.task.md", "\u{0}LONG")], &[], "TASK 01 - Store.task.md")]
#[case::no_such_task(&[], &["--from", "TASK 9"], "no task is named `TASK 9`")]
#[case::nobody_writes_the_input(&[], &["--from", "2"], "TASK 02 - Report.task.md needs src/store.txt, which is not there")]
fn bad_input_is_one_sentence_and_nothing_runs(
    #[case] files: &[(&str, &str)],
    #[case] words: &[&str],
    #[case] sentence: &str,
) {
    let project = shop();
    for (name, text) in files {
        let bytes = match *text {
            "\u{0}LATIN1" => b"# Store\n\ncaf\xe9\n".to_vec(),
            "\u{0}LONG" => vec![b'x'; 10 << 20],
            text => text.as_bytes().to_vec(),
        };
        fs::write(project.work(&format!("{PATTERN}/{name}")), bytes).unwrap();
    }
    let before = files_below(&project.path("work"));
    let words: Vec<&str> = [&["pipeline", "run"], words].concat();
    let ran = project.turns(&words);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let errors: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{ran:?}");
    assert!(errors[0].contains(sentence), "{ran:?}");
    assert_eq!(files_below(&project.path("work")), before, "nothing was written");
    assert_eq!(project.git(&["for-each-ref", "refs/turns"]), "");
}

#[test]
fn the_starter_runs_at_once() {
    let project = Project::recorded();
    assert_eq!(project.turns(&["init"]).code, Some(0));
    assert_eq!(project.turns(&["pipeline", "check"]).code, Some(0));
    let server = ModelServer::start(Script::new([
        patch("*** Add File: docs/overview.md\n+# work\n"),
        Reply::new().message("It is described."),
        report("Described the project.", json!([])),
        Reply::new().message("It is so."),
        report("Looked at it.", json!([])),
    ]))
    .unwrap();
    let ran = Ran::from(pipeline(&project, &server, &["run"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    server.assert_clean();
    assert_eq!(project.manifest(1)["tasks"][0]["outputs"][0]["path"], "docs/overview.md");
    project.assert_verified(&["--git"]);
}
