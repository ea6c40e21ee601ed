//! A secret in every place where one may be: it is nowhere afterwards but where somebody put it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use codex_fixtures::{FakeCodex, FakeCodexBuilder, FakeScript, ModelServer, Reply, Script, wait_until};
use serde_json::json;

use crate::project::{LEDGER, Project, Ran, SOON, THREAD};

/// The value of a variable with a secret name. Its form says nothing.
const KEY: &str = "canary-of-the-environment-7f3a";
/// A value in `.env`.
const DOTENV: &str = "canary-of-the-file-91be";

/// A project with a secret in `.env`, which git ignores.
fn project() -> Project {
    let project = Project::recorded();
    project.write(".gitignore", ".env\n");
    project.commit("ignore");
    project.write(".env", &format!("# for the tests\nSERVICE_TOKEN={DOTENV}\n"));
    project
}

fn prompt() -> String {
    format!("Log in with {KEY}, or with {DOTENV}.")
}

/// What has a secret and is not ours to write: the user's `.env`, the reports that the project's own tests write, and the
/// home of Codex, which keeps each thread as it was.
const OTHERS: [&str; 3] = ["work/.env", "work/out", "codex-home"];

/// The files below the scratch folder that have a secret in them, and the objects of git if they have.
fn leaks(project: &Project) -> Vec<PathBuf> {
    let root = fs::canonicalize(project.path("")).unwrap();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            let is_of_others = OTHERS.iter().any(|other| path == root.join(other));
            if entry.file_type().unwrap().is_dir() && !is_of_others {
                folders.push(path);
            } else if !is_of_others && has_secret(&fs::read(&path).unwrap()) {
                found.push(path.strip_prefix(&root).unwrap().to_owned());
            }
        }
    }
    // Objects are compressed, so git has to be asked for them.
    let objects = project.git_bytes(&["cat-file", "--batch-all-objects", "--batch", "--unordered"]);
    found.extend(has_secret(&objects).then(|| PathBuf::from("the objects of git")));
    found
}

fn has_secret(bytes: &[u8]) -> bool {
    [KEY, DOTENV].iter().any(|secret| bytes.windows(secret.len()).any(|window| window == secret.as_bytes()))
}

/// The lines of the log among what was written to standard error.
fn log_lines(stderr: &str) -> impl Iterator<Item = &str> {
    let levels = ["TRACE ", "DEBUG ", " INFO ", " WARN ", "ERROR "];
    stderr.lines().filter(move |line| levels.iter().any(|level| line.starts_with(level)))
}

fn assert_quiet_log(ran: &Ran) {
    assert!(log_lines(&ran.stderr).count() > 4, "the log is on: {ran:?}");
    for line in log_lines(&ran.stderr) {
        assert!(!has_secret(line.as_bytes()), "the log has a secret: {line}");
    }
}

/// What an agent says that has found both secrets.
fn talkative() -> FakeScript {
    let item = |item: serde_json::Value| json!({ "type": "item.completed", "item": item }).to_string();
    FakeScript::new()
        .read_stdin()
        .stderr(format!("warning: {KEY}\n"))
        .line(format!(r#"{{"type":"thread.started","thread_id":"{THREAD}"}}"#))
        .line(r#"{"type":"turn.started"}"#)
        .line(item(json!({
            "id": "i1", "type": "command_execution", "command": format!("curl -H 'X: {KEY}' host; cat .env"),
            "aggregated_output": format!("SERVICE_TOKEN={DOTENV}\n{KEY}\n"), "exit_code": 0, "status": "completed",
        })))
        .line(item(json!({ "id": "i2", "type": "reasoning", "text": format!("The key is {KEY}.") })))
        .line(item(json!({ "id": "i3", "type": "hologram", "value": { "key": [KEY, DOTENV] } })))
        .line(format!("{{\"type\":\"item.completed\",\"item\":{KEY}}}"))
        .line(item(json!({ "id": "i4", "type": "agent_message", "text": format!("I used {KEY} and {DOTENV}.") })))
        .write_file("new.txt", "new\n")
}

/// What is kept of starts and threads is the user's alone, and nothing is left where temporary files are.
fn modes_are_private(project: &Project) {
    let state = project.path("state/codex-turns");
    let mut paths = vec![state.clone()];
    while let Some(path) = paths.pop() {
        let found = fs::metadata(&path).unwrap();
        let expected = if found.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(found.permissions().mode() & 0o777, expected, "{}", path.display());
        if found.is_dir() {
            paths.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    assert!(state.join("threads").is_dir() && state.join("starts").is_dir());
    assert_eq!(below(&project.path("tmp")), Vec::<PathBuf>::new());
}

/// Settings with which everything is kept that can be: checks that print both secrets, and a report that names them.
fn talkative_checks(project: &Project) {
    let settings = "[ledger]\nevents = true\n[lint]\ncommand = \"cat .env; echo $SERVICE_API_KEY; exit 1\"\n\
                    [tests]\ncommand = \"sh test.sh\"\nreport = \"out/junit.xml\"\n\
                    [coverage]\ncommand = \"echo $SERVICE_API_KEY >&2\"\nreport = \"out/lcov.info\"\n";
    project.write("test.sh", "mkdir -p out; . ./.env; cat .env\n\
        echo \"<testsuite><testcase name='a'><failure message='$SERVICE_TOKEN'>$SERVICE_API_KEY</failure>\
        </testcase></testsuite>\" > out/junit.xml\nprintf 'SF:%s\\nDA:1,1\\nend_of_record\\n' $SERVICE_TOKEN > out/lcov.info\n");
    project.write(".gitignore", ".env\nout/\n");
    project.trusted_settings(settings);
    project.commit("checks");
}

#[test]
fn a_secret_is_nowhere_but_where_it_was_put() {
    let project = project();
    talkative_checks(&project);
    let usage =
        r#"{"type":"turn.completed","usage":{"input_tokens":1,"cached_input_tokens":0,"output_tokens":1}}"#;
    let fake = FakeCodex::new(talkative().line(usage));
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).env("SERVICE_API_KEY", KEY).env("CODEX_TURNS_LOG", "trace");
    command
        .env("RUST_BACKTRACE", "1")
        .args(["run", "--check-env", "SERVICE_API_KEY", "--task"])
        .arg(prompt())
        .arg(prompt());
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let manifest = project.manifest(1);
    assert_eq!(
        (&manifest["metrics"]["testsFailed"], &manifest["validation"]["lintStatus"]),
        (&json!(1), &json!("failed"))
    );
    assert!(
        project.artifact(1, "reports/tests.xml").contains("[REDACTED:"),
        "the report of the tests had them"
    );
    assert!(project.artifact(1, "logs/events.jsonl").contains("[REDACTED:"), "the lines had them");
    let call = &fake.calls()[0];
    assert_eq!(call.stdin_text(), prompt(), "the agent is given the prompt as it is");
    assert!(!has_secret(call.arguments().join("\n").as_bytes()), "{:?}", call.arguments());
    assert_quiet_log(&ran);
    assert_eq!(leaks(&project), Vec::<PathBuf>::new());
    assert!(project.artifact(1, "logs/llm_prompt.txt").contains("[REDACTED:environment]"));
    assert!(project.artifact(1, "logs/llm_prompt.txt").contains("[REDACTED:dotenv]"));
    let redactions = &project.manifest(1)["ledger"]["redactions"];
    assert!(redactions.as_array().unwrap().len() >= 4, "{redactions}");
    modes_are_private(&project);
    everything_that_reads_is_quiet(&project);
    project.assert_verified(&["--git"]);
}

/// Nor has anything a secret that is printed of records, or made of them.
fn everything_that_reads_is_quiet(project: &Project) {
    let commands = [
        "ledger list",
        "ledger list --json",
        "ledger show 1",
        "ledger show 1 --log",
        "ledger show 1 --diff",
        "ledger show 1 --prompt",
        "ledger show 1 --json",
        "replay 1",
        "adr list",
        "adr list --json",
        "config",
        "ledger verify --git --json",
        "ledger recover --json",
        "ledger rebuild-index",
        "ledger export ../exported",
        "ledger purge 1 logs/llm_prompt.txt --reason canary",
        "ledger gc --keep 1",
        "doctor",
    ];
    for line in commands {
        let mut command = project.command();
        command.env("SERVICE_API_KEY", KEY).env("CODEX_TURNS_LOG", "trace").args(line.split(' '));
        let ran = Ran::from(command.output().unwrap());
        assert!(line == "doctor" || ran.code == Some(0), "{line}: {ran:?}");
        assert!(!has_secret(format!("{ran:?}").as_bytes()), "{line}: {ran:?}");
    }
    assert!(project.path(&format!("exported/{LEDGER}/turns/1/manifest.json")).is_file());
    assert_eq!(leaks(project), Vec::<PathBuf>::new());
}

#[test]
fn a_run_whose_checks_print_a_secret_and_the_account_of_its_agent_have_none() {
    let project = project();
    let usage =
        r#"{"type":"turn.completed","usage":{"input_tokens":1,"cached_input_tokens":0,"output_tokens":1}}"#;
    let turns =
        [talkative().line(usage), talkative().write_file("done", "").line(usage), account().line(usage)];
    let fake = turns.into_iter().fold(FakeCodex::builder(), FakeCodexBuilder::start).build();
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).env("SERVICE_API_KEY", KEY).env("CODEX_TURNS_LOG", "trace");
    command.args(["auto", "-s", "workspace-write", "--max-turns", "3", "--report", "agent"]);
    command.args(["--check-env", "SERVICE_API_KEY"]);
    command.args(["--until", "cat .env; echo $SERVICE_API_KEY >&2; test -f done"]).arg(prompt());
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let asked = fake.calls()[1].stdin_text();
    assert!(
        asked.contains(DOTENV) && asked.contains(KEY),
        "the agent is told what the check printed: {asked}"
    );
    assert_eq!(project.manifest(1)["ledger"]["turns"].as_array().unwrap().len(), 3);
    assert!(project.artifact(1, "adr.md").contains("[REDACTED:environment]"));
    assert_quiet_log(&ran);
    for call in fake.calls() {
        assert!(!has_secret(call.arguments().join("\n").as_bytes()), "{:?}", call.arguments());
    }
    assert_eq!(leaks(&project), Vec::<PathBuf>::new());
    modes_are_private(&project);
    project.assert_verified(&["--git"]);
}

#[test]
fn a_pipeline_whose_contexts_and_tasks_have_a_secret_leaves_none() {
    let project = project();
    let pattern = "ai/context/application-implementation-patterns/shop";
    let context = "PROJECT_CONTEXT = `${TARGET_PROJECT}/ai/context/project_context.md`\n";
    project.write("ai/context/session_context.md", context);
    let context = "# Project\n\n- Name: shop\n- Application Implementation Pattern: shop\n";
    project.write("ai/context/project_context.md", context);
    project.write(&format!("{pattern}/pattern_context.md"), "# Shop\n");
    project.write(&format!("{pattern}/task-pipeline.md"), "1. TASK 01 - Log in.task.md\n");
    // What a task needs to know of the place may come from a file that git ignores, as `.env` does.
    project.write(".gitignore", ".env\n*.task.md\n");
    project
        .write(&format!("{pattern}/tasks/TASK 01 - Log in.task.md"), &format!("# Log in\n\n{}\n", prompt()));
    project.commit("a pipeline");
    let usage =
        r#"{"type":"turn.completed","usage":{"input_tokens":1,"cached_input_tokens":0,"output_tokens":1}}"#;
    let fake = FakeCodex::builder().start(talkative().line(usage)).start(account().line(usage)).build();
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).env("SERVICE_API_KEY", KEY).env("CODEX_TURNS_LOG", "trace");
    command.args(["pipeline", "run", "-s", "workspace-write", "--report", "agent"]);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(fake.calls()[0].stdin_text().contains(&prompt()), "the agent is given the task as it is");
    assert_quiet_log(&ran);
    let task = project.work(&format!("{pattern}/tasks/TASK 01 - Log in.task.md"));
    fs::remove_file(task).unwrap();
    assert_eq!(leaks(&project), Vec::<PathBuf>::new());
    assert!(project.artifact(1, "logs/llm_prompt.txt").contains("[REDACTED:environment]"));
    modes_are_private(&project);
    project.assert_verified(&["--git"]);
}

/// An account that quotes both secrets.
fn account() -> FakeScript {
    let account = json!({
        "statementOfWork": format!("Logged in with {KEY}."),
        "decisions": [{
            "title": format!("Use {DOTENV}"), "status": "Accepted", "context": KEY, "optionsConsidered": [DOTENV],
            "decision": KEY, "result": DOTENV, "consequences": KEY, "files": [],
        }],
    });
    let item = json!({ "id": "i1", "type": "agent_message", "text": account.to_string() });
    FakeScript::new()
        .read_stdin()
        .line(format!(r#"{{"type":"thread.started","thread_id":"{THREAD}"}}"#))
        .line(r#"{"type":"turn.started"}"#)
        .line(json!({ "type": "item.completed", "item": item }).to_string())
}

#[test]
fn the_words_of_a_failure_have_no_secret_in_what_is_written() {
    let project = project();
    let failed = json!({ "type": "turn.failed", "error": { "message": format!("401: {KEY} is not valid") } });
    let fake = FakeCodex::new(talkative().line(failed.to_string()).exit(1));
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).env("SERVICE_API_KEY", KEY).env("CODEX_TURNS_LOG", "trace");
    let ran = Ran::from(command.arg("run").arg(prompt()).output().unwrap());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_quiet_log(&ran);
    assert_eq!(leaks(&project), Vec::<PathBuf>::new());
    assert_eq!(project.manifest(1)["ledger"]["state"], "failed");
}

#[test]
fn the_journal_of_a_killed_turn_is_the_users_alone_and_goes() {
    let project = project();
    let fake = FakeCodex::new(talkative().reach("said").hang());
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).env("SERVICE_API_KEY", KEY);
    command.arg("run").arg(prompt()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    assert!(fake.wait_until_reached("said", SOON));
    let journals = project.work(".git/turns/journal");
    assert!(wait_until(SOON, || below(&journals)
        .iter()
        .any(|file| has_secret(&fs::read(file).unwrap_or_default()))));
    child.kill().unwrap();
    child.wait().unwrap();
    let folders: Vec<_> = fs::read_dir(&journals).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(folders.len(), 1);
    assert_eq!(folders[0].metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert!(
        leaks(&project).iter().all(|path| path.starts_with("work/.git/turns/journal")),
        "{:?}",
        leaks(&project)
    );
    // The secret has to be known to be found: the environment of the recovery has it, as that of the turn had.
    let recovered =
        project.command().env("SERVICE_API_KEY", KEY).args(["ledger", "recover"]).output().unwrap();
    assert_eq!(recovered.status.code(), Some(0), "{recovered:?}");
    assert_eq!(leaks(&project), Vec::<PathBuf>::new());
    modes_are_private(&project);
}

/// The files below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

#[test]
fn the_real_codex_prints_a_secret_and_no_file_of_ours_has_it() {
    let project = project();
    let server = ModelServer::start(Script::new([
        Reply::new().exec("echo $SERVICE_API_KEY; cat .env; echo done > new.txt"),
        Reply::new().message(&format!("I used {KEY} and {DOTENV}.")),
    ]))
    .unwrap();
    let mut command = project.real_turns(&server, &["run"]);
    command.env("SERVICE_API_KEY", KEY).env("CODEX_TURNS_LOG", "debug");
    command.args(["-c", "shell_environment_policy.ignore_default_excludes=true"]);
    let ran = Ran::from(command.arg(prompt()).output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(server.requests().iter().any(|request| request.body.to_string().contains(KEY)));
    assert_quiet_log(&ran);
    assert_eq!(leaks(&project), Vec::<PathBuf>::new());
    assert_eq!(project.manifest(1)["changes"]["added"], json!(["new.txt"]));
    modes_are_private(&project);
}
