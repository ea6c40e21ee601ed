//! Reads, makes, moves and deletes refs.

use std::time::Duration;

use super::GitCli;
use super::process::Output;
use crate::Oid;
use crate::locks::file_age;
use crate::vcs::{Created, RefEntry, Swapped, VcsError};

const LIST: &str = "list refs";

impl GitCli {
    pub(super) fn look_up_ref(&self, name: &str) -> Result<Option<Oid>, VcsError> {
        let refs =
            self.runner.git(LIST).args(["for-each-ref", "--format=%(objectname) %(refname)", "--", name]);
        let found = self.read_refs(&refs.succeed()?)?;
        Ok(found.into_iter().find(|found| found.name == name).map(|found| found.oid))
    }

    pub(super) fn refs_below(&self, prefix: &str) -> Result<Vec<RefEntry>, VcsError> {
        let refs =
            self.runner.git(LIST).args(["for-each-ref", "--format=%(objectname) %(refname)", "--", prefix]);
        self.read_refs(&refs.thorough().succeed()?)
    }

    /// `<oid> <name>\n` or `<oid>\t<name>\n`
    pub(super) fn read_refs(&self, output: &[u8]) -> Result<Vec<RefEntry>, VcsError> {
        let lines = output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines
            .map(|line| {
                let end = memchr::memchr2(b' ', b'\t', line).unwrap_or(line.len());
                let name = String::from_utf8_lossy(line.get(end + 1..).unwrap_or_default()).into_owned();
                Ok(RefEntry { name, oid: self.oid(&line[..end], LIST)? })
            })
            .collect()
    }

    pub(super) fn make_ref(&self, name: &str, object: &Oid, absent: &[String]) -> Result<Created, VcsError> {
        let zero = object.zero();
        let mut commands = format!("create {name}\0{object}\0");
        for name in absent {
            commands.extend(["verify ", name, "\0", zero.as_str(), "\0"]);
        }
        let output = self.change_refs("make a ref", commands)?;
        if output.code == Some(0) {
            return Ok(Created::Made { oid: object.clone(), signed: false });
        }
        for name in std::iter::once(name).chain(absent.iter().map(String::as_str)) {
            if let Some(oid) = self.look_up_ref(name)? {
                return Ok(Created::Exists { name: name.to_owned(), oid });
            }
        }
        match self.lock_of(name, &output) {
            Some((reason, age)) => Ok(Created::Locked { reason, age }),
            None => Err(output.failed()),
        }
    }

    /// Moves a ref, or deletes it.
    pub(super) fn swap_ref(&self, name: &str, new: Option<&Oid>, old: &Oid) -> Result<Swapped, VcsError> {
        let commands = match new {
            Some(new) => format!("update {name}\0{new}\0{old}\0"),
            None => format!("delete {name}\0{old}\0"),
        };
        let output = self.change_refs("move a ref", commands)?;
        if output.code == Some(0) {
            return Ok(Swapped::Done);
        }
        let now = self.look_up_ref(name)?;
        if now.as_ref() != Some(old) {
            return Ok(Swapped::Elsewhere(now));
        }
        match self.lock_of(name, &output) {
            Some((reason, age)) => Ok(Swapped::Locked { reason, age }),
            None => Err(output.failed()),
        }
    }

    fn change_refs(&self, step: &'static str, commands: String) -> Result<Output, VcsError> {
        self.runner.git(step).args(["update-ref", "-z", "--stdin"]).stdin(commands).run()
    }

    /// Whether a lock stood in the way, and how old its file is.
    ///
    /// Somebody who had the lock when we asked may be done when we look: then git's words are all there is.
    fn lock_of(&self, name: &str, output: &Output) -> Option<(String, Option<Duration>)> {
        let names_a_lock =
            output.stderr.contains(".lock") || output.stderr.contains("reference already exists");
        let is_at_fault = names_a_lock || output.stderr.contains("but expected");
        let age = file_age(&self.common_dir.join(format!("{name}.lock")));
        (is_at_fault || age.is_some()).then(|| (output.stderr.clone(), age))
    }
}
