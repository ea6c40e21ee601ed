//! A pipeline is killed, and so is its resumption: what has ended is never run again, and one record comes of it.

use codex_fixtures::FakeCodex;
use serde_json::Value;

use super::aftermath::Aftermath;
use super::job::{self, Job};
use super::moment::{Moment, in_journal, kill_at};
use super::starts_of_git;
use crate::project::{LEDGER, Project};

/// What the journal says of the first record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// There is no such record.
    Nothing,
    /// It has a number, and nothing of it ran.
    Claimed,
    /// It waits for somebody who goes on with it.
    Waiting,
    /// All of it ran: nobody has to go on.
    Ran,
    /// It is there.
    Recorded,
}

impl Fate {
    fn of(project: &Project) -> Self {
        if project.has(&format!("{LEDGER}/turns/1/manifest.json")) {
            Self::Recorded
        } else if in_journal(project, "ran.json") {
            Self::Ran
        } else if opened(project).is_some_and(|opened| !opened["before"].is_null()) {
            Self::Waiting
        } else if project.git(&["for-each-ref", "refs/turns/1"]).is_empty() {
            Self::Nothing
        } else {
            Self::Claimed
        }
    }
}

/// What the journal was opened with.
fn opened(project: &Project) -> Option<Value> {
    let journals = std::fs::read_dir(project.work(".git/turns/journal")).ok()?;
    let mut texts =
        journals.flatten().filter_map(|journal| std::fs::read(journal.path().join("open.json")).ok());
    texts.find_map(|text| serde_json::from_slice(&text).ok())
}

/// How often a task was begun, as its agent was asked.
fn begun(fake: &FakeCodex, task: &str) -> usize {
    let line = format!("# Task: {task}\n");
    fake.calls().iter().filter(|call| call.stdin_text().starts_with(&line)).count()
}

/// The tasks that have ended, and how often they were begun.
fn ended(project: &Project, fake: &FakeCodex) -> Vec<(&'static str, usize)> {
    let tasks = [("One", "task-1.end.json"), ("Two", "task-2.end.json")];
    let tasks = tasks.into_iter().filter(|(_, end)| in_journal(project, end));
    tasks.map(|(task, _)| (task, begun(fake, task))).collect()
}

fn resumption(project: &Project, fake: &FakeCodex) -> std::process::Command {
    let mut command = project.command();
    command.env("CODEX_PATH", fake.path()).args(["pipeline", "resume", "1"]);
    command
}

/// Goes on with what there is, or has it made good, and looks at what has come of it.
fn heal(project: &Project, fake: &FakeCodex, aftermath: &Aftermath<'_>) -> Fate {
    let story = &aftermath.story;
    let found = Fate::of(project);
    let verified = project.turns(&["ledger", "verify"]);
    assert!(matches!(verified.code, Some(0 | 7)), "{story}: {verified:?}");
    let before = ended(project, fake);
    let ran = crate::project::Ran::from(resumption(project, fake).output().unwrap());
    let expected = if found == Fate::Waiting { 0 } else { 2 };
    assert_eq!(ran.code, Some(expected), "{story}, {found:?}: {ran:?}");
    assert_eq!(before, ended_again(&before, fake), "{story}: what had ended was run again");
    let recovered = project.turns(&["ledger", "recover"]);
    assert_eq!(recovered.code, Some(0), "{story}: {recovered:?}");
    if found != Fate::Nothing {
        let manifest = project.manifest(1);
        let state = if found == Fate::Claimed { "interrupted" } else { "completed" };
        assert_eq!(manifest["ledger"]["state"], state, "{story}, {found:?}");
        if state == "completed" {
            let tasks = manifest["tasks"].as_array().unwrap();
            let verdicts: Vec<&Value> = tasks.iter().map(|task| &task["verdict"]).collect();
            assert_eq!(verdicts, ["completed", "completed"], "{story}, {found:?}");
            let turns = manifest["ledger"]["turns"].as_array().unwrap().len();
            let calls = fake.calls().len();
            assert!((calls..=calls + 2).contains(&turns), "{story}: {turns} turns of {calls} starts");
        }
    }
    aftermath.a_turn_goes_on();
    aftermath.nothing_is_left();
    found
}

fn ended_again(before: &[(&'static str, usize)], fake: &FakeCodex) -> Vec<(&'static str, usize)> {
    before.iter().map(|(task, _)| (*task, begun(fake, task))).collect()
}

const JOB: Job = Job::Pipeline;

fn survive(moments: Vec<Moment>) -> Vec<Fate> {
    let survived = |moment| {
        let (project, fake) = (JOB.project(), JOB.fake());
        let killed = kill_at(moment, &project, JOB.command(&project, &fake));
        let story = format!("a pipeline at {moment:?}");
        let aftermath = Aftermath { project: &project, fake: &fake, killed: &killed, commits: false, story };
        aftermath.codex_is_dead();
        heal(&project, &fake, &aftermath)
    };
    moments.into_iter().map(survived).collect()
}

#[test]
fn killed_at_any_start_of_git_a_pipeline_goes_on() {
    survive(starts_of_git(1, JOB.starts_of_git().all));
}

#[test]
fn killed_at_any_step_that_can_be_seen_a_pipeline_goes_on() {
    let entries = [
        "intent.json",
        "open.json",
        "turn-1.begin.json",
        "turn-1.end.json",
        "task-1.end.json",
        "task-2.begin.json",
        "turn-2.begin.json",
        "task-2.end.json",
        "ran.json",
        "staging/manifest.json",
    ];
    let mut moments = entries.map(Moment::Journal).to_vec();
    moments.extend(["task 1 of 2", "task 2 of 2", "tasks: 2 completed", "recorded in"].map(Moment::Said));
    let fates = survive(moments);
    assert!(fates.iter().filter(|fate| **fate == Fate::Waiting).count() > 5, "{fates:?}");
    assert!(fates.contains(&Fate::Recorded), "{fates:?}");
}

#[test]
fn killed_while_it_goes_on_a_pipeline_goes_on_again() {
    let crashed = || {
        let (project, fake) = (JOB.project(), JOB.fake());
        kill_at(Moment::Journal("turn-2.begin.json"), &project, JOB.command(&project, &fake));
        (project, fake)
    };
    let (undisturbed, fake) = crashed();
    let starts = job::starts_of_git(&undisturbed, resumption(&undisturbed, &fake)).all;
    let mut moments = starts_of_git(1, starts);
    moments
        .extend(["turn-3.begin.json", "turn-3.end.json", "task-2.end.json", "ran.json"].map(Moment::Journal));
    for moment in moments {
        let (project, fake) = crashed();
        let killed = kill_at(moment, &project, resumption(&project, &fake));
        let story = format!("a resumption at {moment:?}");
        let aftermath = Aftermath { project: &project, fake: &fake, killed: &killed, commits: false, story };
        aftermath.codex_is_dead();
        heal(&project, &fake, &aftermath);
    }
}
