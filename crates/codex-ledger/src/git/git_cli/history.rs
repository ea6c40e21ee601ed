//! Reads what commits did to files, by git.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::GitCli;
use super::diff::unreadable;
use super::process::Call;
use crate::git::vcs::{Addition, Alteration, History, ObjectKind, PathChange, VcsError};
use crate::values::{Oid, RepoPath};

const STEP: &str = "read what commits did";

impl History for GitCli {
    fn alterations(
        &self,
        since: Option<&Oid>,
        to: &Oid,
        folder: &RepoPath,
    ) -> Result<Vec<Alteration>, VcsError> {
        let mut call = self.file_log("MDT").arg(to.as_str());
        if let Some(since) = since {
            call = call.arg(format!("^{since}"));
        }
        let call = call.arg("--").arg(OsStr::from_bytes(folder.as_bytes()));
        let found = self.read_file_log(&call.succeed()?)?;
        let altered = |(commit, change): LoggedFile| {
            let (_, before) = change.before?;
            Some(Alteration::new(commit, change.path, before, change.after.map(|(_, after)| after)))
        };
        Ok(found.into_iter().filter_map(altered).collect())
    }

    fn additions(&self, paths: &[RepoPath], except: &[String]) -> Result<Vec<Addition>, VcsError> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let without = || except.iter().map(|prefix| format!("--exclude={prefix}*"));
        let call = self.file_log("A").args(without()).arg("--all").args(without()).arg("--reflog");
        let call = if paths.len() > MOST_ARGUMENTS {
            call.arg("--").args(folders_of(paths))
        } else {
            call.arg("--").args(paths.iter().map(|path| OsStr::from_bytes(path.as_bytes())))
        };
        let wanted: BTreeSet<&RepoPath> = paths.iter().collect();
        let found = self.read_file_log(&call.succeed()?)?;
        let added = |(commit, change): LoggedFile| Some(Addition::new(commit, change.path, change.after?.1));
        Ok(found.into_iter().filter_map(added).filter(|added| wanted.contains(&added.path)).collect())
    }

    fn commit_named(&self, revision: &str) -> Result<Option<Oid>, VcsError> {
        self.resolve(&format!("{revision}^{{commit}}"))
    }

    fn merge_base(&self, one: &Oid, other: &Oid) -> Result<Option<Oid>, VcsError> {
        let call = self.runner.git(STEP).args(["merge-base", one.as_str(), other.as_str()]).thorough();
        let output = call.run()?;
        match output.code {
            Some(0) => self.oid(&output.stdout, STEP).map(Some),
            Some(1) => Ok(None),
            _ => Err(output.failed()),
        }
    }

    fn objects_of(&self, kind: ObjectKind) -> Result<Vec<Oid>, VcsError> {
        let word = match kind {
            ObjectKind::Blob => b"blob ".as_slice(),
            ObjectKind::Tree => b"tree ",
            ObjectKind::Commit => b"commit ",
            ObjectKind::Tag => b"tag ",
        };
        let call = self.runner.git(STEP).args(["cat-file", "--batch-all-objects", "--unordered"]);
        let output =
            call.args(["--batch-check=%(objecttype) %(objectname)", "--buffer"]).thorough().succeed()?;
        let lines = output.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(word));
        lines.map(|oid| self.oid(oid, STEP)).collect()
    }

    /// `<letter> <path>\0`, with an S for what is left out.
    fn left_out(&self, folder: &RepoPath) -> Result<BTreeSet<RepoPath>, VcsError> {
        let call = self.runner.git(STEP).env("GIT_LITERAL_PATHSPECS", "1");
        let call = call.args(["ls-files", "-t", "-z", "--full-name", "--"]).thorough();
        let output = call.arg(OsStr::from_bytes(folder.as_bytes())).succeed()?;
        let names = output.split(|byte| *byte == 0).filter_map(|line| line.strip_prefix(b"S "));
        Ok(names.filter_map(|name| RepoPath::from_bytes(name).ok()).collect())
    }
}

/// So many paths fit into a command line.
const MOST_ARGUMENTS: usize = 1000;

/// A commit, and what it did to a file.
type LoggedFile = (Oid, PathChange);

/// The folders two levels above, which are a few for many paths.
fn folders_of(paths: &[RepoPath]) -> BTreeSet<OsString> {
    let above = |path: &RepoPath| {
        let mut parts: Vec<&[u8]> = path.as_bytes().split(|byte| *byte == b'/').collect();
        parts.truncate(parts.len().saturating_sub(2).max(1));
        OsStr::from_bytes(&parts.join(&b'/')).to_owned()
    };
    paths.iter().map(above).collect()
}

impl GitCli {
    /// Lists files with what commits did to them. No side of a merge is left out because the other one explains it.
    fn file_log(&self, letters: &str) -> Call<'_> {
        let call = self.runner.git(STEP).thorough().env("GIT_LITERAL_PATHSPECS", "1");
        let call = call.args(["-c", "diff.orderFile=/dev/null", "-c", "log.showRoot=true", "log"]);
        let call = call.args(["--full-history", "--diff-merges=separate", "--no-renames", "--raw", "-z"]);
        let call = call.args(["--no-ext-diff", "--no-abbrev", "--no-show-signature", "--no-notes"]);
        let call = call.args(["--no-mailmap", "--no-relative", "--no-follow", "--format=commit %H"]);
        call.arg("--no-decorate").arg(format!("--diff-filter={letters}"))
    }

    /// `commit <oid>\0` before `:<mode> <mode> <oid> <oid> <letter>\0<path>\0` for each file; git puts a line feed
    /// between them.
    fn read_file_log(&self, output: &[u8]) -> Result<Vec<LoggedFile>, VcsError> {
        let mut found = Vec::new();
        let mut commit = None;
        let mut tokens = output.split(|byte| *byte == 0);
        while let Some(token) = tokens.next() {
            let token = token.trim_ascii_start();
            if token.is_empty() {
                continue;
            }
            if let Some(oid) = token.strip_prefix(b"commit ") {
                commit = Some(self.oid(oid, STEP)?);
                continue;
            }
            let raw = token.strip_prefix(b":").ok_or_else(|| unreadable(token))?;
            let path = tokens.next().ok_or_else(|| unreadable(token))?;
            let change = self.read_raw(raw, path).ok_or_else(|| unreadable(token))?;
            found.push((commit.clone().ok_or_else(|| unreadable(token))?, change));
        }
        Ok(found)
    }
}
