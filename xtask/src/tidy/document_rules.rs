//! What is asked of the documents: the files and the tests that they name are there, and their programs can be copied.

use std::collections::BTreeSet;

use super::finding::RuleFinding;
use super::source_file::WorkspaceFile;

/// Where a path in a document may begin.
const TOPS: &[&str] = &["crates/", "fixtures/", "xtask/"];
/// A name with so many underscores is the name of a test.
const UNDERSCORES_OF_A_TEST: usize = 3;

/// Asks every document at the top of the workspace and in `docs`.
pub(super) fn findings(files: &[WorkspaceFile]) -> Vec<RuleFinding> {
    let there = paths(files);
    let functions = functions(files);
    let mut found = Vec::new();
    for file in files.iter().filter(|file| is_document(&file.path)) {
        found.extend(hidden_lines(file));
        for (at, line) in file.text.lines().enumerate() {
            for name in line.split('`').skip(1).step_by(2) {
                let is_path = TOPS.iter().any(|top| name.starts_with(top)) && !name.contains(is_placeholder);
                if is_path && !there.contains(name.trim_end_matches('/')) {
                    let sentence = format!("there is no {name}");
                    found.push(RuleFinding::new(
                        &file.path,
                        at + 1,
                        "documents-name-what-is-there",
                        sentence,
                    ));
                }
                if is_test_name(name) && !functions.contains(name) {
                    let sentence = format!("there is no test {name}");
                    found.push(RuleFinding::new(
                        &file.path,
                        at + 1,
                        "documents-name-what-is-there",
                        sentence,
                    ));
                }
            }
        }
    }
    found
}

/// A line that only rustdoc hides stands in the page for everybody else, and what is copied does not compile.
fn hidden_lines(file: &WorkspaceFile) -> Vec<RuleFinding> {
    let mut is_rust = false;
    let mut found = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        if line.starts_with("```") {
            is_rust = line.starts_with("```rust");
        } else if is_rust && (line == "#" || line.starts_with("# ")) {
            let sentence = "write the line out, in a whole function";
            found.push(RuleFinding::new(&file.path, at + 1, "documents-hide-no-line", sentence));
        }
    }
    found
}

fn is_document(path: &str) -> bool {
    let name = path.strip_prefix("docs/").unwrap_or(path);
    !name.contains('/') && name.rsplit_once('.').is_some_and(|(_, extension)| extension == "md")
}

fn is_placeholder(letter: char) -> bool {
    letter.is_uppercase() || letter.is_whitespace() || letter == '*'
}

fn is_test_name(name: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    name.matches('_').count() >= UNDERSCORES_OF_A_TEST && name.chars().all(is_plain)
}

/// Every file, and every folder that holds one.
fn paths(files: &[WorkspaceFile]) -> BTreeSet<&str> {
    let with_folders = |file: &'_ WorkspaceFile| -> Vec<usize> {
        file.path.match_indices('/').map(|(at, _)| at).chain([file.path.len()]).collect()
    };
    files.iter().flat_map(|file| with_folders(file).into_iter().map(|end| &file.path[..end])).collect()
}

fn functions(files: &[WorkspaceFile]) -> BTreeSet<&str> {
    let lines = files.iter().flat_map(|file| &file.lines);
    lines.filter_map(|line| line.code.split_once("fn ")?.1.split(['(', '<']).next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_line_is_found() {
        let page =
            |code: &str| WorkspaceFile::new("docs/a.md", format!("# A\n```rust,no_run\n{code}\n```\n# B\n"));
        let found = |code: &str| findings(&[page(code)]).iter().map(RuleFinding::rule).collect::<Vec<_>>();
        assert_eq!(found("# Ok(())"), ["documents-hide-no-line"]);
        assert!(found("#[test]\nfn a() {}").is_empty());
    }

    #[test]
    fn what_is_not_there_is_found() {
        let code = WorkspaceFile::new("crates/a/src/b.rs", "//! B.\nfn all_of_it_passes() {}\n".to_owned());
        let check_in = |document: &str, text: &str| {
            findings(&[WorkspaceFile::new(document, text.to_owned()), code.clone()]).len()
        };
        let check = |text: &str| check_in("README.md", text);
        for good in [
            "`crates/a/src/b.rs`",
            "`crates/a/`",
            "`all_of_it_passes`",
            "`crates/X/src`",
            "crates/c",
            "`a_b`",
        ] {
            assert_eq!(check(good), 0, "{good}");
        }
        for bad in ["`crates/a/src/c.rs`", "see `xtask/src` there", "`none_of_it_passes`"] {
            assert_eq!(check(bad), 1, "{bad}");
            assert_eq!(check_in("docs/a.md", bad), 1, "{bad}");
        }
    }
}
