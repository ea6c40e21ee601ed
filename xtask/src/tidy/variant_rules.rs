//! Asks the variants of public enums whether they can grow.

use super::finding::RuleFinding;
use super::source_file::WorkspaceFile;

const RULE: &str = "variants-can-grow";
/// Begins the comment that says why a variant is closed.
const CLOSED: &str = "Closed: ";

/// Finds variants with fields that are not `#[non_exhaustive]` and do not say why.
///
/// A variant with one unnamed field has nothing to add: the type of the field can grow.
pub(super) fn findings(files: &[WorkspaceFile]) -> Vec<RuleFinding> {
    let is_asked = |file: &&WorkspaceFile| {
        file.is_rust() && (file.path.starts_with("crates/") || file.path.starts_with("fixtures/src/"))
    };
    files.iter().filter(is_asked).flat_map(of_file).collect()
}

fn of_file(file: &WorkspaceFile) -> Vec<RuleFinding> {
    let begins = |at: usize| file.lines[at].code.trim_start().starts_with("pub enum ") && !file.is_test(at);
    let enums = (0..file.lines.len()).filter(|at| begins(*at));
    let closed =
        enums.flat_map(|at| variants(file, at)).filter(|variant| variant.has_fields && !variant.can_grow);
    let finding = |variant: Variant| {
        let sentence = format!(
            "{} has fields: make it `#[non_exhaustive]`, or say why not in a comment `// {CLOSED}...`",
            variant.name
        );
        RuleFinding::new(&file.path, variant.line + 1, RULE, sentence)
    };
    closed.map(finding).collect()
}

#[derive(Debug)]
struct Variant {
    name: String,
    /// Counted from 0.
    line: usize,
    /// Named ones, or more than one.
    has_fields: bool,
    can_grow: bool,
}

/// The variants of the enum that begins at this line.
fn variants(file: &WorkspaceFile, begin: usize) -> Vec<Variant> {
    let mut found: Vec<Variant> = Vec::new();
    let (mut depth, mut can_grow) = (0usize, false);
    for (at, line) in file.lines.iter().enumerate().skip(begin) {
        let code = line.code.trim();
        if depth == 1 {
            can_grow |= code == "#[non_exhaustive]"
                || line.comment.trim_start_matches('/').trim().starts_with(CLOSED);
            if code.starts_with(char::is_uppercase) {
                let is_of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
                let name: String = code.chars().take_while(|letter| is_of_name(*letter)).collect();
                let has_fields = match code[name.len()..].trim_start().chars().next() {
                    Some('{') => true,
                    Some('(') => fields_in_parentheses(file, at) > 1,
                    _ => false,
                };
                found.push(Variant { name, line: at, has_fields, can_grow });
                can_grow = false;
            }
        }
        for letter in code.chars() {
            match letter {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        if depth == 0 && code.contains('}') {
            break;
        }
    }
    found
}

/// How many fields stand in the first parentheses from this line on.
fn fields_in_parentheses(file: &WorkspaceFile, at: usize) -> usize {
    let code = file.lines[at..].iter().flat_map(|line| line.code.chars());
    let (mut depth, mut fields, mut is_empty) = (0usize, 0, true);
    for letter in code.skip_while(|letter| *letter != '(') {
        match letter {
            '(' | '[' | '<' => depth += 1,
            ')' if depth == 1 => break,
            ')' | ']' | '>' => depth = depth.saturating_sub(1),
            ',' if depth == 1 => {
                fields += 1;
                is_empty = true;
                continue;
            }
            _ => {}
        }
        is_empty = is_empty && (letter.is_whitespace() || depth == 1 && letter == '(');
    }
    fields + usize::from(!is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let file = WorkspaceFile::new("crates/a/src/b.rs", text.to_owned());
        findings(&[file]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_variant_with_fields_that_cannot_grow_is_found() {
        let wanted = |line: u8| {
            format!(
                "crates/a/src/b.rs:{line}: variants-can-grow: Locked has fields: \
                 make it `#[non_exhaustive]`, or say why not in a comment `// Closed: ...`"
            )
        };
        for (text, line) in [
            ("pub enum Door {\n    Open,\n    Locked { key: u8 },\n}\n", 3),
            ("pub enum Door {\n    Locked {\n        key: u8,\n    },\n    Open,\n}\n", 2),
            ("pub enum Door {\n    #[non_exhaustive]\n    Open { how: u8 },\n    Locked(u8, u8),\n}\n", 4),
            ("pub enum Door {\n    Locked(\n        Map<u8, u8>,\n        u8,\n    ),\n}\n", 2),
            ("pub enum Door {\n    #[error(\"{0} #[non_exhaustive]\")]\n    Locked { key: u8 },\n}\n", 3),
            ("mod a {\n    pub enum Door {\n        Locked { key: u8 },\n    }\n}\n", 3),
        ] {
            assert_eq!(found(text), [wanted(line)], "{text}");
        }
    }

    #[test]
    fn what_can_grow_has_no_fields_or_says_why_is_not_found() {
        for text in [
            "pub enum Door {\n    Open,\n    /// Locked.\n    #[non_exhaustive]\n    Locked { key: u8 },\n}\n",
            "pub enum Door {\n    // Closed: a lock has one key.\n    Locked { key: u8 },\n}\n",
            "pub enum Door {\n    Locked(Map<u8, u8>),\n    Open(u8),\n    Gone(),\n}\n",
            "pub enum Door {\n    Locked(\n        Map<u8, u8>,\n    ),\n}\n",
            "pub(crate) enum Door {\n    Locked { key: u8 },\n}\n",
            "#[cfg(test)]\npub enum Door {\n    Locked { key: u8 },\n}\n",
            "pub enum Door {\n    Open,\n}\nfn f() {\n    match 1 {\n    Locked { key } => 1,\n    }\n}\n",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
