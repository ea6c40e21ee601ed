//! [`ProjectKeys`]: finds a key of a project context by its dotted name.

use std::collections::HashMap;

use super::problem::{Problem, ProblemCode, quoted};
use super::project_context::{ProjectContext, ProjectEntry, fold_key};

/// The entries of one project context by their folded keys, so that many lookups do not read all of it each time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProjectKeys(HashMap<String, Vec<usize>>);

/// More entries of one name are not told apart by their headings.
const SAME_KEYS: usize = 64;

impl ProjectKeys {
    pub(crate) fn of(context: &ProjectContext) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, entry) in context.entries.iter().enumerate() {
            places.entry(fold_key(&entry.key)).or_default().push(at);
        }
        Self(places)
    }

    /// The place of `section.key` among the entries of the context that this was made of.
    pub(crate) fn position(&self, context: &ProjectContext, dotted: &str) -> Result<Option<usize>, Problem> {
        let mut sections: Vec<String> = dotted.split('.').map(fold_key).collect();
        let key = sections.pop().unwrap_or_default();
        let Some(places) = self.0.get(&key) else { return Ok(None) };
        let of = |at: &usize| &context.entries[*at];
        let places = &places[..places.len().min(SAME_KEYS + 1)];
        let is_too_many = places.len() > SAME_KEYS;
        let mut found: Vec<usize> =
            places.iter().copied().filter(|at| is_too_many || is_below(of(at), &sections)).collect();
        if found.len() > 1 && !is_too_many {
            let is_nearest = |at: &usize| is_right_below(of(at), &sections);
            if found.iter().any(is_nearest) {
                found.retain(is_nearest);
            }
        }
        if let [first, second, ..] = found[..] {
            let (first, second) = (context.entries[first].line, context.entries[second].line);
            let sentence = format!("{} is here and in line {second}", quoted(dotted));
            let way_out = "remove one, or name the heading above the one that is meant";
            return Err(Problem::new(
                ProblemCode::Ambiguous,
                context.file.as_str(),
                first,
                sentence,
                way_out,
            ));
        }
        Ok(found.first().copied())
    }
}

/// Whether the folded `sections` are among the headings, in their order.
fn is_below(entry: &ProjectEntry, sections: &[String]) -> bool {
    let mut headings = entry.headings.iter().map(|heading| fold_key(heading));
    sections.iter().all(|section| headings.any(|heading| heading == *section))
}

fn is_right_below(entry: &ProjectEntry, sections: &[String]) -> bool {
    match (entry.headings.last(), sections.last()) {
        (Some(heading), Some(section)) => fold_key(heading) == *section,
        (None, None) => true,
        _ => false,
    }
}
