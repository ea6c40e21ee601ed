//! [`Trust`]: which bytes of a project's files a person has said to believe.
//!
//! Nothing here prints or reads the environment: folders, words and places are handed in. What decides is never read
//! from the files that it decides about.

mod file_list;
mod layer_files;
mod named_files;
mod places;
mod project_file;
mod setting_texts;
mod store;
mod trust_error;
mod trust_policy;
mod trust_word;
mod words;

use std::path::Path;

use crate::environment::Environment;
use crate::runner_error::RunnerError;

pub use file_list::{Digest, FileList, NotADigest};
pub use project_file::FileRefused;
pub use store::{TrustRecord, TrustStore};
pub use trust_error::TrustError;
pub use trust_policy::{TrustDecision, VARIABLE as TRUST_VARIABLE, keep_store_from};

pub use layer_files::layer_limits;
pub(crate) use layer_files::{add, add_all, add_named, layer_effects, shown};
pub(crate) use named_files::named_files;
pub(crate) use places::WritablePlaces;
pub(crate) use project_file::read_below;
pub(crate) use setting_texts::SettingTexts;
pub(crate) use trust_policy::{TrustPolicy, covered, everything};
pub(crate) use trust_word::{TrustWord, is_commit, ref_name};

/// What a caller says of the files of a project, on top of what the user has trusted before.
///
/// ```
/// use codex_runner::TrustGiven;
///
/// // The files count if their bytes are those of the main branch.
/// let trust = TrustGiven::default().at_ref("origin/main");
/// assert!(!trust.everything);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct TrustGiven {
    /// All files are trusted as they are now, and so is a repository within the repository.
    pub everything: bool,
    /// Files are trusted if their bytes are those at this ref of git.
    pub at_ref: Option<String>,
}

impl TrustGiven {
    /// Trusts all files as they are now.
    #[must_use = "this returns the changed value"]
    pub fn everything(mut self) -> Self {
        self.everything = true;
        self
    }

    /// Trusts files whose bytes are those at this ref of git, such as `origin/main`.
    #[must_use = "this returns the changed value"]
    pub fn at_ref(mut self, name: impl Into<String>) -> Self {
        self.at_ref = Some(name.into());
        self
    }
}

/// Opens the store that keeps what this user has trusted of a project.
///
/// # Errors
///
/// It lies where an agent may write, or another user.
pub fn trust_store(root: &Path, environment: &Environment) -> Result<TrustStore, RunnerError> {
    let environment = environment.clone().without_settings();
    Ok(TrustPolicy::of(root, &TrustGiven::default(), &environment, &[])?.store()?)
}

/// What a person has said of the files of one project. One yes is enough.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    statements: Vec<TrustStatement>,
}

/// One thing that was said.
#[derive(Clone, Debug)]
enum TrustStatement {
    /// All files, as they are now.
    Everything,
    /// The files that have these bytes, each by itself.
    Files(FileList),
    /// All covered files together, if this is their digest.
    Whole(Digest),
}

impl Trust {
    /// Adds: all files, as they are now.
    pub(crate) fn everything(self) -> Self {
        self.with(TrustStatement::Everything)
    }

    /// Adds: files with these bytes.
    pub(crate) fn files(self, files: FileList) -> Self {
        self.with(TrustStatement::Files(files))
    }

    /// Adds: the covered files, if this is the digest of all of them.
    pub(crate) fn whole(self, digest: Digest) -> Self {
        self.with(TrustStatement::Whole(digest))
    }

    /// Returns whether each of these files is trusted as it is; `whole` has all covered files of the project.
    pub(crate) fn covers(&self, files: &FileList, whole: &FileList) -> bool {
        self.statements.iter().any(|said| match said {
            TrustStatement::Everything => true,
            TrustStatement::Files(known) => known.contains(files),
            TrustStatement::Whole(digest) => whole.contains(files) && whole.digest() == *digest,
        })
    }

    fn with(mut self, said: TrustStatement) -> Self {
        self.statements.push(said);
        self
    }
}

#[cfg(test)]
mod tests;
