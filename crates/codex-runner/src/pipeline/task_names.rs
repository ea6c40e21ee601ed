//! [`TaskNames`]: the one name of many that an item means.

use std::collections::HashMap;

use super::plan::TaskMatch;

/// What a list of names has for an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NameFit<'a> {
    None,
    One(&'a str),
    Several(Vec<&'a str>),
}

/// Names of tasks by what they are compared by, so that each item need not look at all of them.
#[derive(Debug, Default)]
pub(super) struct TaskNames {
    all: Vec<String>,
    by_whole: HashMap<String, Vec<usize>>,
    by_title: HashMap<String, Vec<(usize, Option<u64>)>>,
}

impl TaskNames {
    pub(super) fn of(all: Vec<String>) -> Self {
        let mut names = Self { all, ..Self::default() };
        for (at, name) in names.all.iter().enumerate() {
            let TaskName { whole, title, number } = TaskName::of(name);
            names.by_whole.entry(whole).or_default().push(at);
            names.by_title.entry(title).or_default().push((at, number));
        }
        names
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(String::as_str)
    }

    /// The names that fit an item at one level of likeness.
    pub(super) fn fit(&self, item: &str, level: TaskMatch) -> NameFit<'_> {
        let wanted = TaskName::of(item);
        let of_whole =
            || self.by_whole.get(&wanted.whole).into_iter().flatten().map(|at| self.all[*at].as_str());
        let found: Vec<&str> = match level {
            TaskMatch::Exact => of_whole().filter(|name| *name == item).collect(),
            TaskMatch::Folded if wanted.whole.is_empty() => Vec::new(),
            TaskMatch::Folded => of_whole().collect(),
            TaskMatch::Title if wanted.title.is_empty() => Vec::new(),
            TaskMatch::Title => {
                let is_same = |number: &Option<u64>| !matches!((wanted.number, number), (Some(one), Some(other)) if one != *other);
                let of_title = self.by_title.get(&wanted.title).into_iter().flatten();
                of_title.filter(|(_, number)| is_same(number)).map(|(at, _)| self.all[*at].as_str()).collect()
            }
        };
        match found[..] {
            [] => NameFit::None,
            [one] => NameFit::One(one),
            _ => NameFit::Several(found),
        }
    }
}

/// The name that is most like the item, whatever likeness that is.
pub(super) fn nearest<'a>(item: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = TaskName::of(item);
    let likeness = |name: &str| {
        let other = TaskName::of(name);
        let whole = strsim::jaro_winkler(&wanted.whole, &other.whole);
        whole.max(strsim::jaro_winkler(&wanted.title, &other.title))
    };
    names.into_iter().take(COMPARED_NAMES).max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
}

/// A name of a task as it is compared.
struct TaskName {
    /// All of it but its ending, without case, spaces, dashes and underscores.
    whole: String,
    /// The same without `TASK 01 - ` at the start, however often it is there.
    title: String,
    number: Option<u64>,
}

/// The most names that one is looked for among that is only like the item.
const COMPARED_NAMES: usize = 1_000;
/// The most characters of an item that are compared with names.
const COMPARED_CHARACTERS: usize = 300;

impl TaskName {
    fn of(name: &str) -> Self {
        let lower: String = name.chars().take(COMPARED_CHARACTERS).flat_map(char::to_lowercase).collect();
        let mut stem = lower.trim();
        for ending in [".md", ".task"] {
            stem = stem.strip_suffix(ending).unwrap_or(stem).trim_end();
        }
        let folded = fold(stem);
        let (mut title, mut number) = (folded.as_str(), None);
        while let Some(rest) = title.strip_prefix("task") {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            number = rest[..digits].parse().ok().or(number);
            title = &rest[digits..];
        }
        Self { title: title.to_owned(), number, whole: folded }
    }
}

fn fold(text: &str) -> String {
    let is_kept = |letter: &char| {
        !letter.is_whitespace() && !matches!(letter, '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}')
    };
    text.chars().filter(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::exact("TASK 01 - Model.task.md", TaskMatch::Exact)]
    #[case::en_dash("TASK 01 \u{2013} Model.task.md", TaskMatch::Folded)]
    #[case::case("task 01 - model.TASK.md", TaskMatch::Folded)]
    #[case::no_ending("TASK 01 - Model", TaskMatch::Folded)]
    #[case::markdown_alone("TASK 01 - Model.md", TaskMatch::Folded)]
    #[case::underscores("TASK_01_-_Model", TaskMatch::Folded)]
    #[case::title("Model", TaskMatch::Title)]
    #[case::doubled("TASK - TASK 01 - Model.task.md", TaskMatch::Title)]
    #[case::unpadded("TASK 1 - Model", TaskMatch::Title)]
    #[case::no_number("TASK - Model", TaskMatch::Title)]
    fn an_item_fits_first_at_its_level(#[case] item: &str, #[case] level: TaskMatch) {
        let names =
            TaskNames::of(vec!["TASK 01 - Model.task.md".to_owned(), "TASK 02 - Views.task.md".to_owned()]);
        let first = TaskMatch::LEVELS.into_iter().find(|level| names.fit(item, *level) != NameFit::None);
        assert_eq!(first, Some(level));
        assert_eq!(names.fit(item, level), NameFit::One("TASK 01 - Model.task.md"));
    }

    #[rstest]
    #[case::other_number("TASK 03 - Model")]
    #[case::other_title("TASK 01 - Models")]
    #[case::only_a_prefix("TASK 01")]
    #[case::nothing("")]
    fn another_item_does_not_fit(#[case] item: &str) {
        let names = TaskNames::of(vec!["TASK 01 - Model.task.md".to_owned(), "task.md".to_owned()]);
        assert!(TaskMatch::LEVELS.into_iter().all(|level| names.fit(item, level) == NameFit::None));
    }

    #[test]
    fn the_nearest_name_is_the_one_that_is_misspelt() {
        assert_eq!(
            nearest("sql-dd-generator", ["other", "sql-ddl-generator", "sql"]),
            Some("sql-ddl-generator")
        );
        assert_eq!(nearest("a", []), None);
    }
}
