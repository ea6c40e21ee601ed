//! Auto-runs of the real Codex, which a scripted model server drives: needs `cargo xtask codex`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use codex_exec::{ApiKey, Environment, ExecOptions, Program, StateDir};
use codex_fixtures::{End, ModelServer, Reply, Script, Tokens, pinned_codex};
use codex_turn::{
    AutoRun, AutoRunEvent, AutoRunReport, Budget, BudgetKind, Codex, FileExists, RetryPolicy, Sandbox,
    StepKind, StopReason, Thread, ThreadOptions, Verdict,
};

/// A repository, a Codex home and a model that answers as scripted.
struct Scene {
    server: ModelServer,
    folder: tempfile::TempDir,
    thread: Thread,
}

impl Scene {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let program = pinned_codex().unwrap_or_else(|missing| panic!("{missing}"));
        let server = ModelServer::start(Script::new(replies)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "user", "work"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let at = |name: &str| folder.path().join(name);
        let codex = Codex::builder()
            .program(Program::at(program).unwrap())
            .options(ExecOptions::default().state_dir(StateDir::at(at("state"))))
            .codex_home(at("home"))
            .api_key(ApiKey::new("scripted-key"))
            .base_url(server.base_url())
            // The agent's shells are login shells: without a home of their own they would run this user's profile.
            .environment(Environment::inherit().set("HOME", at("user")))
            .with(|invocation| invocation.disable("plugins").total_limit(Duration::from_mins(1)))
            .build()
            .unwrap();
        let options = ThreadOptions::new(at("work")).model("gpt-5.5").skip_git_repo_check();
        let thread = codex.start_thread(options.sandbox(Sandbox::DangerFullAccess));
        Self { server, folder, thread }
    }

    fn run(&self, prompt: &str) -> AutoRun {
        let quick = RetryPolicy::default().backoff(Duration::from_millis(1), Duration::from_millis(1));
        self.thread.run_auto(prompt).retry(quick).total_limit(Duration::from_mins(2))
    }

    fn work(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.folder.path().join("work").join(file)).ok()
    }

    fn prompts(&self) -> Vec<String> {
        self.server.requests().iter().filter_map(|request| request.prompt().map(str::to_owned)).collect()
    }
}

fn answer(text: &str) -> Reply {
    Reply::new().message(text).usage(Tokens::new(100, 10))
}

fn patch(lines: &str) -> Reply {
    Reply::new().patch(&format!("*** Begin Patch\n{lines}\n*** End Patch")).usage(Tokens::new(100, 10))
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
            AutoRunEvent::RetryScheduled { attempt, reason, kind, .. } => {
                format!("retry {attempt} ({kind:?}): {reason}")
            }
            AutoRunEvent::Stopped { reason, .. } => format!("stopped: {reason}"),
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
        Reply::new().end(End::Failed { code: "rate_limit_exceeded".to_owned(), message })
    };
    let scene = Scene::new((0..6).map(|_| limited()).chain([answer("done")]));
    let (seen, report) = steps(scene.run("do it").until("true"), scene.folder.path()).await;
    let seen: Vec<_> = seen.into_iter().filter(|line| line != "  error").collect();
    insta::assert_snapshot!(seen.join("\n"));
    assert!(report.is_satisfied());
    assert_eq!(report.steps[1].kind, StepKind::RetrySamePrompt);
    assert_eq!(scene.prompts(), ["do it"; 7]);
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
    assert_eq!(report.steps[0].verdict(), Some(&Verdict::Budget { name: Some("tokens".to_owned()) }));
    assert_eq!(report.spent.tokens, 110);
    assert_eq!(scene.server.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_runs_at_once_do_not_disturb_each_other() {
    let scenes: Vec<_> = (0..4)
        .map(|number| {
            let text = format!("*** Add File: done.txt\n+{number}");
            Scene::new([answer("soon"), patch(&text), answer(&format!("done {number}"))])
        })
        .collect();
    let runs: Vec<_> = scenes
        .iter()
        .map(|scene| {
            tokio::spawn(scene.run("make done.txt").until(FileExists::new("done.txt")).into_future())
        })
        .collect();
    for (number, (scene, run)) in scenes.iter().zip(runs).enumerate() {
        let report = run.await.unwrap().unwrap();
        assert!(report.is_satisfied(), "{:?}", report.stop);
        assert_eq!(report.final_response(), Some(&*format!("done {number}")));
        assert_eq!(scene.work("done.txt"), Some(format!("{number}\n")));
        assert_eq!(report.spent.tokens, 330);
    }
}
