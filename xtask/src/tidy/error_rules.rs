//! What is asked of errors: each type of them stands in the snapshot of what all errors of its crate say.

use super::finding::RuleFinding;
use super::lexer::stands_in;
use super::source_file::WorkspaceFile;

/// The whole text of the first is the caller's; the second comes of gigabytes alone.
const NOT_SAMPLED: &[&str] = &["ToolFailure", "RedactionError"];

/// Asks every public error of the crates.
pub(super) fn findings(files: &[WorkspaceFile]) -> Vec<RuleFinding> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let Some(sources) = sources(&file.path) else { continue };
        for (at, name) in errors(file).filter(|(_, name)| !NOT_SAMPLED.contains(name)) {
            // Some are named in a string alone.
            let is_sampled = |other: &WorkspaceFile| {
                other.path.starts_with(&format!("{sources}error_texts")) && stands_in(&other.text, name)
            };
            if !files.iter().any(is_sampled) {
                let sentence = format!("{name} has no sample in {sources}error_texts.rs");
                found.push(RuleFinding::new(&file.path, at + 1, "errors-are-listed", sentence));
            }
        }
    }
    found
}

/// The folder of a crate's own files, if this is one of them.
fn sources(path: &str) -> Option<&str> {
    let end = path.find("/src/")?;
    path.starts_with("crates/").then(|| &path[..end + "/src/".len()])
}

/// The public types that derive `Error`, and their lines, counted from 0.
fn errors(file: &WorkspaceFile) -> impl Iterator<Item = (usize, &str)> {
    let derives = |at: usize| {
        let code = &file.lines[at].code;
        code.trim_start().starts_with("#[derive(") && stands_in(code, "Error") && !file.is_test(at)
    };
    (0..file.lines.len()).filter(move |at| derives(*at)).filter_map(|at| {
        let declares =
            |code: &str| ["pub enum ", "pub struct "].iter().any(|word| code.trim_start().starts_with(word));
        let below = at + file.lines[at..].iter().position(|line| declares(&line.code))?;
        let name = file.lines[below].code.split_whitespace().nth(2)?;
        Some((below, name.split(['(', ';', '<', '{']).next().unwrap_or(name)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(listed: &str, source: &str) -> Vec<String> {
        let file = |path: &str, text: &str| WorkspaceFile::new(path, text.to_owned());
        let files = [file("crates/a/src/b.rs", source), file("crates/a/src/error_texts.rs", listed)];
        findings(&files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_error_without_a_sample_is_found() {
        let source = "#[derive(Debug, thiserror::Error)]\n#[error(\"no\")]\npub struct NoDoor;\n";
        let wanted =
            "crates/a/src/b.rs:3: errors-are-listed: NoDoor has no sample in crates/a/src/error_texts.rs";
        assert_eq!(found("use crate::NoDoors;", source), [wanted]);
        assert!(found("use crate::NoDoor;", source).is_empty());
    }

    #[test]
    fn only_public_errors_of_a_crate_are_asked() {
        for source in [
            "#[derive(Debug)]\npub struct ErrorTexts;\n",
            "#[cfg(test)]\nmod tests {\n#[derive(Debug, Error)]\npub struct NoDoor;\n}\n",
        ] {
            assert!(found("", source).is_empty(), "{source}");
        }
    }
}
