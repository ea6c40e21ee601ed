//! What commits and tags have in common: who made them and when.

use super::GitCli;
use super::process::Call;
use crate::git::vcs::{Created, Identity, Refs as _, Tag, VcsError};

const TAG: &str = "write a tag";

impl GitCli {
    pub(super) fn tag_once(&self, tag: &Tag, signed: bool) -> Result<Created, VcsError> {
        let name = format!("refs/tags/{}", tag.name);
        let sign = if signed { "--sign" } else { "--no-sign" };
        let call = self.runner.git(TAG).args(["tag", "--annotate", sign, "--cleanup=verbatim", "-F", "-"]);
        let call = by(call.args(["--", &tag.name, tag.target.as_str()]), &tag.identity, tag.when);
        let output = call.stdin(tag.message.as_str()).run()?;
        let found = self.read_ref(&name)?;
        match (output.code, found) {
            (Some(0), Some(oid)) => Ok(Created::Made { oid, signed }),
            (_, Some(oid)) => Ok(Created::Exists { name, oid }),
            (_, None) => Err(output.failed()),
        }
    }
}

/// Sets who does it and when.
pub(super) fn by<'c>(call: Call<'c>, identity: &Identity, when: jiff::Timestamp) -> Call<'c> {
    let date = format!("@{} +0000", when.as_second());
    call.env("GIT_AUTHOR_NAME", &identity.name)
        .env("GIT_AUTHOR_EMAIL", &identity.email)
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_COMMITTER_NAME", &identity.name)
        .env("GIT_COMMITTER_EMAIL", &identity.email)
        .env("GIT_COMMITTER_DATE", date)
}

pub(super) fn is_yes(value: &str) -> bool {
    ["true", "yes", "on", "1"].iter().any(|word| value.eq_ignore_ascii_case(word))
}
