//! What an auto-run does, turn by turn, over scripted streams and a paused clock.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use codex_exec::{EventStream, TransportError, TransportReport};
use codex_protocol::ExitKind;
use codex_turn::{
    AutoRunError, AutoRunEvent, AutoRunReport, Budget, BudgetEnd, BudgetKind, CommandCheck, FixedPrompts,
    Money, Predicate, Price, PriceTable, RetryPolicy, StepKind, StopReason, ThreadOptions, UnknownUsage,
    Verdict,
};
use rstest::rstest;
use tokio_util::sync::CancellationToken;

use crate::support::{
    FakeExec, codex, completed, failed, hanging_thread, message, options, soon, started, thread, turn_lines,
};

const RATE_LIMIT: &str = "Rate limit reached. Please try again in 2s.";

fn completes(answer: &str, total_input: u64) -> EventStream {
    EventStream::from_lines(turn_lines(answer, total_input))
}

fn fails(message: &str) -> EventStream {
    EventStream::from_lines([started(), failed(message)])
}

fn command() -> String {
    r#"{"type":"item.completed","item":{"id":"item_0","type":"command_execution","command":"make","aggregated_output":"","exit_code":0,"status":"completed"}}"#.to_owned()
}

fn answer_is(wanted: &'static str) -> Predicate {
    Predicate::new("the answer", move |turn| turn.final_response() == Some(wanted))
}

fn kinds(report: &AutoRunReport) -> Vec<StepKind> {
    report.steps.iter().map(|step| step.kind).collect()
}

#[tokio::test]
async fn it_ends_when_the_check_says_so() {
    let exec = FakeExec::new([completes("no", 10), completes("yes", 20)]);
    let run = codex(&exec).start_thread(options()).run_auto("do it").until(answer_is("yes"));
    let report = run.await.unwrap();
    assert!(report.is_satisfied(), "{:?}", report.stop);
    assert_eq!(report.final_response(), Some("yes"));
    assert_eq!(report.steps.iter().map(|step| step.checks.len()).collect::<Vec<_>>(), [1, 1]);
    let prompts: Vec<_> = exec.asked().iter().map(|asked| asked.parts().prompt().to_owned()).collect();
    assert_eq!(prompts[0], "do it");
    assert!(prompts[1].contains("The check `the answer` does not pass yet"), "{}", prompts[1]);
    assert!(prompts[1].ends_with("do it"), "{}", prompts[1]);
}

#[tokio::test]
async fn each_later_turn_restates_every_option_of_the_first() {
    let exec = FakeExec::new([completes("a", 1), fails(RATE_LIMIT), completes("b", 2)]);
    let options = ThreadOptions::new("/work").model("gpt-5.5").add_dir("/other").skip_git_repo_check();
    let run = codex(&exec).start_thread(options).run_auto("one").policy(FixedPrompts::new(["two"]));
    let retry = RetryPolicy::default().reset_cap(Duration::ZERO);
    let run = run.retry(retry).each_turn(|turn| turn.idle_limit(Duration::from_secs(9)).image("/a.png"));
    assert!(matches!(run.await.unwrap().stop, StopReason::Policy { .. }));
    let told: Vec<_> = exec
        .asked()
        .iter()
        .map(|asked| {
            let parts = asked.parts();
            format!("{:?}", (&parts.cwd, &parts.model, &parts.add_dirs, parts.idle_limit, &parts.images))
        })
        .collect();
    assert_eq!(told.len(), 3);
    assert!(told[0].contains("gpt-5.5") && told[0].contains("a.png"), "{}", told[0]);
    assert_eq!(told[1], told[0]);
    assert_eq!(told[2], told[0]);
}

#[tokio::test]
async fn what_is_wrong_with_a_run_is_known_before_anything_of_it_starts() {
    let exec = FakeExec::new([completes("yes", 10)]);
    let run = || codex(&exec).start_thread(ThreadOptions::new("/")).run_auto("do it").until(answer_is("yes"));
    assert!(run().ready().await.is_ok());
    let missing = run().until("no-such-program at all").ready().await.unwrap_err();
    assert!(matches!(missing, AutoRunError::Check { .. }), "{missing:?}");
    for run in [run().max_turns(0), run().budget(Budget::tokens(0))] {
        let zero = run.ready().await.unwrap_err();
        assert!(matches!(zero, AutoRunError::ZeroLimit { .. }), "{zero:?}");
    }
    assert!(exec.asked().is_empty(), "nothing was started");
    let ready = run();
    ready.ready().await.unwrap();
    assert!(ready.await.unwrap().is_satisfied(), "and a run that was asked still runs");
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_waits_for_the_time_that_it_names() {
    let begun = tokio::time::Instant::now();
    let exec = FakeExec::new([fails(RATE_LIMIT), completes("yes", 1)]);
    let report =
        codex(&exec).start_thread(options()).run_auto("do it").until(answer_is("yes")).await.unwrap();
    assert!(report.is_satisfied());
    assert_eq!(kinds(&report), [StepKind::First, StepKind::RetrySamePrompt]);
    assert_eq!(exec.asked()[1].parts().prompt(), "do it");
    assert_eq!(begun.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_had_done_something_goes_on_instead_of_beginning_again() {
    let broken = [started(), command(), failed("stream disconnected before completion: eof")];
    let exec = FakeExec::new([EventStream::from_lines(broken), fails(RATE_LIMIT), completes("yes", 1)]);
    let report =
        codex(&exec).start_thread(options()).run_auto("do it").until(answer_is("yes")).await.unwrap();
    assert!(report.is_satisfied());
    assert_eq!(kinds(&report), [StepKind::First, StepKind::RetryAfterWork, StepKind::RetrySamePrompt]);
    let told = exec.asked()[1].parts().prompt().to_owned();
    insta::assert_snapshot!(told);
    assert_eq!(
        exec.asked()[2].parts().prompt(),
        told,
        "what was done is not forgotten by a retry that did nothing"
    );
}

#[rstest]
#[case::lost_after_its_name(vec![started()], Some(StepKind::RetryAfterWork))]
#[case::lost_without_a_name(vec![message("I have begun")], None)]
#[tokio::test(start_paused = true)]
async fn a_turn_that_was_killed_may_have_done_anything(
    #[case] lines: Vec<String>,
    #[case] then: Option<StepKind>,
) {
    let killed = EventStream::from_parts(lines, TransportReport::new(ExitKind::Signal(9)));
    let exec = FakeExec::new([killed, completes("yes", 1)]);
    let report = codex(&exec).start_thread(options()).run_auto("do it").await.unwrap();
    assert_eq!(report.steps.get(1).map(|step| step.kind), then);
    assert_eq!(report.steps[0].verdict(), Some(&Verdict::killed(9)));
    if then.is_none() {
        assert!(report.stop.to_string().contains("so is its thread"), "{}", report.stop);
    }
}

#[tokio::test(start_paused = true)]
async fn what_will_not_get_better_is_not_tried_again() {
    let report = thread([fails("unexpected status 401 Unauthorized: no")]).run_auto("do it").await.unwrap();
    assert!(matches!(report.stop, StopReason::Failed { .. }), "{:?}", report.stop);
    assert_eq!(report.steps.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_never_began_is_named_with_all_its_causes() {
    let denied = TransportError::spawn("/gone/codex", io::Error::other("permission denied"));
    let end = TransportReport::new(ExitKind::Code(1));
    let stream = EventStream::from_failing_parts(Vec::<String>::new(), denied, end);
    let report = thread([stream]).run_auto("do it").await.unwrap();
    let StopReason::Failed { reason, .. } = &report.stop else { panic!("{:?}", report.stop) };
    assert_eq!(reason, "could not start /gone/codex: permission denied");
}

#[tokio::test(start_paused = true)]
async fn retries_are_counted() {
    let streams = (0..9).map(|_| fails("stream disconnected before completion: eof"));
    let run = thread(streams).run_auto("do it").retry(RetryPolicy::default().attempts(2));
    let report = run.await.unwrap();
    assert!(report.stop.to_string().ends_with("also after trying again 2 times"), "{}", report.stop);
    assert_eq!(report.steps.len(), 3);
}

#[tokio::test]
async fn the_turn_limit_ends_it_and_keeps_all_turns() {
    let run = thread((1..9).map(|n| completes("no", n))).run_auto("do it").until(answer_is("yes"));
    let report = run.max_turns(2).await.unwrap();
    assert!(matches!(report.stop, StopReason::TurnLimit { turns: 2, .. }), "{:?}", report.stop);
    assert_eq!(report.steps.len(), 2);
}

#[tokio::test]
async fn the_same_answer_of_a_check_without_a_change_is_no_progress() {
    let run = thread((1..9).map(|n| completes("no", n))).run_auto("do it").until(answer_is("yes"));
    let report = run.stop_without_progress(3).await.unwrap();
    assert!(matches!(report.stop, StopReason::NoProgress { turns: 3, .. }), "{:?}", report.stop);
}

#[tokio::test]
async fn a_budget_of_tokens_ends_it_after_the_turn_that_used_it_up() {
    // A new thread, whose first report is its own; what the second used is not known here.
    let run = thread([completes("no", 600), completes("no", 900)]).run_auto("do it").until(answer_is("yes"));
    let report = run.budget(Budget::tokens(605)).await.unwrap();
    let StopReason::Budget { budget: BudgetKind::Tokens, end: BudgetEnd::UsedUp, .. } = report.stop else {
        panic!("{:?}", report.stop)
    };
    assert_eq!((report.spent.tokens, report.spent.turns), (605, 1));
}

#[tokio::test]
async fn a_budget_of_money_goes_by_the_price_of_the_model() {
    let prices = PriceTable::new().model("gpt-5.5", Price::per_million(Money::units(1), Money::units(2)));
    let exec = FakeExec::new([completes("no", 600)]);
    let thread = codex(&exec).start_thread(options().model("gpt-5.5"));
    let run =
        thread.run_auto("do it").until(answer_is("yes")).budget(Budget::money(Money::micros(610), prices));
    let report = run.await.unwrap();
    assert!(matches!(report.stop, StopReason::Budget { budget: BudgetKind::Money, .. }), "{:?}", report.stop);
    assert_eq!(report.spent.money, Some(Money::micros(610)));
}

#[rstest]
#[case(UnknownUsage::Stop, 1)]
#[case(UnknownUsage::Assume(30), 2)]
#[case(UnknownUsage::Ignore, 3)]
#[tokio::test]
async fn an_unknown_usage_is_what_the_caller_says(#[case] unknown: UnknownUsage, #[case] turns: usize) {
    let silent = || EventStream::from_lines([started(), message("no"), completed(0, 0)]);
    let run = thread((0..3).map(|_| silent())).run_auto("do it").until(answer_is("yes")).max_turns(3);
    let report =
        run.budget(Budget::tokens(60)).unknown_usage(unknown).go_on_without_progress().await.unwrap();
    assert_eq!(report.steps.len(), turns);
    assert_eq!(usize::try_from(report.spent.unknown_turns).unwrap(), turns);
}

#[tokio::test(start_paused = true)]
async fn the_time_ends_a_turn_that_hangs_and_the_verdict_says_which_budget_it_was() {
    let run = hanging_thread([started(), message("half")]).run_auto("do it");
    let report = run.total_limit(Duration::from_secs(5)).await.unwrap();
    assert!(matches!(report.stop, StopReason::Time { .. }), "{:?}", report.stop);
    let verdict = report.steps[0].verdict().unwrap();
    assert_eq!(*verdict, Verdict::out_of_budget("wall time"));
    assert_eq!(report.final_response(), None);
    assert_eq!(report.steps[0].turn.as_ref().unwrap().final_response(), Some("half"));
}

#[tokio::test(start_paused = true)]
async fn the_time_ends_a_wait_between_two_turns() {
    let begun = tokio::time::Instant::now();
    let run = thread([fails("Rate limit reached. Please try again in 600s.")]).run_auto("do it");
    let report = run.total_limit(Duration::from_secs(5)).await.unwrap();
    assert!(matches!(report.stop, StopReason::Time { .. }), "{:?}", report.stop);
    assert_eq!(begun.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn a_cancel_ends_a_turn_a_check_and_a_wait() {
    let patient = RetryPolicy::default().reset_cap(Duration::from_mins(10));
    let check = CommandCheck::new(codex_turn::CommandSpec::shell("sleep 600"));
    let cases = [
        hanging_thread([started()]).run_auto("a turn"),
        codex(&FakeExec::new([completes("no", 1)]))
            .start_thread(ThreadOptions::new("/"))
            .run_auto("a check")
            .until(check),
        thread([fails("Rate limit reached. Please try again in 600s.")]).run_auto("a wait").retry(patient),
    ];
    for run in cases {
        let token = CancellationToken::new();
        let mut events = run.cancel(token.clone()).stream();
        loop {
            let event = soon(events.next_event()).await.unwrap().unwrap();
            if matches!(
                event,
                AutoRunEvent::Line { .. }
                    | AutoRunEvent::CheckStarted { .. }
                    | AutoRunEvent::RetryScheduled { .. }
            ) {
                token.cancel();
            }
            if let AutoRunEvent::Stopped { reason, .. } = event {
                assert!(matches!(reason, StopReason::Cancelled), "{reason:?}");
                break;
            }
        }
        assert_eq!(soon(events.finish()).await.unwrap().steps.len(), 1);
    }
}

#[rstest]
#[case::turns(|run: codex_turn::AutoRun| run.max_turns(0), "a limit of zero turns allows no turn")]
#[case::tokens(|run: codex_turn::AutoRun| run.budget(Budget::tokens(0)), "a limit of zero tokens allows no turn")]
#[case::stall(|run: codex_turn::AutoRun| run.stop_without_progress(0), "a limit of zero turns without progress allows no turn")]
#[case::price(
    |run: codex_turn::AutoRun| run.budget(Budget::money(Money::units(1), PriceTable::new())),
    "the price table does not have the model gpt-5.5: add its price"
)]
#[case::command(|run: codex_turn::AutoRun| run.until("no-such-program"), "the check `no-such-program` cannot be asked")]
#[tokio::test]
async fn bad_input_starts_nothing(
    #[case] say: fn(codex_turn::AutoRun) -> codex_turn::AutoRun,
    #[case] said: &str,
) {
    let exec = FakeExec::new([]);
    let thread = codex(&exec).start_thread(ThreadOptions::new("/").model("gpt-5.5"));
    let mut events = say(thread.run_auto("do it")).stream();
    let error = events.next_event().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), said);
    assert!(events.next_event().await.is_none(), "an error is the last item");
    assert!(events.finish().await.is_err());
    assert!(exec.asked().is_empty());
}

#[tokio::test]
async fn a_turn_that_never_began_ends_the_run_and_loses_nothing() {
    let thread = hanging_thread([started()]);
    let mut other = thread.run_streamed("somebody else's");
    other.next_line().await.unwrap().unwrap();
    let report = thread.run_auto("do it").await.unwrap();
    assert!(report.stop.to_string().contains("already running"), "{}", report.stop);
    assert!(report.steps[0].turn.is_none() && report.steps[0].error.is_some());
}

#[tokio::test]
async fn finished_turns_are_there_while_the_run_goes_on() {
    let run = thread([completes("no", 1), completes("no", 2)]).run_auto("do it").until(answer_is("yes"));
    let mut events = run.stream();
    while !matches!(events.next_event().await.unwrap().unwrap(), AutoRunEvent::StepStarted { step: 2, .. }) {}
    assert_eq!(events.steps().len(), 1);
    assert_eq!(events.steps()[0].checks.len(), 1);
}

#[tokio::test]
async fn nothing_starts_before_the_first_poll_and_events_come_in_order() {
    let exec = FakeExec::new([completes("no", 1), completes("yes", 2)]);
    let run = codex(&exec).start_thread(options()).run_auto("do it").until(answer_is("yes"));
    let mut events = run.stream();
    assert!(exec.asked().is_empty());
    let mut seen = Vec::new();
    while let Some(event) = events.next_event().await {
        seen.push(match event.unwrap() {
            AutoRunEvent::StepStarted { step, max_turns, .. } => format!("step {step} of {max_turns}"),
            AutoRunEvent::Line { line, .. } => format!("line {}", line.number()),
            AutoRunEvent::StepEnded { step, spent, .. } => {
                format!("ended {}, {} turns", step.verdict().unwrap(), spent.turns)
            }
            AutoRunEvent::CheckStarted { name, .. } => format!("asking {name}"),
            AutoRunEvent::CheckEnded { check, .. } => format!("passed: {}", check.outcome.is_passed()),
            AutoRunEvent::Stopped { reason, .. } => reason.word().to_owned(),
            other @ (AutoRunEvent::RetryScheduled { .. } | _) => format!("{other:?}"),
        });
    }
    insta::assert_snapshot!(seen.join("\n"));
    assert!(events.finish().await.unwrap().is_satisfied());
}

#[tokio::test]
async fn an_observer_sees_all_turns_and_one_of_a_turn_sees_that_turn() {
    let lines = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (of_run, of_turn) = (Arc::clone(&lines), Arc::clone(&lines));
    let shaped = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let calls = Arc::clone(&shaped);
    let run = thread([completes("no", 1), completes("yes", 2)]).run_auto("do it").until(answer_is("yes"));
    let run = run.on_event(move |line| of_run.lock().unwrap().push(("run", line.number()))).each_turn(
        move |turn| {
            let of_turn = Arc::clone(&of_turn);
            calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut own = 0;
            turn.on_event(move |_| {
                own += 1;
                of_turn.lock().unwrap().push(("turn", own));
            })
        },
    );
    run.await.unwrap();
    let counted = |who| {
        lines.lock().unwrap().iter().filter(|(name, _)| *name == who).map(|(_, n)| *n).collect::<Vec<_>>()
    };
    assert_eq!(counted("run"), [1, 2, 3, 4, 1, 2, 3, 4]);
    assert_eq!(counted("turn"), [1, 2, 3, 4, 1, 2, 3, 4]);
    assert_eq!(shaped.load(std::sync::atomic::Ordering::Relaxed), 2, "no turn is made only to be looked at");
}

#[test]
fn it_runs_without_a_runtime_of_the_callers_and_not_inside_of_one() {
    let report = thread([completes("yes", 1)]).run_auto("do it").until(answer_is("yes")).blocking().unwrap();
    assert!(report.is_satisfied());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let inside = runtime.block_on(async { thread([]).run_auto("do it").blocking() });
    assert!(matches!(inside, Err(AutoRunError::InsideRuntime)));
}
