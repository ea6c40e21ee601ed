//! Reads and moves refs, by git.

use std::time::Duration;

use super::GitCli;
use super::commits::is_yes;
use super::process::GitOutput;
use crate::git::vcs::{
    Created, PushOutcome, PushedRef, ReadObjects as _, RefEntry, Refs, Signing, Swapped, Tag, TagInfo,
    VcsError, WholeCommit,
};
use crate::system::file_age::file_age;
use crate::values::Oid;

const LIST: &str = "list refs";

impl Refs for GitCli {
    fn head(&self) -> Result<Option<Oid>, VcsError> {
        self.resolve("HEAD^{commit}")
    }

    fn branch(&self) -> Result<Option<String>, VcsError> {
        let output = self.runner.git("read HEAD").args(["symbolic-ref", "--quiet", "HEAD"]).run()?;
        match output.code {
            Some(0) => {
                let name = String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned();
                Ok(Some(name.strip_prefix("refs/heads/").unwrap_or(&name).to_owned()))
            }
            Some(1) => Ok(None),
            _ => Err(output.failed()),
        }
    }

    fn read_ref(&self, name: &str) -> Result<Option<Oid>, VcsError> {
        let refs =
            self.runner.git(LIST).args(["for-each-ref", "--format=%(objectname) %(refname)", "--", name]);
        let found = self.read_refs(&refs.succeed()?)?;
        Ok(found.into_iter().find(|found| found.name == name).map(|found| found.oid))
    }

    fn list_refs(&self, prefix: &str) -> Result<Vec<RefEntry>, VcsError> {
        let refs =
            self.runner.git(LIST).args(["for-each-ref", "--format=%(objectname) %(refname)", "--", prefix]);
        self.read_refs(&refs.thorough().succeed()?)
    }

    fn create_ref(&self, name: &str, object: &Oid, absent: &[String]) -> Result<Created, VcsError> {
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
            if let Some(oid) = self.read_ref(name)? {
                return Ok(Created::Exists { name: name.to_owned(), oid });
            }
        }
        match self.lock_of(name, &output) {
            Some((reason, age)) => Ok(Created::Locked { reason, age }),
            None => Err(output.failed()),
        }
    }

    fn broken_refs(&self, prefix: &str) -> Result<Vec<String>, VcsError> {
        self.find_broken_refs(prefix)
    }

    fn remove_broken_ref(&self, name: &str) -> Result<bool, VcsError> {
        self.remove_if_broken(name)
    }

    fn create_whole_commit(&self, name: &str, commit: &WholeCommit) -> Result<Created, VcsError> {
        self.import(name, commit)
    }

    fn update_ref(&self, name: &str, new: &Oid, old: &Oid) -> Result<Swapped, VcsError> {
        let output = self.change_refs("move a ref", format!("update {name}\0{new}\0{old}\0"))?;
        if output.code == Some(0) {
            return Ok(Swapped::Done);
        }
        let now = self.read_ref(name)?;
        if now.as_ref() != Some(old) {
            return Ok(Swapped::Elsewhere(now));
        }
        match self.lock_of(name, &output) {
            Some((reason, age)) => Ok(Swapped::Locked { reason, age }),
            None => Err(output.failed()),
        }
    }

    fn create_tag(&self, tag: &Tag) -> Result<Created, VcsError> {
        let is_asked_for = || Ok(self.setting("tag.gpgSign")?.is_some_and(|value| is_yes(&value)));
        match tag.signing {
            Signing::Required => self.tag_once(tag, true),
            Signing::Auto if is_asked_for()? => match self.tag_once(tag, true) {
                Err(error @ VcsError::Failed { .. }) => {
                    let made = self.tag_once(tag, false)?;
                    let Created::Made { oid, .. } = made else { return Ok(made) };
                    Ok(Created::Unsigned { oid, reason: error.to_string() })
                }
                other => other,
            },
            Signing::Auto | Signing::Never => self.tag_once(tag, false),
        }
    }

    fn tag(&self, ref_name: &str) -> Result<Option<TagInfo>, VcsError> {
        let Some(oid) = self.read_ref(ref_name)? else { return Ok(None) };
        let object = self.read_object(&oid)?;
        Ok(object.and_then(|object| TagInfo::read(&oid, &object)))
    }

    fn push_new_ref(
        &self,
        remote: &str,
        new: &RefEntry,
        patterns: &[String],
        limit: Duration,
    ) -> Result<PushedRef, VcsError> {
        let lease = format!("--force-with-lease={}:", new.name);
        let pushed = self.push(remote, std::slice::from_ref(new), patterns, &["--atomic", &lease], limit)?;
        let (mut outcomes, there) = pushed;
        let outcome = outcomes.pop().expect("there is an outcome for each ref");
        Ok(PushedRef::new(outcome, there))
    }

    fn push_refs(
        &self,
        remote: &str,
        names: &[String],
        limit: Duration,
    ) -> Result<Vec<PushOutcome>, VcsError> {
        let call = self.runner.git(LIST).args(["for-each-ref", "--format=%(objectname) %(refname)", "--"]);
        let listed = self.read_refs(&call.args(names).succeed()?)?;
        let missing = |name: &String| VcsError::Unreadable {
            step: "push a ref",
            reason: format!("there is no {name}"),
        };
        let find = |name: &String| listed.iter().find(|found| found.name == *name).cloned();
        let refs: Result<Vec<_>, _> =
            names.iter().map(|name| find(name).ok_or_else(|| missing(name))).collect();
        Ok(self.push(remote, &refs?, &[], &[], limit)?.0)
    }

    fn ls_remote(&self, remote: &str, pattern: &str, limit: Duration) -> Result<Vec<RefEntry>, VcsError> {
        self.ls_remote_all(remote, &[pattern.to_owned()], limit)
    }
}

impl GitCli {
    /// The refs of a remote that match one of the patterns.
    pub(super) fn ls_remote_all(
        &self,
        remote: &str,
        patterns: &[String],
        limit: Duration,
    ) -> Result<Vec<RefEntry>, VcsError> {
        let call = self.without_questions(self.runner.git("ask the remote for its refs"))?.limit(limit);
        let call = call.args(["ls-remote", "--quiet", "--refs", "--", remote]).args(patterns);
        self.read_refs(&call.succeed()?)
    }

    /// `<oid> <name>\n` or `<oid>\t<name>\n`
    fn read_refs(&self, output: &[u8]) -> Result<Vec<RefEntry>, VcsError> {
        let lines = output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines
            .map(|line| {
                let end = memchr::memchr2(b' ', b'\t', line).unwrap_or(line.len());
                let name = String::from_utf8_lossy(line.get(end + 1..).unwrap_or_default()).into_owned();
                Ok(RefEntry { name, oid: self.oid(&line[..end], LIST)? })
            })
            .collect()
    }

    fn change_refs(&self, step: &'static str, commands: String) -> Result<GitOutput, VcsError> {
        self.runner.git(step).args(["update-ref", "-z", "--stdin"]).stdin(commands).run()
    }

    /// Whether a lock stood in the way, and how old its file is.
    ///
    /// Somebody who had the lock when we asked may be done when we look: then git's words are all there is.
    fn lock_of(&self, name: &str, output: &GitOutput) -> Option<(String, Option<Duration>)> {
        let names_a_lock =
            output.stderr.contains(".lock") || output.stderr.contains("reference already exists");
        let is_at_fault = names_a_lock || output.stderr.contains("but expected");
        let age = file_age(&self.common_dir.join(format!("{name}.lock")));
        (is_at_fault || age.is_some()).then(|| (output.stderr.clone(), age))
    }
}
