//! For any sequence of outcomes a run ends within its limits.

use std::time::Duration;

use codex_exec::{EventStream, TransportReport};
use codex_protocol::ExitKind;
use codex_turn::{
    AutoRunReport, Budget, Money, Predicate, Price, PriceTable, RetryPolicy, StepKind, StopReason,
    UnknownUsage,
};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};

use crate::support::{FakeExec, codex, completed, failed, message, options, started};

#[derive(Clone, Debug)]
enum Outcome {
    Completes { passes: bool, tokens: u64 },
    Fails { message: &'static str, has_worked: bool },
    Killed { lines: usize },
    Silent,
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let messages = prop_oneof![
        Just("Rate limit reached. Please try again in 20s."),
        Just("stream disconnected before completion: eof"),
        Just("unexpected status 401 Unauthorized: no"),
        Just("Quota exceeded. Check your plan and billing details."),
        Just("something new"),
    ];
    prop_oneof![
        3 => (prop::bool::weighted(0.2), 1..400u64)
            .prop_map(|(passes, tokens)| Outcome::Completes { passes, tokens }),
        3 => (messages, any::<bool>()).prop_map(|(message, has_worked)| Outcome::Fails { message, has_worked }),
        1 => (0..3usize).prop_map(|lines| Outcome::Killed { lines }),
        1 => Just(Outcome::Silent),
    ]
}

/// The lines of a turn, given what the thread had used before it.
fn stream(outcome: &Outcome, total: &mut u64) -> EventStream {
    let command = r#"{"type":"item.completed","item":{"id":"item_1","type":"command_execution","command":"make","aggregated_output":"","exit_code":1,"status":"failed"}}"#;
    match outcome {
        Outcome::Completes { passes, tokens } => {
            *total += tokens;
            let answer = message(if *passes { "yes" } else { "no" });
            EventStream::from_lines([started(), answer, completed(*total, 0)])
        }
        Outcome::Fails { message, has_worked: true } => {
            EventStream::from_lines([started(), command.to_owned(), failed(message)])
        }
        Outcome::Fails { message, has_worked: false } => {
            EventStream::from_lines([started(), failed(message)])
        }
        Outcome::Killed { lines } => {
            let lines = [started(), command.to_owned()].into_iter().take(*lines);
            EventStream::from_parts(lines, TransportReport::new(ExitKind::Signal(9)))
        }
        Outcome::Silent => EventStream::from_lines([started()]),
    }
}

#[derive(Clone, Debug)]
struct Limits {
    turns: u32,
    tokens: u64,
    /// In millionths of a unit.
    money: u64,
    time: Duration,
    attempts: u32,
    total: u32,
    unknown: UnknownUsage,
}

fn limits() -> impl Strategy<Value = Limits> {
    let unknown =
        prop_oneof![Just(UnknownUsage::Stop), Just(UnknownUsage::Ignore), Just(UnknownUsage::Assume(50))];
    (1..8u32, 1..1500u64, 1..4500u64, 1..200u64, 0..4u32, 0..6u32, unknown).prop_map(
        |(turns, tokens, money, seconds, attempts, total, unknown)| Limits {
            turns,
            tokens,
            money,
            time: Duration::from_secs(seconds),
            attempts,
            total,
            unknown,
        },
    )
}

/// What a token costs, in millionths of a unit, whatever its kind.
const PRICE: u32 = 3;

fn run(outcomes: &[Outcome], limits: &Limits) -> (AutoRunReport, Duration, usize) {
    let mut total = 0;
    let price = Price::per_million(Money::units(PRICE), Money::units(PRICE));
    let prices = PriceTable::new().model("gpt-5.5", price);
    let exec = FakeExec::new(outcomes.iter().map(|outcome| stream(outcome, &mut total)));
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let (report, elapsed) = runtime.block_on(async {
        let begun = tokio::time::Instant::now();
        let run = codex(&exec)
            .start_thread(options().model("gpt-5.5"))
            .run_auto("do it")
            .until(Predicate::new("yes", |turn| turn.final_response() == Some("yes")))
            .max_turns(limits.turns)
            .budget(Budget::tokens(limits.tokens))
            .budget(Budget::money(Money::micros(limits.money), prices))
            .total_limit(limits.time)
            .unknown_usage(limits.unknown)
            .retry(RetryPolicy::default().attempts(limits.attempts).total(limits.total));
        (run.await.unwrap(), begun.elapsed())
    });
    (report, elapsed, exec.asked().len())
}

fn is_retry(kind: StepKind) -> bool {
    matches!(kind, StepKind::RetrySamePrompt | StepKind::RetryAfterWork)
}

proptest::proptest! {
    #[test]
    fn a_run_ends_within_its_limits(
        outcomes in prop::collection::vec(outcome(), 8..9),
        limits in limits(),
    ) {
        let (report, elapsed, starts) = run(&outcomes, &limits);
        let steps = &report.steps;
        // Turns: never more than allowed, and none that is not in the report.
        proptest::prop_assert!(starts <= limits.turns as usize);
        proptest::prop_assert_eq!((starts, starts), (steps.len(), report.spent.turns as usize));
        // Time: nothing here takes any but waits, which the limit cuts.
        proptest::prop_assert!(elapsed <= limits.time + Duration::from_millis(2), "{:?}", elapsed);
        // Tokens and money: before the turn that was the last neither budget was used up.
        let cost = |step: &codex_turn::StepReport| match step.turn.as_ref().and_then(|turn| turn.usage.turn) {
            Some(usage) => usage.total(),
            None if limits.unknown == UnknownUsage::Assume(50) => 50,
            None => 0,
        };
        let before_the_last: u64 = steps.iter().rev().skip(1).map(cost).sum();
        proptest::prop_assert!(before_the_last < limits.tokens);
        proptest::prop_assert!(before_the_last * u64::from(PRICE) < limits.money);
        let all = steps.iter().map(cost).sum::<u64>();
        proptest::prop_assert_eq!(report.spent.tokens, all);
        proptest::prop_assert_eq!(report.spent.money, Some(Money::micros(all * u64::from(PRICE))));
        // Retries: no more than allowed, and none that begins work again that was begun.
        let retries = steps.iter().filter(|step| is_retry(step.kind)).count();
        proptest::prop_assert!(retries <= limits.total as usize);
        for pair in steps.windows(2) {
            let turn = pair[0].turn.as_ref().unwrap();
            let has_worked = !turn.items().is_empty() && !pair[0].is_completed();
            proptest::prop_assert!(!has_worked || pair[1].kind == StepKind::RetryAfterWork);
        }
        // The reason is true of the last turn.
        let last = steps.last();
        let satisfied = last.is_some_and(|step| step.checks.iter().any(|check| check.outcome.is_passed()));
        proptest::prop_assert_eq!(report.is_satisfied(), satisfied);
        let broken = last.is_some_and(|step| !step.is_completed());
        let failed = matches!(report.stop, StopReason::Failed { .. });
        proptest::prop_assert!(!failed || broken);
    }
}
