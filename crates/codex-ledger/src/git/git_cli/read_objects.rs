//! Reads objects and compares trees, by git.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::GitCli;
use super::batch::{BatchPart, STEP};
use super::diff::{CHANGES, PATCH};
use super::list_and_patch::ListAndPatch;
use crate::git::vcs::{
    Changes, CommitInfo, Comparison, Difference, Exclude, GitObject, Patch, ReadObjects, TreeEntry, VcsError,
};
use crate::values::{Hasher, Oid, RepoPath, TreeId};

const HISTORY: &str = "read the history";

impl ReadObjects for GitCli {
    fn tree_of(&self, commit: &Oid) -> Result<TreeId, VcsError> {
        let missing =
            || VcsError::Unreadable { step: "read a tree", reason: format!("{commit} has no tree") };
        self.resolve(&format!("{commit}^{{tree}}"))?.ok_or_else(missing)
    }

    fn entry(&self, tree: &TreeId, path: &RepoPath) -> Result<Option<TreeEntry>, VcsError> {
        let call = self.ls_tree().arg(tree.as_str()).arg("--").arg(OsStr::from_bytes(path.as_bytes()));
        let entries = self.read_entries(&call.succeed()?)?;
        Ok(entries.into_iter().find(|entry| entry.path == *path))
    }

    /// With a slash at its end a path means what is in the folder.
    fn entries(&self, tree: &TreeId, folder: Option<&RepoPath>) -> Result<Vec<TreeEntry>, VcsError> {
        let mut call = self.ls_tree().arg("-r").arg(tree.as_str()).thorough();
        if let Some(folder) = folder {
            let inside = [folder.as_bytes(), b"/"].concat();
            call = call.arg("--").arg(OsStr::from_bytes(&inside));
        }
        let mut entries = self.read_entries(&call.succeed()?)?;
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(entries)
    }

    fn read_object(&self, object: &Oid) -> Result<Option<GitObject>, VcsError> {
        Ok(self.read_objects(std::slice::from_ref(object))?.pop().flatten())
    }

    fn read_objects(&self, objects: &[Oid]) -> Result<Vec<Option<GitObject>>, VcsError> {
        let mut found = Vec::with_capacity(objects.len());
        let mut current: Option<GitObject> = None;
        self.batch(objects, &mut |part| {
            match part {
                BatchPart::Missing => found.push(None),
                BatchPart::Begin(kind) => current = Some(GitObject { kind, bytes: Vec::new() }),
                BatchPart::Bytes(bytes) => {
                    if let Some(object) = &mut current {
                        object.bytes.extend_from_slice(bytes);
                    }
                }
                BatchPart::End => found.push(current.take()),
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// What `<object>:<path>` names, for each.
    fn oids_at(&self, places: &[(Oid, RepoPath)]) -> Result<Vec<Option<Oid>>, VcsError> {
        if places.iter().any(|(_, path)| path.as_bytes().contains(&b'\n')) {
            // Git repeats the names of what is not there, so that such a path would read as two answers.
            let one = |(object, path): &(Oid, RepoPath)| Ok(self.entry(object, path)?.map(|entry| entry.oid));
            return places.iter().map(one).collect();
        }
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let name = |(object, path): &(Oid, RepoPath)| {
            [object.as_str().as_bytes(), b":", path.as_bytes(), b"\0"].concat()
        };
        let call = self.runner.git(STEP).args(["cat-file", "--batch-check=%(objectname)", "-z", "--buffer"]);
        let output = call.stdin(places.iter().flat_map(name).collect::<Vec<u8>>()).thorough().succeed()?;
        let lines: Vec<&[u8]> = output.split_inclusive(|byte| *byte == b'\n').collect();
        if lines.len() != places.len() {
            let reason = format!("{} of {} answers came", lines.len(), places.len());
            return Err(VcsError::Unreadable { step: STEP, reason });
        }
        let read = |line: &&[u8]| {
            if line.ends_with(b" missing\n") { Ok(None) } else { self.oid(line, STEP).map(Some) }
        };
        lines.iter().map(read).collect()
    }

    fn blob_sha256s(&self, blobs: &[Oid]) -> Result<Vec<String>, VcsError> {
        let mut hashes = Vec::with_capacity(blobs.len());
        let mut current = Hasher::new();
        self.batch(blobs, &mut |part| {
            match part {
                BatchPart::Missing => {
                    let reason = format!("{} is missing", blobs[hashes.len()]);
                    return Err(VcsError::Unreadable { step: STEP, reason });
                }
                BatchPart::Begin(_) => {}
                BatchPart::Bytes(bytes) => current.update(bytes),
                BatchPart::End => hashes.push(std::mem::take(&mut current).finish()),
            }
            Ok(())
        })?;
        Ok(hashes)
    }

    fn changes(&self, before: Option<&TreeId>, after: &TreeId) -> Result<Changes, VcsError> {
        let output = self.diff_tree(CHANGES, before, after).succeed()?;
        self.read_changes(&output)
    }

    fn patch(&self, before: Option<&TreeId>, after: &TreeId, limit_bytes: u64) -> Result<Patch, VcsError> {
        let mut patch = GrowingPatch::new(limit_bytes);
        let output = self.diff_tree(PATCH, before, after).stream(&mut |piece| {
            patch.feed(piece);
            Ok(())
        })?;
        output.ok()?;
        Ok(patch.finish())
    }

    /// One start of git gives the list and the patch. The id is that of the patch without the content of binary files.
    fn difference(&self, before: &TreeId, after: &TreeId, limit_bytes: u64) -> Result<Difference, VcsError> {
        let mut patch = GrowingPatch::new(limit_bytes);
        let mut both = ListAndPatch::default();
        let form = [CHANGES, PATCH, &["--patch"]].concat();
        let output = self.diff_tree(&form, Some(before), after).stream(&mut |piece| {
            patch.feed(both.feed(piece));
            Ok(())
        })?;
        output.ok()?;
        let (changes, patch) = (self.read_changes(&both.list)?, patch.finish());
        let has_binary = changes.binary().next().is_some();
        let patch_id = match &patch.bytes {
            Some(bytes) if !has_binary => self.patch_id_of(bytes)?,
            _ => self.patch_id(Some(before), after)?,
        };
        Ok(Difference::new(changes, patch, patch_id))
    }

    /// Git names binary files by their objects here, which keeps the id short of their bytes.
    fn patch_id(&self, before: Option<&TreeId>, after: &TreeId) -> Result<Option<String>, VcsError> {
        self.patch_id_of(&self.diff_tree(&["--unified=3"], before, after).succeed()?)
    }

    fn compare(
        &self,
        pairs: &[(TreeId, TreeId)],
        exclude: Option<&Exclude>,
    ) -> Result<Vec<Comparison>, VcsError> {
        let Some((_, attributes)) = pairs.last() else { return Ok(Vec::new()) };
        let scope = scope(exclude);
        let mut lists: Vec<Vec<u8>> = vec![Vec::new(); pairs.len()];
        self.sections(attributes, CHANGES, &scope, pairs, &mut |place, bytes| {
            lists[place].extend_from_slice(bytes);
        })?;
        let mut patches: Vec<Hasher> = std::iter::repeat_with(Hasher::new).take(pairs.len()).collect();
        self.sections(attributes, PATCH, &scope, pairs, &mut |place, bytes| patches[place].update(bytes))?;
        let both = lists.iter().zip(patches);
        both.map(|(list, patch)| Ok(Comparison::new(self.read_changes(list)?, patch.finish()))).collect()
    }

    fn patches(
        &self,
        pairs: &[(TreeId, TreeId)],
        exclude: Option<&Exclude>,
        limit_bytes: u64,
    ) -> Result<Vec<Patch>, VcsError> {
        let Some((_, attributes)) = pairs.last() else { return Ok(Vec::new()) };
        let mut patches: Vec<GrowingPatch> =
            std::iter::repeat_with(|| GrowingPatch::new(limit_bytes)).take(pairs.len()).collect();
        let sink = &mut |place: usize, piece: &[u8]| patches[place].feed(piece);
        self.sections(attributes, PATCH, &scope(exclude), pairs, sink)?;
        Ok(patches.into_iter().map(GrowingPatch::finish).collect())
    }

    fn commit(&self, commit: &Oid) -> Result<Option<CommitInfo>, VcsError> {
        let object = self.read_object(commit)?;
        Ok(object.and_then(|object| CommitInfo::read(commit, &object)))
    }

    fn log(&self, from: &Oid, limit: usize) -> Result<Vec<CommitInfo>, VcsError> {
        let call =
            self.runner.git(HISTORY).args(["rev-list", &format!("--max-count={limit}"), from.as_str()]);
        let output = call.arg("--").thorough().succeed()?;
        let lines = output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let commits = lines.map(|line| self.oid(line, HISTORY)).collect::<Result<Vec<_>, _>>()?;
        let objects = self.read_objects(&commits)?;
        let read = |(oid, object): (&Oid, Option<GitObject>)| {
            let unreadable = || VcsError::Unreadable { step: HISTORY, reason: format!("{oid} is no commit") };
            object.and_then(|object| CommitInfo::read(oid, &object)).ok_or_else(unreadable)
        };
        commits.iter().zip(objects).map(read).collect()
    }

    fn is_ancestor(&self, ancestor: &Oid, descendant: &Oid) -> Result<bool, VcsError> {
        let call = self.runner.git(HISTORY).args(["merge-base", "--is-ancestor"]);
        let output = call.args([ancestor.as_str(), descendant.as_str()]).thorough().run()?;
        match output.code {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(output.failed()),
        }
    }

    fn is_shallow(&self) -> Result<bool, VcsError> {
        let call = self.runner.git("look at the history").args(["rev-parse", "--is-shallow-repository"]);
        Ok(call.succeed()?.trim_ascii() == b"true")
    }
}

impl GitCli {
    /// The stable id of a patch; `None` if it is empty.
    fn patch_id_of(&self, patch: &[u8]) -> Result<Option<String>, VcsError> {
        if patch.is_empty() {
            return Ok(None);
        }
        let call = self.runner.git("name a patch").args(["patch-id", "--stable"]).stdin(patch).thorough();
        let output = String::from_utf8_lossy(&call.succeed()?).into_owned();
        Ok(output.split_whitespace().next().map(str::to_owned))
    }
}

/// The arguments that leave something out.
fn scope(exclude: Option<&Exclude>) -> Vec<OsString> {
    let Some(exclude) = exclude else { return Vec::new() };
    let mut spec = OsString::from(":(top,exclude,literal)");
    spec.push(OsStr::from_bytes(exclude.ledger_root.as_bytes()));
    vec![OsString::from("--"), OsString::from("."), spec]
}

/// A patch that comes in pieces, and is dropped once it is too long.
struct GrowingPatch {
    hasher: Hasher,
    bytes: Option<Vec<u8>>,
    limit_bytes: u64,
}

impl GrowingPatch {
    fn new(limit_bytes: u64) -> Self {
        Self { hasher: Hasher::new(), bytes: Some(Vec::new()), limit_bytes }
    }

    fn feed(&mut self, piece: &[u8]) {
        self.hasher.update(piece);
        if self.hasher.bytes() > self.limit_bytes {
            self.bytes = None;
        }
        if let Some(bytes) = &mut self.bytes {
            bytes.extend_from_slice(piece);
        }
    }

    fn finish(self) -> Patch {
        Patch { original_bytes: self.hasher.bytes(), sha256: self.hasher.finish(), bytes: self.bytes }
    }
}
