//! [`TrustPolicy`]: from flags, the environment and the user's state to what is trusted of a project.

use std::path::{Path, PathBuf};

use codex_ledger::GitCli;
use codex_ledger::git::{EntryKind, ReadObjects as _, Refs as _};
use codex_ledger::values::{Oid, RepoPath};

use super::{
    FileList, Trust, TrustError, TrustGiven, TrustStore, TrustWord, WritablePlaces, add_all, is_commit,
    named_files, ref_name,
};
use crate::causes::causes;
use crate::environment::Environment;
use crate::runner_error::RunnerError;
use crate::settings::{Belief, FILE_NAME, SettingsFile};

/// The variable that says what is trusted.
pub const VARIABLE: &str = "CODEX_TURNS_TRUST";
const FLAG: &str = "--trust-ref";

/// What decides whether the files of a project are trusted.
pub(crate) struct TrustPolicy<'a> {
    /// The real path of the project.
    root: &'a Path,
    environment: Environment,
    /// Whether all files are trusted as they are now.
    everything: bool,
    word: Option<TrustWord>,
    /// A ref, and what has named it.
    refs: Vec<(&'static str, String)>,
    store: Result<TrustStore, TrustError>,
}

/// Whether the settings of a project are believed, and if they are not, why.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TrustDecision {
    /// They are.
    Trusted,
    /// Nobody has trusted them.
    Unknown,
    /// Other bytes were trusted.
    Changed,
    /// They cannot be trusted, or nobody knows whether they are.
    Refused(String),
}

impl TrustDecision {
    /// Whether the settings that need trust count.
    pub fn belief(&self) -> Belief {
        match self {
            Self::Trusted => Belief::Trusted,
            Self::Unknown | Self::Changed | Self::Refused(_) => Belief::Untrusted,
        }
    }

    /// Why they do not count, and what to do about it.
    pub fn reason(&self) -> String {
        match self {
            Self::Trusted => "trusted".to_owned(),
            Self::Unknown => "not trusted; `codex-turns trust` shows and trusts them".to_owned(),
            Self::Changed => {
                "not trusted since it changed; `codex-turns trust` shows what changed and trusts it"
                    .to_owned()
            }
            Self::Refused(error) => format!("not trusted: {error}"),
        }
    }
}

/// Refuses a turn whose agent could write to the trust store: later commands, of other projects too, would believe what it
/// forges. A store in a temporary folder is never believed, so it does not count.
///
/// # Errors
///
/// One of these folders contains the store.
pub fn keep_store_from(
    environment: &Environment,
    writable: impl IntoIterator<Item = PathBuf>,
) -> Result<(), TrustError> {
    let state = environment.state_dir();
    let in_reach = |folders: WritablePlaces| match TrustStore::below(state.path(), &folders) {
        Err(error @ TrustError::StoreInReach { .. }) => Some(error),
        Ok(_) | Err(_) => None,
    };
    let is_never_believed = in_reach(WritablePlaces::new(environment.temporary())).is_some();
    let found = in_reach(WritablePlaces::new(writable)).filter(|_| !is_never_believed);
    found.map_or(Ok(()), Err)
}

impl<'a> TrustPolicy<'a> {
    /// Takes what was said; `writable` are folders that an agent may write to, other than the project and the temporary
    /// ones.
    ///
    /// # Errors
    ///
    /// The variable or the flag says neither which bytes nor which ref.
    pub(crate) fn of(
        root: &'a Path,
        given: &TrustGiven,
        environment: &Environment,
        writable: &[PathBuf],
    ) -> Result<Self, RunnerError> {
        let mut refs = Vec::new();
        let word = environment
            .setting(VARIABLE)
            .map(|text| understood(VARIABLE, text, TrustWord::parse))
            .transpose()?;
        if let Some(TrustWord::Ref(name)) = &word {
            refs.push((VARIABLE, name.clone()));
        }
        if let Some(text) = &given.at_ref {
            refs.push((FLAG, understood(FLAG, text, ref_name)?));
        }
        let places = environment.temporary().chain([root.to_owned()]).chain(writable.iter().cloned());
        let places = WritablePlaces::new(places);
        let store = TrustStore::below(environment.state_dir().path(), &places);
        let environment = environment.clone();
        Ok(Self { root, environment, everything: given.everything, word, refs, store })
    }

    /// The store of this user.
    ///
    /// # Errors
    ///
    /// It lies where an agent or another user may write.
    pub(crate) fn store(self) -> Result<TrustStore, TrustError> {
        self.store
    }

    /// Decides of a file of settings. Files that it names are opened only if its own bytes are trusted.
    ///
    /// # Errors
    ///
    /// A ref is not there, or cannot be read.
    pub(crate) fn decide(&self, file: &SettingsFile) -> Result<TrustDecision, RunnerError> {
        let (trust, otherwise) = self.said();
        let alone = settings(file);
        let trust = self.at_refs(trust, &alone)?;
        let digest = match &self.word {
            Some(TrustWord::Digest(digest)) => Some(digest),
            Some(TrustWord::Ref(_)) | None => None,
        };
        if digest.is_none() && !trust.covers(&alone, &alone) {
            return Ok(otherwise);
        }
        let whole = match covered(self.root, file) {
            Ok(whole) => whole,
            Err(error) => return Ok(TrustDecision::Refused(causes(&error))),
        };
        let mut trust = self.at_refs(trust, &whole)?;
        let mut all = whole.clone();
        if let Some(digest) = digest {
            trust = trust.whole(digest.clone());
            add_all(self.root, &mut all);
        }
        Ok(if trust.covers(&whole, &all) { TrustDecision::Trusted } else { otherwise })
    }

    /// Decides of files that Codex reads by itself.
    ///
    /// # Errors
    ///
    /// A ref is not there, or cannot be read.
    pub(crate) fn decide_files(&self, files: &FileList) -> Result<TrustDecision, RunnerError> {
        let (trust, otherwise) = self.said();
        let mut trust = self.at_refs(trust, files)?;
        let mut whole = files.clone();
        if let Some(TrustWord::Digest(digest)) = &self.word {
            trust = trust.whole(digest.clone());
            let file = SettingsFile::of_project(self.root)?;
            match everything(self.root, file.as_ref()) {
                Ok(files) => whole = files,
                Err(error) => return Ok(TrustDecision::Refused(causes(&error))),
            }
        }
        Ok(if trust.covers(files, &whole) { TrustDecision::Trusted } else { otherwise })
    }

    /// The name of a ref at which these files are others, if they have to be those of a ref.
    ///
    /// # Errors
    ///
    /// It is not there, or cannot be read.
    pub(crate) fn differing_ref(
        &self,
        files: &FileList,
        is_known: bool,
    ) -> Result<Option<&str>, RunnerError> {
        for (name, text) in &self.refs {
            let failed = |problem| TrustError::Ref { name, text: text.clone(), problem };
            let there = at_ref(&self.environment, self.root, text, files).map_err(failed)?;
            if !is_known || !there.contains(files) {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// Whether these files are what the commit has that is checked out.
    pub(crate) fn is_committed(&self, files: &FileList) -> bool {
        let head = self.environment.git().discover(self.root).ok().and_then(|git| git.head().ok().flatten());
        let there = head.and_then(|head| at_ref(&self.environment, self.root, &head.to_string(), files).ok());
        there.is_some_and(|there| there.contains(files))
    }

    /// What was also said of refs and of all files together, and what holds otherwise.
    fn said(&self) -> (Trust, TrustDecision) {
        let trust = if self.everything { Trust::default().everything() } else { Trust::default() };
        match &self.store {
            Ok(store) => match store.load(self.root) {
                Ok(Some(record)) => (trust.files(record.files), TrustDecision::Changed),
                Ok(None) => (trust, TrustDecision::Unknown),
                Err(error) => (trust, TrustDecision::Refused(causes(&error))),
            },
            Err(error) => (trust, TrustDecision::Refused(causes(error))),
        }
    }

    /// Adds what these files are at the refs.
    fn at_refs(&self, mut trust: Trust, files: &FileList) -> Result<Trust, RunnerError> {
        for (name, text) in &self.refs {
            let failed = |problem| TrustError::Ref { name, text: text.clone(), problem };
            trust = trust.files(at_ref(&self.environment, self.root, text, files).map_err(failed)?);
        }
        Ok(trust)
    }
}

/// Reads what a variable or a flag says.
fn understood<T>(
    name: &'static str,
    text: &str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, TrustError> {
    read(text).map_err(|problem| TrustError::Word { name, text: text.to_owned(), problem })
}

/// The list of the file of settings alone.
fn settings(file: &SettingsFile) -> FileList {
    let mut files = FileList::default();
    let name = file.below.as_ref().map_or_else(|| FILE_NAME.into(), |below| below.to_string_lossy());
    files.add(name, file.bytes());
    files
}

/// The files whose bytes are trusted together: the file of settings, and those that its commands name.
///
/// # Errors
///
/// One of them cannot be trusted.
pub(crate) fn covered(root: &Path, file: &SettingsFile) -> Result<FileList, TrustError> {
    let mut files = settings(file);
    // A file that is not TOML is an error of its own.
    let commands = file.commands().unwrap_or_default();
    for command in &commands.texts {
        named_files(root, command, &commands.reports, &mut files)?;
    }
    Ok(files)
}

/// All files whose bytes are trusted together: those of [`covered`], and those that Codex reads by itself.
///
/// # Errors
///
/// One of them cannot be trusted.
pub(crate) fn everything(root: &Path, file: Option<&SettingsFile>) -> Result<FileList, TrustError> {
    let mut files = file.map_or_else(|| Ok(FileList::default()), |file| covered(root, file))?;
    add_all(root, &mut files);
    Ok(files)
}

/// What these files are at a ref; those that are not there are left out.
fn at_ref(environment: &Environment, root: &Path, name: &str, files: &FileList) -> Result<FileList, String> {
    let git = environment.git().discover(root).map_err(|error| causes(&error))?;
    let commit = resolve(&git, name)?;
    let tree = git.tree_of(&commit).map_err(|error| causes(&error))?;
    let mut found = FileList::default();
    for path in files.paths() {
        let Ok(place) = RepoPath::from_bytes(path.as_bytes()) else { continue };
        let entry = git.entry(&tree, &place).map_err(|error| causes(&error))?;
        let Some(entry) = entry.filter(|entry| matches!(entry.kind, EntryKind::File | EntryKind::Executable))
        else {
            continue;
        };
        let hashes = git.blob_sha256s(&[entry.oid]).map_err(|error| causes(&error))?;
        if let [hash] = hashes.as_slice() {
            found.add_hashed(path, hash);
        }
    }
    Ok(found)
}

/// The commit of a ref. A short name is one of a branch, of this repository or of a remote: tags come with whatever
/// is fetched, and git would take a tag first.
fn resolve(git: &GitCli, name: &str) -> Result<Oid, String> {
    if is_commit(name) {
        return name.parse().map_err(|error: codex_ledger::values::InvalidOid| error.to_string());
    }
    let full = if name.starts_with("refs/") {
        vec![name.to_owned()]
    } else {
        ["refs/heads", "refs/remotes"].map(|folder| format!("{folder}/{name}")).to_vec()
    };
    let mut found: Vec<(String, Oid)> = Vec::new();
    for full in full {
        if let Some(oid) = git.read_ref(&full).map_err(|error| causes(&error))? {
            found.push((full, oid));
        }
    }
    match found.as_slice() {
        [(_, oid)] => Ok(oid.clone()),
        [(_, one), (_, other)] if one == other => Ok(one.clone()),
        [] => Err("there is no such branch; name a tag in full, as refs/tags/NAME".to_owned()),
        _ => {
            Err("both a branch and a branch of a remote have this name; name one in full, as refs/heads/NAME"
                .to_owned())
        }
    }
}
