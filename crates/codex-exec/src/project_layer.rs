//! [`ProjectLayer`]: the files of a repository that Codex itself reads: settings that start programs, and instructions.

mod fallback_names;
mod scan;
#[cfg(test)]
pub(crate) mod scene;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use fallback_names::{FALLBACK_NAMES, fallback_names};
pub(crate) use scan::INSTRUCTIONS;

/// Holds the files of a repository that Codex reads without being asked: what lies in `.codex`, which can start programs
/// outside of the sandbox (MCP servers, hooks), and the instructions for the agent (`AGENTS.md`, skills).
///
/// ```
/// use codex_exec::{LayerLimits, LayerFileKind, ProjectLayer};
///
/// let project = tempfile::tempdir()?;
/// std::fs::create_dir_all(project.path().join("docs/.codex"))?;
/// std::fs::write(project.path().join("docs/.codex/config.toml"), "[mcp_servers.x]\ncommand = \"./x\"\n")?;
/// std::fs::write(project.path().join("AGENTS.md"), "Be brief.\n")?;
///
/// let layer = ProjectLayer::below(project.path(), &LayerLimits::default());
/// let found: Vec<_> = layer.files().iter().map(|file| (file.path.file_name().unwrap(), file.kind)).collect();
/// assert_eq!(found, [
///     ("AGENTS.md".as_ref(), LayerFileKind::Instruction),
///     ("config.toml".as_ref(), LayerFileKind::Program),
/// ]);
/// assert!(layer.is_complete());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectLayer {
    files: Vec<LayerFile>,
    complete: bool,
}

/// One file that Codex reads of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerFile {
    /// Where it lies, from `/`, by the names that lead there.
    pub path: PathBuf,
    /// What it can do.
    pub kind: LayerFileKind,
    /// What it says.
    pub content: LayerContent,
}

/// Says what a file of the project layer can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LayerFileKind {
    /// It can start programs outside of the sandbox, or change how Codex works: everything in `.codex` but skills, and
    /// what the caller has added.
    Program,
    /// It speaks to the agent: `AGENTS.md`, `AGENTS.override.md`, files of the names in [`LayerLimits::fallback_names`], and
    /// skills in `.agents` and `.codex`.
    Instruction,
}

/// What a file of the project layer says.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayerContent {
    /// These bytes; those behind a link, if it stays within the repository.
    Bytes(Vec<u8>),
    /// A link that leads out of the repository, to this path.
    Link(PathBuf),
    /// It is too large, unreadable, or not a file.
    Unread,
}

/// Limits the search for files of the project layer.
///
/// ```
/// let limits = codex_exec::LayerLimits::default();
/// assert_eq!((limits.entries, limits.depth), (200_000, 64));
/// assert_eq!((limits.file_bytes, limits.total_bytes), (1 << 20, 16 << 20));
/// assert_eq!(limits.time.as_secs(), 5);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerLimits {
    /// How many entries of folders are looked at.
    pub entries: usize,
    /// How deep folders may be nested.
    pub depth: usize,
    /// How large a file may be that is read.
    pub file_bytes: u64,
    /// How many bytes are read of all files together.
    pub total_bytes: u64,
    /// How long the search may take.
    pub time: Duration,
    /// The Codex home, which is not a part of any project, although it is named `.codex`.
    pub codex_home: Option<PathBuf>,
    /// Further names of files of instructions, relative to any folder: `project_doc_fallback_filenames` of Codex.
    pub fallback_names: Vec<String>,
}

impl Default for LayerLimits {
    fn default() -> Self {
        Self {
            entries: 200_000,
            depth: 64,
            file_bytes: 1 << 20,
            total_bytes: 16 << 20,
            time: Duration::from_secs(5),
            codex_home: None,
            fallback_names: Vec::new(),
        }
    }
}

impl ProjectLayer {
    /// Finds what Codex reads when it is started in `cwd`: in this folder and in each above it, up to the top of the
    /// repository. Without a repository it is the folder alone.
    ///
    /// It blocks on the file system.
    pub fn of_turn(cwd: impl AsRef<Path>, limits: &LayerLimits) -> Self {
        Self::of_chain(cwd.as_ref(), &[".git".to_owned()], limits)
    }

    /// Finds all such files at every depth below a folder, those of nested repositories included. Links to folders
    /// within it are followed only where Codex would follow them.
    ///
    /// It blocks on the file system.
    pub fn below(root: impl AsRef<Path>, limits: &LayerLimits) -> Self {
        scan::below(root.as_ref(), limits)
    }

    pub(crate) fn of_chain(cwd: &Path, root_markers: &[String], limits: &LayerLimits) -> Self {
        scan::chain(cwd, root_markers, limits)
    }

    /// The files, sorted by path.
    pub fn files(&self) -> &[LayerFile] {
        &self.files
    }

    /// Whether the search came to its end before its limits did.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The files of one kind.
    pub fn of_kind(&self, kind: LayerFileKind) -> impl Iterator<Item = &LayerFile> {
        self.files.iter().filter(move |file| file.kind == kind)
    }

    /// The further names of instructions that settings of the layer set. They count for Codex if its programs do, and then
    /// belong into [`LayerLimits::fallback_names`] of another search.
    pub fn fallback_names(&self) -> Vec<String> {
        let settings =
            self.of_kind(LayerFileKind::Program).filter(|file| file.path.ends_with(".codex/config.toml"));
        let names = settings.filter_map(|file| {
            let LayerContent::Bytes(bytes) = &file.content else { return None };
            fallback_names(&str::from_utf8(bytes).ok()?.parse().ok()?)
        });
        names.flatten().collect()
    }

    /// Adds a file that settings of the layer name, such as the program of an MCP server, as it is now.
    #[must_use = "the layer is changed in the returned value"]
    pub fn and_program(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        if !self.files.iter().any(|file| file.path == path) {
            let content = scan::content(&path, path.parent().unwrap_or(&path), &LayerLimits::default());
            self.files.push(LayerFile { path, kind: LayerFileKind::Program, content });
            self.files.sort_by(|one, other| one.path.cmp(&other.path));
        }
        self
    }

    /// Whether the files of a kind are the same now: all that `now` has, and all that were added to this one.
    pub(crate) fn still_is(&self, now: &Self, kind: LayerFileKind) -> bool {
        let added = self.of_kind(kind).filter(|file| !now.files.iter().any(|other| other.path == file.path));
        let now = added.fold(now.clone(), |now, file| now.and_program(file.path.clone()));
        let is_known = |file: &LayerFile| file.content != LayerContent::Unread;
        let same = self.of_kind(kind).eq(now.of_kind(kind)) && now.of_kind(kind).all(is_known);
        same && self.complete && now.complete
    }
}

/// Shows how long it is: it may be anybody's secret.
impl std::fmt::Debug for LayerContent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(formatter, "Bytes({} bytes)", bytes.len()),
            Self::Link(target) => formatter.debug_tuple("Link").field(target).finish(),
            Self::Unread => formatter.write_str("Unread"),
        }
    }
}

#[cfg(test)]
mod tests;
