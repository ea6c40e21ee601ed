//! One recorded turn, from a program.

use std::fs;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use codex_exec::{ApiKey, CodexEnvironment, CommandSpec};
use codex_ledger::manifest::RecordState;
use codex_runner::{
    CheckSandbox, RecordChoices, RecordOutcome, ReportSource, RunChecks, RunnerError, RunnerEvent, StopHandle,
};
use codex_turn::{CancellationToken, CommandCheck, ReviewTarget, Sandbox, ThreadOptions};
use memchr::memmem;

use crate::scripted::{Answer, Scripted};
use crate::shop::Shop;

const SECRET: &str = "v3ry-s3cret-v4lue-77";

#[tokio::test]
async fn a_secret_of_the_environment_is_in_no_file_of_the_record() {
    let shop = Shop::new();
    let project = shop.project(shop.environment().variable("DEPLOY_TOKEN", SECRET));
    let wrote = (shop.path("leak.txt"), "token: v3ry-s3cret-v4lue-77\n");
    let scripted = Scripted::new([Answer::Message("I used v3ry-s3cret-v4lue-77.", Some(wrote))]);
    let thread = scripted.codex().start_thread(ThreadOptions::new(shop.root()));
    let done = project.record(thread.run(format!("deploy with {SECRET}"))).task("deploy").await.unwrap();
    assert!(done.turn.unwrap().verdict.is_completed());
    let RecordOutcome::Recorded(recorded) = done.record else { panic!("{:?}", done.record) };
    assert_eq!(recorded.state, RecordState::Completed);
    let bytes = shop.record(1);
    assert_eq!(memmem::find(&bytes, SECRET.as_bytes()), None, "the secret is redacted");
    assert!(memmem::find(&bytes, b"[REDACTED:").is_some(), "it was there");
    assert_eq!(shop.manifest(1)["task"]["name"], "deploy");
}

#[tokio::test]
async fn what_codex_alone_is_given_is_as_secret() {
    let shop = Shop::new();
    let project = shop.project(shop.environment());
    let key = "sk-of-the-caller-0123456789";
    let scripted =
        Scripted::new([Answer::Message("I used v3ry-s3cret-v4lue-77, sk-of-the-caller-0123456789.", None)]);
    let environment = CodexEnvironment::inherit().set("DEPLOY_TOKEN", SECRET);
    let options = ThreadOptions::new(shop.root()).environment(environment);
    let thread = scripted.codex().start_thread(options);
    let done =
        project.record(thread.run("deploy").with(move |turn| turn.api_key(ApiKey::new(key)))).await.unwrap();
    assert!(matches!(done.record, RecordOutcome::Recorded(_)), "{:?}", done.record);
    let bytes = shop.record(1);
    for secret in [SECRET, key] {
        assert_eq!(memmem::find(&bytes, secret.as_bytes()), None, "{secret} is redacted");
    }
}

#[tokio::test]
async fn a_turn_in_another_folder_is_refused_before_anything_is_written() {
    let (shop, other) = (Shop::new(), Shop::new());
    let project = shop.project(shop.environment());
    let scripted = Scripted::new([Answer::Message("Done.", None)]);
    let thread = scripted.codex().start_thread(ThreadOptions::new(other.root()));
    let error = project.record(thread.run("do it")).await.unwrap_err();
    let RunnerError::Elsewhere { dir, root, .. } = error else { panic!("{error}") };
    assert_eq!((dir, root), (other.root(), shop.root()));
    assert!(project.open_ledger(None).unwrap().reader().numbers().unwrap().is_empty());
}

#[test]
fn without_a_runtime_nothing_starts_and_nothing_panics() {
    let shop = Shop::new();
    let project = shop.project(shop.environment());
    let scripted = Scripted::new([Answer::Message("Done.", None)]);
    let thread = scripted.codex().start_thread(ThreadOptions::new(shop.root()));
    let mut done = Box::pin(project.record(thread.run("do it")).into_future());
    let Poll::Ready(ended) = done.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits for a runtime")
    };
    assert_eq!(ended.unwrap_err().to_string(), "there is no tokio runtime on this thread: await within one");
}

#[tokio::test]
async fn a_gate_that_closes_fails_the_record() {
    let shop = Shop::new();
    let environment = shop.environment().variable("CODEX_TURNS_LINT_COMMAND", "exit 3");
    let environment = environment.variable("CODEX_TURNS_LINT_GATE", "true");
    let project = shop.project(environment.variable("CODEX_TURNS_LINT_SANDBOX", "off"));
    let scripted = Scripted::new([Answer::Message("Done.", None)]);
    let thread = scripted.codex().start_thread(ThreadOptions::new(shop.root()));
    let mut stream = project.record(thread.run("do it")).stream();
    let mut checks = Vec::new();
    while let Some(event) = stream.next_event().await {
        if let RunnerEvent::CheckEnded(check) = event {
            checks.push((check.name, check.how.clone()));
        }
    }
    let done = stream.finish().await.unwrap();
    assert_eq!(checks, [("lint", Some("exit 3".to_owned()))]);
    assert_eq!(done.checks.closed[0].reason(), "lint-failed");
    let manifest = shop.manifest(1);
    assert_eq!(
        (&manifest["ledger"]["state"], &manifest["ledger"]["reason"]),
        (&"failed".into(), &"lint-failed".into())
    );
}

#[tokio::test]
async fn a_review_runs_no_checks_unless_asked_for() {
    let shop = Shop::new();
    let environment = shop.environment().variable("CODEX_TURNS_LINT_COMMAND", "touch checked");
    let project = shop.project(environment.variable("CODEX_TURNS_LINT_SANDBOX", "off"));
    let scripted = Scripted::new([Answer::Message("Fine.", None), Answer::Message("Fine.", None)]);
    let codex = scripted.codex();
    let review = || codex.review(ReviewTarget::Uncommitted, ThreadOptions::new(shop.root()));
    let done = project.record(review()).await.unwrap();
    assert!(done.turn.is_ok() && done.checks.lint.is_none() && !shop.path("checked").exists());
    let mut choices = RecordChoices::default();
    choices.checks.run = RunChecks::Always;
    let done = project.record(review()).choices(choices).await.unwrap();
    assert!(done.turn.is_ok() && done.checks.lint.is_some() && shop.path("checked").exists());
}

#[tokio::test]
async fn commands_that_end_a_run_inherit_what_the_project_lets_them() {
    let shop = Shop::new();
    // A variable that cargo sets stands for a secret that only the settings know of.
    let environment =
        shop.environment().variable("CODEX_TURNS_LEDGER_REDACT_VARIABLES", "CARGO_MANIFEST_DIR");
    let project = shop.project(environment);
    let scripted = Scripted::new([Answer::Message("Done.", None), Answer::Message("Done.", None)]);
    let thread = scripted.codex().start_thread(ThreadOptions::new(shop.root()));
    let command = CommandSpec::argv(["sh", "-c", r#"printf %s "${CARGO_MANIFEST_DIR-withheld}" > seen"#]);
    let run = || thread.run_auto("do it").until(CommandCheck::new(command.clone()));
    let mut choices = RecordChoices::default();
    choices.checks.sandbox = Some(CheckSandbox::Off);
    let done = project.record_run(run()).choices(choices.clone()).await.unwrap();
    assert!(done.run.report.unwrap().is_satisfied());
    assert_eq!(fs::read_to_string(shop.path("seen")).unwrap(), "withheld");
    choices.checks.env = vec!["CARGO_MANIFEST_DIR".to_owned()];
    project.record_run(run()).choices(choices).await.unwrap();
    assert_eq!(fs::read_to_string(shop.path("seen")).unwrap(), env!("CARGO_MANIFEST_DIR"));
}

#[tokio::test]
async fn settings_of_the_environment_reach_the_turn() {
    let shop = Shop::new();
    let project = shop.project(shop.environment().variable("CODEX_TURNS_RUN_MODEL", "gpt-mine"));
    let scripted = Scripted::new([Answer::Message("Done.", None)]);
    let thread = scripted.codex().start_thread(ThreadOptions::new(shop.root()));
    project.record(thread.run("do it")).await.unwrap();
    assert_eq!(scripted.asked()[0].parts().model.as_deref(), Some("gpt-mine"));
}

#[tokio::test]
async fn nothing_happens_before_the_first_poll() {
    let shop = Shop::new();
    let project = shop.project(shop.environment());
    let scripted = Scripted::new([]);
    let thread = scripted.codex().start_thread(ThreadOptions::new(shop.root()));
    drop(project.record(thread.run("do it")).stream());
    assert!(scripted.asked().is_empty());
    assert!(project.open_ledger(None).unwrap().waiting().unwrap().is_empty());
}

#[tokio::test]
async fn a_stop_before_the_turn_is_recorded_as_cancelled() {
    let shop = Shop::new();
    let project = shop.project(shop.environment());
    let scripted = Scripted::new([Answer::Message("Done.", None)]);
    let thread = scripted.codex().start_thread(ThreadOptions::new(shop.root()));
    let mut stream = project.record(thread.run("do it")).stream();
    let handle: StopHandle = stream.stop_handle();
    while let Some(event) = stream.next_event().await {
        if matches!(event, RunnerEvent::Opening) {
            handle.stop();
        }
    }
    let done = stream.finish().await.unwrap();
    // The lines of a script are all there at once, so the turn may complete: what counts is that a record says how it ended.
    let RecordOutcome::Recorded(recorded) = done.record else { panic!("{:?}", done.record) };
    let is_completed = done.turn.is_ok();
    assert_eq!(recorded.state == RecordState::Completed, is_completed, "{recorded:?}");
}

#[tokio::test]
async fn the_token_of_the_turn_itself_still_cancels_it() {
    let shop = Shop::new();
    let project = shop.project(shop.environment());
    let scripted = Scripted::new([Answer::Hangs]);
    let thread = scripted.codex().start_thread(ThreadOptions::new(shop.root()));
    let token = CancellationToken::new();
    let mut stream = project.record(thread.run("do it").cancel(token.clone())).stream();
    while let Some(event) = stream.next_event().await {
        if matches!(event, RunnerEvent::Line(_)) {
            token.cancel();
        }
    }
    let done = stream.finish().await.unwrap();
    assert_eq!(done.turn.unwrap_err().to_string(), "the turn did not complete: cancelled");
    assert_eq!(shop.manifest(1)["ledger"]["state"], "aborted");
}

#[tokio::test]
async fn the_agent_may_only_read_when_it_is_asked_and_has_the_limits_of_the_work() {
    let shop = Shop::new();
    let project = shop.project(shop.environment());
    let report = Answer::Message(r#"{"statementOfWork":"Made it.","decisions":[]}"#, None);
    let scripted = Scripted::new([Answer::Message("Done.", None), report]);
    let options = ThreadOptions::new(shop.root()).sandbox(Sandbox::WorkspaceWrite);
    let turn = scripted.codex().start_thread(options).run("do it").total_limit(Duration::from_mins(7));
    let done = project.record(turn).report(ReportSource::Agent).await.unwrap();
    assert!(done.account.unwrap().report.is_ok());
    let asked = scripted.asked();
    let parts = asked[1].parts();
    assert_eq!((parts.sandbox, parts.total_limit), (Some(Sandbox::ReadOnly), Some(Duration::from_mins(7))));
    assert!(parts.target.resumed_thread().is_some());
}
