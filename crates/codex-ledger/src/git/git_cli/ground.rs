//! [`Ground`]: which files of a worktree's surroundings an agent in it can write.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

/// How many links a path may lead through.
const LINKS: usize = 40;

/// A worktree, and whether its own configuration is believed.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    root: PathBuf,
    /// Its git directories, which no agent in a sandbox can write.
    own: Vec<PathBuf>,
    pub(super) is_believed: bool,
}

impl Ground {
    pub(super) fn of(root: &Path, git_dir: &Path, common_dir: &Path) -> Self {
        let (root, git_dir, common_dir) = (real(root), real(git_dir), real(common_dir));
        let entry = root.join(".git");
        let is_elsewhere_inside = |dir: &Path| dir.starts_with(&root) && !dir.starts_with(&entry);
        let is_believed = !is_shared(&root)
            && ![&git_dir, &common_dir].into_iter().any(|dir| is_elsewhere_inside(dir))
            && outermost(&root)
                .is_none_or(|outer| git_dir.starts_with(&outer) && common_dir.starts_with(&outer));
        Self { root, own: vec![entry, git_dir, common_dir], is_believed }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the way to a path, along all of its links, leads through a place that the agent can write.
    ///
    /// A path that is not absolute starts at the root, as programs that git starts do.
    pub(super) fn leads_through(&self, path: &Path) -> bool {
        let path = self.root.join(path);
        let (mut at, mut left, mut links) = (PathBuf::from("/"), steps(&path), 0);
        while let Some(step) = left.pop() {
            if step == ".." {
                at.pop();
                continue;
            }
            at.push(step);
            if self.is_inside(&at) {
                return true;
            }
            let Ok(target) = fs::read_link(&at) else { continue };
            links += 1;
            if links > LINKS {
                return true;
            }
            at.pop();
            if target.is_absolute() {
                at = PathBuf::from("/");
            }
            left.extend(steps(&target));
        }
        false
    }

    fn is_inside(&self, path: &Path) -> bool {
        path != self.root && path.starts_with(&self.root) && !self.own.iter().any(|own| path.starts_with(own))
    }
}

/// The names and `..` of a path, the last first.
fn steps(path: &Path) -> Vec<OsString> {
    let step = |component: Component<'_>| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    };
    path.components().rev().filter_map(step).collect()
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn is_shared(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|metadata| metadata.permissions().mode() & 0o002 != 0)
}

/// The git directory of the outermost worktree that a root lies below, if it lies below one. Those between are as
/// doubtful as the root.
///
/// Git ignores a `.git` folder without `HEAD`, and so does this: a killed Codex sandbox leaves one in `/tmp`.
fn outermost(root: &Path) -> Option<PathBuf> {
    let above = root.ancestors().skip(1).map(|folder| folder.join(".git"));
    let is_git = |entry: &PathBuf| entry.is_file() || entry.join("HEAD").symlink_metadata().is_ok();
    above.filter(is_git).last().map(|entry| real(&entry))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_path_is_followed_along_every_link() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let root = base.join("main");
        for made in ["main/.git/info", "main/tools", "out"] {
            fs::create_dir_all(base.join(made)).unwrap();
        }
        symlink(base.join("out"), root.join("tools/link")).unwrap();
        symlink(root.join("tools/link/x"), base.join("out/through")).unwrap();
        symlink("loop", base.join("out/loop")).unwrap();
        let ground = Ground::of(&root, &root.join(".git"), &root.join(".git"));
        let leads = |path: &str| ground.leads_through(Path::new(path));
        for inside in ["tools/x", "x", "./x", "a/../../out/x", "../main/x", "tools/link/x", "../out/loop"] {
            assert!(leads(inside), "{inside}");
        }
        assert!(leads(base.join("out/through").to_str().unwrap()));
        for outside in ["/bin/cat", "../out/x", ".git/info/x", "../main", "/"] {
            assert!(!leads(outside), "{outside}");
        }
    }

    #[test]
    fn a_repository_below_another_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let outer = folder.path().canonicalize().unwrap();
        let root = outer.join("main");
        fs::create_dir_all(root.join(".git")).unwrap();
        let is_believed = || Ground::of(&root, &root.join(".git"), &root.join(".git")).is_believed;
        assert!(is_believed(), "below none");
        fs::create_dir(outer.join(".git")).unwrap();
        assert!(is_believed(), "below an empty folder");
        fs::write(outer.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        assert!(!is_believed(), "below a repository");
        fs::remove_dir_all(outer.join(".git")).unwrap();
        fs::create_dir(outer.join(".git")).unwrap();
        symlink("refs/heads/unborn", outer.join(".git/HEAD")).unwrap();
        assert!(!is_believed(), "below one whose HEAD is a link");
        fs::remove_dir_all(outer.join(".git")).unwrap();
        fs::write(outer.join(".git"), "gitdir: elsewhere\n").unwrap();
        assert!(!is_believed(), "below one whose git directory is elsewhere");
    }
}
