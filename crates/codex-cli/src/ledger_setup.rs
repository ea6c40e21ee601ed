//! From settings to a ledger: its options, what is redacted, and where Codex's own records are.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use codex_exec::tie_to_this_thread;
use codex_ledger::{
    Cause, ClaimMode, EntryKind, EventsLog, FileLedger, GitCliBuilder, LedgerError, LedgerFolder,
    LedgerOptions, Places, RedactionRules, Redactor, RepoPath, SecretFiles, Vcs as _, Watch, is_git_dir,
    parse_dotenv, share_repository,
};
use rustix::fs::OFlags;

use crate::config::{ClaimReach, Config};
use crate::declared_secrets::git_before_settings;
use crate::failure::Failure;
use crate::files_matching::{SearchLimits, files_matching};
use crate::project::{Project, ProjectKind};
use crate::project_layer;
use crate::rollouts::Rollouts;

/// A file of secrets is not longer; what is longer is not read.
const SECRETS_LIMIT_BYTES: u64 = 1 << 20;

/// How far files of secrets are looked for before a turn starts.
const SECRETS_SEARCH: SearchLimits =
    SearchLimits { entries: 200_000, files: 1_000, depth: 64, time: Duration::from_secs(5) };

/// The program that records, as records name it.
pub(crate) const TOOL: &str = concat!("codex-turns@", env!("CARGO_PKG_VERSION"));

/// Opens the ledger of a project as the settings have it. Writes nothing.
///
/// # Errors
///
/// There is no worktree of git there, or git is missing.
pub(crate) fn open(
    root: &Path,
    config: &Config,
    codex_home: Option<&PathBuf>,
) -> Result<FileLedger, LedgerError> {
    let limits = project_layer::limits(codex_home.map(PathBuf::as_path));
    open_watching(root, config, codex_home, &limits.fallback_names)
}

/// The same for turns, which may have their own names for further files of instructions.
///
/// # Errors
///
/// As those of [`open`].
pub(crate) fn open_watching(
    root: &Path,
    config: &Config,
    codex_home: Option<&PathBuf>,
    fallback_names: &[String],
) -> Result<FileLedger, LedgerError> {
    let mut options = options(root, config);
    let further = fallback_names.iter().map(|name| format!("**/{name}"));
    options.watch = further.fold(options.watch, Watch::and);
    FileLedger::builder(root)
        .git(git(config))
        .options(options)
        .rollouts(Arc::new(Rollouts::of(codex_home)))
        .open()
}

/// How git is started: it ends with us, and gets no secret but those that a setting names for remotes.
pub(crate) fn git(config: &Config) -> GitCliBuilder {
    let settings = &config.ledger;
    git_before_settings()
        .prepare(tie_to_this_thread)
        .hide(settings.redact.variables.value.iter().cloned())
        .remote_env(settings.remote_env.value.iter().cloned())
}

/// Makes an empty ledger where there is none; records that are there without an index get one again.
///
/// # Errors
///
/// Files cannot be written, or a turn runs here that may write them.
pub(crate) fn make(ledger: &FileLedger) -> Result<(), LedgerError> {
    if !ledger.is_initialised() {
        ledger.init()?;
        ledger.rebuild_index()?;
    }
    Ok(())
}

/// Looks whether turns were recorded in a project that has no ledger now.
///
/// # Errors
///
/// They were, at the last turn on this branch; or something that leads elsewhere stands where the ledger is.
pub(crate) fn must_not_be_missing(project: &Project, config: &Config) -> Result<(), Failure> {
    let root = &project.root;
    if !project.may_have_had_ledger() && !leads_to_ledger(root) {
        return Ok(());
    }
    let ledger = match open(root, config, None) {
        Ok(ledger) => ledger,
        Err(error) if error.cause() == Cause::Repository => return Err(Failure::Ledger(error)),
        // Without git nothing was ever recorded.
        Err(_) => return Ok(()),
    };
    match LedgerFolder::look(root) {
        LedgerFolder::Replaced { path, by } if ledger.is_missing() || leads_to_ledger(root) => {
            Err(Failure::Ledger(LedgerError::Replaced { path, by }))
        }
        LedgerFolder::Absent if ledger.is_missing() => {
            Err(Failure::Ledger(LedgerError::Gone { root: root.clone() }))
        }
        LedgerFolder::Here | LedgerFolder::Absent | LedgerFolder::Replaced { .. } | _ => Ok(()),
    }
}

/// Checks that the turns of this project do not belong to the ledger of another one: an agent can plant a `.git` in a folder of
/// a project that records turns, or replace the folder by a link to another repository.
///
/// # Errors
///
/// They do, or git fails. A nested repository that has a ledger of its own, such as a submodule, is fine, and so is a linked
/// worktree.
pub(crate) fn must_not_be_eclipsed(project: &Project, dir: &Path) -> Result<(), Failure> {
    let root = &project.root;
    for outer in recording(root.ancestors().skip(1)) {
        if !share_repository(root, outer) && (!project.has_ledger() || is_tracked(outer, root)?) {
            return Err(Failure::Eclipsed { root: root.clone(), outer: outer.to_owned() });
        }
    }
    let typed = typed(dir);
    for outer in recording(typed.ancestors()) {
        if fs::canonicalize(outer).is_ok_and(|real| !root.starts_with(real)) {
            return Err(Failure::LeadsOut {
                typed: typed.clone(),
                root: root.clone(),
                outer: outer.to_owned(),
            });
        }
    }
    Ok(())
}

/// Returns the folders that are the root of a project which records turns.
fn recording<'p>(folders: impl Iterator<Item = &'p Path>) -> impl Iterator<Item = &'p Path> {
    folders.filter(|folder| {
        let project = Project { root: (*folder).to_owned(), kind: ProjectKind::Worktree };
        is_git_dir(&folder.join(".git")) && (project.has_ledger() || project.may_have_had_ledger())
    })
}

/// Returns a folder as the caller named it, with the links on the way to it. A shell knows those of the working directory.
fn typed(dir: &Path) -> PathBuf {
    let here = env::current_dir().unwrap_or_default();
    let of_shell = env::var_os("PWD").map(PathBuf::from);
    let of_shell = of_shell
        .filter(|path| path.is_absolute() && fs::canonicalize(path).ok() == fs::canonicalize(&here).ok());
    of_shell.unwrap_or(here).join(dir)
}

/// Returns whether the last commit of a repository contains a path as a folder, not as a submodule.
fn is_tracked(outer: &Path, folder: &Path) -> Result<bool, Failure> {
    const STEP: &str = "read the outer project";
    let failed = |source| Failure::Ledger(LedgerError::Git { step: STEP, source });
    let git = match git_before_settings().discover(outer).map_err(failed) {
        Ok(git) => git,
        Err(Failure::Ledger(error)) if error.cause() == Cause::Repository => {
            return Err(Failure::Ledger(error));
        }
        Err(_) => return Ok(false),
    };
    let inner = folder.strip_prefix(git.worktree_root()).ok();
    let Some(path) = inner.and_then(|path| RepoPath::from_bytes(path.as_os_str().as_bytes()).ok()) else {
        return Ok(false);
    };
    let Some(head) = git.head().map_err(failed)? else { return Ok(false) };
    let tree = git.tree_of(&head).map_err(failed)?;
    Ok(git.entry(&tree, &path).map_err(failed)?.is_some_and(|entry| entry.kind == EntryKind::Folder))
}

/// Whether links are all that keeps something from being the ledger.
fn leads_to_ledger(root: &Path) -> bool {
    LedgerFolder::look(root) != LedgerFolder::Here && Places::below(root).index().is_file()
}

fn options(root: &Path, config: &Config) -> LedgerOptions {
    let settings = &config.ledger;
    let mut options = LedgerOptions::default();
    options.claim.mode = match (settings.claim.value, &settings.remote.value) {
        (ClaimReach::Remote, Some(remote)) => ClaimMode::Remote { remote: remote.clone() },
        (ClaimReach::Local | ClaimReach::Remote, _) => ClaimMode::Local,
    };
    options.claim.give_up = settings.limits.claim.value;
    options.claim.remote_limit = settings.limits.remote.value;
    options.push_limit = settings.limits.remote.value;
    options.push.clone_from(&settings.push.value);
    options.sign = settings.sign.value;
    options.dirty = settings.dirty.value;
    options.events = if settings.events.value { EventsLog::On } else { EventsLog::Off };
    options.log_limit_bytes = size(settings.limits.log_bytes.value);
    options.prompt_limit_bytes = size(settings.limits.prompt_bytes.value);
    options.patch_limit_bytes = settings.limits.patch_bytes.value;
    options.paths_limit = size(settings.limits.paths.value);
    options.redaction = redaction(config);
    let (root, patterns) = (root.to_owned(), settings.redact.files.value.clone());
    options.secret_files = SecretFiles::read_by(move || secret_files(&root, &patterns));
    options
}

/// Finds the secrets that records of a project do not hold either, with all files of secrets as they are now.
///
/// # Errors
///
/// There are too many.
pub(crate) fn redactor(root: &Path, config: &Config) -> Result<Redactor, Failure> {
    let files = secret_files(root, &config.ledger.redact.files.value);
    let pairs = files.iter().flat_map(|(_, bytes)| parse_dotenv(bytes));
    Redactor::new(redaction(config).dotenv(pairs)).map_err(|error| Failure::Setup(io::Error::other(error)))
}

fn redaction(config: &Config) -> RedactionRules {
    let settings = &config.ledger.redact;
    let text = |value: std::ffi::OsString| value.into_string().ok();
    let variables: Vec<(String, String)> =
        env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect();
    // What somebody calls secret is secret, whatever its name: the rules see a name that says so.
    let named = settings.variables.value.iter().filter_map(|wanted| {
        let (name, value) = variables.iter().find(|(name, _)| name == wanted)?;
        Some((format!("{name}_SECRET"), value.clone()))
    });
    let rules = RedactionRules::new()
        .environment(named.collect::<Vec<_>>())
        .environment(variables.iter().cloned())
        .keep(settings.keep.value.iter().cloned());
    match env::home_dir() {
        Some(home) => rules.home(home),
        None => rules,
    }
}

/// The files of secrets that some patterns stand for, by their paths in the project.
fn secret_files(root: &Path, patterns: &[String]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let found = files_matching(root, patterns, SECRETS_SEARCH, &AtomicBool::new(false));
    // The file itself may be a link: what it holds is as secret.
    for path in found.files.iter().chain(&found.links) {
        let file = root.join(path);
        if let Ok(bytes) = read_short(&file) {
            files.push((path.display().to_string(), bytes));
        }
    }
    files
}

/// Reads a regular file that is not too long, behind links too, and waits for nobody at the other end of a pipe.
fn read_short(path: &Path) -> io::Result<Vec<u8>> {
    // Opening a device can do something.
    if !fs::metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    let found = file.metadata()?;
    if !found.is_file() || found.len() > SECRETS_LIMIT_BYTES {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    file.take(SECRETS_LIMIT_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
