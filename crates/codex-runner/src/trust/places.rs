//! [`WritablePlaces`]: folders that an agent may write to.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

/// As many links are followed in one path.
const LINKS: usize = 40;

/// Folders that an agent in workspace-write may write to. They are compared by what the file system says they are,
/// not by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct WritablePlaces(Vec<PathBuf>);

impl WritablePlaces {
    /// Takes the folders; those that are not there do not count.
    pub(crate) fn new(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(folders.into_iter().collect())
    }

    /// Returns the folder in which a path lies, or through which a link in it leads.
    pub(crate) fn holding(&self, path: &Path) -> Option<&Path> {
        let passed: BTreeSet<(u64, u64)> =
            passed(path).iter().filter_map(|folder| fs::metadata(folder).ok()).map(identity).collect();
        let holds =
            |folder: &&PathBuf| fs::metadata(folder).is_ok_and(|found| passed.contains(&identity(found)));
        self.0.iter().find(holds).map(PathBuf::as_path)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it maps what is read and used once")]
fn identity(found: Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

/// Every folder that is passed on the way to a path, those of its links included; the path itself counts.
fn passed(path: &Path) -> Vec<PathBuf> {
    let (mut here, mut passed, mut links) = (PathBuf::from("/"), vec![PathBuf::from("/")], 0);
    let mut left: Vec<PathBuf> = parts(path);
    while let Some(part) = left.pop() {
        if part.as_os_str() == ".." {
            here.pop();
            continue;
        }
        let next = here.join(part);
        match fs::read_link(&next) {
            Ok(target) if links < LINKS => {
                links += 1;
                if target.is_absolute() {
                    here = PathBuf::from("/");
                }
                left.extend(parts(&target));
            }
            Ok(_) | Err(_) => {
                here = next;
                passed.push(here.clone());
            }
        }
    }
    passed
}

/// The parts of a path, the last one first.
fn parts(path: &Path) -> Vec<PathBuf> {
    let named = path.components().filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir));
    let mut parts: Vec<PathBuf> = named.map(|part| PathBuf::from(part.as_os_str())).collect();
    parts.reverse();
    parts
}
