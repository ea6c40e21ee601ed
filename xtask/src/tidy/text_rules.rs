//! [`TEXT_RULES`]: what may not stand where, as a table.

mod check;
mod table;

use self::table::TEXT_RULES;

pub(super) use self::check::findings;

/// One rule: none of its patterns may stand in this part of these files.
#[derive(Debug)]
struct TextRule {
    name: &'static str,
    /// What is meant to be done instead, or why.
    sentence: &'static str,
    part: TextPart,
    patterns: &'static [&'static str],
    /// How the paths begin that the rule is for.
    within: &'static [&'static str],
    /// How the paths begin that it is not for.
    except: &'static [&'static str],
    tests: Tests,
    /// A path and a text that the rule must find.
    bad: (&'static str, &'static str),
    /// One that it must not.
    good: (&'static str, &'static str),
}

/// Where a rule looks for its patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextPart {
    /// Code without literals and comments.
    Code,
    /// Code, and the paths of imports written out; a pattern is a path.
    Path,
    /// The inside of a literal.
    Literal,
    /// A whole literal, or a word in double quotes within one.
    Word,
    /// Comments.
    Comment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tests {
    Included,
    Left,
}

/// The rules for a person to read: name, sentence, and what is found against what is not.
pub(super) fn explanation() -> String {
    let sample = |(path, text): (&str, &str)| {
        let text = text.trim_start_matches("//! A.\n").trim_end().replace('\n', "  ");
        format!("{path}: {text}")
    };
    let rule = |rule: &TextRule| {
        let (bad, good) = (sample(rule.bad), sample(rule.good));
        format!("{}: {}\n  found     {bad}\n  not found {good}\n", rule.name, rule.sentence)
    };
    TEXT_RULES.iter().map(rule).collect()
}

#[cfg(test)]
mod tests;
