//! What people get wrong: one clear sentence, what to do, the right code, and nothing left behind.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread;

use codex_exec::{StateDir, ThreadLock};
use codex_fixtures::{FakeCodex, FakeScript};
use rstest::rstest;

use crate::scratch::{Ran, Scratch, THREAD};

#[rstest]
#[case::blank_prompt("blank_prompt", &["  "], 2)]
#[case::no_prompt("no_prompt", &[], 2)]
#[case::image_with_a_comma("image_with_a_comma", &["-i", "a,b.png", "look"], 2)]
#[case::missing_image("missing_image", &["-i", "no.png", "look"], 2)]
#[case::missing_schema("missing_schema", &["--output-schema", "no.json", "look"], 2)]
#[case::broken_schema("broken_schema", &["--output-schema", "broken.json", "look"], 2)]
#[case::missing_directory("missing_directory", &["-C", "nowhere", "look"], 2)]
#[case::missing_add_dir("missing_add_dir", &["--add-dir", "nowhere", "look"], 2)]
#[case::not_a_repository("not_a_repository", &["-C", "../plain", "look"], 2)]
#[case::resume_no_uuid("resume_no_uuid", &["--resume", "yesterday", "look"], 2)]
#[case::unknown_flag("unknown_flag", &["--frobnicate", "look"], 2)]
#[case::unknown_sandbox("unknown_sandbox", &["-s", "none", "look"], 2)]
#[case::config_without_value("config_without_value", &["-c", "model", "look"], 2)]
#[case::timeout_without_unit("timeout_without_unit", &["--timeout", "90", "look"], 2)]
#[case::review_with_prompt("review_with_prompt", &["--review", "uncommitted", "look"], 2)]
#[case::base_url("base_url", &["--base-url", "localhost", "look"], 2)]
#[case::output_in_no_folder("output_in_no_folder", &["-o", "no/answer", "look"], 2)]
#[case::one_file_twice("one_file_twice", &["-o", "answer", "--result", "./answer", "look"], 2)]
#[case::codex_missing("codex_missing", &["--codex", "nowhere/codex", "look"], 3)]
#[case::codex_not_executable("codex_not_executable", &["--codex", "broken.json", "look"], 3)]
fn it_is_said_in_a_sentence(#[case] name: &str, #[case] arguments: &[&str], #[case] code: i32) {
    let scratch = Scratch::new();
    fs::write(scratch.path("work/broken.json"), "{").unwrap();
    fs::write(scratch.path("work/a,b.png"), "").unwrap();
    let fake = FakeCodex::new(FakeScript::completed_turn("never"));
    let ran = scratch.run(&fake, arguments);
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert_eq!(ran.stdout, "");
    insta::assert_snapshot!(format!("bad_{name}"), scratch.anonymous(&ran.stderr));
    assert!(fake.calls().is_empty(), "nothing was started");
    scratch.assert_clean(&fake);
}

#[test]
fn an_oversized_prompt_is_refused() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::completed_turn("never"));
    fs::write(scratch.path("prompt"), "ä".repeat(1_048_577)).unwrap();
    let input = fs::File::open(scratch.path("prompt")).unwrap();
    let ran =
        Ran::from(scratch.command(Some(&fake.path())).args(["run", "-"]).stdin(input).output().unwrap());
    assert_eq!(ran.code, Some(2), "{ran:?}");
    insta::assert_snapshot!(ran.stderr, @r"
    error: the prompt has 1048577 characters, and codex takes at most 1048576
    hint: write the text to a file and name the file in the prompt
    ");
    scratch.assert_clean(&fake);
}

#[test]
fn no_codex_at_all_is_said() {
    let scratch = Scratch::new();
    let ran =
        Ran::from(scratch.command(None).args(["run", "--result", "result.json", "look"]).output().unwrap());
    assert_eq!(ran.code, Some(3), "{ran:?}");
    insta::assert_snapshot!(ran.stderr);
    assert_eq!(scratch.result()["verdict"], "notStarted");
    assert_eq!(scratch.result()["exitCode"], 3);
    scratch.assert_no_files();
}

fn program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[rstest]
#[case::silent("exit 1")]
#[case::complains("echo 'unrecognized option: --json' >&2; exit 2")]
#[case::chatters("echo hello; exit 0")]
fn a_program_that_is_not_codex_is_recognised(#[case] script: &str) {
    let scratch = Scratch::new();
    let other = scratch.path("other");
    program(&other, script);
    let ran =
        Ran::from(scratch.command(None).args(["run", "--codex"]).arg(&other).arg("look").output().unwrap());
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let sentence = scratch.anonymous(&ran.stderr);
    assert!(
        sentence.contains("error: SCRATCH/other is not codex: asked for its version it printed"),
        "{ran:?}"
    );
    assert!(sentence.contains("hint: name the codex program with --codex"), "{ran:?}");
    scratch.assert_no_files();
}

#[rstest]
#[case::anything_else("cannot say", "`codex-turns doctor` shows what a turn needs")]
#[case::broken_config(
    "error loading config.toml: expected `=`",
    "mend that file in the Codex home, or leave it unread with --ignore-user-config"
)]
#[case::unknown_thread(
    "thread/resume failed: no rollout found for thread id",
    "the thread is not in this Codex home: look at --resume and --codex-home, or start a new thread"
)]
fn what_codex_says_of_a_failed_start_is_passed_on(#[case] reason: &str, #[case] hint: &str) {
    let scratch = Scratch::new();
    let stderr = format!("2026-01-02T03:04:05.678Z  WARN codex: noise\nError: {reason}\n");
    let fake = FakeCodex::new(FakeScript::new().read_stdin().stderr(stderr).exit(1));
    let ran = scratch.run(&fake, ["--result", "result.json", "look"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let expected = format!("error: codex did not start (exit code 1): {reason}\nhint: {hint}\n");
    assert_eq!(ran.stderr, expected);
    scratch.assert_clean(&fake);
}

#[test]
fn a_busy_thread_is_waited_for_as_long_as_wait_says() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::completed_turn("done"));
    let state = StateDir::at(scratch.path("state/codex-turns"));
    let held = ThreadLock::acquire(&state, &THREAD.parse().unwrap()).unwrap();
    let ran = scratch.run(&fake, ["--resume", THREAD, "--wait", "1s", "go on"]);
    assert_eq!((ran.code, fake.calls().len()), (Some(3), 0), "{ran:?}");
    let holder =
        format!("a turn is already running on thread {THREAD} in process {}, for ", std::process::id());
    assert!(ran.stderr.contains(&holder) && ran.stderr.contains("--wait 10m"), "{ran:?}");
    let ran = thread::scope(|scope| {
        let waits = scope.spawn(|| scratch.run(&fake, ["--resume", THREAD, "--wait", "5m", "go on"]));
        drop(held);
        waits.join().unwrap()
    });
    assert_eq!((ran.code, fake.calls().len()), (Some(0), 1), "{ran:?}");
}

#[test]
fn another_thread_than_the_one_to_resume_is_refused() {
    let scratch = Scratch::new();
    let fake = FakeCodex::new(FakeScript::completed_turn("wrong"));
    let asked = THREAD.replace('3', "4");
    let ran = scratch.run(&fake, ["--resume", asked.as_str(), "go on"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{ran:?}");
    assert!(
        ran.stderr
            .contains(&format!("error: codex was to resume thread {asked} and started thread {THREAD}")),
        "{ran:?}"
    );
    scratch.assert_clean(&fake);
}
