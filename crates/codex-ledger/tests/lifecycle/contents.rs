//! What goes into a record: several turns, what is too long, what is unsafe.

use std::time::Duration;

use codex_ledger::manifest::RecordState;
use codex_ledger::record::EventsLog;
use codex_ledger::{
    CheckResult, CheckStatus, GitMode, RecordEnd, ReportFile, TaskHeader, TurnBegin, TurnEnd, TurnHeader,
    TurnLog,
};
use codex_protocol::{EventLine, TransportEnd, TurnUsage, Usage, UsageSource, Verdict};
use rstest::rstest;

use crate::fate::{Blow, Fate};
use crate::world::{LINES, SECRET, World, folded, options};

fn end(verdict: Verdict) -> TurnEnd {
    TurnEnd::new(verdict, TransportEnd::exited(0), Duration::from_secs(1))
}

#[test]
fn a_record_holds_several_turns_and_ends_as_the_last_one_did() {
    let world = World::empty(GitMode::Record);
    let mut log = world.ledger().open_turn(world.header()).unwrap();
    let usage = TurnUsage::default().with_turn(Usage::new(10, 1), UsageSource::Stream);
    for (prompt, verdict) in [("one", Verdict::failed("Quota exceeded.")), ("two", Verdict::Completed)] {
        log.begin_turn(TurnBegin::new(prompt));
        for (number, line) in (1..).zip(LINES) {
            log.record(&EventLine::new(number, line.as_bytes()));
        }
        log.end_turn(end(verdict).usage(usage), &folded(&LINES));
    }
    let recorded = log.finish(RecordEnd::new()).unwrap();
    assert_eq!(recorded.state, RecordState::Completed);
    let manifest = world.manifest(1);
    let verdicts: Vec<_> =
        manifest["ledger"]["turns"].as_array().unwrap().iter().map(|t| &t["verdict"]).collect();
    assert_eq!(verdicts, ["failed", "completed"]);
    assert_eq!(manifest["ledger"]["turns"][0]["failureKind"], "usageLimit");
    assert_eq!(manifest["ledger"]["usage"]["inputTokens"], 20);
    assert_eq!(manifest["ledger"]["usage"]["reasoningOutputTokens"], serde_json::Value::Null);
    assert_eq!(manifest["ledger"]["elapsedMs"], 2000);
    let files = world.files();
    let log = String::from_utf8_lossy(&files["turns/1/logs/task.log"]);
    assert!(log.contains("turn 1, started") && log.contains("turn 2, started"), "{log}");
    let prompts = String::from_utf8_lossy(&files["turns/1/logs/llm_prompt.txt"]);
    assert!(prompts.contains("turn 1 of 2") && prompts.contains("turn 2 of 2"), "{prompts}");
    world.verify("two turns");
}

#[test]
fn a_turn_without_its_summary_has_what_its_lines_say() {
    let record = |end_turn: fn(&mut dyn TurnLog)| {
        let world = World::empty(GitMode::Record);
        let mut log = world.ledger().open_turn(world.header()).unwrap();
        for prompt in ["one", "two"] {
            log.begin_turn(TurnBegin::new(prompt));
            for (number, line) in (1..).zip(LINES) {
                log.record(&EventLine::new(number, line.as_bytes()));
            }
            end_turn(log.as_mut());
        }
        log.finish(RecordEnd::new()).unwrap();
        let mut turns = world.manifest(1)["ledger"]["turns"].clone();
        assert!(turns[1]["finalMessage"].is_string() && turns[1]["threadId"].is_string(), "{turns}");
        (turns.take(), world.files()["turns/1/logs/task.log"].clone())
    };
    let handed = record(|log| log.end_turn(end(Verdict::Cancelled), &folded(&LINES)));
    let dropped = record(|log| log.end_dropped_turn(end(Verdict::Cancelled)));
    assert_eq!(dropped, handed);
}

#[rstest]
#[case(Verdict::Cancelled, RecordState::Aborted, "cancelled")]
#[case(Verdict::Truncated, RecordState::Failed, "truncated")]
#[case(Verdict::Interrupted, RecordState::Aborted, "interrupted")]
#[case(Verdict::killed(9), RecordState::Failed, "killed")]
#[case(Verdict::failed("no"), RecordState::Failed, "failed")]
fn a_record_ends_as_its_turn_did(#[case] verdict: Verdict, #[case] state: RecordState, #[case] reason: &str) {
    let world = World::empty(GitMode::Record);
    let mut log = world.ledger().open_turn(world.header()).unwrap();
    log.begin_turn(TurnBegin::new("go"));
    log.end_turn(end(verdict), &folded(&[]));
    let recorded = log.finish(RecordEnd::new()).unwrap();
    assert_eq!((recorded.state, recorded.reason.as_deref()), (state, Some(reason)));
}

#[test]
fn what_is_too_long_is_cut_and_said_so_and_the_counts_stay_right() {
    let world = World::empty(GitMode::Record);
    let mut small = options();
    small.log_limit_bytes = 1000;
    small.prompt_limit_bytes = 500;
    small.patch_limit_bytes = 300;
    small.paths_limit = 3;
    let ledger = world.ledger_at(&world.root(), &Fate::new(Blow::None), small);
    let mut log = ledger.open_turn(world.header()).unwrap();
    log.begin_turn(TurnBegin::new("word ".repeat(1000)));
    for number in 1..=50 {
        log.record(&EventLine::new(number, LINES[4].as_bytes()));
    }
    for number in 0..10 {
        world.write(&format!("many/{number}"), "line\n");
    }
    log.end_turn(end(Verdict::Completed), &folded(&[]));
    log.finish(RecordEnd::new()).unwrap();
    let manifest = world.manifest(1);
    assert_eq!(manifest["metrics"]["filesChanged"], 10);
    assert_eq!(manifest["changes"]["added"].as_array().unwrap().len(), 3);
    assert_eq!(manifest["artifacts"]["diff"], serde_json::Value::Null);
    let cut = manifest["ledger"]["truncated"].as_array().unwrap();
    let paths: Vec<&str> = cut.iter().map(|cut| cut["path"].as_str().unwrap()).collect();
    for path in ["changes.added", "outputs", "diff.patch", "logs/llm_prompt.txt", "logs/events.jsonl"] {
        assert!(paths.contains(&path), "{path} in {paths:?}");
    }
    assert!(world.files()["turns/1/logs/llm_prompt.txt"].len() <= 501);
    world.verify("cut");
}

#[test]
fn lines_are_kept_only_where_that_is_asked_for() {
    let world = World::empty(GitMode::Record);
    let mut quiet = options();
    quiet.events = EventsLog::Off;
    world.turn(&world.ledger_at(&world.root(), &Fate::new(Blow::None), quiet), 1).unwrap();
    assert!(!world.files().contains_key("turns/1/logs/events.jsonl"));
    world.verify("quiet");
}

#[test]
fn a_report_from_before_the_record_does_not_count() {
    let world = World::empty(GitMode::Record);
    let log = world.ledger().open_turn(world.header()).unwrap();
    let report = ReportFile::new("t.xml", "<testsuite/>", "2025-09-05T17:42:09Z".parse().unwrap());
    let end = RecordEnd::new().tests(CheckResult::new(CheckStatus::Passed).file(report));
    log.finish(end.state(RecordState::Completed, "")).unwrap();
    let manifest = world.manifest(1);
    assert_eq!(manifest["validation"]["testsStatus"], "passed", "the command said so");
    assert_eq!(manifest["metrics"]["testsPassed"], serde_json::Value::Null);
    assert_eq!(manifest["artifacts"]["reports"], serde_json::json!([]));
}

#[test]
fn a_report_that_cannot_be_read_is_an_error_and_not_zero() {
    let world = World::empty(GitMode::Record);
    let log = world.ledger().open_turn(world.header()).unwrap();
    let report = ReportFile::new("t.xml", "<html>", "2025-09-05T17:43:00Z".parse().unwrap());
    log.finish(RecordEnd::new().tests(CheckResult::new(CheckStatus::Passed).file(report))).unwrap();
    let manifest = world.manifest(1);
    assert_eq!(manifest["validation"]["testsStatus"], "error");
    assert_eq!(manifest["metrics"]["testsFailed"], serde_json::Value::Null);
    assert_eq!(manifest["ledger"]["violations"][0]["kind"], "report-unreadable");
}

#[test]
fn coverage_is_compared_with_the_last_record_of_its_kind() {
    let world = World::empty(GitMode::Record);
    for (turn, covered) in [(1, "DA:2,0"), (2, "DA:2,1")] {
        let log = world.ledger().open_turn(world.header()).unwrap();
        let report = format!("SF:a\nDA:1,1\n{covered}\nend_of_record\n");
        let report = ReportFile::new("lcov.info", report, "2025-09-05T17:43:00Z".parse().unwrap());
        let end = RecordEnd::new().coverage(CheckResult::new(CheckStatus::Passed).file(report));
        assert_eq!(log.finish(end).unwrap().turn_id.get(), turn);
    }
    assert_eq!(world.manifest(1)["metrics"]["coverageDeltaPct"], serde_json::Value::Null);
    assert_eq!(world.manifest(2)["metrics"]["coverageDeltaPct"], 50.0);
}

#[rstest]
#[case("../../x")]
#[case("/etc/passwd")]
#[case("a\0b\nc\r\n# Turn: 99")]
#[case("=HYPERLINK(\"http://x\")")]
#[case("\u{202e}gnp.exe")]
#[case("```\n| a | b |\n<script>")]
fn no_name_of_a_task_does_harm(
    #[case] name: &str,
    #[values(GitMode::Record, GitMode::Commit)] mode: GitMode,
) {
    let world = World::empty(mode);
    world.git(&["add", "-A"]);
    let header = TurnHeader::new(TaskHeader::named(name), "codex@0.169.0", "test@1").git_mode(mode);
    let mut log = world.ledger().open_turn(header).unwrap();
    log.begin_turn(TurnBegin::new(format!("{name} {SECRET}")));
    world.write("README.md", "changed\n");
    let answer = format!("# Turn: 99\n```\n{name} {SECRET}");
    log.end_turn(end(Verdict::Completed).final_response(answer), &folded(&[]));
    log.finish(RecordEnd::new()).unwrap();
    assert_eq!(world.manifest(1)["task"]["name"], name, "the manifest has it as it was given");
    let index = String::from_utf8(world.files()["turns_index.csv"].clone()).unwrap();
    assert_eq!(index.lines().count(), 2, "{index}");
    for (file, bytes) in world.files() {
        assert!(!String::from_utf8_lossy(&bytes).contains(SECRET), "{file}");
    }
    world.verify(name);
}
