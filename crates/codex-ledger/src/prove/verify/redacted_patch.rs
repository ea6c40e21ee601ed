//! Whether a patch from which secrets were taken out is the patch between two trees in everything else.

use std::collections::BTreeMap;

const BEGIN: &[u8] = b"[REDACTED:";
/// The one rule that takes out more than a part of a line.
const BLOCKS: &str = "private-key";

/// Says how a patch from which secrets were taken out differs from the one between the trees; `None` if in nothing else.
///
/// `counts` has how often each rule says that it took something out.
pub(super) fn difference(recorded: &[u8], actual: &[u8], counts: &BTreeMap<&str, u64>) -> Option<String> {
    let mut marks: BTreeMap<&str, u64> = BTreeMap::new();
    let pieces = Pieces::of(recorded);
    for (rule, _) in &pieces.gaps {
        *marks.entry(rule).or_default() += 1;
    }
    for (rule, _) in Pieces::of(actual).gaps {
        // The text of the project may have such a mark, too.
        marks.entry(rule).and_modify(|count| *count = count.saturating_sub(1));
    }
    for (rule, count) in marks {
        let said = counts.get(rule).copied().unwrap_or_default();
        if count > said {
            return Some(format!("it has {count} marks of the rule {rule}, and the record counts {said}"));
        }
    }
    (!pieces.fit(actual)).then(|| "it differs in more than what was redacted".to_owned())
}

/// A text, taken apart at the marks in it.
struct Pieces<'t> {
    first: &'t [u8],
    /// The rule of each mark, and the text up to the next one.
    gaps: Vec<(&'t str, &'t [u8])>,
}

impl<'t> Pieces<'t> {
    fn of(text: &'t [u8]) -> Self {
        let mut pieces = Self { first: text, gaps: Vec::new() };
        let mut start = 0;
        let mut at = 0;
        while let Some(found) = memchr::memmem::find(&text[at..], BEGIN).map(|found| at + found) {
            let name = found + BEGIN.len();
            let end = text[name..].iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'-'));
            let Some(end) = end.map(|end| name + end).filter(|end| *end > name && text[*end] == b']') else {
                at = name;
                continue;
            };
            let Ok(rule) = std::str::from_utf8(&text[name..end]) else { break };
            match pieces.gaps.last_mut() {
                Some((_, after)) => *after = &text[start..found],
                None => pieces.first = &text[..found],
            }
            start = end + 1;
            at = start;
            pieces.gaps.push((rule, &text[start..]));
        }
        pieces
    }

    /// Whether something stands in another text for each mark, and all else is the same.
    ///
    /// Nothing but a block of a key goes over the end of a line; so the nearest place for what follows a mark is right
    /// wherever any is.
    fn fit(&self, text: &[u8]) -> bool {
        let Some(mut rest) = text.strip_prefix(self.first) else { return false };
        for (place, (rule, after)) in self.gaps.iter().enumerate() {
            let line = match *rule {
                BLOCKS => rest.len(),
                _ => memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
            };
            let is_last = place + 1 == self.gaps.len();
            let found = if is_last {
                rest.len().checked_sub(after.len()).filter(|at| rest[*at..] == **after)
            } else {
                rest.get(1..).and_then(|rest| memchr::memmem::find(rest, after)).map(|at| at + 1)
            };
            let Some(at) = found.filter(|at| (1..=line).contains(at)) else { return false };
            rest = &rest[at + after.len()..];
        }
        !self.gaps.is_empty() || rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rstest::rstest;

    use super::difference;

    const PATCH: &str = "--- a/x\n+++ b/x\n+key = abcdefgh\n+home = /home/user/x\n+end\n";

    #[rstest]
    #[case::one("--- a/x\n+++ b/x\n+key = [REDACTED:dotenv]\n+home = /home/user/x\n+end\n", &[("dotenv", 1)], None)]
    #[case::two(
        "--- a/x\n+++ b/x\n+key = [REDACTED:dotenv]\n+home = [REDACTED:home]/x\n+end\n",
        &[("dotenv", 1), ("home", 1)],
        None
    )]
    #[case::at_the_end("--- a/x\n+++ b/x\n+key = abcdefgh\n+home = /home/user/x\n+[REDACTED:home]\n", &[("home", 1)], None)]
    #[case::counted_twice_by_a_second_look(
        "--- a/x\n+++ b/x\n+key = [REDACTED:dotenv]\n+home = /home/user/x\n+end\n",
        &[("dotenv", 2)],
        None
    )]
    #[case::not_counted(
        "--- a/x\n+++ b/x\n+key = [REDACTED:dotenv]\n+home = [REDACTED:home]/x\n+end\n",
        &[("dotenv", 1)],
        Some("it has 1 marks of the rule home, and the record counts 0")
    )]
    #[case::over_the_end_of_a_line(
        "--- a/x\n+++ b/x\n+key = [REDACTED:dotenv]\n+end\n",
        &[("dotenv", 1)],
        Some("it differs in more than what was redacted")
    )]
    #[case::another_line(
        "--- a/x\n+++ b/x\n+key = [REDACTED:dotenv]\n+home = /home/user/y\n+end\n",
        &[("dotenv", 1)],
        Some("it differs in more than what was redacted")
    )]
    #[case::a_line_more(
        "--- a/x\n+++ b/x\n+key = [REDACTED:dotenv]\n+home = /home/user/x\n+end\n+more\n",
        &[("dotenv", 1)],
        Some("it differs in more than what was redacted")
    )]
    #[case::nothing_stood_there(
        "--- a/x\n+++ b/x\n+key = abcdefgh[REDACTED:dotenv]\n+home = /home/user/x\n+end\n",
        &[("dotenv", 1)],
        Some("it differs in more than what was redacted")
    )]
    #[case::a_block_of_a_key("--- a/x\n+++ b/x\n+key = [REDACTED:private-key]\n+end\n", &[("private-key", 1)], None)]
    #[case::claimed_and_not_there(PATCH, &[("dotenv", 1)], None)]
    #[case::claimed_and_changed(
        "--- a/x\n+++ b/x\n+key = abcdefgX\n+home = /home/user/x\n+end\n",
        &[("dotenv", 1)],
        Some("it differs in more than what was redacted")
    )]
    fn a_redacted_patch_is_compared_in_all_but_what_was_redacted(
        #[case] recorded: &str,
        #[case] counts: &[(&str, u64)],
        #[case] expected: Option<&str>,
    ) {
        let counts: BTreeMap<&str, u64> = counts.iter().copied().collect();
        assert_eq!(difference(recorded.as_bytes(), PATCH.as_bytes(), &counts).as_deref(), expected);
    }

    #[test]
    fn a_mark_that_the_project_itself_has_is_no_redaction() {
        let patch = b"+the mark is [REDACTED:home], [REDACTED:] or [REDACTED:x\n";
        assert_eq!(difference(patch, patch, &BTreeMap::new()), None);
        let other = b"+the mark is /home/user, [REDACTED:] or [REDACTED:x\n";
        assert!(difference(patch, other, &BTreeMap::new()).is_some());
    }
}
