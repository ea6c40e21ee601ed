//! [`Scene`]: a repository and what lies around it, for tests.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use tempfile::{TempDir, tempdir};

use crate::{LayerFile, ProjectLayer};

/// A repository, a folder beside it, and a Codex home.
pub(crate) struct Scene {
    _scratch: TempDir,
    pub(crate) root: PathBuf,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let scratch = tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap();
        for folder in ["home", "project/.git", "beside"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        Self { _scratch: scratch, root }
    }

    pub(crate) fn write(self, name: &str, text: &str) -> Self {
        fs::create_dir_all(self.root.join(name).parent().unwrap()).unwrap();
        fs::write(self.root.join(name), text).unwrap();
        self
    }

    pub(crate) fn link(self, target: &str, name: &str) -> Self {
        fs::create_dir_all(self.root.join(name).parent().unwrap()).unwrap();
        symlink(target, self.root.join(name)).unwrap();
        self
    }

    pub(crate) fn short(&self, text: &str) -> String {
        text.replace(&self.root.display().to_string(), "")
    }

    pub(crate) fn found(&self, layer: &ProjectLayer) -> Vec<String> {
        let one = |file: &LayerFile| {
            format!("{:?} {} {:?}", file.kind, self.short(&file.path.display().to_string()), file.content)
        };
        layer.files().iter().map(one).collect()
    }
}
