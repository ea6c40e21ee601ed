//! Which files trust in the project layer covers: those that speak to the agent or start programs, and those that they name.

use std::fs;
use std::path::{Path, PathBuf};

use codex_exec::{Invocation, LayerContent, LayerFile, LayerFileKind, LayerLimits, ProjectLayer};

use super::{FileList, SettingTexts, named_files};
use crate::causes::causes;

/// Adds the files of the project layer at every depth below a root, and the files that they name.
pub(crate) fn add_all(root: &Path, files: &mut FileList) {
    let layer = all(root);
    for file in layer.files() {
        // What cannot be read is not trusted, and nothing else suffers from it.
        let _ = add(root, file, files);
    }
    for file in layer.of_kind(LayerFileKind::Program) {
        let _ = add_named(root, file, files);
    }
}

/// What those files do, one sentence for each kind.
pub(crate) fn layer_effects(root: &Path) -> Vec<String> {
    let layer = all(root);
    let sentence = |kind, words: &str| {
        let names: Vec<_> = layer.of_kind(kind).map(|file| shown(root, &file.path)).collect();
        (!names.is_empty()).then(|| format!("{words}: {}", names.join(", ")))
    };
    let programs = sentence(LayerFileKind::Program, "lets Codex start, outside of the sandbox, what is in");
    programs.into_iter().chain(sentence(LayerFileKind::Instruction, "speaks to the agent")).collect()
}

/// The files at every depth below a root, those included that settings among them make instructions.
fn all(root: &Path) -> ProjectLayer {
    let mut limits = layer_limits(None);
    let layer = ProjectLayer::below(root, &limits);
    let further = layer.fallback_names();
    if further.is_empty() {
        return layer;
    }
    limits.fallback_names.extend(further);
    ProjectLayer::below(root, &limits)
}

/// The limits that Codex's own configuration sets, without any flag but that of its home.
pub fn layer_limits(codex_home: Option<&Path>) -> LayerLimits {
    let invocation = Invocation::new("");
    let invocation = codex_home.into_iter().fold(invocation, Invocation::codex_home);
    LayerLimits::of(invocation.parts())
}

/// Adds a file by its real path below the root, if its bytes are known.
pub(crate) fn add(root: &Path, file: &LayerFile, files: &mut FileList) -> Option<()> {
    let LayerContent::Bytes(bytes) = &file.content else { return None };
    files.add(below(root, &file.path)?, bytes);
    Some(())
}

/// Adds the files that a file of settings names: the programs of MCP servers and hooks. A file that cannot be parsed is
/// not trusted: nobody knows what it names.
pub(crate) fn add_named(root: &Path, file: &LayerFile, files: &mut FileList) -> Result<(), String> {
    let LayerContent::Bytes(bytes) = &file.content else { return Ok(()) };
    let Some(texts) = texts(&file.path, bytes) else { return Ok(()) };
    let unread = |error| format!("{} cannot be understood: {error}", shown(root, &file.path));
    let SettingTexts(texts) = texts.map_err(unread)?;
    // Relative to the root, to the folder that has `.codex`, and to `.codex`.
    let folders = file.path.ancestors().skip(1).filter_map(|folder| folder.strip_prefix(root).ok());
    let folders = folders.map(|folder| folder.display().to_string()).collect::<Vec<_>>().join("\n");
    let text = format!("{folders}\n{}\n{}", texts.join("\n"), String::from_utf8_lossy(bytes));
    named_files(root, &text, &[], files).map_err(|error| causes(&error))
}

/// The texts of a file of settings as Codex reads them; `None` for another file.
fn texts(path: &Path, bytes: &[u8]) -> Option<Result<SettingTexts, String>> {
    let is = |known: &str| path.extension().is_some_and(|end| end.eq_ignore_ascii_case(known));
    if is("toml") {
        let text = str::from_utf8(bytes).map_err(|error| error.to_string());
        return Some(text.and_then(|text| {
            toml::from_str(text).map_err(|error: toml::de::Error| error.message().to_owned())
        }));
    }
    is("json").then(|| serde_json::from_slice(bytes).map_err(|error| error.to_string()))
}

/// The real path of a file below the root.
fn below(root: &Path, path: &Path) -> Option<String> {
    let real: PathBuf = fs::canonicalize(path).ok()?;
    Some(real.strip_prefix(root).ok()?.to_string_lossy().into_owned())
}

pub(crate) fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests;
