//! [`Trust`]: which bytes of a project's files a person has said to believe.
//!
//! Nothing here prints or reads the environment: folders, words and places are handed in. What decides is never read
//! from the files that it decides about.

mod file_list;
mod named_files;
mod places;
mod project_file;
mod setting_texts;
mod store;
mod trust_error;
mod trust_word;
mod words;

pub(crate) use file_list::{Digest, FileList};
pub(crate) use named_files::named_files;
pub(crate) use places::Places;
pub(crate) use project_file::{FileRefused, read_below};
pub(crate) use setting_texts::SettingTexts;
pub(crate) use store::{Record, TrustStore};
pub(crate) use trust_error::TrustError;
pub(crate) use trust_word::{TrustWord, is_commit, ref_name};

/// What a person has said of the files of one project. One yes is enough.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    words: Vec<Said>,
}

/// One thing that was said.
#[derive(Clone, Debug)]
enum Said {
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
        self.with(Said::Everything)
    }

    /// Adds: files with these bytes.
    pub(crate) fn files(self, files: FileList) -> Self {
        self.with(Said::Files(files))
    }

    /// Adds: the covered files, if this is the digest of all of them.
    pub(crate) fn whole(self, digest: Digest) -> Self {
        self.with(Said::Whole(digest))
    }

    /// Returns whether each of these files is trusted as it is; `whole` has all covered files of the project.
    pub(crate) fn covers(&self, files: &FileList, whole: &FileList) -> bool {
        self.words.iter().any(|said| match said {
            Said::Everything => true,
            Said::Files(known) => known.contains(files),
            Said::Whole(digest) => whole.contains(files) && whole.digest() == *digest,
        })
    }

    fn with(mut self, said: Said) -> Self {
        self.words.push(said);
        self
    }
}

#[cfg(test)]
mod tests;
