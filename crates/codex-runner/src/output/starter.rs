//! [`write_starter`]: a small working pipeline for a project that has none.

use std::io::{self, Write as _};
use std::path::Path;

use super::open_folder::{AgentFolders, OpenFolder};

/// The folder of the contexts.
const CONTEXT: &str = "ai/context";
/// The folder of the pattern.
const PATTERN: &str = "ai/context/application-implementation-patterns/starter";

/// A file of the starter, after [`write_starter`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StarterFile {
    /// Its path below the root.
    pub path: String,
    /// Whether it was written; if not, something was there, and stays.
    pub is_new: bool,
}

/// A file of the starter could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path} of the starter")]
#[non_exhaustive]
pub struct StarterError {
    /// Its path below the root; empty if the root itself cannot be opened.
    pub path: String,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// A file of the starter.
struct Starter {
    folder: &'static str,
    name: &'static str,
    text: &'static str,
}

const FILES: [Starter; 7] = [
    Starter {
        folder: CONTEXT,
        name: "session_context.md",
        text: include_str!("../../starter/session_context.md"),
    },
    Starter {
        folder: CONTEXT,
        name: "project_context.md",
        text: include_str!("../../starter/project_context.md"),
    },
    Starter {
        folder: PATTERN,
        name: "pattern_context.md",
        text: include_str!("../../starter/pattern_context.md"),
    },
    Starter {
        folder: PATTERN,
        name: "task-pipeline.md",
        text: include_str!("../../starter/task-pipeline.md"),
    },
    Starter {
        folder: PATTERN,
        name: "tasks/TASK 01 - Describe the project.task.md",
        text: include_str!("../../starter/TASK 01 - Describe the project.task.md"),
    },
    Starter {
        folder: PATTERN,
        name: "tasks/TASK 02 - Check the description.task.md",
        text: include_str!("../../starter/TASK 02 - Check the description.task.md"),
    },
    Starter { folder: "", name: "codex-turns.toml", text: include_str!("../../starter/codex-turns.toml") },
];

/// Writes the starter of a pipeline into a project: contexts, a pattern of two tasks, and settings.
///
/// What is there is not overwritten. No link below the root is followed.
///
/// # Errors
///
/// A file cannot be written; the error names it. Those before it are written.
///
/// ```
/// use codex_runner::write_starter;
///
/// let project = tempfile::tempdir()?;
/// let files = write_starter(project.path())?;
/// assert!(files.iter().all(|file| file.is_new));
/// assert!(project.path().join("codex-turns.toml").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_starter(root: &Path) -> Result<Vec<StarterFile>, StarterError> {
    let name = root.file_name().map_or_else(|| "project".into(), |name| name.to_string_lossy());
    let mut written = Vec::new();
    // The root is what the caller named, over whatever links.
    let folder = OpenFolder::open(root, &AgentFolders::default())
        .map_err(|source| StarterError { path: String::new(), source })?;
    for file in &FILES {
        let path = Path::new(file.folder).join(file.name).display().to_string();
        let text = file.text.replace("@NAME@", &name);
        match write_new(&folder, file, &text) {
            Ok(is_new) => written.push(StarterFile { path, is_new }),
            Err(source) => return Err(StarterError { path, source }),
        }
    }
    Ok(written)
}

/// Writes a file, unless something is there, be it a link to nowhere; returns whether it did.
fn write_new(root: &OpenFolder, file: &Starter, text: &str) -> io::Result<bool> {
    let path = Path::new(file.folder).join(file.name);
    let folder = root.make_below(path.parent().unwrap_or(Path::new("")))?;
    match folder.create_new(path.file_name().expect("a file of the starter has a name"), 0o666) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_there_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("codex-turns.toml");
        fs::write(&own, "mine").unwrap();
        let first = write_starter(folder.path()).unwrap();
        assert_eq!(first.iter().filter(|file| file.is_new).count(), FILES.len() - 1);
        assert_eq!(fs::read_to_string(&own).unwrap(), "mine");
        let context = folder.path().join("ai/context/project_context.md");
        assert!(!fs::read_to_string(&context).unwrap().contains("@NAME@"), "the project has a name");
        fs::write(&context, "changed").unwrap();
        let second = write_starter(folder.path()).unwrap();
        assert!(second.iter().all(|file| !file.is_new), "{second:?}");
        assert_eq!(fs::read_to_string(&context).unwrap(), "changed");
    }
}
