//! [`Starter`]: a small working pipeline for a project that has none.

use std::io::{self, Write as _};
use std::path::Path;

use crate::open_folder::{AgentFolders, OpenFolder};

/// The folder of the contexts.
const CONTEXT: &str = "ai/context";
/// The folder of the pattern.
const PATTERN: &str = "ai/context/application-implementation-patterns/starter";

/// What became of a file of the starter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// It was written.
    New,
    /// Something was there, and stays.
    Kept,
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
        text: include_str!("../starter/session_context.md"),
    },
    Starter {
        folder: CONTEXT,
        name: "project_context.md",
        text: include_str!("../starter/project_context.md"),
    },
    Starter {
        folder: PATTERN,
        name: "pattern_context.md",
        text: include_str!("../starter/pattern_context.md"),
    },
    Starter { folder: PATTERN, name: "task-pipeline.md", text: include_str!("../starter/task-pipeline.md") },
    Starter {
        folder: PATTERN,
        name: "tasks/TASK 01 - Describe the project.task.md",
        text: include_str!("../starter/TASK 01 - Describe the project.task.md"),
    },
    Starter {
        folder: PATTERN,
        name: "tasks/TASK 02 - Check the description.task.md",
        text: include_str!("../starter/TASK 02 - Check the description.task.md"),
    },
    Starter { folder: "", name: "codex-turns.toml", text: include_str!("../starter/codex-turns.toml") },
];

/// Writes the files of the starter that are not there, and says of each what became of it.
///
/// # Errors
///
/// A file cannot be written; the error names it. Those before it are written.
pub(crate) fn write(root: &Path) -> Result<Vec<(String, Written)>, (String, io::Error)> {
    let name = root.file_name().map_or_else(|| "project".into(), |name| name.to_string_lossy());
    let mut written = Vec::new();
    // The root is what the caller named, over whatever links.
    let opened = OpenFolder::open(root, &AgentFolders::default());
    let folder = opened.map_err(|error| (String::new(), error))?;
    for file in &FILES {
        let path = Path::new(file.folder).join(file.name).display().to_string();
        let text = file.text.replace("@NAME@", &name);
        match write_new(&folder, file, &text) {
            Ok(what) => written.push((path, what)),
            Err(error) => return Err((path, error)),
        }
    }
    Ok(written)
}

/// Writes a file, unless something is there, be it a link to nowhere. No link on the way to it is followed.
fn write_new(root: &OpenFolder, file: &Starter, text: &str) -> io::Result<Written> {
    let path = Path::new(file.folder).join(file.name);
    let folder = root.make_below(path.parent().unwrap_or(Path::new("")))?;
    match folder.create_new(path.file_name().expect("a file of the starter has a name"), 0o666) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| Written::New),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Written::Kept),
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
        let first = write(folder.path()).unwrap();
        assert_eq!(first.iter().filter(|(_, what)| *what == Written::New).count(), FILES.len() - 1);
        assert_eq!(fs::read_to_string(&own).unwrap(), "mine");
        let context = folder.path().join("ai/context/project_context.md");
        assert!(!fs::read_to_string(&context).unwrap().contains("@NAME@"), "the project has a name");
        fs::write(&context, "changed").unwrap();
        let second = write(folder.path()).unwrap();
        assert!(second.iter().all(|(_, what)| *what == Written::Kept), "{second:?}");
        assert_eq!(fs::read_to_string(&context).unwrap(), "changed");
    }
}
