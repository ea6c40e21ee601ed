//! [`imports`]: every path that a file imports, each written out.

use super::lexer::CodeLine;

/// Writes out the `use` declarations: `use std::{env, fs::File};` is `std::env` and `std::fs::File`.
///
/// With each path comes the line, counted from 0, on which its declaration begins.
pub(super) fn imports(lines: &[CodeLine]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let begin = at;
        at += 1;
        let Some(first) = declaration(&lines[begin].code) else { continue };
        let mut tree = first.to_owned();
        while !tree.contains(';') && at < lines.len() {
            tree.push_str(lines[at].code.trim());
            at += 1;
        }
        let tree = tree.split(';').next().unwrap_or_default();
        found.extend(expand("", tree).into_iter().map(|path| (begin, path)));
    }
    found
}

/// What follows `use`, if the line begins a declaration.
fn declaration(code: &str) -> Option<&str> {
    let code = code.trim();
    let (before, tree) =
        if let Some(tree) = code.strip_prefix("use ") { ("", tree) } else { code.split_once(" use ")? };
    (before.is_empty() || before.starts_with("pub")).then_some(tree)
}

fn expand(prefix: &str, tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((head, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or(tree).trim();
        let path = path.strip_suffix("::self").or((path == "self").then_some("")).unwrap_or(path);
        let path = format!("{prefix}{path}");
        return vec![path.trim_end_matches("::").to_owned()];
    };
    let prefix = format!("{prefix}{}", head.trim());
    let group = group.strip_suffix('}').unwrap_or(group);
    branches(group).into_iter().flat_map(|branch| expand(&prefix, branch)).collect()
}

/// Splits at the commas that stand in no inner group.
fn branches(group: &str) -> Vec<&str> {
    let mut depth = 0usize;
    let is_comma = |letter: char| {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    };
    group.split(is_comma).filter(|branch| !branch.trim().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::lexer::split;
    use super::*;

    fn check(text: &str, paths: &[&str]) {
        let found: Vec<String> = imports(&split(text)).into_iter().map(|(_, path)| path).collect();
        assert_eq!(found, paths, "{text}");
    }

    #[test]
    fn groups_are_written_out() {
        check("use std::fs;", &["std::fs"]);
        check("pub(crate) use a::b as c;", &["a::b"]);
        check(
            "use std::{env, fs::{self, File}, io::*};",
            &["std::env", "std::fs", "std::fs::File", "std::io::*"],
        );
        check(
            "use std::{\n    env,\n    process::{Command, Stdio},\n};\nuse a;",
            &["std::env", "std::process::Command", "std::process::Stdio", "a"],
        );
    }

    #[test]
    fn only_declarations_are_read() {
        check("// use std::fs;\nlet a = \"use std::fs;\";\nfn of(use_it: u8) {}", &[]);
    }
}
