//! Auto-runs of the real Codex, which a scripted model server drives: needs `cargo xtask codex`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "real_auto/scene.rs"]
mod scene;

use std::fs;
use std::path::Path;

use codex_fixtures::{End, Reply, Tokens};
use codex_turn::{
    AutoRun, AutoRunEvent, AutoRunReport, Budget, BudgetKind, FileExists, StepKind, StopReason, Verdict,
};

use scene::{Scene, answer, patch};

fn prompts(scene: &Scene) -> Vec<String> {
    scene.server.requests().iter().filter_map(|request| request.prompt().map(str::to_owned)).collect()
}

/// The run step by step, without what differs from one time to the next.
async fn steps(run: AutoRun, folder: &Path) -> (Vec<String>, AutoRunReport) {
    let mut events = run.stream();
    let mut seen = Vec::new();
    while let Some(event) = events.next_event().await {
        let told = match event.unwrap() {
            AutoRunEvent::StepStarted { step, kind, prompt, .. } => {
                format!("step {step} ({kind:?})\n{}", indented(&prompt))
            }
            AutoRunEvent::Line { line, .. } => {
                let event = line.event().unwrap();
                format!(
                    "  {}{}",
                    event.name(),
                    event.item().map_or(String::new(), |(_, item)| format!(" {}", item.name()))
                )
            }
            AutoRunEvent::StepEnded { step, spent, .. } => {
                format!(
                    "ended: {}; {} tokens in {} turns",
                    step.verdict().unwrap(),
                    spent.tokens,
                    spent.turns
                )
            }
            AutoRunEvent::CheckStarted { name, .. } => format!("asking {name}"),
            AutoRunEvent::CheckEnded { check, .. } => format!("said {:?}", check.outcome),
            AutoRunEvent::Stopped { reason, .. } => format!("stopped: {reason}"),
            AutoRunEvent::RetryScheduled { attempt, reason, kind, .. } => {
                format!("retry {attempt} ({kind:?}): {reason}")
            }
            #[cfg(feature = "tools")]
            AutoRunEvent::Tool { event, .. } => format!("{event:?}"),
            other => format!("{other:?}"),
        };
        seen.push(told.replace(&*folder.to_string_lossy(), "$FOLDER"));
    }
    (seen, events.finish().await.unwrap())
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn satisfied_at_first() {
    let scene = Scene::new([patch("*** Add File: done.txt\n+yes"), answer("done")]);
    let run = scene.run("make done.txt").until(FileExists::new("done.txt"));
    let (seen, report) = steps(run, scene.folder.path()).await;
    insta::assert_snapshot!(seen.join("\n"));
    assert!(report.is_satisfied());
    assert_eq!(report.final_response(), Some("done"));
    scene.server.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn red_green() {
    let scene = Scene::new([
        answer("I think it is right"),
        patch("*** Update File: sum.txt\n@@\n-5\n+6"),
        answer("I changed it"),
        patch("*** Update File: sum.txt\n@@\n-6\n+4"),
        answer("now it is right"),
    ]);
    fs::write(scene.folder.path().join("work/sum.txt"), "5\n").unwrap();
    let check = r#"read sum < sum.txt; test "$sum" = 4 || { echo "2 + 2 is not $sum"; exit 1; }"#;
    let (seen, report) = steps(scene.run("put the sum right").until(check), scene.folder.path()).await;
    insta::assert_snapshot!(seen.join("\n"));
    assert!(report.is_satisfied());
    assert_eq!(scene.work("sum.txt").as_deref(), Some("4\n"));
    assert_eq!(report.spent.tokens, 5 * 110);
    scene.server.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rate_limit_then_success() {
    // Codex itself tries five times more, and waits as told.
    let limited = || {
        let message = "Rate limit reached for gpt-5.5. Please try again in 0.1s.".to_owned();
        Reply::new().end(End::failed("rate_limit_exceeded", message))
    };
    let scene = Scene::new((0..6).map(|_| limited()).chain([answer("done")]));
    let (seen, report) = steps(scene.run("do it").until("true"), scene.folder.path()).await;
    let seen: Vec<_> = seen.into_iter().filter(|line| line != "  error").collect();
    insta::assert_snapshot!(seen.join("\n"));
    assert!(report.is_satisfied());
    assert_eq!(report.steps[1].kind, StepKind::RetrySamePrompt);
    assert_eq!(prompts(&scene), ["do it"; 7]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stream_lost_after_a_side_effect() {
    let mut replies = vec![Reply::new().exec("echo once >> log.txt; sleep 0.5").usage(Tokens::new(100, 10))];
    // Once, and five times more by Codex itself.
    replies.extend((0..6).map(|_| Reply::new().end(End::Cut)));
    replies.push(answer("it was done before"));
    let scene = Scene::new(replies);
    let run = scene.run("append a line to log.txt").until(r#"test "$(cat log.txt)" = once"#);
    let (seen, report) = steps(run, scene.folder.path()).await;
    let seen: Vec<_> = seen.into_iter().filter(|line| line != "  error").collect();
    insta::assert_snapshot!(seen.join("\n"));
    assert!(report.is_satisfied());
    assert_eq!(report.steps[1].kind, StepKind::RetryAfterWork);
    assert_eq!(scene.work("log.txt").as_deref(), Some("once\n"), "it is not done again");
}

/// Codex dies before it has printed that it runs the command: only its own record of the thread knows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_within_a_side_effect_it_is_told_of_it_and_does_not_begin_again() {
    let deadly =
        Reply::new().exec("echo once >> log.txt; kill -9 $PPID; sleep 600").usage(Tokens::new(100, 10));
    let scene = Scene::new([deadly, answer("it was done before")]);
    let run = scene.run("append a line to log.txt").until(r#"test "$(cat log.txt)" = once"#);
    let report = run.await.unwrap();
    assert!(report.is_satisfied(), "{:?}", report.stop);
    assert_eq!(report.steps[0].verdict(), Some(&Verdict::killed(9)));
    assert_eq!(report.steps[1].kind, StepKind::RetryAfterWork);
    assert_eq!(scene.work("log.txt").as_deref(), Some("once\n"), "it is not done again");
    let told = &report.steps[1].prompt;
    assert!(told.contains("exec_command") || told.contains("echo once"), "{told}");
    assert!(told.contains("do not do it again") && told.ends_with("append a line to log.txt"), "{told}");
    let threads: Vec<_> =
        report.steps.iter().map(|step| step.turn.as_ref().unwrap().thread_id.clone()).collect();
    assert_eq!(threads[0], threads[1], "it goes on where it was");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn budget_stop() {
    let scene = Scene::new([answer("no"), answer("no"), answer("no")]);
    let run = scene.run("do it").until("false").budget(Budget::tokens(150));
    let (seen, report) = steps(run, scene.folder.path()).await;
    insta::assert_snapshot!(seen.join("\n"));
    assert_eq!((report.spent.tokens, report.steps.len()), (220, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_budget_that_is_used_up_within_a_turn_ends_the_turn() {
    let scene = Scene::new([Reply::new().exec("sleep 600").usage(Tokens::new(100, 10)), answer("too late")]);
    let report = scene.run("do it").until("false").budget(Budget::tokens(105)).await.unwrap();
    assert!(
        matches!(report.stop, StopReason::Budget { budget: BudgetKind::Tokens, .. }),
        "{:?}",
        report.stop
    );
    assert_eq!(report.steps[0].verdict(), Some(&Verdict::out_of_budget("tokens")));
    assert_eq!(report.spent.tokens, 110);
    assert_eq!(scene.server.requests().len(), 1);
}
