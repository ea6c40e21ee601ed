//! Tests: only what the turn wrote is read, in whole lines.

use std::fs;

use rstest::rstest;
use tempfile::{TempDir, tempdir};

use super::*;

const ID: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";
const OLD: &str = "{\"timestamp\":\"t\",\"type\":\"event_msg\",\"payload\":{\"type\":\"task_complete\",\"last_agent_message\":\"old\"}}\n";
const NEW: &str = "{\"timestamp\":\"t\",\"type\":\"event_msg\",\"payload\":{\"type\":\"task_complete\",\"last_agent_message\":\"new\"}}\n";

fn thread() -> ThreadId {
    ThreadId::parse(ID).unwrap()
}

fn home_with(text: &str) -> (TempDir, PathBuf) {
    let home = tempdir().unwrap();
    let folder = home.path().join("sessions/2025/10/01");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("rollout-2025-10-01T23-20-11-{ID}.jsonl"));
    fs::write(&file, text).unwrap();
    (home, file)
}

#[tokio::test]
async fn what_was_there_before_the_turn_is_not_read() {
    let (home, file) = home_with(OLD);
    let rollout = RolloutRef::locate(home.path(), &thread());
    assert_eq!((rollout.path(), rollout.before_bytes()), (Some(file.clone()), OLD.len() as u64));
    let nothing = rollout.load(1 << 20).await.unwrap().unwrap();
    assert_eq!((nothing.lines(), nothing.last_agent_message()), (0, None));

    fs::write(&file, [OLD, NEW].concat()).unwrap();
    let turn = rollout.load(1 << 20).await.unwrap().unwrap();
    assert_eq!((turn.lines(), turn.last_agent_message()), (1, Some("new")));
    assert_eq!(rollout.after_bytes(), Some((OLD.len() + NEW.len()) as u64));
}

#[test]
fn a_later_turn_is_not_counted_in() {
    let (home, file) = home_with(OLD);
    let rollout = RolloutRef::of_new_thread(home.path(), &thread()).ended();
    fs::write(&file, [OLD, NEW].concat()).unwrap();
    let summary = rollout.load_blocking(1 << 20).unwrap().unwrap();
    assert_eq!((summary.lines(), summary.last_agent_message()), (1, Some("old")));
    assert_eq!(rollout.after_bytes(), Some(OLD.len() as u64));
}

#[tokio::test]
async fn a_file_that_comes_later_is_read_whole() {
    let home = tempdir().unwrap();
    let rollout = RolloutRef::locate(home.path(), &thread());
    assert_eq!((rollout.path(), rollout.before_bytes(), rollout.after_bytes()), (None, 0, None));
    assert!(rollout.load(1 << 20).await.unwrap().is_none());
    let (home, _) = home_with(NEW);
    let turn = RolloutRef::of_new_thread(home.path(), &thread()).load(1 << 20).await.unwrap().unwrap();
    assert_eq!(turn.last_agent_message(), Some("new"));
}

#[rstest]
#[case::all(2 * NEW.len(), 2)]
#[case::all_and_more(1 << 20, 2)]
#[case::a_broken_line_is_left_out(2 * NEW.len() - 1, 1)]
#[case::exactly_one(NEW.len(), 1)]
#[case::less_than_one(NEW.len() - 1, 0)]
#[case::none(0, 0)]
fn the_end_is_read_where_the_limit_cuts(#[case] limit: usize, #[case] lines: u64) {
    let (home, _file) = home_with(&[OLD, NEW].concat());
    let rollout = RolloutRef::of_new_thread(home.path(), &thread());
    let summary = rollout.load_blocking(limit as u64).unwrap().unwrap();
    assert_eq!((summary.lines(), summary.unreadable()), (lines, 0));
    assert_eq!(summary.last_agent_message(), (lines > 0).then_some("new"));
}

#[test]
fn lines_in_memory_are_read_like_those_of_a_file() {
    let rollout = RolloutRef::from_memory(NEW);
    assert_eq!(rollout.load_blocking(0).unwrap().unwrap().last_agent_message(), Some("new"));
}
