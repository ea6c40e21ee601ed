//! The real Codex against a scripted model: needs `cargo xtask codex`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use codex_fixtures::{ModelServer, Reply, Script, pinned_codex, processes_with_environment, wait_until};
use rustix::process::{Pid, Signal, kill_process};

use crate::scratch::{Ran, SOON, Scratch, new_command};

/// A scratch place with a repository that git knows, and the command with the real Codex in it.
fn prepare(server: &ModelServer) -> (Scratch, Command) {
    let codex = pinned_codex().unwrap_or_else(|missing| panic!("{missing}"));
    let scratch = Scratch::new();
    init(&scratch.path("work"));
    let settings = server.settings();
    let mut command = scratch.command(Some(&codex));
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").envs(settings.environment.iter().cloned());
    command.arg("run").args(settings.arguments()).args(["-s", "danger-full-access"]);
    (scratch, command)
}

fn init(folder: &Path) {
    fs::remove_dir_all(folder.join(".git")).unwrap();
    let made = new_command("git".as_ref()).args(["init", "-q"]).arg(folder).status();
    assert!(made.unwrap().success());
}

#[test]
fn a_real_turn_runs_a_command_edits_a_file_and_answers() {
    let server = ModelServer::start(Script::new([
        Reply::new().exec("echo hi"),
        Reply::new().patch("*** Begin Patch\n*** Add File: new.txt\n+one\n*** End Patch\n"),
        Reply::new().patch("*** Begin Patch\n*** Update File: missing.txt\n@@\n-a\n+b\n*** End Patch\n"),
        Reply::new().message("all done"),
    ]))
    .unwrap();
    let (scratch, mut command) = prepare(&server);
    let ran = Ran::from(command.args(["-o", "answer", "--result", "result.json", "do it"]).output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "all done\n"), "{ran:?}");
    server.assert_clean();
    assert!(ran.stderr.contains("✓ $ echo hi → exit 0\n"), "{ran:?}");
    assert!(ran.stderr.contains("✓ A new.txt\n"), "{ran:?}");
    assert!(ran.stderr.contains("\ncompleted in "), "{ran:?}");
    let unseen = "warning: 1 tool call left no event (refused, denied, or failed at once): apply_patch\n";
    assert!(ran.stderr.contains(unseen), "the patch that does not apply: {ran:?}");
    assert_eq!(fs::read(scratch.path("work/new.txt")).unwrap(), b"one\n");
    assert_eq!(fs::read(scratch.path("work/answer")).unwrap(), b"all done");
    let result = scratch.result();
    assert_eq!(result["verdict"], "completed");
    assert_eq!(result["codex"]["version"], codex_fixtures::PINNED_CODEX_VERSION);
    assert_eq!(result["usage"]["turn"]["input_tokens"], 400);
    assert_eq!(result["summary"]["undecodable"], 0);
    assert_eq!(result["summary"]["unknown"], 0);
    assert_eq!(result["unseenCalls"].as_array().unwrap().len(), 1);
    scratch.assert_no_files();
}

#[test]
fn ctrl_c_ends_a_real_turn_and_all_that_it_runs() {
    const MARK: &str = "CODEX_TURNS_CLI_TEST_CTRL_C";
    // Codex announces a command late by a part of a second.
    let reply = Reply::new().exec("sh -c 'sh -c \"sleep 0.5; touch running; sleep 120; true\"; true'; true");
    let server = ModelServer::start(Script::new([reply])).unwrap();
    let (scratch, mut command) = prepare(&server);
    command.env(MARK, "1").stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.args(["--result", "result.json", "do it"]).spawn().unwrap();
    assert!(wait_until(SOON, || scratch.path("work/running").exists()), "the command runs");
    assert!(processes_with_environment(MARK).len() > 3, "a tree of commands");
    kill_process(Pid::from_raw(child.id().cast_signed()).unwrap(), Signal::INT).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(130), ""), "{ran:?}");
    assert!(ran.stderr.contains("cancelling: waiting for codex to stop; press Ctrl-C again"), "{ran:?}");
    assert!(ran.stderr.contains("not finished when the turn ended"), "{ran:?}");
    assert_eq!(processes_with_environment(MARK), [0; 0], "nothing survives");
    let result = scratch.result();
    assert_eq!((&result["verdict"], &result["exitCode"]), (&"cancelled".into(), &130.into()));
    scratch.assert_no_files();
}
