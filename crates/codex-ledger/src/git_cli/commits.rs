//! Writes and reads commits and tags.

use super::GitCli;
use super::process::Call;
use crate::Oid;
use crate::vcs::{Commit, CommitInfo, Created, GitObject, Identity, Signing, Tag, TagInfo, VcsError};

const COMMIT: &str = "write a commit";
const TAG: &str = "write a tag";
const HISTORY: &str = "read the history";

impl GitCli {
    pub(super) fn write_commit(&self, commit: &Commit) -> Result<Oid, VcsError> {
        let call = self.runner.git(COMMIT).args(["commit-tree", "--no-gpg-sign", commit.tree.as_str()]);
        let parents = commit.parents.iter().flat_map(|parent| ["-p", parent.as_str()]);
        let call = by(call.args(parents).args(["-F", "-"]), &commit.identity, commit.when);
        self.oid(&call.stdin(commit.message.as_str()).succeed()?, COMMIT)
    }

    pub(super) fn read_commit(&self, commit: &Oid) -> Result<Option<CommitInfo>, VcsError> {
        let object = self.read_many(std::slice::from_ref(commit))?.pop().flatten();
        Ok(object.and_then(|object| CommitInfo::read(commit, &object)))
    }

    pub(super) fn history(&self, from: &Oid, limit: usize) -> Result<Vec<CommitInfo>, VcsError> {
        let call =
            self.runner.git(HISTORY).args(["rev-list", &format!("--max-count={limit}"), from.as_str()]);
        let output = call.arg("--").thorough().succeed()?;
        let lines = output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let commits = lines.map(|line| self.oid(line, HISTORY)).collect::<Result<Vec<_>, _>>()?;
        let objects = self.read_many(&commits)?;
        let read = |(oid, object): (&Oid, Option<GitObject>)| {
            let unreadable = || VcsError::Unreadable { step: HISTORY, reason: format!("{oid} is no commit") };
            object.and_then(|object| CommitInfo::read(oid, &object)).ok_or_else(unreadable)
        };
        commits.iter().zip(objects).map(read).collect()
    }

    pub(super) fn reaches(&self, ancestor: &Oid, descendant: &Oid) -> Result<bool, VcsError> {
        let call = self.runner.git(HISTORY).args(["merge-base", "--is-ancestor"]);
        let output = call.args([ancestor.as_str(), descendant.as_str()]).thorough().run()?;
        match output.code {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(output.failed()),
        }
    }

    pub(super) fn write_tag(&self, tag: &Tag) -> Result<Created, VcsError> {
        let is_asked_for = || Ok(self.config_value("tag.gpgSign")?.is_some_and(|value| is_yes(&value)));
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

    fn tag_once(&self, tag: &Tag, signed: bool) -> Result<Created, VcsError> {
        let name = format!("refs/tags/{}", tag.name);
        let sign = if signed { "--sign" } else { "--no-sign" };
        let call = self.runner.git(TAG).args(["tag", "--annotate", sign, "--cleanup=verbatim", "-F", "-"]);
        let call = by(call.args(["--", &tag.name, tag.target.as_str()]), &tag.identity, tag.when);
        let output = call.stdin(tag.message.as_str()).run()?;
        let found = self.look_up_ref(&name)?;
        match (output.code, found) {
            (Some(0), Some(oid)) => Ok(Created::Made { oid, signed }),
            (_, Some(oid)) => Ok(Created::Exists { name, oid }),
            (_, None) => Err(output.failed()),
        }
    }

    pub(super) fn read_tag(&self, ref_name: &str) -> Result<Option<TagInfo>, VcsError> {
        let Some(oid) = self.look_up_ref(ref_name)? else { return Ok(None) };
        let object = self.read_many(std::slice::from_ref(&oid))?.pop().flatten();
        Ok(object.and_then(|object| TagInfo::read(&oid, &object)))
    }
}

/// Sets who does it and when.
fn by<'c>(call: Call<'c>, identity: &Identity, when: jiff::Timestamp) -> Call<'c> {
    let date = format!("@{} +0000", when.as_second());
    call.env("GIT_AUTHOR_NAME", &identity.name)
        .env("GIT_AUTHOR_EMAIL", &identity.email)
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_COMMITTER_NAME", &identity.name)
        .env("GIT_COMMITTER_EMAIL", &identity.email)
        .env("GIT_COMMITTER_DATE", date)
}

fn is_yes(value: &str) -> bool {
    ["true", "yes", "on", "1"].iter().any(|word| value.eq_ignore_ascii_case(word))
}
