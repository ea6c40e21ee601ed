//! [`ProjectFolders`]: the folders that contexts and pipelines are read from, and nothing outside of them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, openat};
use serde::Serialize;

use super::problem::{Problem, ProblemCode};
use codex_ledger::values::{Hasher, RepoPath};

/// The project, and the folder that its pipelines come from where that is another one.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProjectFolders {
    project: PathBuf,
    pipelines: Option<PathBuf>,
    /// Other names of the two, such as their place on another machine; the longest first.
    aliases: Vec<(String, PathBuf)>,
}

/// A file or folder below one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Located {
    /// Without symbolic links.
    pub(crate) path: PathBuf,
    /// Relative to the project; what is in the other folder begins with `${AGENTIC_PIPELINE_PROJECT}`.
    pub(crate) shown: String,
    pub(crate) is_folder: bool,
}

/// Why a path leads to nothing that may be read.
#[derive(Debug)]
pub(crate) enum PathFault {
    NotThere,
    /// It leads out of the folders, perhaps over a symbolic link.
    Outside,
    /// It has a `..`.
    ParentPart,
    NoPlainFile,
    TooLong {
        limit: u64,
    },
    NotUtf8 {
        line: u64,
    },
    Io(io::Error),
}

/// A file as it was read.
pub(crate) struct ReadText {
    pub(crate) text: String,
    pub(crate) sha256: String,
}

impl ProjectFolders {
    /// Finds out where the folders really are.
    pub(crate) fn open(project: &Path, pipelines: Option<&Path>) -> Result<Self, (PathBuf, PathFault)> {
        let real = |path: &Path| match fs::canonicalize(path) {
            Ok(real) if real.is_dir() => Ok(real),
            Ok(_) => Err((path.to_owned(), PathFault::NotThere)),
            Err(error) => Err((path.to_owned(), PathFault::of(error))),
        };
        let project = real(project)?;
        let pipelines = pipelines.map(real).transpose()?.filter(|folder| *folder != project);
        Ok(Self { project, pipelines, aliases: Vec::new() })
    }

    pub(crate) fn project(&self) -> &Path {
        &self.project
    }

    /// The folder that pipelines come from.
    pub(crate) fn pipelines(&self) -> &Path {
        self.pipelines.as_deref().unwrap_or(&self.project)
    }

    /// Makes `name` another name of a folder, unless it could be the name of something in a folder.
    pub(crate) fn add_alias(&mut self, name: &str, folder: PathBuf) {
        let name = name.trim_end_matches('/');
        if name.len() > 1 && (name.contains('/') || name.contains("${")) {
            self.aliases.push((name.to_owned(), folder));
            self.aliases.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        }
    }

    /// Finds what a path names: as another name of a folder, as an absolute path below one of the folders, or
    /// relative to one of `bases`, the first that has it.
    pub(crate) fn locate(&self, text: &str, bases: &[&Path]) -> Result<Located, PathFault> {
        let text = text.trim();
        if text.is_empty() || text.contains('\0') {
            return Err(PathFault::NotThere);
        }
        if text.split(['/', '\\']).any(|part| part == "..") {
            return Err(PathFault::ParentPart);
        }
        let mut missing = PathFault::NotThere;
        for candidate in self.candidates(text, bases) {
            match self.real(&candidate) {
                Err(PathFault::NotThere) => {}
                Err(PathFault::Outside) => missing = PathFault::Outside,
                other => return other,
            }
        }
        Err(missing)
    }

    fn candidates(&self, text: &str, bases: &[&Path]) -> Vec<PathBuf> {
        let below = |name: &str| {
            let rest = text.strip_prefix(name)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/').to_owned())
        };
        let folders = || std::iter::once(&self.project).chain(&self.pipelines);
        let mut found: Vec<PathBuf> =
            self.aliases.iter().filter_map(|(name, folder)| Some(folder.join(below(name)?))).collect();
        if let Some(rest) = below("project_root") {
            found.extend(folders().map(|folder| folder.join(&rest)));
        }
        if text.starts_with('/') {
            found.push(PathBuf::from(text));
            // A leading slash also stands for the root of the project.
            found.extend(folders().map(|folder| folder.join(text.trim_start_matches('/'))));
        } else {
            found.extend(bases.iter().map(|base| base.join(text)));
        }
        found
    }

    /// Where a path really is, if that is below one of the folders.
    pub(crate) fn real(&self, path: &Path) -> Result<Located, PathFault> {
        let real = fs::canonicalize(path).map_err(PathFault::of)?;
        let shown = self.shown(&real).ok_or(PathFault::Outside)?;
        let is_folder = real.is_dir();
        Ok(Located { path: real, shown, is_folder })
    }

    /// The path of something below one of the folders as people are shown it.
    pub(crate) fn shown(&self, real: &Path) -> Option<String> {
        let (rest, is_project) = match (real.strip_prefix(&self.project), &self.pipelines) {
            (Ok(rest), _) => (rest, true),
            (Err(_), Some(pipelines)) => (real.strip_prefix(pipelines).ok()?, false),
            (Err(_), None) => return None,
        };
        let name = match RepoPath::from_bytes(rest.as_os_str().as_bytes()) {
            Ok(path) => path.to_string(),
            Err(_) => ".".to_owned(),
        };
        Some(if is_project { name } else { format!("${{AGENTIC_PIPELINE_PROJECT}}/{name}") })
    }

    /// Reads a text of at most `limit` bytes.
    pub(crate) fn read_text(&self, file: &Located, limit: u64) -> Result<ReadText, PathFault> {
        let mut bytes = Vec::new();
        let opened = self.open_file(file)?;
        opened.take(limit + 1).read_to_end(&mut bytes).map_err(PathFault::of)?;
        if bytes.len() as u64 > limit {
            return Err(PathFault::TooLong { limit });
        }
        let sha256 = codex_ledger::values::sha256_hex(&bytes);
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            PathFault::NotUtf8 { line: 1 + memchr::memchr_iter(b'\n', good).count() as u64 }
        })?;
        Ok(ReadText { text, sha256 })
    }

    /// The SHA-256 and the length of a file of at most `limit` bytes.
    pub(crate) fn hash(&self, file: &Located, limit: u64) -> Result<(String, u64), PathFault> {
        let opened = self.open_file(file)?;
        if opened.metadata().map_err(PathFault::of)?.len() > limit {
            return Err(PathFault::TooLong { limit });
        }
        // It may grow while it is read.
        let mut opened = opened.take(limit + 1);
        let (mut hasher, mut buffer) = (Hasher::new(), vec![0; 64 * 1024]);
        loop {
            let count = opened.read(&mut buffer).map_err(PathFault::of)?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
        }
        let bytes = hasher.bytes();
        if bytes > limit { Err(PathFault::TooLong { limit }) } else { Ok((hasher.finish(), bytes)) }
    }

    /// Opens a file part by part, so that what became a symbolic link since it was found is not followed.
    fn open_file(&self, file: &Located) -> Result<File, PathFault> {
        let mut folders = std::iter::once(&self.project).chain(&self.pipelines);
        let (folder, rest) = folders
            .find_map(|folder| Some((folder, file.path.strip_prefix(folder).ok()?)))
            .ok_or(PathFault::Outside)?;
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let mut opened =
            openat(CWD, folder, flags | OFlags::DIRECTORY, Mode::empty()).map_err(PathFault::errno)?;
        let parts: Vec<&OsStr> = rest
            .components()
            .filter_map(|part| match part {
                Component::Normal(name) => Some(name),
                Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => None,
            })
            .collect();
        for (at, part) in parts.iter().enumerate() {
            let kind = if at + 1 == parts.len() { OFlags::NONBLOCK } else { OFlags::DIRECTORY };
            opened = openat(&opened, *part, flags | kind | OFlags::NOFOLLOW, Mode::empty())
                .map_err(PathFault::errno)?;
        }
        let opened = File::from(opened);
        let is_file = opened.metadata().map_err(PathFault::of)?.is_file();
        if is_file { Ok(opened) } else { Err(PathFault::NoPlainFile) }
    }

    /// The names in a folder, sorted, at most `limit`.
    pub(crate) fn names(&self, folder: &Path, limit: usize) -> Result<Vec<String>, PathFault> {
        let folder = self.real(folder)?;
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder.path).map_err(PathFault::of)? {
            if names.len() == limit {
                return Err(PathFault::TooLong { limit: limit as u64 });
            }
            // A name that is not UTF-8 cannot be written into a pipeline file.
            names.extend(entry.map_err(PathFault::of)?.file_name().into_string().ok());
        }
        names.sort();
        Ok(names)
    }
}

impl PathFault {
    pub(crate) fn code(&self) -> ProblemCode {
        match self {
            Self::NotThere => ProblemCode::MissingFile,
            Self::Outside => ProblemCode::Outside,
            Self::ParentPart => ProblemCode::ParentPart,
            Self::NoPlainFile | Self::Io(_) => ProblemCode::Unreadable,
            Self::TooLong { .. } => ProblemCode::TooLong,
            Self::NotUtf8 { .. } => ProblemCode::NotUtf8,
        }
    }

    /// What is wrong, after the name of the file.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::NotThere => "is not there".to_owned(),
            Self::Outside => "leads out of the folders that may be read".to_owned(),
            Self::ParentPart => "has a `..`".to_owned(),
            Self::NoPlainFile => "is no plain file".to_owned(),
            Self::TooLong { limit } => format!("is longer than {limit} bytes"),
            Self::NotUtf8 { line } => format!("is not UTF-8 in line {line}"),
            Self::Io(error) => format!("cannot be read: {error}"),
        }
    }

    pub(crate) fn way_out(&self) -> &'static str {
        match self {
            Self::NotThere => "write it, or name another",
            Self::Outside => "put a copy into the project, or name the folder as the one of the pipelines",
            Self::ParentPart => "write the path from the root of the project",
            Self::NoPlainFile => "name a file",
            Self::TooLong { .. } => "make it shorter",
            Self::NotUtf8 { .. } => "save it as UTF-8",
            Self::Io(_) => "see that it can be read",
        }
    }

    /// The problem of a file.
    pub(crate) fn of_file(&self, file: &str) -> Problem {
        let (line, sentence) = if let Self::NotUtf8 { line } = self {
            (Some(*line), "the file is not UTF-8 here".to_owned())
        } else {
            (None, format!("the file {}", self.sentence()))
        };
        Problem::new(self.code(), file, line, sentence, self.way_out())
    }

    fn of(error: io::Error) -> Self {
        let is_missing = matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
        );
        if is_missing { Self::NotThere } else { Self::Io(error) }
    }

    fn errno(errno: rustix::io::Errno) -> Self {
        Self::of(errno.into())
    }
}
