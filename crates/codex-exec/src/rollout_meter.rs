//! [`RolloutMeter`]: what a turn has used while it still runs, as far as its thread's rollout shows it.

use codex_protocol::{ThreadId, Usage};

use crate::rollout_watch::RolloutWatch;
use crate::{Invocation, RolloutRef, RuntimeError};

/// Reads what a turn has used while it still runs, as far as its thread's rollout shows it.
///
/// The lines of a turn say what it used at its end, if they say it at all; Codex's own record of the thread
/// has it after each call of the model. As with all that is read there, everything is optional and nothing is
/// an error.
#[derive(Debug)]
pub struct RolloutMeter {
    watch: RolloutWatch,
    limit_bytes: u64,
}

impl RolloutMeter {
    /// Looks where the turn that an invocation asks for will write; to be called before it starts. Of what it
    /// wrote, the last `limit_bytes` are read.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the looking to end by itself; nothing is changed by it.
    pub async fn before(invocation: Invocation, limit_bytes: u64) -> Self {
        let look = move || RolloutWatch::before(&invocation);
        let watch = match RuntimeError::check() {
            Ok(()) => tokio::task::spawn_blocking(look).await.ok(),
            Err(_) => None,
        };
        Self { watch: watch.unwrap_or(RolloutWatch::None), limit_bytes }
    }

    /// Reads what the turn has used until now; its thread has this name.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the reading to end by itself; nothing is changed by it.
    pub async fn read(&self, thread: &ThreadId) -> Option<Usage> {
        let rollout = match &self.watch {
            // The part of a thread that has yet to be found began before the turn, nobody knows where.
            RolloutWatch::None | RolloutWatch::OfUnnamedThread(_) => return None,
            RolloutWatch::Known(rollout) => rollout.clone(),
            RolloutWatch::OfNewThread(home) => RolloutRef::of_new_thread(home.path(), thread),
        };
        rollout.load(self.limit_bytes).await.ok()??.turn_usage()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rstest::rstest;

    use super::*;
    use crate::Target;

    const ID: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";

    fn record(input_tokens: u64) -> String {
        let usage = format!(r#"{{"input_tokens":{input_tokens},"cached_input_tokens":0,"output_tokens":1}}"#);
        format!(
            concat!(
                r#"{{"timestamp":"t","type":"event_msg","payload":{{"type":"task_started"}}}}"#,
                "\n",
                r#"{{"timestamp":"t","type":"token_usage_record","payload":{{"usage":{0},"turn_token_usage":{0},"thread_token_usage":{0}}}}}"#,
                "\n"
            ),
            usage
        )
    }

    #[rstest]
    #[case::resumed(Target::Resume(ThreadId::parse(ID).unwrap()), "old", Some(7))]
    #[case::new(Target::NewThread, "", Some(7))]
    #[case::found(Target::ResumeLast, "old", None)]
    #[tokio::test]
    async fn what_the_turn_has_used_is_read_while_it_runs(
        #[case] target: Target,
        #[case] before: &str,
        #[case] used: Option<u64>,
    ) {
        let (home, thread) = (tempfile::tempdir().unwrap(), ThreadId::parse(ID).unwrap());
        let folder = home.path().join("sessions/2025/10/01");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("rollout-2025-10-01T23-20-11-{ID}.jsonl"));
        let before = if before.is_empty() { String::new() } else { record(100) };
        if !before.is_empty() {
            fs::write(&file, &before).unwrap();
        }
        let invocation = Invocation::new("go").target(target).codex_home(home.path());
        let meter = RolloutMeter::before(invocation, 1 << 20).await;
        assert_eq!(meter.read(&thread).await, None, "nothing of the turn is there yet");
        fs::write(&file, before + &record(7)).unwrap();
        assert_eq!(meter.read(&thread).await.map(|usage| usage.input_tokens), used);
    }
}
