//! [`find`]: the rollout file of a thread, below `sessions/YYYY/MM/DD` of a Codex home.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use codex_protocol::ThreadId;

/// How many folders are read where the file is not in that of its day.
const FOLDER_LIMIT: usize = 4000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Finds the file by the date in the thread's id, and by looking everywhere if it is not there.
pub(super) fn find(home: &Path, thread: &ThreadId) -> Option<PathBuf> {
    let sessions = home.join("sessions");
    let ending = format!("-{thread}.jsonl");
    // Codex names the folder by the local date, which may be the day before or after.
    let days = created_ms(thread).into_iter().flat_map(|ms| [ms, ms.saturating_sub(DAY_MS), ms + DAY_MS]);
    days.map(|ms| sessions.join(folder_of_day(ms))).find_map(|day| file_in(&day, &ending)).or_else(|| {
        let mut left = FOLDER_LIMIT;
        search(&sessions, &ending, 3, &mut left)
    })
}

fn search(folder: &Path, ending: &str, depth: u32, left: &mut usize) -> Option<PathBuf> {
    *left = left.checked_sub(1)?;
    if depth == 0 {
        return file_in(folder, ending);
    }
    let mut below = names(folder);
    // The newest first: old threads are resumed less often.
    below.sort_unstable_by(|one, other| other.cmp(one));
    below.iter().find_map(|name| search(&folder.join(name), ending, depth - 1, left))
}

fn file_in(folder: &Path, ending: &str) -> Option<PathBuf> {
    let is_it = |name: &OsString| {
        name.to_str().is_some_and(|name| name.starts_with("rollout-") && name.ends_with(ending))
    };
    names(folder).into_iter().find(is_it).map(|name| folder.join(name))
}

fn names(folder: &Path) -> Vec<OsString> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect()
}

/// When a thread was opened, which its id says where it is a UUID of version 7.
fn created_ms(thread: &ThreadId) -> Option<u64> {
    let text = thread.to_string();
    let digits: String = text.chars().filter(|character| *character != '-').collect();
    let is_version_7 = digits.len() == 32 && digits.as_bytes()[12] == b'7';
    let ms = u64::from_str_radix(digits.get(..12)?, 16).ok()?;
    is_version_7.then_some(ms)
}

/// `YYYY/MM/DD` of a time in the Gregorian calendar, UTC.
fn folder_of_day(unix_ms: u64) -> String {
    let mut day = unix_ms / DAY_MS;
    let mut year = 1970;
    while day >= days_in_year(year) {
        day -= days_in_year(year);
        year += 1;
    }
    let february = if days_in_year(year) == 366 { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    format!("{year:04}/{month:02}/{:02}", day + 1)
}

fn days_in_year(year: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    if leap { 366 } else { 365 }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rstest::rstest;
    use tempfile::tempdir;

    use super::*;

    const THREAD: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";

    #[rstest]
    #[case(0, "1970/01/01")]
    #[case(951_782_399_999, "2000/02/28")]
    #[case(951_782_400_000, "2000/02/29")]
    #[case(951_868_800_000, "2000/03/01")]
    #[case(1_735_689_599_999, "2024/12/31")]
    #[case(4_107_542_400_000, "2100/03/01")]
    fn days_are_those_of_the_calendar(#[case] ms: u64, #[case] day: &str) {
        assert_eq!(folder_of_day(ms), day);
    }

    #[test]
    fn an_id_of_version_7_says_when_it_was_made() {
        let thread = ThreadId::parse(THREAD).unwrap();
        assert_eq!(created_ms(&thread).map(folder_of_day).as_deref(), Some("2025/10/01"));
        let version_4 = ThreadId::parse("0199a213-81c0-4800-8aa1-bbab2a035a53").unwrap();
        assert_eq!(created_ms(&version_4), None);
    }

    #[rstest]
    #[case::of_its_day("2025/10/01")]
    #[case::of_the_day_before_where_it_is_still_yesterday("2025/09/30")]
    #[case::of_another_day_where_the_clock_was_wrong("2019/01/31")]
    fn the_file_is_found_in_the_folder(#[case] day: &str) {
        let home = tempdir().unwrap();
        let folder = home.path().join("sessions").join(day);
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir_all(home.path().join("sessions/2026/01/01")).unwrap();
        let other = THREAD.replace("81c0", "81c1");
        fs::write(folder.join(format!("rollout-2025-10-02T08-00-00-{other}.jsonl")), "").unwrap();
        let file = folder.join(format!("rollout-2025-10-02T08-00-00-{THREAD}.jsonl"));
        fs::write(&file, "").unwrap();
        assert_eq!(find(home.path(), &ThreadId::parse(THREAD).unwrap()), Some(file));
    }

    #[test]
    fn without_a_home_there_is_no_file() {
        assert_eq!(find(Path::new("/nowhere"), &ThreadId::parse(THREAD).unwrap()), None);
    }
}
