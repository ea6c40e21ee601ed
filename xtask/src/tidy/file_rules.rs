//! What is asked of each file as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::finding::RuleFinding;
use super::lexer::{is_word, stands_in};
use super::source_file::WorkspaceFile;

const LONGEST_FILE_LINES: usize = 400;
/// The people of examples.
const NOBODYS_HOMES: &[&str] = &["user", "ada", "me", "you", "of"];
/// The tests of this file name what it finds.
const OWN_SAMPLES: &str = "xtask/src/tidy/file_rules/tests.rs";
/// How many places of the workspace may switch the lint `unsafe_code` off.
const UNSAFE_PLACES: usize = 1;

/// Asks every file; `machine` are the folders of this machine that no file may name.
pub(super) fn findings(files: &[WorkspaceFile], machine: &[String]) -> Vec<RuleFinding> {
    let mut found = Vec::new();
    for file in files {
        found.extend(build_output(file));
        found.extend(machine_paths(file, machine));
        if file.is_rust() {
            found.extend(first_line(file));
            found.extend(length(file));
            found.extend(module_name(file));
        }
    }
    found.extend(orphans(files));
    found.extend(unsafe_places(files));
    found.extend(process_places(files));
    found
}

fn first_line(file: &WorkspaceFile) -> Option<RuleFinding> {
    let first = file.text.lines().next().unwrap_or_default();
    let says_something = first.strip_prefix("//! ").is_some_and(|rest| !rest.trim().is_empty());
    (!says_something).then(|| {
        RuleFinding::new(&file.path, 1, "file-says-what-it-is", "the first line is `//!` and one sentence")
    })
}

fn length(file: &WorkspaceFile) -> Option<RuleFinding> {
    let lines = file.text.lines().count();
    (lines > LONGEST_FILE_LINES).then(|| {
        let sentence = format!("{lines} lines: split it by concern, {LONGEST_FILE_LINES} is the most");
        RuleFinding::new(&file.path, LONGEST_FILE_LINES + 1, "file-is-short", sentence)
    })
}

fn module_name(file: &WorkspaceFile) -> Option<RuleFinding> {
    let is_mod = file.path.ends_with("/mod.rs");
    is_mod.then(|| {
        RuleFinding::new(
            &file.path,
            1,
            "file-has-a-name",
            "a module is `foo.rs` beside `foo/`, never `mod.rs`",
        )
    })
}

fn build_output(file: &WorkspaceFile) -> Option<RuleFinding> {
    let folders = file.path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| folder == "target").then(|| {
        RuleFinding::new(&file.path, 1, "no-build-output", "a file below `target`: `git rm --cached` it")
    })
}

/// A snapshot names the test file that it is of; a test that has moved leaves its snapshots behind.
fn orphans(files: &[WorkspaceFile]) -> Vec<RuleFinding> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let is_orphan = |file: &&WorkspaceFile| {
        let mut head = file.text.lines().skip(1).take_while(|line| *line != "---");
        let source = head.find_map(|line| line.strip_prefix("source: "));
        let is_snapshot = Path::new(&file.path).extension().is_some_and(|ending| ending == "snap");
        is_snapshot && !source.is_some_and(|source| paths.contains(source))
    };
    let sentence = "the file that it is of is not there: remove the snapshot";
    files
        .iter()
        .filter(is_orphan)
        .map(|file| RuleFinding::new(&file.path, 1, "snapshots-have-a-test", sentence))
        .collect()
}

fn machine_paths(file: &WorkspaceFile, machine: &[String]) -> Vec<RuleFinding> {
    if file.path == OWN_SAMPLES {
        return Vec::new();
    }
    let names_one = |line: &str| {
        machine.iter().any(|folder| begins_in(line, folder))
            || homes(line).any(|name| !NOBODYS_HOMES.contains(&name))
    };
    let lines = file.text.lines().enumerate().filter(|(_, line)| names_one(line));
    let sentence = "a path of one machine; in an example the home is /home/user";
    lines.map(|(at, _)| RuleFinding::new(&file.path, at + 1, "no-machine-paths", sentence)).collect()
}

/// Whether the folder stands in the line as the beginning of a path.
fn begins_in(line: &str, folder: &str) -> bool {
    let begins = |at: usize| {
        line[..at].chars().next_back().is_none_or(|before| !is_word(before) && !"$./}>".contains(before))
    };
    line.match_indices(folder).any(|(at, _)| begins(at))
}

/// The names after `/home/` and `/Users/`.
fn homes(line: &str) -> impl Iterator<Item = &str> {
    let names = ["/home/", "/Users/"]
        .into_iter()
        .flat_map(move |root| line.match_indices(root).map(move |(at, _)| &line[at + root.len()..]));
    names
        .filter_map(|rest| rest.split_once('/'))
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty() && name.chars().all(|letter| is_word(letter) || letter == '-'))
}

/// The lint is denied for all; this counts who is let off.
fn unsafe_places(files: &[WorkspaceFile]) -> Vec<RuleFinding> {
    let lines = files.iter().flat_map(|file| file.lines.iter().enumerate().map(move |line| (file, line)));
    let places = lines.filter(|(_, (_, line))| stands_in(&line.code, "unsafe_code"));
    let sentence = "the workspace has its one place with unsafe code already: use a safe call of rustix";
    let finding = |(file, (at, _)): (&WorkspaceFile, (usize, _))| {
        RuleFinding::new(&file.path, at + 1, "unsafe-is-in-one-place", sentence)
    };
    places.skip(UNSAFE_PLACES).map(finding).collect()
}

/// The lint that bans `Command::new` may be switched off once in a package, and not at all above codex-exec.
fn process_places(files: &[WorkspaceFile]) -> Vec<RuleFinding> {
    const STARTS_NOTHING: &[&str] =
        &["crates/codex-protocol", "crates/codex-turn", "crates/codex-runner", "crates/codex-cli"];
    let mut seen = BTreeMap::new();
    let mut found = Vec::new();
    for file in files {
        let package = package(&file.path);
        for (at, line) in file.lines.iter().enumerate() {
            if file.is_test(at) || !stands_in(&line.code, "clippy::disallowed_methods") {
                continue;
            }
            let times: &mut usize = seen.entry(package).or_default();
            *times += 1;
            if STARTS_NOTHING.contains(&package) || *times > 1 {
                let sentence =
                    "processes start in one place of codex-exec, of fixtures and of xtask, nowhere else";
                found.push(RuleFinding::new(&file.path, at + 1, "processes-start-in-one-place", sentence));
            }
        }
    }
    found
}

/// `crates/NAME`, or the folder at the top.
fn package(path: &str) -> &str {
    let depth = if path.starts_with("crates/") { 2 } else { 1 };
    let end = path.match_indices('/').nth(depth - 1).map_or(path.len(), |(at, _)| at);
    &path[..end]
}

/// What no file may name: the folder of the workspace and the home of who runs this.
pub(super) fn machine_folders(root: &Path, home: Option<&Path>) -> Vec<String> {
    let folders = [Some(root), home, Some(Path::new("/root"))].into_iter().flatten();
    let mut folders: Vec<String> = folders
        .filter(|folder| folder.components().count() > 1)
        .map(|folder| format!("{}/", folder.display()))
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

#[cfg(test)]
mod tests;
