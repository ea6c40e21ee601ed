//! [`SecretFiles`]: the `.env` files of a project, and which of their values a person has put there.

mod committed;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use codex_protocol::url_password;
use serde::{Deserialize, Serialize};

use self::committed::CommittedPairs;
use crate::manifest::Violation;
use crate::record::parts::LedgerParts;
use crate::redaction::{RedactionRules, parse_dotenv};
use crate::system::plain_file::{open_behind_links, read_at_most, read_plain};
use crate::values::sha256_hex;

/// The kind of the violations that name a file of secrets that has changed.
pub(crate) const REDACTION_RULES_CHANGED: &str = "redaction-rules-changed";

/// No configuration of a repository is longer.
const LONGEST_CONFIG_BYTES: u64 = 16 << 20;

/// Reads the files of `NAME=VALUE` lines whose secret-named values no record may hold.
///
/// They are read when a record is opened, and once more when its turns are over, to name those that have changed. Values
/// that a turn has written are remembered in the private folder of the ledger as hashes, and do not count, in this turn
/// or a later one, until a person commits them: commits that turns made do not count.
///
/// ```
/// use codex_ledger::record::SecretFiles;
///
/// let files = SecretFiles::read_by(|| vec![(".env".to_owned(), b"API_TOKEN=t0ps3cret\n".to_vec())]);
/// assert_eq!(files.read()[0].0, ".env");
/// assert!(SecretFiles::default().read().is_empty());
/// ```
#[derive(Clone, Default)]
pub struct SecretFiles {
    read: Option<Arc<ReadFiles>>,
}

type ReadFiles = dyn Fn() -> Vec<(String, Vec<u8>)> + Send + Sync;

impl SecretFiles {
    /// Reads them like this: paths from the top of the worktree, and bytes.
    pub fn read_by(read: impl Fn() -> Vec<(String, Vec<u8>)> + Send + Sync + 'static) -> Self {
        Self { read: Some(Arc::new(read)) }
    }

    /// The files as they are now.
    pub fn read(&self) -> Vec<(String, Vec<u8>)> {
        self.read.as_ref().map(|read| read()).unwrap_or_default()
    }
}

impl fmt::Debug for SecretFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretFiles").finish_non_exhaustive()
    }
}

type NameAndValue = (String, String);

/// The pairs of the files of secrets at one moment.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    files: BTreeMap<String, Vec<NameAndValue>>,
}

/// What the pairs of the files hash to, by file; written to the journal, so that recovery knows what was there before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecretHashes {
    files: BTreeMap<String, BTreeSet<String>>,
}

impl Secrets {
    pub(crate) fn read(parts: &LedgerParts) -> Self {
        let files = parts.options.secret_files.read();
        Self { files: files.into_iter().map(|(path, bytes)| (path, parse_dotenv(&bytes))).collect() }
    }

    pub(crate) fn hashes(&self) -> SecretHashes {
        let hashes = |pairs: &Vec<NameAndValue>| pairs.iter().map(hash).collect();
        SecretHashes { files: self.files.iter().map(|(path, pairs)| (path.clone(), hashes(pairs))).collect() }
    }

    /// The rules of a record: those of the ledger, the pairs that count, and passwords of remotes.
    ///
    /// A pair counts if it was there before the turn and no turn has written or committed it, or if a person has committed
    /// it below `head`. A commit that a person makes on top of one that a turn made says nothing of what is in both.
    pub(crate) fn rules(
        &self,
        parts: &LedgerParts,
        before: &SecretHashes,
        head: Option<&str>,
    ) -> RedactionRules {
        let written = Written::read(parts);
        let mut counting = Vec::new();
        for (path, pairs) in self.files.iter().filter(|(_, pairs)| !pairs.is_empty()) {
            let was_there = before.files.get(path);
            let committed = CommittedPairs::of(parts, path, head);
            for pair in pairs {
                let hash = hash(pair);
                let is_old = was_there.is_some_and(|hashes| hashes.contains(&hash));
                let is_of_turn = written.hashes.contains(&hash) || committed.by_turns.contains(&hash);
                if is_old && !is_of_turn || committed.by_persons.contains(&hash) {
                    counting.push(pair.clone());
                }
            }
        }
        let rules = parts.rules.clone().dotenv(counting);
        // Under a name that says so; a URL speaks for itself.
        rules.environment(remote_urls(parts).into_iter().map(|url| ("git_remote", url)))
    }
}

impl SecretHashes {
    /// Names the files whose pairs are others now, and remembers what a turn has written into them.
    pub(crate) fn violations(&self, parts: &LedgerParts) -> Vec<Violation> {
        let now = Secrets::read(parts).hashes();
        let none = BTreeSet::new();
        let mut violations = Vec::new();
        let mut written = BTreeSet::new();
        let paths: BTreeSet<&String> = self.files.keys().chain(now.files.keys()).collect();
        for path in paths {
            let before = self.files.get(path).unwrap_or(&none);
            let after = now.files.get(path).unwrap_or(&none);
            if before == after {
                continue;
            }
            written.extend(after.difference(before).cloned());
            let what = match (self.files.contains_key(path), now.files.contains_key(path)) {
                (false, _) => "was added",
                (true, false) => "was deleted",
                (true, true) => "was changed",
            };
            let detail = format!("{what} during the turn; what it wrote does not decide what is redacted");
            violations.push(Violation::new(REDACTION_RULES_CHANGED, detail).at(path));
        }
        if !written.is_empty() {
            Written::add(parts, written);
        }
        violations
    }
}

/// The hashes of pairs that turns have written, in the private folder, which an agent in its sandbox cannot write.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Written {
    hashes: BTreeSet<String>,
}

impl Written {
    fn read(parts: &LedgerParts) -> Self {
        let bytes = read_plain(&Self::path(parts)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    fn add(parts: &LedgerParts, hashes: BTreeSet<String>) {
        let mut written = Self::read(parts);
        let known = written.hashes.len();
        written.hashes.extend(hashes);
        if written.hashes.len() == known {
            return;
        }
        let Ok(bytes) = serde_json::to_vec(&written) else { return };
        let (disk, path) = (parts.disk.as_ref(), Self::path(parts));
        let put = disk.create_dir_all(&parts.dirs.worktree).and_then(|()| disk.write_new(&path, &bytes));
        if let Err(error) = put {
            tracing::warn!(path = %path.display(), %error, "what a turn wrote into a file of secrets is not noted");
        }
    }

    fn path(parts: &LedgerParts) -> PathBuf {
        parts.dirs.worktree.join("secrets-of-turns.json")
    }
}

fn hash((name, value): &NameAndValue) -> String {
    sha256_hex(format!("{name}={value}").as_bytes())
}

/// The addresses with a password in the configuration of the repository.
fn remote_urls(parts: &LedgerParts) -> Vec<String> {
    let files = [parts.vcs.common_dir().join("config"), parts.vcs.git_dir().join("config.worktree")];
    let mut urls = Vec::new();
    // A configuration may be a link of its owner.
    let read = |file: &PathBuf| read_at_most(open_behind_links(file)?, LONGEST_CONFIG_BYTES);
    for bytes in files.iter().filter_map(|file| read(file).ok()) {
        let text = String::from_utf8_lossy(&bytes);
        let words = text.split(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '=' | ']'));
        urls.extend(words.filter(|word| url_password(word).is_some()).map(str::to_owned));
    }
    urls
}
