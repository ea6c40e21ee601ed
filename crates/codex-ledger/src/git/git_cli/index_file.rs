//! [`IndexFile`]: git's index as a file, copied without the entries of a folder.

mod cache_tree;
mod entries;
mod open_index;

use std::collections::BTreeSet;
use std::fs::{self, File, FileTimes};
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::SystemTime;

use self::entries::is_repository;
use self::open_index::{BUFFER_BYTES, ExtensionForm, HEADER_BYTES, OpenIndex, SIGNATURE, is_malformed};
use crate::values::RepoPath;

/// An index, to be copied without a folder.
///
/// Git itself does the same by `git rm --cached`, which compares each entry with a pattern. Here the entries of the folder
/// lie together and are skipped, so that the copy costs little more than reading the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct IndexFile<'a> {
    pub(super) path: &'a Path,
    /// How many bytes the name of an object has in this repository.
    pub(super) oid_bytes: usize,
}

/// What stands in a copy in the place of the folder that it lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder {
    Nothing,
    /// A repository that is not checked out. Git never looks into one, so that it lists no file of the folder.
    Repository,
}

/// What became of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IndexCopy {
    Written,
    /// The index is of a form that is not known here: it is divided, sparse, or of a later version. No copy is complete.
    UnknownForm,
}

impl IndexFile<'_> {
    /// Copies the index without the entries at and below a folder.
    ///
    /// All other entries stay as they are, with their flags and what git knows of their files. Of the extensions only the
    /// names of trees are kept, without those that had the folder in them.
    pub(super) fn copy_without(
        self,
        folder: &RepoPath,
        placeholder: Placeholder,
        to: &Path,
    ) -> io::Result<IndexCopy> {
        let Some(mut from) = OpenIndex::at(self.path, self.oid_bytes)? else {
            return Ok(IndexCopy::UnknownForm);
        };
        let mut target = BufWriter::with_capacity(BUFFER_BYTES, File::create(to)?);
        target.write_all(&[0; HEADER_BYTES])?;
        let copied = from.copy_entries(&mut target, folder, placeholder);
        let copied = copied.and_then(|count| Ok((count, from.copy_extensions(&mut target, folder)?)));
        let count = match copied {
            Ok((count, ExtensionForm::Known)) => count,
            Ok((_, ExtensionForm::Unknown)) => return Ok(IndexCopy::UnknownForm),
            Err(error) if is_malformed(&error) => return Ok(IndexCopy::UnknownForm),
            Err(error) => return Err(error),
        };
        // Git accepts zeros in the place of a sum, and computes none with `index.skipHash`.
        target.write_all(&vec![0; self.oid_bytes])?;
        let mut target = target.into_inner().map_err(io::IntoInnerError::into_error)?;
        target.seek(SeekFrom::Start(0))?;
        // Version 3 has all that versions 2 and 4 have, and paths as they are.
        target.write_all(&[*SIGNATURE, 3_u32.to_be_bytes(), count.to_be_bytes()].concat())?;
        Ok(IndexCopy::Written)
    }

    /// The paths at which the index has a commit of another repository; `None` if it is of a form that is not known here.
    pub(super) fn repositories(self) -> io::Result<Option<BTreeSet<RepoPath>>> {
        let Some(mut from) = OpenIndex::at(self.path, self.oid_bytes)? else { return Ok(None) };
        let mut found = BTreeSet::new();
        let read = from.each_entry(|fixed, path| {
            if is_repository(fixed) {
                found.extend(RepoPath::from_bytes(path).ok());
            }
            Ok(())
        });
        match read.and_then(|()| from.pass_extensions()) {
            Ok(ExtensionForm::Known) => Ok(Some(found)),
            Ok(ExtensionForm::Unknown) => Ok(None),
            Err(error) if is_malformed(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes the entries of a folder out of this index itself.
    pub(super) fn remove(self, folder: &RepoPath) -> io::Result<IndexCopy> {
        let mut beside = self.path.as_os_str().to_owned();
        beside.push(".without");
        let beside = Path::new(&beside);
        let copied = self.copy_without(folder, Placeholder::Nothing, beside);
        if matches!(copied, Ok(IndexCopy::Written)) {
            set_modified(beside, fs::metadata(self.path)?.modified()?)?;
            fs::rename(beside, self.path)?;
        } else {
            // It need not be there.
            let _ = fs::remove_file(beside);
        }
        copied
    }
}

/// Git takes a file that changed in the same moment in which the index was written for suspect, and reads it. An index with a
/// later time would hide that moment.
pub(super) fn set_modified(path: &Path, modified: SystemTime) -> io::Result<()> {
    File::options().write(true).open(path)?.set_times(FileTimes::new().set_modified(modified))
}
