//! [`Soak`]: runs turns in lanes until it is time, and looks at what is left.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use fastrand::Rng;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::{interval, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::counts::{Counts, files, resident_mib};
use crate::course::Course;
use crate::deck::Deck;
use crate::lane::Lane;
use crate::records::Records;
use crate::report::SoakReport;
use crate::scene::Scene;
use crate::tally::Tally;

/// How long a soak lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Length {
    /// No turn starts later than this.
    Time(Duration),
    /// So many turns.
    Turns(u64),
}

/// Says how a soak is to be run.
#[derive(Debug, Clone)]
#[must_use = "nothing runs before it is told to"]
pub struct Soak {
    folder: PathBuf,
    host: PathBuf,
    length: Length,
    seed: u64,
    lanes: usize,
    patience: Duration,
    stop: CancellationToken,
}

/// How often progress is told.
const PROGRESS: Duration = Duration::from_secs(5);
/// More files that were left are counted and not named.
const NAMED: usize = 20;

impl Soak {
    /// Takes an empty folder for all that is written, and the program whose `host` runs the turn of a host that dies.
    pub fn new(folder: impl Into<PathBuf>, host: impl Into<PathBuf>, length: Length) -> Self {
        let (folder, host) = (folder.into(), host.into());
        Self {
            folder,
            host,
            length,
            seed: 1,
            lanes: 2,
            patience: Duration::from_secs(30),
            stop: CancellationToken::new(),
        }
    }

    /// Decides which course comes when.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Runs so many turns at a time, each in a worktree of its own.
    pub fn lanes(mut self, lanes: usize) -> Self {
        self.lanes = lanes.max(1);
        self
    }

    /// Waits this long at the end for what is going away, half a minute if nothing is said.
    pub fn patience(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// Ends the soak early, after the turns that run.
    pub fn stop(mut self, token: CancellationToken) -> Self {
        self.stop = token;
        self
    }

    /// Runs it, on a runtime with several threads, and tells its progress every few seconds.
    ///
    /// # Errors
    ///
    /// The soak cannot begin or its records cannot be read. What goes wrong with a turn is in the report.
    pub async fn run(self, mut progress: impl FnMut(&str)) -> Result<SoakReport> {
        let scene = block_in_place(|| Scene::create(&self.folder, self.lanes))?;
        let scene = Arc::new(scene);
        // What is made once and kept, such as locks and caches, is made by the first turns.
        self.turn_in_each_lane(&scene).await.context("the first turns")?;
        let (before, memory) = (Counts::settled(&scene).await, resident_mib());
        let files_before = files(&scene);

        let begun = Instant::now();
        let tally = Arc::new(Mutex::new(Tally::default()));
        let mut lanes = self.start(&scene, &tally);
        let mut ticks = interval(PROGRESS);
        ticks.tick().await;
        loop {
            tokio::select! {
                ended = lanes.join_next() => match ended {
                    Some(ended) => ended.context("a lane panicked")?,
                    None => break,
                },
                _ = ticks.tick() => progress(&line(begun.elapsed(), &lock(&tally), &scene)),
            }
        }
        let took = begun.elapsed();
        progress("looking at what is left");
        scene.let_a_day_pass()?;
        let swept = self.turn_in_each_lane(&scene).await;
        let after = Counts::back_to(&scene, before, self.patience).await;
        let records = block_in_place(|| Records::read(&scene))?;

        let tally = lock(&tally).clone();
        let mut problems = after.more_than(before);
        if after.files > before.files {
            let new = files(&scene);
            let new = new.difference(&files_before).filter_map(|path| path.strip_prefix(scene.folder()).ok());
            problems.extend(new.take(NAMED).map(|path| format!("{} was not there before", path.display())));
        }
        problems.extend(swept.err().map(|error| format!("the last turns: {error:#}")));
        problems.extend(tally.odd.iter().cloned());
        if tally.odd_turns > tally.odd.len() as u64 {
            problems.push(format!("{} turns were odd in all", tally.odd_turns));
        }
        let mut all = tally.clone();
        self.count_others(&mut all);
        problems.extend(records.problems.iter().cloned());
        problems.extend(all.compare(&records.states));
        let memory_mib = (memory, resident_mib());
        let states = records.states;
        Ok(SoakReport { seed: self.seed, took, before, after, memory_mib, problems, tally, states })
    }

    fn lane(&self, scene: &Arc<Scene>, number: usize) -> Lane {
        Lane { scene: Arc::clone(scene), number, host: self.host.clone() }
    }

    /// A turn that completes in each lane: before the others, and after them, so that what died is swept.
    async fn turn_in_each_lane(&self, scene: &Arc<Scene>) -> Result<()> {
        let mut chance = Rng::with_seed(self.seed);
        for number in 0..self.lanes {
            self.lane(scene, number).take(0, Course::Success, &mut chance).await?;
        }
        Ok(())
    }

    /// The first and the last turns have records, too.
    fn count_others(&self, tally: &mut Tally) {
        *tally.turns.entry(Course::Success).or_default() += 2 * self.lanes as u64;
    }

    fn start(&self, scene: &Arc<Scene>, tally: &Arc<Mutex<Tally>>) -> JoinSet<()> {
        let turns = if let Length::Turns(turns) = self.length { Some(turns) } else { None };
        let deck = Arc::new(Mutex::new(Deck::new(self.seed, turns)));
        let stop = self.stop.child_token();
        let mut lanes = JoinSet::new();
        if let Length::Time(time) = self.length {
            let (stop, end) = (stop.clone(), tokio::time::Instant::now() + time);
            lanes.spawn(async move {
                tokio::select! {
                    () = sleep_until(end) => stop.cancel(),
                    () = stop.cancelled() => {}
                }
            });
        }
        for number in 0..self.lanes {
            let lane = self.lane(scene, number);
            let (deck, tally, stop) = (Arc::clone(&deck), Arc::clone(tally), stop.clone());
            lanes.spawn(async move {
                while !stop.is_cancelled() {
                    let Some((turn, course, mut chance)) = lock(&deck).deal() else { break };
                    match lane.take(turn, course, &mut chance).await {
                        Ok(verdict) => lock(&tally).add(turn, course, verdict.as_ref()),
                        Err(error) => {
                            let name = course.name();
                            lock(&tally).add_odd(format!("turn {turn} ({name}, lane {number}): {error:#}"));
                            // Whatever is wrong would only be wrong again.
                            stop.cancel();
                        }
                    }
                }
            });
        }
        lanes
    }
}

/// A line of progress.
fn line(elapsed: Duration, tally: &Tally, scene: &Scene) -> String {
    let courses: Vec<String> =
        tally.turns.iter().map(|(course, count)| format!("{} {count}", course.name())).collect();
    let counts = Counts::now(scene);
    let counts: Vec<String> = counts.rows().iter().map(|(name, count)| format!("{count} {name}")).collect();
    format!(
        "{:>3}:{:02}  {} turns ({}); {}; {} MiB{}",
        elapsed.as_secs() / 60,
        elapsed.as_secs() % 60,
        tally.count(),
        courses.join(", "),
        counts.join(", "),
        resident_mib(),
        if tally.odd_turns == 0 { String::new() } else { format!("; {} ODD", tally.odd_turns) },
    )
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
