//! Claims that no journal knows of become records, too.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::Recovery;
use crate::claims::{SEAL_PREFIX, TAG_PREFIX};
use crate::ledger_error::LedgerError;
use crate::record::git_mode::GitMode;
use crate::record::heads::Heads;
use crate::record::journal::{HeaderEntry, INTENT, Intent, Journal};
use crate::record::turn_header::TaskHeader;
use crate::values::TurnId;

impl Recovery<'_> {
    /// Opens a journal for every claim of this repository that has neither a record nor a journal anywhere.
    ///
    /// A journal is there before its claim is, in whichever worktree it is made. So a claim without one has no
    /// living owner in this repository.
    pub(super) fn adopt_orphans(&self) -> Result<Vec<Journal>, LedgerError> {
        let parts = self.parts;
        let claims = self.claims().list()?;
        let mut taken: BTreeSet<TurnId> = BTreeSet::new();
        for prefix in [SEAL_PREFIX, TAG_PREFIX] {
            let refs = parts.vcs.list_refs(prefix).map_err(LedgerError::git("list what is sealed"))?;
            taken.extend(
                refs.iter().filter_map(|found| found.name.strip_prefix(prefix)?.parse::<TurnId>().ok()),
            );
        }
        let mut journals = None;
        let mut adopted = Vec::new();
        for (id, oid) in claims {
            if taken.contains(&id) || parts.places.turn(id).symlink_metadata().is_ok() {
                continue;
            }
            let Some(blob) = self.blob(&oid)?.filter(|blob| blob.turn_id == id && is_plain(&blob.uid)) else {
                continue;
            };
            let journals = journals.get_or_insert_with(|| self.journals_of_all_worktrees());
            if journals.contains(&blob.uid) {
                continue;
            }
            let journal = Journal::at(parts.dirs.journal(&blob.uid));
            let heads = Heads::find(&parts.places, parts.disk.as_ref(), &parts.dirs.heads_cache())?;
            let user = parts.vcs.user_name().map_err(LedgerError::git("ask for the user's name"))?;
            let intent = Intent {
                uid: blob.uid.clone(),
                header: HeaderEntry {
                    task: TaskHeader::named("unknown"),
                    initiator: user,
                    agent: "unknown".to_owned(),
                    model: None,
                    git_mode: GitMode::Record,
                    context: Vec::new(),
                    tool: "unknown".to_owned(),
                    pattern: None,
                    continuation: None,
                },
                // A record that was made meanwhile is not before it.
                parents: heads.links.into_iter().filter(|head| head.turn_id < id).collect(),
                above: id.get() - 1,
            };
            parts
                .disk
                .create_dir_all(journal.folder())
                .map_err(LedgerError::disk("open a journal", journal.folder()))?;
            journal.write(parts.disk.as_ref(), INTENT, &intent)?;
            self.open_adopted(&journal, intent, id, &oid, &blob)?;
            adopted.push(journal);
        }
        Ok(adopted)
    }

    fn journals_of_all_worktrees(&self) -> BTreeSet<String> {
        self.journal_folders().into_iter().flat_map(names).collect()
    }
}

fn names(folder: PathBuf) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// A uid that somebody made up must not lead out of the folder of journals.
pub(super) fn is_plain(uid: &str) -> bool {
    !uid.is_empty() && uid.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
