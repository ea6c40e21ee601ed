//! [`ProjectSettings`]: which files of the repository count for one start of Codex, as settings.

mod codex_projects;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::project_layer::INSTRUCTIONS;
use crate::{
    ConfigValue, InvocationParts, LayerContent, LayerFileKind, LayerLimits, ProjectInstructions,
    ProjectLayer, ProjectPrograms,
};
use codex_projects::CodexProjects;

/// An argument of a process can have 128 KiB.
const LIST_LIMIT_BYTES: usize = 64 << 10;
/// As many bytes of instructions does Codex read, unless it is told otherwise.
const INSTRUCTIONS_LIMIT_BYTES: usize = 32 << 10;

/// Holds what one start tells Codex of the project layer; nothing, unless a file of it is to be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectSettings {
    /// The trust level of folders, if programs are off.
    projects: Option<BTreeMap<String, Level>>,
    /// Whether the sandbox is read-only if none was chosen.
    narrowed: bool,
    /// The instructions that Codex leaves out with the programs.
    instructions: String,
    /// The skills of the project, if instructions are off.
    skills: Option<Vec<PathBuf>>,
}

/// The settings that Codex gets for a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// It is untrusted, whatever the user's file says.
    Untrusted,
    /// Nothing. Codex looks no further for the folder that it works in, and reads its instructions; for its programs it
    /// does look further.
    Unsaid,
}

impl ProjectSettings {
    /// Looks at the folder in which Codex will work, and at Codex's own files.
    ///
    /// It blocks on the file system.
    pub fn of(parts: &InvocationParts) -> Self {
        let everything_on = matches!(parts.project_programs, ProjectPrograms::On)
            && matches!(parts.project_instructions, ProjectInstructions::On);
        let Ok(cwd) = parts.cwd.clone().map_or_else(std::env::current_dir, Ok).and_then(fs::canonicalize)
        else {
            // Codex does not start there.
            return Self::default();
        };
        if everything_on {
            return Self::default();
        }
        let known = CodexProjects::read(parts);
        let mut limits = LayerLimits {
            codex_home: known.home.clone(),
            fallback_names: known.fallback_names.clone(),
            ..LayerLimits::default()
        };
        let mut layer = ProjectLayer::of_chain(&cwd, &known.root_markers, &limits);
        let further = layer.fallback_names();
        if !further.is_empty() && !programs_are_off(parts, &layer) {
            limits.fallback_names.extend(further);
            layer = ProjectLayer::of_chain(&cwd, &known.root_markers, &limits);
        }
        Self::decide(parts, &cwd, &layer, &known)
    }

    fn decide(parts: &InvocationParts, cwd: &Path, layer: &ProjectLayer, known: &CodexProjects) -> Self {
        let mut settings = Self::default();
        let has_programs = layer.of_kind(LayerFileKind::Program).next().is_some() || !layer.is_complete();
        if has_programs && programs_are_off(parts, layer) {
            settings.leave_programs_out(cwd, known);
        }
        let are_off = match &parts.project_instructions {
            ProjectInstructions::On => false,
            ProjectInstructions::Off => true,
            ProjectInstructions::Unchanged(known) => !known.still_is(layer, LayerFileKind::Instruction),
        };
        if !are_off && settings.leaves_instructions_out(cwd) {
            settings.instructions = spoken(layer, cwd, &known.fallback_names);
        }
        if are_off {
            let skills = layer.of_kind(LayerFileKind::Instruction).map(|file| file.path.clone());
            settings.skills = Some(skills.filter(|path| path.ends_with("SKILL.md")).collect());
        }
        settings
    }

    /// Codex asks for each folder with settings, then for the top of the project, then for the repository, whether it is
    /// trusted, and takes the first answer. So each folder gets an answer, but for the working directory: "untrusted"
    /// there leaves out the instructions too and, worse, makes workspace-write the default of the sandbox.
    fn leave_programs_out(&mut self, cwd: &Path, known: &CodexProjects) {
        let name = |path: &Path| path.to_string_lossy().into_owned();
        let own = name(cwd);
        let above = cwd.ancestors().skip(1).map(name);
        // A file in the place of `.git` can name any repository.
        let git = cwd.ancestors().find_map(|folder| fs::symlink_metadata(folder.join(".git")).ok());
        let is_elsewhere = git.is_some_and(|git| !git.is_dir());
        let others = known.trusted.iter().filter(|_| is_elsewhere).cloned();
        let mut projects: BTreeMap<String, Level> =
            above.chain(others).map(|path| (path, Level::Untrusted)).collect();
        let is_long = projects.keys().map(String::len).sum::<usize>() > LIST_LIMIT_BYTES;
        if is_long {
            projects = cwd.ancestors().map(name).map(|path| (path, Level::Untrusted)).collect();
        }
        let is_sure = known.complete && !is_long;
        let level = if is_sure && !known.listed.contains(&own) { Level::Unsaid } else { Level::Untrusted };
        projects.insert(own, level);
        self.narrowed = !is_sure;
        self.projects = Some(projects);
    }

    fn leaves_instructions_out(&self, cwd: &Path) -> bool {
        let level = self.projects.as_ref().and_then(|projects| projects.get(&*cwd.to_string_lossy()));
        level == Some(&Level::Untrusted)
    }

    /// What the prompt begins with.
    pub(crate) fn instructions(&self) -> &str {
        &self.instructions
    }

    /// Whether the sandbox is read-only if none was chosen.
    pub(crate) fn is_narrowed(&self) -> bool {
        self.narrowed
    }

    /// The settings as Codex has them, by their keys.
    pub(crate) fn config(&self) -> Vec<(&'static str, ConfigValue)> {
        let mut config = Vec::new();
        if let Some(projects) = &self.projects {
            let level = |level: &Level| match level {
                Level::Untrusted => ConfigValue::table([("trust_level", "untrusted")]),
                Level::Unsaid => ConfigValue::Table(BTreeMap::new()),
            };
            let table =
                ConfigValue::table(projects.iter().map(|(path, project)| (path.clone(), level(project))));
            config.push(("projects", table));
        }
        if let Some(skills) = &self.skills {
            config.push(("project_doc_max_bytes", 0.into()));
            config.push(("skills.include_instructions", false.into()));
            // A prompt that names a skill would bring it all the same.
            let off = |path: &PathBuf| {
                let path = ConfigValue::from(path.to_string_lossy().into_owned());
                ConfigValue::table([("path", path), ("enabled", false.into())])
            };
            if !skills.is_empty() {
                config.push(("skills.config", ConfigValue::Array(skills.iter().map(off).collect())));
            }
        }
        config
    }
}

fn programs_are_off(parts: &InvocationParts, layer: &ProjectLayer) -> bool {
    match &parts.project_programs {
        ProjectPrograms::On => false,
        ProjectPrograms::Off => true,
        ProjectPrograms::Unchanged(trusted) => !trusted.still_is(layer, LayerFileKind::Program),
    }
}

/// What the repository says to the agent, from the top down; in each folder one file counts, as for Codex.
fn spoken(layer: &ProjectLayer, cwd: &Path, fallback_names: &[String]) -> String {
    // Of Codex, not every version takes a path for a name.
    let further = fallback_names.iter().map(String::as_str).filter(|name| !name.contains('/'));
    let names: Vec<&str> = INSTRUCTIONS.into_iter().chain(further).collect();
    let file = |folder: &Path, name: &str| {
        layer.of_kind(LayerFileKind::Instruction).find(|file| {
            let below = file.path.strip_prefix(folder).ok().and_then(Path::to_str);
            below.is_some_and(|below| below.eq_ignore_ascii_case(name))
        })
    };
    let mut folders: Vec<&Path> = cwd.ancestors().collect();
    folders.reverse();
    let files = folders.into_iter().filter_map(|folder| names.iter().find_map(|name| file(folder, name)));
    let mut text = String::new();
    for file in files {
        let LayerContent::Bytes(bytes) = &file.content else { continue };
        let said = String::from_utf8_lossy(bytes);
        let room = INSTRUCTIONS_LIMIT_BYTES.saturating_sub(text.len());
        let said = &said[..said.floor_char_boundary(room)];
        let name = file.path.display();
        text.extend(["Instructions of this project, from ", &name.to_string(), ":\n\n", said, "\n\n"]);
    }
    text
}

#[cfg(test)]
mod tests;
