//! What is asked of the links of the documents: they lead somewhere, on a hosting site and in the book alike.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::RuleFinding;
use super::source_file::WorkspaceFile;

/// The table of contents of the book; whatever lies beside it is a page.
const SUMMARY: &str = "docs/SUMMARY.md";
const RULE: &str = "links-lead-somewhere";

/// Asks every Markdown file outside of tests.
pub(super) fn findings(files: &[WorkspaceFile]) -> Vec<RuleFinding> {
    let there: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let documents: Vec<&WorkspaceFile> = files.iter().filter(|file| is_document(&file.path)).collect();
    let headings: BTreeMap<&str, BTreeSet<String>> =
        documents.iter().map(|file| (file.path.as_str(), anchors(&file.text))).collect();
    let mut found = Vec::new();
    let mut listed = BTreeSet::new();
    for file in &documents {
        for (line, target) in links(&file.text) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() { file.path.clone() } else { resolve(&file.path, path) };
            if let Some(sentence) = complaint(file, &path, anchor, &there, &headings) {
                found.push(RuleFinding::new(&file.path, line, RULE, sentence));
            }
            if file.path == SUMMARY {
                listed.insert(path);
            }
        }
    }
    if there.contains(SUMMARY) {
        let pages = documents.iter().filter(|file| is_page(&file.path) && !listed.contains(&file.path));
        let sentence = "the page is not in docs/SUMMARY.md, so nobody who reads the book finds it";
        found.extend(pages.map(|page| RuleFinding::new(&page.path, 1, "pages-are-in-the-summary", sentence)));
    }
    found
}

fn complaint(
    file: &WorkspaceFile,
    path: &str,
    anchor: &str,
    there: &BTreeSet<&str>,
    headings: &BTreeMap<&str, BTreeSet<String>>,
) -> Option<String> {
    let is_folder = || there.iter().any(|other| other.starts_with(&format!("{path}/")));
    if !there.contains(path) && !is_folder() {
        return Some(format!("there is no {path}"));
    }
    if file.path.starts_with("docs/") && !path.starts_with("docs/") {
        return Some(format!("{path} is not in the book: name it without a link"));
    }
    let known = headings.get(path)?;
    (!anchor.is_empty() && !known.contains(anchor)).then(|| format!("{path} has no heading #{anchor}"))
}

fn is_document(path: &str) -> bool {
    let is_markdown = path.rsplit_once('.').is_some_and(|(_, extension)| extension == "md");
    is_markdown && (!path.contains('/') || path.starts_with("docs/") || path.ends_with("/README.md"))
}

fn is_page(path: &str) -> bool {
    path.starts_with("docs/") && path != SUMMARY && path.matches('/').count() == 1
}

/// The lines outside of blocks of code, counted from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

/// The targets of links, without those on the web.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(text).flat_map(|(number, line)| {
        let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        targets.map(move |(target, _)| (number, target)).filter(|(_, target)| !target.contains("://"))
    })
}

/// The path from the root of the workspace on.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => _ = parts.pop(),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The names by which the headings can be linked to.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter_map(|(_, line)| line.strip_prefix('#'));
    headings.map(|heading| anchor(heading.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let is_kept = |letter: &char| letter.is_alphanumeric() || "-_ ".contains(*letter);
    heading
        .to_lowercase()
        .chars()
        .filter(is_kept)
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Vec<&'static str> {
        let files = [
            WorkspaceFile::new("README.md", "# It\n\n## Exit codes\n".to_owned()),
            WorkspaceFile::new("docs/SUMMARY.md", "- [a](a.md)\n".to_owned()),
            WorkspaceFile::new("docs/a.md", text.to_owned()),
            WorkspaceFile::new("docs/b.yml", String::new()),
        ];
        findings(&files).iter().map(RuleFinding::rule).collect()
    }

    #[test]
    fn a_link_to_nowhere_is_found() {
        for good in [
            "[x](#top-of-it)\n# Top of `it`",
            "[x](b.yml)",
            "[x](https://a.example/b.md)",
            "```\n[x](no.md)\n```",
        ] {
            assert!(check(good).is_empty(), "{good}");
        }
        for bad in ["[x](no.md)", "[x](a.md#no)", "see [x](../README.md#exit-codes)", "[x](../no.md)"] {
            assert_eq!(check(bad), [RULE], "{bad}");
        }
    }

    #[test]
    fn a_page_that_is_not_listed_is_found() {
        let files = [
            WorkspaceFile::new("docs/SUMMARY.md", String::new()),
            WorkspaceFile::new("docs/a.md", "# A".to_owned()),
        ];
        assert_eq!(findings(&files)[0].rule(), "pages-are-in-the-summary");
    }
}
