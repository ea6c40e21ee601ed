//! A record is opened: everything that may fail comes before the number is taken.

use std::sync::Arc;

use codex_protocol::with_causes;

use super::log::FileTurnLog;
use crate::claims::{Claims, HeadCache, VisibleIds};
use crate::git::Created;
use crate::ledger_error::LedgerError;
use crate::manifest::{ClaimEntry, Extra};
use crate::record::git_mode::GitMode;
use crate::record::heads::{Heads, number};
use crate::record::journal::{
    HeaderEntry, INTENT, Intent, Journal, OPENED, OpenedEntry, SECRETS, StateBefore,
};
use crate::record::kept::Kept;
use crate::record::ledger_folder::LedgerFolder;
use crate::record::ledger_mark::LedgerMark;
use crate::record::ledger_options::DirtyWorktree;
use crate::record::locks::LockFile;
use crate::record::parts::LedgerParts;
use crate::record::recover::Recovery;
use crate::record::seal::forget;
use crate::record::secret_files::Secrets;
use crate::record::turn_header::TurnHeader;
use crate::system::Identities;
use crate::values::Oid;

pub(super) fn open_turn(
    parts: &Arc<LedgerParts>,
    lock: LockFile,
    header: TurnHeader,
) -> Result<FileTurnLog, LedgerError> {
    look_at_ledger(parts)?;
    let mut warnings = Vec::new();
    if let Err(error) = Recovery::new(parts, &lock).journals() {
        warnings.push(format!("an earlier turn could not be recovered: {}", with_causes(&error)));
    }
    let mut header = HeaderEntry::from(header);
    let before = look(parts, &mut header, &mut warnings)?;
    let kept = Kept::take(parts)?;
    LedgerMark::new(before.branch.clone(), before.head.clone()).write(parts);
    if header.initiator.is_none() {
        header.initiator = parts.vcs.user_name().map_err(LedgerError::git("ask for the user's name"))?;
    }
    let records = kept.names_of_records().filter_map(number).collect();
    let cache = parts.dirs.heads_cache();
    let heads = Heads::among(&records, &parts.places, parts.disk.as_ref(), &cache)?;
    let visible = VisibleIds::among(kept.names_of_records(), parts.places.root());
    let uid = parts.identities.uid();
    let above = HeadCache::read(&parts.dirs.head_cache()).map_or(0, |cache| cache.highest);
    let journal = Journal::at(parts.dirs.journal(&uid));
    parts
        .disk
        .create_dir_all(journal.folder())
        .and_then(|()| parts.disk.sync_dir(&parts.dirs.journals()))
        .map_err(LedgerError::disk("open a journal", journal.folder()))?;
    let intent = Intent { uid: uid.clone(), header: header.clone(), parents: heads.links.clone(), above };
    journal.write(parts.disk.as_ref(), INTENT, &intent)?;
    let opened = match claim(parts, intent, before, visible) {
        Ok(opened) => opened,
        Err(error) => {
            // Nothing was claimed, so nothing is to be recovered.
            if matches!(error, LedgerError::Claim(_)) {
                let _ = forget(parts, &journal);
            }
            return Err(error);
        }
    };
    let secrets = Secrets::read(parts);
    journal.write(parts.disk.as_ref(), SECRETS, &secrets.hashes())?;
    journal.write(parts.disk.as_ref(), OPENED, &opened)?;
    if opened.header.git_mode == GitMode::Branch {
        let branch = branch_ref(&opened);
        parts.vcs.attach_head(&branch).map_err(LedgerError::git("go to the branch of the turn"))?;
    }
    Ok(FileTurnLog::new(parts.clone(), lock, journal, opened, kept, secrets, warnings))
}

/// Refuses to record where there is no ledger, or not any more.
pub(super) fn look_at_ledger(parts: &LedgerParts) -> Result<(), LedgerError> {
    let root = parts.vcs.worktree_root();
    match LedgerFolder::look(root) {
        LedgerFolder::Replaced { path, by } => return Err(LedgerError::Replaced { path, by }),
        LedgerFolder::Absent if LedgerMark::is_missed(parts) => {
            return Err(LedgerError::Gone { root: root.to_owned() });
        }
        LedgerFolder::Absent | LedgerFolder::Here => {}
    }
    if std::fs::symlink_metadata(parts.places.index()).is_ok_and(|found| found.is_file()) {
        Ok(())
    } else {
        Err(LedgerError::NotInitialised { root: root.to_owned() })
    }
}

/// Looks at the worktree, and refuses to mix the user's changes with the turn's.
fn look(
    parts: &LedgerParts,
    header: &mut HeaderEntry,
    warnings: &mut Vec<String>,
) -> Result<StateBefore, LedgerError> {
    let looked = parts.vcs.look(&LedgerParts::exclude());
    let (standing, snapshot) = looked.map_err(LedgerError::git("look at the worktree"))?;
    if standing.dirty && header.git_mode.commits() {
        match parts.options.dirty {
            DirtyWorktree::Refuse => {
                return Err(LedgerError::Refused {
                    step: "commit what the turn will change",
                    reason: "the worktree has changes of its own outside of the ledger".to_owned(),
                });
            }
            DirtyWorktree::RecordOnly => {
                header.git_mode = GitMode::Record;
                warnings.push("the worktree had changes of its own, so nothing is committed".to_owned());
            }
        }
    }
    Ok(StateBefore {
        head: standing.head.map(|oid| oid.to_string()),
        branch: standing.branch,
        tree: snapshot.tree.to_string(),
        dirty: standing.dirty,
        ignored_rules: snapshot.ignored_rules,
        too_large: snapshot.too_large,
    })
}

fn claim(
    parts: &LedgerParts,
    intent: Intent,
    mut before: StateBefore,
    visible: VisibleIds,
) -> Result<OpenedEntry, LedgerError> {
    let identities = Chosen { uid: &intent.uid, nonces: parts.identities.as_ref() };
    let claim = Claims::new(
        parts.vcs.as_ref(),
        parts.disk.as_ref(),
        parts.clock.as_ref(),
        &identities,
        parts.waiter.as_ref(),
        &parts.options.claim,
    )
    .allocate(visible)?;
    let mut opened = OpenedEntry {
        uid: intent.uid,
        turn_id: claim.turn_id,
        started: claim.started,
        claim: ClaimEntry { scope: claim.scope, oid: claim.oid.to_string(), extra: Extra::new() },
        header: intent.header,
        parents: intent.parents,
        before: None,
    };
    if opened.header.git_mode == GitMode::Branch {
        let name = branch_ref(&opened);
        if let Some(head) = before.head.as_deref().and_then(|head| head.parse::<Oid>().ok()) {
            make_branch(parts, &name, &head)?;
        }
        before.branch = Some(format!("turn/{}", opened.turn_id));
    }
    opened.before = Some(before);
    Ok(opened)
}

fn make_branch(parts: &LedgerParts, name: &str, head: &Oid) -> Result<(), LedgerError> {
    let step = "make the branch of the turn";
    match parts.vcs.create_ref(name, head, &[]).map_err(LedgerError::git(step))? {
        Created::Made { .. } | Created::Unsigned { .. } => Ok(()),
        Created::Exists { .. } => {
            Err(LedgerError::Refused { step, reason: format!("{name} was there before") })
        }
        Created::Locked { reason, .. } => Err(LedgerError::Refused { step, reason }),
    }
}

fn branch_ref(opened: &OpenedEntry) -> String {
    format!("refs/heads/turn/{}", opened.turn_id)
}

/// Gives a claim the uid that the journal has already.
struct Chosen<'a> {
    uid: &'a str,
    nonces: &'a dyn Identities,
}

impl Identities for Chosen<'_> {
    fn uid(&self) -> String {
        self.uid.to_owned()
    }

    fn nonce(&self) -> String {
        self.nonces.nonce()
    }
}
