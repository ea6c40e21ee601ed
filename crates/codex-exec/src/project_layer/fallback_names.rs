//! [`fallback_names`]: the setting of Codex that gives further names to files of instructions.

use std::path::{Component, Path};

use toml::{Table, Value};

/// The key of the setting.
pub(crate) const FALLBACK_NAMES: &str = "project_doc_fallback_filenames";

/// The names of this setting, as paths below a folder; those that lead out of it name nothing of a project.
pub(crate) fn fallback_names(settings: &Table) -> Option<Vec<String>> {
    let names = settings.get(FALLBACK_NAMES)?.as_array()?;
    let names = names.iter().filter_map(Value::as_str).filter_map(|name| {
        let path = Path::new(name.trim());
        let parts = path.components().filter(|part| !matches!(part, Component::CurDir));
        let parts: Option<Vec<&str>> = parts
            .map(|part| match part {
                Component::Normal(part) => part.to_str(),
                Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => None,
            })
            .collect();
        parts.map(|parts| parts.join("/")).filter(|name| !name.is_empty())
    });
    Some(names.collect())
}
