//! Records with several tasks: which of them did what, and how a record that a crash cut off goes on.

use std::fs;
use std::time::Duration;

use codex_ledger::manifest::{OutputFile, RecordState, RuleResult, RuleStatus};
use codex_ledger::record::{TaskBegin, TaskEnd, TurnPurpose};
use codex_ledger::texts::{Account, AdrStatus, AdrText, ContextValue, Decision};
use codex_ledger::values::LEDGER_ROOT;
use codex_ledger::{FileLedger, GitMode, RecordEnd, TurnBegin, TurnEnd, TurnId, TurnLog};
use codex_protocol::{EventLine, TransportEnd, TurnUsage, Usage, UsageSource, Verdict};
use serde_json::json;

use crate::world::{LINES, World, folded};

const STATEMENT: &str = "Two parts were made.";

/// What the agent says it decided.
fn decision() -> Decision {
    let mut decision = Decision::titled("Two parts");
    decision.status = AdrStatus::Accepted;
    "- One part".clone_into(&mut decision.options_considered);
    "Two.".clone_into(&mut decision.decision);
    decision.named_files = vec!["src/one.rs".to_owned()];
    decision.account = Account::Agent;
    decision
}

fn work(log: &mut dyn TurnLog, prompt: &str) {
    log.begin_turn(TurnBegin::new(prompt));
    lines(log);
    end(log, "It is done.");
}

fn lines(log: &mut dyn TurnLog) {
    for (number, line) in (1..).zip(&LINES[..5]) {
        log.record(&EventLine::new(number, line.as_bytes()));
    }
}

fn end(log: &mut dyn TurnLog, answer: &str) {
    let end = TurnEnd::new(Verdict::Completed, TransportEnd::exited(0), Duration::from_secs(1));
    let usage = TurnUsage::default().with_turn(Usage::new(10, 1), UsageSource::Stream);
    log.end_turn(end.usage(usage).final_response(answer), &folded(&LINES[..5]));
}

fn report(log: &mut dyn TurnLog, answer: &str) {
    log.begin_turn(TurnBegin::new("report on the work").purpose(TurnPurpose::Report));
    end(log, answer);
}

/// Makes one file, and ends its task.
fn first_task(world: &World, log: &mut dyn TurnLog) {
    let input = OutputFile::hashed("README.md", codex_ledger::values::sha256_hex(b"hello\n"));
    log.begin_task(TaskBegin::named("TASK 01 - One").agent("codex@0.169.0").input(input));
    world.write("src/one.rs", "1\n");
    work(log, "make one");
    log.end_task(TaskEnd::new("completed").validation(RuleResult::new("sh check", RuleStatus::Pass)));
}

/// Changes that file, makes another, and deletes a third.
fn second_task(world: &World) {
    world.write("src/one.rs", "1\n2\n");
    world.write("src/two.rs", "2\n");
    fs::remove_file(world.root().join("src/old.rs")).unwrap();
}

fn text(world: &World, name: &str) -> String {
    String::from_utf8(world.files()[&format!("turns/1/{name}")].clone()).unwrap()
}

#[test]
fn a_record_says_which_task_made_which_file_and_what_the_agent_reports() {
    let world = World::empty(GitMode::Record);
    let mut log = world.ledger().open_turn(world.header()).unwrap();
    first_task(&world, log.as_mut());
    log.begin_task(TaskBegin::named("TASK 02 - Two"));
    second_task(&world);
    work(log.as_mut(), "make two");
    let failed = TaskEnd::new("failed").reason("the check did not pass");
    log.end_task(failed.validation(RuleResult::new("sh check", RuleStatus::Fail)));
    report(log.as_mut(), STATEMENT);
    let end = RecordEnd::new().statement_of_work(STATEMENT).adr(AdrText::Decisions(vec![decision()]));
    let end = end.list_changed_files().context(vec![ContextValue::global("TURN_ID", "1", "computed")]);
    let recorded = log.finish(end).unwrap();
    assert_eq!(recorded.state, RecordState::Completed);
    let manifest = world.manifest(1);
    let outputs = |task: usize| {
        let outputs = manifest["tasks"][task]["outputs"].as_array().unwrap();
        outputs.iter().map(|output| output["path"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(outputs(0), ["src/one.rs"]);
    assert_eq!(outputs(1), ["src/one.rs", "src/two.rs"]);
    assert_eq!(
        manifest["tasks"][0]["outputs"][0]["sha256"],
        codex_ledger::values::sha256_hex(b"1\n"),
        "as it was then"
    );
    assert_eq!(manifest["outputs"][0]["sha256"], codex_ledger::values::sha256_hex(b"1\n2\n"));
    assert_eq!(manifest["tasks"][0]["inputFiles"][0]["sha256"], codex_ledger::values::sha256_hex(b"hello\n"));
    assert_eq!(manifest["tasks"][0]["tools"], json!(["shell"]));
    assert_eq!(manifest["tasks"][1]["deleted"], json!(["src/old.rs"]));
    assert_eq!(manifest["tasks"][1]["verdict"], "failed");
    let turns = manifest["ledger"]["turns"].as_array().unwrap();
    let of: Vec<_> = turns.iter().map(|turn| (turn["task"].as_str(), turn["purpose"].as_str())).collect();
    assert_eq!(of, [(Some("TASK 01 - One"), None), (Some("TASK 02 - Two"), None), (None, Some("report"))]);
    assert_eq!(manifest["ledger"]["usage"]["inputTokens"], 30, "the report is counted");
    insta::assert_snapshot!("tasks_changelog", text(&world, "changelog.md"));
    insta::assert_snapshot!("tasks_adr", text(&world, "adr.md"));
    assert_eq!(
        text(&world, "project-files.md"),
        "# Project Files\n\nFile: project_root/src/one.rs\n\n```rs\n1\n2\n```\n\nFile: project_root/src/two.rs\n\n```rs\n2\n```\n"
    );
    assert_eq!(manifest["artifacts"]["projectFiles"], "project-files.md");
    assert!(text(&world, "session_context_values.md").contains("| `TURN_ID` | `1` | computed |"));
    world.verify("tasks");
}

#[test]
fn a_report_that_cannot_be_used_leaves_what_the_work_itself_said() {
    let world = World::empty(GitMode::Record);
    let mut log = world.ledger().open_turn(world.header()).unwrap();
    work(log.as_mut(), "make it");
    report(log.as_mut(), "I made it.");
    let note = "The agent was asked for a report, and its answer cannot be used: the answer is no JSON.";
    log.finish(RecordEnd::new().report_note(note)).unwrap();
    for name in ["changelog.md", "adr.md"] {
        let text = text(&world, name);
        assert!(text.contains("cannot be used: the answer is no JSON"), "{text}");
        assert!(text.contains("It is done.") && !text.contains("I made it."), "{text}");
    }
    world.verify("bad report");
}

#[test]
fn what_is_derived_of_several_tasks_has_the_last_message_of_each() {
    let world = World::empty(GitMode::Record);
    let mut log = world.ledger().open_turn(world.header()).unwrap();
    for (task, messages) in
        [("One", &["Half of one.", "One is made."][..]), ("Two", &[]), ("Three", &["Three."])]
    {
        log.begin_task(TaskBegin::named(task));
        for message in messages {
            log.begin_turn(TurnBegin::new("make it"));
            end(log.as_mut(), message);
        }
        log.end_task(TaskEnd::new("completed"));
    }
    log.finish(RecordEnd::new()).unwrap();
    for (name, level) in [("changelog.md", "###"), ("adr.md", "##")] {
        let text = text(&world, name);
        let said = format!("\n{level} One\n\nOne is made.\n\n{level} Three\n\nThree.\n");
        assert!(text.contains(&said), "{said} is not in {text}");
        assert!(!text.contains("Half of one"), "{text}");
    }
    world.verify("derived");
}

#[test]
fn the_report_does_not_decide_how_the_record_ends() {
    let world = World::empty(GitMode::Record);
    let mut log = world.ledger().open_turn(world.header()).unwrap();
    work(log.as_mut(), "make it");
    log.begin_turn(TurnBegin::new("report on the work").purpose(TurnPurpose::Report));
    let end = TurnEnd::new(Verdict::failed("no"), TransportEnd::exited(1), Duration::from_secs(1));
    log.end_turn(end, &folded(&[]));
    assert_eq!(log.finish(RecordEnd::new()).unwrap().state, RecordState::Completed);
}

/// A record of two tasks whose process died in the second.
fn cut_off() -> (World, FileLedger) {
    let world = World::empty(GitMode::Record);
    let ledger = world.ledger();
    let mut log = ledger.open_turn(world.header().continuation(json!({ "plan": [1, 2] }))).unwrap();
    first_task(&world, log.as_mut());
    log.begin_task(TaskBegin::named("TASK 02 - Two"));
    log.begin_turn(TurnBegin::new("make two"));
    lines(log.as_mut());
    second_task(&world);
    drop(log);
    (world, ledger)
}

fn one() -> TurnId {
    TurnId::new(1).unwrap()
}

#[test]
fn a_record_that_can_be_gone_on_with_is_left_open_and_becomes_one_record() {
    let (world, ledger) = cut_off();
    assert_eq!(ledger.recover().unwrap(), [], "its caller can go on with it");
    assert_eq!(ledger.waiting().unwrap()[0].turn_id, one());
    let mut resumed = ledger.resume_turn(one()).unwrap();
    assert_eq!(resumed.continuation, json!({ "plan": [1, 2] }));
    let ends: Vec<_> =
        resumed.tasks.iter().map(|task| task.end.as_ref().map(TaskEnd::is_completed)).collect();
    assert_eq!(ends, [Some(true), None]);
    let last = resumed.turns.last().unwrap();
    assert_eq!((last.task, last.verdict.as_deref()), (Some(2), None));
    assert_eq!(last.thread.as_ref().unwrap().to_string(), "0199a213-81c0-7800-8aa1-bbab2a035a53");
    resumed.log.begin_turn(TurnBegin::new("go on").resumed(last.thread.clone().unwrap()));
    lines(resumed.log.as_mut());
    world.write("src/two.rs", "2\n3\n");
    end(resumed.log.as_mut(), "Now it is done.");
    resumed.log.end_task(TaskEnd::new("completed"));
    let recorded = resumed.log.finish(RecordEnd::new().adr(AdrText::None)).unwrap();
    assert_eq!((recorded.turn_id, recorded.state), (one(), RecordState::Completed));
    let manifest = world.manifest(1);
    let verdicts: Vec<_> =
        manifest["ledger"]["turns"].as_array().unwrap().iter().map(|turn| turn["verdict"].as_str()).collect();
    assert_eq!(verdicts, [Some("completed"), None, Some("completed")]);
    assert_eq!(manifest["tasks"][1]["outputs"][1]["sha256"], codex_ledger::values::sha256_hex(b"2\n3\n"));
    assert_eq!(manifest["tasks"].as_array().unwrap().len(), 2);
    assert_eq!(manifest["ledger"]["violations"], json!([]));
    assert_eq!(ledger.waiting().unwrap(), []);
    world.verify("resumed");
}

#[test]
fn another_record_may_come_first_and_the_resumed_one_says_so() {
    let (world, ledger) = cut_off();
    world.turn(&ledger, 2).unwrap();
    assert_eq!(ledger.waiting().unwrap().len(), 1, "it is not closed by the way");
    let mut resumed = ledger.resume_turn(one()).unwrap();
    resumed.log.end_task(TaskEnd::new("completed"));
    resumed.log.finish(RecordEnd::new()).unwrap();
    let violation = &world.manifest(1)["ledger"]["violations"][0];
    assert_eq!(violation["kind"], "shared-worktree");
    world.verify("shared");
}

#[test]
fn a_record_that_is_given_up_is_closed_as_interrupted_with_its_tasks() {
    let (world, ledger) = cut_off();
    let recovered = ledger.abandon(one()).unwrap();
    assert_eq!(recovered[0].record.state, RecordState::Interrupted);
    let manifest = world.manifest(1);
    assert_eq!(manifest["tasks"][0]["verdict"], "completed");
    assert_eq!(manifest["tasks"][1]["verdict"], "interrupted");
    assert!(ledger.resume_turn(one()).is_err() && ledger.abandon(one()).is_err());
    assert!(world.root().join(LEDGER_ROOT).join("turns/1/adr.md").exists());
    world.verify("given up");
}

#[test]
fn a_crash_that_comes_twice_is_resumed_twice() {
    let (world, ledger) = cut_off();
    for prompt in ["go on", "go on again"] {
        let mut resumed = ledger.resume_turn(one()).unwrap();
        resumed.log.begin_turn(TurnBegin::new(prompt));
        lines(resumed.log.as_mut());
    }
    let mut resumed = ledger.resume_turn(one()).unwrap();
    assert_eq!(resumed.turns.len(), 4);
    resumed.log.end_task(TaskEnd::new("completed"));
    resumed.log.finish(RecordEnd::new().state(RecordState::Completed, "")).unwrap();
    let events = text(&world, "logs/events.jsonl");
    assert_eq!(events.lines().count(), 4 * 5, "{events}");
    world.verify("twice");
}
