//! The real Codex against a scripted model: needs `cargo xtask codex`.

use std::fs;

use codex_fixtures::{ModelServer, Reply, Script, pinned_codex};

use crate::scratch::{Ran, Scratch, new_command};

#[test]
fn a_real_turn_runs_a_command_edits_a_file_and_answers() {
    let codex = pinned_codex().unwrap_or_else(|missing| panic!("{missing}"));
    let scratch = Scratch::new();
    fs::remove_dir_all(scratch.path("work/.git")).unwrap();
    let made = new_command("git".as_ref()).args(["init", "-q"]).arg(scratch.path("work")).status();
    assert!(made.unwrap().success());
    let patch = "*** Begin Patch\n*** Add File: new.txt\n+one\n*** End Patch\n";
    let server = ModelServer::start(Script::new([
        Reply::new().exec("echo hi"),
        Reply::new().patch(patch),
        Reply::new().message("all done"),
    ]))
    .unwrap();
    let settings = server.settings();
    let mut command = scratch.command(Some(&codex));
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").envs(settings.environment.iter().cloned());
    command.arg("run").args(settings.arguments());
    command.args(["-s", "danger-full-access", "-o", "answer", "--result", "result.json", "do it"]);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "all done\n"), "{ran:?}");
    server.assert_clean();
    assert!(ran.stderr.contains("✓ $ echo hi → exit 0\n"), "{ran:?}");
    assert!(ran.stderr.contains("✓ A new.txt\n"), "{ran:?}");
    assert!(ran.stderr.contains("\ncompleted in "), "{ran:?}");
    assert_eq!(fs::read(scratch.path("work/new.txt")).unwrap(), b"one\n");
    assert_eq!(fs::read(scratch.path("work/answer")).unwrap(), b"all done");
    let result = scratch.result();
    assert_eq!(result["verdict"], "completed");
    assert_eq!(result["codex"]["version"], codex_fixtures::PINNED_CODEX_VERSION);
    assert_eq!(result["usage"]["turn"]["input_tokens"], 300);
    assert_eq!(result["summary"]["undecodable"], 0);
    assert_eq!(result["summary"]["unknown"], 0);
    scratch.assert_no_files();
}
