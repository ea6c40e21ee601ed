//! [`FindingCode`]: the words for what a verification can find.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Severity;

/// Declares the codes with their words and severities.
macro_rules! codes {
    ($( $(#[$doc:meta])* $variant:ident = $word:literal $severity:ident, )+) => {
        /// What was found, as a word that does not change between releases.
        ///
        /// ```
        /// use codex_ledger::prove::{FindingCode, Severity};
        ///
        /// assert_eq!(FindingCode::ArtifactChanged.as_str(), "artifact-changed");
        /// assert_eq!(FindingCode::ArtifactChanged.severity(), Severity::Error);
        /// assert_eq!(FindingCode::Rebased.severity(), Severity::Note);
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum FindingCode {
            $( $(#[$doc])* $variant, )+
        }

        impl FindingCode {
            /// All of them.
            pub const ALL: &[Self] = &[$( Self::$variant ),+];

            /// The word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }

            /// How much it matters.
            pub fn severity(self) -> Severity {
                match self {
                    $( Self::$variant => Severity::$severity, )+
                }
            }
        }
    };
}

codes! {
    /// A folder of the ledger is a symbolic link or no folder, so nothing below it was read.
    LedgerReplaced = "ledger-replaced" Error,
    /// A file or folder of the ledger cannot be read.
    LedgerUnreadable = "ledger-unreadable" Error,
    /// The attributes file, which keeps git from changing the bytes of records, is gone.
    AttributesMissing = "attributes-missing" Error,
    /// The attributes file is not what it must be.
    AttributesChanged = "attributes-changed" Error,
    /// The folder of a record has no manifest.
    ManifestMissing = "manifest-missing" Error,
    /// A manifest is no JSON, or not of the form of a manifest.
    ManifestUnreadable = "manifest-unreadable" Error,
    /// A manifest contradicts itself or the rules of its format.
    ManifestInvalid = "manifest-invalid" Error,
    /// A manifest has other bytes than the writer gives its content.
    ManifestReserialised = "manifest-reserialised" Error,
    /// The folder of a record has another number than its manifest.
    NumberMismatch = "number-mismatch" Error,
    /// Two records have the same uid.
    UidDuplicate = "uid-duplicate" Error,
    /// A file of a record is gone, and no later record says that it was removed.
    ArtifactMissing = "artifact-missing" Error,
    /// A file of a record has other bytes.
    ArtifactChanged = "artifact-changed" Error,
    /// Something that is no file stands where a file of a record belongs.
    ArtifactReplaced = "artifact-replaced" Error,
    /// The folder of a record has a file that its manifest does not list.
    ArtifactUnlisted = "artifact-unlisted" Error,
    /// The change log names other files than the manifest.
    ChangelogDiffers = "changelog-differs" Error,
    /// A record names a parent that is gone.
    ParentMissing = "parent-missing" Error,
    /// The manifest of a parent has other bytes than when the later record named it.
    ParentChanged = "parent-changed" Error,
    /// A record names a parent that is not earlier.
    ParentLater = "parent-later" Error,
    /// A record says that it removed a file that the other record never had, or had with another hash.
    PurgeMismatch = "purge-mismatch" Error,
    /// A record belongs to this branch and is gone.
    RecordRemoved = "record-removed" Error,
    /// There are records and no index.
    IndexMissing = "index-missing" Error,
    /// The index cannot be read, or has another header.
    IndexUnreadable = "index-unreadable" Error,
    /// A line of the index is no row.
    IndexLineBroken = "index-line-broken" Error,
    /// A record has no row.
    RowMissing = "row-missing" Error,
    /// A record has more than one row.
    RowDuplicate = "row-duplicate" Error,
    /// The row of a record differs from what its manifest says.
    RowChanged = "row-changed" Error,
    /// A row has no record.
    RowWithoutRecord = "row-without-record" Error,
    /// The ref of a claim points at something else than the record says.
    ClaimMismatch = "claim-mismatch" Error,
    /// The tag of a record that was made in this repository is gone.
    TagMissing = "tag-missing" Error,
    /// A tag is not the one that was put on the record.
    TagMoved = "tag-moved" Error,
    /// The ref that guards a record made in this repository is gone.
    SealMissing = "seal-missing" Error,
    /// What guards a record says something else than its manifest.
    SealMismatch = "seal-mismatch" Error,
    /// The commit that the record names as its work exists nowhere.
    HeadAfterMissing = "head-after-missing" Error,
    /// The commit that the record names as its work is not what the tag was put upon.
    HeadAfterUntagged = "head-after-untagged" Error,
    /// The tree of the work commit is not the tree that the record names.
    AfterTreeDiffers = "after-tree-differs" Error,
    /// The patch does not lead from the tree before to the tree after.
    PatchDiffers = "patch-differs" Error,
    /// The lists of changed files are not what git says about the two trees.
    ChangesDiffer = "changes-differ" Error,
    /// An output has another hash than the blob of the tree after.
    OutputDiffers = "output-differs" Error,
    /// A commit changed a record after the commit that brought it, or the worktree has it otherwise than HEAD.
    RecordChanged = "record-changed" Error,
    /// The heads that the git directory remembers are not those of the records.
    HeadsDiffer = "heads-differ" Error,
    /// A claim that was made on the remote is gone there.
    RemoteClaimMissing = "remote-claim-missing" Error,
    /// The remote has another claim on the number.
    RemoteClaimDiffers = "remote-claim-differs" Error,
    /// The remote has another tag of that name.
    RemoteTagDiffers = "remote-tag-differs" Error,
    /// The remote has another seal of that number.
    RemoteSealDiffers = "remote-seal-differs" Error,

    /// The turn is neither running nor recorded.
    UnfinishedTurn = "unfinished-turn" Unfinished,

    /// A turn is running.
    RunningTurn = "running-turn" Note,
    /// Something between the records is none; it is left alone.
    ForeignEntry = "foreign-entry" Note,
    /// A later version wrote it; only its place in the chain was checked.
    NewerFormat = "newer-format" Note,
    /// The manifest has only the oldest keys, so there is nothing to check it against.
    Unsealed = "unsealed" Note,
    /// The record itself says that something should not have happened.
    MarkedTurn = "marked-turn" Note,
    /// A file that was to be removed is there again.
    PurgedFilePresent = "purged-file-present" Note,
    /// The index is readable, but not in the bytes in which it was written.
    IndexForm = "index-form" Note,
    /// A desktop or an editor left a file in the folder of a record.
    StrayFile = "stray-file" Note,
    /// Git put the index back to the last commit, so that records which are not committed have no row.
    IndexBehind = "index-behind" Note,
    /// A commit reverted the one that brought the record.
    Reverted = "reverted" Note,
    /// A commit changed a record, and a later one changed it back.
    RecordRestored = "record-restored" Note,
    /// The commit has it, and a sparse checkout leaves it out.
    NotCheckedOut = "not-checked-out" Note,
    /// Git removed tags that the remote does not have (`fetch --prune-tags`).
    TagPruned = "tag-pruned" Note,
    /// The record is in another worktree, branch or clone.
    Elsewhere = "elsewhere" Note,
    /// A number is not used, and nothing says why.
    UnexplainedGap = "unexplained-gap" Note,
    /// What guards these records is in the clone that made them.
    SealElsewhere = "seal-elsewhere" Note,
    /// The trees of these records are in the clone that made them.
    TreesElsewhere = "trees-elsewhere" Note,
    /// The history of this clone is cut off before the commits of the record.
    HistoryCut = "history-cut" Note,
    /// The branch has the same change in another commit: a rebase, a cherry-pick or an amended message.
    Rebased = "rebased" Note,
    /// The branch has the changes of several records in one commit.
    Squashed = "squashed" Note,
    /// The branch was rewritten, and no commit of it has the same change.
    Rewritten = "rewritten" Note,
    /// The remote does not have seals that are here.
    RemoteSealMissing = "remote-seal-missing" Note,
    /// The remote does not have the tag.
    RemoteTagMissing = "remote-tag-missing" Note,
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for FindingCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
