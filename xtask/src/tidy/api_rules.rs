//! What is asked of the public listings: each crate shows what its signatures name.

use std::collections::BTreeSet;

use super::finding::RuleFinding;
use super::source_file::WorkspaceFile;

/// The crates whose names a signature may hold only if the own root shows them too. Those that everybody who needs them names
/// anyway, such as `serde`, are not among them.
const SHOWN: &[&str] = &["codex_", "futures_core", "jiff", "tokio_util"];

/// Asks every listing.
pub(super) fn findings(files: &[WorkspaceFile]) -> Vec<RuleFinding> {
    let listings = files.iter().filter(|file| file.path.ends_with("/api.txt"));
    listings.flat_map(of_listing).collect()
}

fn of_listing(file: &WorkspaceFile) -> Vec<RuleFinding> {
    let shown: BTreeSet<&str> = file.text.lines().filter_map(|line| line.strip_prefix("pub use ")).collect();
    let own = file.text.lines().find_map(root_of);
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (at, line) in file.text.lines().enumerate().filter(|(_, line)| !line.starts_with("pub use ")) {
        for (root, name) in types(line) {
            let is_shown =
                |item: &&str| item.ends_with(&format!("::{name}")) || item.ends_with(&format!("::{root}"));
            if Some(root) == own || !SHOWN.iter().any(|prefix| root.starts_with(prefix)) {
                continue;
            }
            if !shown.iter().any(is_shown) && seen.insert((root, name)) {
                let sentence =
                    format!("`{name}` of `{root}` stands in a signature: show it in the root of the crate");
                found.push(RuleFinding::new(&file.path, at + 1, "signatures-name-what-is-shown", sentence));
            }
        }
    }
    found
}

/// The crate that an item of a listing belongs to: its first path begins with it.
fn root_of(line: &str) -> Option<&str> {
    let start = line.find("codex_")?;
    line[start..].split("::").next()
}

/// The types and traits that a line names: the crate of each, and its own name.
fn types(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_path = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
    line.split(move |letter| !is_path(letter)).filter_map(|path| {
        let mut parts = path.split("::");
        let root = parts.next().filter(|root| !root.is_empty())?;
        let name = parts.find(|part| part.starts_with(|letter: char| letter.is_ascii_uppercase()))?;
        Some((root, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: &[&str]) -> Vec<String> {
        let file = WorkspaceFile::new("crates/codex-turn/api.txt", lines.join("\n"));
        findings(&[file]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_foreign_name_that_the_crate_does_not_show_is_found_once() {
        let lines = [
            "pub use codex_turn::EventLine",
            "pub struct codex_turn::Turn",
            "pub fn codex_turn::Turn::of(codex_protocol::event_line::EventLine, codex_exec::exec::Exec) -> Self",
            "pub fn codex_turn::Turn::with(codex_exec::exec::Exec, serde_json::value::Value, core::time::Duration)",
        ];
        let expected = "crates/codex-turn/api.txt:3: signatures-name-what-is-shown: `Exec` of `codex_exec` stands in a \
                        signature: show it in the root of the crate";
        assert_eq!(found(&lines), [expected]);
    }

    #[test]
    fn a_crate_that_is_shown_as_a_whole_shows_its_names() {
        let lines = ["pub use codex_turn::codex_exec", "pub fn codex_turn::run(codex_exec::exec::Exec)"];
        assert_eq!(found(&lines), [""; 0]);
    }
}
