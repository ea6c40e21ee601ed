//! Our own process is killed, at any moment of whatever it does: Codex ends with it, and the next command makes good
//! what is left.

mod aftermath;
mod git_shim;
mod job;
mod moment;
mod pipeline;

use std::time::Duration;

use rstest::rstest;

use crate::project::Project;
use aftermath::{Aftermath, Healer};
use git_shim::Blow;
use job::Job;
use moment::{Killed, Moment, kill_at};

/// How many of the moments at which git is started are tried where `CHAOS_ROUNDS` says nothing; all take a minute.
const ROUNDS: usize = 6;
/// Which ones, where `CHAOS_SEED` says nothing.
const SEED: u64 = 1;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

/// Some of the starts of git from `first` to `last`, by the seed, each with something that is done about it.
fn starts_of_git(first: usize, last: usize) -> Vec<Moment> {
    let blows = [Blow::Before, Blow::After, Blow::During];
    let mut moments: Vec<_> =
        (first..=last).flat_map(|call| blows.map(|blow| Moment::Git(call, blow))).collect();
    fastrand::Rng::with_seed(setting("CHAOS_SEED").unwrap_or(SEED)).shuffle(&mut moments);
    moments.truncate(setting("CHAOS_ROUNDS").map_or(ROUNDS, |rounds| usize::try_from(rounds).unwrap()));
    assert!(!moments.is_empty());
    moments
}

/// Kills a job at each of these moments: what becomes of Codex and of the ledger is right each time.
fn survive(job: Job, moments: Vec<Moment>) {
    let mut times = Vec::new();
    for (moment, healer) in moments.into_iter().zip([Healer::Recover, Healer::NextTurn].into_iter().cycle()) {
        let (project, fake) = (job.project(), job.fake());
        let killed = kill_at(moment, &project, job.command(&project, &fake));
        let story = format!("{job:?} at {moment:?}, then {healer:?}");
        let aftermath =
            Aftermath { project: &project, fake: &fake, killed: &killed, commits: job.commits(), story };
        let time = aftermath.codex_is_dead();
        if !fake.calls().is_empty() && !killed.survived {
            times.push(time);
        }
        aftermath.heals(healer, aftermath.fate());
    }
    times.sort();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    assert!(median < Duration::from_secs(1), "codex outlives us by {times:?}");
}

#[rstest]
#[case::run(Job::Run)]
#[case::auto(Job::Auto)]
fn killed_at_any_start_of_git_it_loses_nothing(#[case] job: Job) {
    survive(job, starts_of_git(1, job.starts_of_git().all));
}

#[test]
fn killed_while_it_commits_and_tags_a_record_it_loses_nothing() {
    let starts = Job::Commit.starts_of_git();
    assert!(starts.all > starts.before_the_end_of_the_turn + 10, "{starts:?}");
    survive(Job::Commit, starts_of_git(starts.before_the_end_of_the_turn + 1, starts.all));
}

#[rstest]
#[case::run(Job::Run)]
#[case::auto(Job::Auto)]
fn killed_at_any_step_that_can_be_seen_it_loses_nothing(#[case] job: Job) {
    let entries = [
        "intent.json",
        "open.json",
        "turn-1.begin.json",
        "turn-1.end.json",
        "ran.json",
        "staging",
        "staging/manifest.json",
    ];
    let mut moments = entries.map(Moment::Journal).to_vec();
    moments.extend(["ai/agentic-pipeline/turns/1"].map(Moment::Worktree));
    moments.extend((1..=4).map(Moment::Line));
    moments.push(Moment::Said("recorded in"));
    survive(job, moments);
}

#[rstest]
#[case::start(Job::Busy, Moment::Journal("turn-1.begin.json"))]
#[case::turn(Job::Busy, Moment::Worktree("busy"))]
#[case::second_turn(Job::BusyAgain, Moment::Worktree("busy"))]
#[case::check(Job::Check, Moment::Worktree("asked"))]
#[case::wait(Job::Wait, Moment::Said("retry 1 in"))]
fn killed_while_it_waits_it_loses_nothing(#[case] job: Job, #[case] moment: Moment) {
    survive(job, vec![moment, moment]);
}

#[test]
fn killed_while_it_recovers_it_loses_nothing() {
    let crashed = || {
        let (project, fake) = (Project::recorded(), Job::Run.fake());
        kill_at(Moment::Said("thread "), &project, Job::Run.command(&project, &fake));
        (project, fake)
    };
    let recovery = |project: &Project| {
        let mut command = project.command();
        command.args(["ledger", "recover"]);
        command
    };
    let (undisturbed, _fake) = crashed();
    let starts = job::starts_of_git(&undisturbed, recovery(&undisturbed)).all;
    let mut moments = starts_of_git(1, starts);
    moments.extend(["ran.json", "staging", "staging/manifest.json"].map(Moment::Journal));
    for (moment, healer) in moments.into_iter().zip([Healer::Recover, Healer::NextTurn].into_iter().cycle()) {
        let (project, fake) = crashed();
        let killed = kill_at(moment, &project, recovery(&project));
        let killed = Killed { said: String::new(), ..killed };
        let story = format!("recovery at {moment:?}, then {healer:?}");
        let aftermath = Aftermath { project: &project, fake: &fake, killed: &killed, commits: false, story };
        aftermath.heals(healer, Some("interrupted"));
    }
}
