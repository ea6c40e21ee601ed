//! From settings to a ledger: its options, what is redacted, and where Codex's own records are.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use codex_exec::{ApiKey, InvocationParts, tie_to_this_thread};
use codex_ledger::claims::ClaimMode;
use codex_ledger::git::GitCliBuilder;
use codex_ledger::record::{EventsLog, LedgerFolder, SecretFiles, Watch};
use codex_ledger::redaction::parse_dotenv;
use codex_ledger::values::Places;
use codex_ledger::{Cause, FileLedger, LedgerError, LedgerOptions, RedactionRules, Redactor};
use rustix::fs::OFlags;

use super::Project;
use super::rollouts::Rollouts;
use crate::environment::Environment;
use crate::files_matching::{SearchLimits, files_matching};
use crate::runner_error::RunnerError;
use crate::settings::{ClaimReach, Settings};
use crate::trust::layer_limits;

/// A file of secrets is not longer; what is longer is not read.
const SECRETS_LIMIT_BYTES: u64 = 1 << 20;

/// How far files of secrets are looked for before a turn starts.
const SECRETS_SEARCH: SearchLimits =
    SearchLimits { entries: 200_000, files: 1_000, depth: 64, time: Duration::from_secs(5) };

/// The program that records, as records name it.
pub const TOOL: &str = concat!("codex-turns@", env!("CARGO_PKG_VERSION"));

impl Project {
    /// Opens the ledger of the project as the settings have it, with the secrets of the project redacted. Writes nothing.
    ///
    /// # Errors
    ///
    /// There is no worktree of git, or git is missing.
    pub fn open_ledger(&self, codex_home: Option<&Path>) -> Result<FileLedger, LedgerError> {
        let rules = redaction(&self.environment, &self.settings);
        self.open_with(rules, codex_home, &layer_limits(codex_home).fallback_names)
    }

    /// Opens the ledger for turns that ask this of Codex, with the secrets redacted that it is given, and to which the user's
    /// configuration of Codex names further files of instructions.
    ///
    /// # Errors
    ///
    /// As those of [`open_ledger`](Self::open_ledger).
    pub(crate) fn open_ledger_of(
        &self,
        parts: &InvocationParts,
        fallback_names: &[String],
    ) -> Result<FileLedger, LedgerError> {
        let rules = redaction(&self.environment, &self.settings).environment(given(parts));
        self.open_with(rules, parts.codex_home.as_deref(), fallback_names)
    }

    fn open_with(
        &self,
        rules: RedactionRules,
        codex_home: Option<&Path>,
        fallback_names: &[String],
    ) -> Result<FileLedger, LedgerError> {
        let mut options = options(self.root(), &self.settings);
        options.worktree_wait = self.said.worktree_wait;
        let further = fallback_names.iter().map(|name| format!("**/{name}"));
        options.watch = further.fold(options.watch, Watch::and);
        FileLedger::builder(self.root(), rules)
            .git(self.git())
            .options(options)
            .rollouts(Arc::new(Rollouts::of(codex_home, self.environment.codex_home())))
            .open()
    }

    /// Looks whether turns were recorded in a project that has no ledger now.
    ///
    /// # Errors
    ///
    /// They were, at the last turn on this branch; or something that leads elsewhere stands where the ledger is.
    pub fn must_not_miss_ledger(&self) -> Result<(), RunnerError> {
        let root = self.root();
        if !self.place.may_have_had_ledger() && !leads_to_ledger(root) {
            return Ok(());
        }
        let ledger = match self.open_ledger(None) {
            Ok(ledger) => ledger,
            Err(error) if error.cause() == Cause::Repository => return Err(RunnerError::Ledger(error)),
            // Without git nothing was ever recorded.
            Err(_) => return Ok(()),
        };
        match LedgerFolder::look(root) {
            LedgerFolder::Replaced { path, by, .. } if ledger.is_missing() || leads_to_ledger(root) => {
                Err(RunnerError::Ledger(LedgerError::replaced(path, by)))
            }
            LedgerFolder::Absent if ledger.is_missing() => Err(RunnerError::Ledger(LedgerError::gone(root))),
            LedgerFolder::Here | LedgerFolder::Absent | LedgerFolder::Replaced { .. } | _ => Ok(()),
        }
    }

    /// Returns what takes out of other texts the secrets that records do not hold either, with all files of secrets as they
    /// are now.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub fn redactor(&self) -> Result<Redactor, RunnerError> {
        let files = secret_files(self.root(), &self.settings.ledger.redact.files.value);
        let pairs = files.iter().flat_map(|(_, bytes)| parse_dotenv(bytes));
        Redactor::new(redaction(&self.environment, &self.settings).dotenv(pairs))
            .map_err(|error| RunnerError::Redaction(error.into()))
    }
}

/// Starts an empty ledger if there is none; records that are there without an index get one again.
///
/// # Errors
///
/// Files cannot be written, or a turn runs here that may write them.
pub fn start_ledger(ledger: &FileLedger) -> Result<(), LedgerError> {
    if !ledger.is_initialised() {
        ledger.init()?;
        ledger.rebuild_index()?;
    }
    Ok(())
}

/// Returns git as the settings have it started.
pub(super) fn git(environment: &Environment, settings: &Settings) -> GitCliBuilder {
    let settings = &settings.ledger;
    environment
        .git()
        .prepare(tie_to_this_thread)
        .hide(settings.redact.variables.value.iter().cloned())
        .remote_env(settings.remote_env.value.iter().cloned())
}

/// Whether links are all that keeps something from being the ledger.
fn leads_to_ledger(root: &Path) -> bool {
    LedgerFolder::look(root) != LedgerFolder::Here && Places::below(root).index().is_file()
}

fn options(root: &Path, settings: &Settings) -> LedgerOptions {
    let settings = &settings.ledger;
    let mut options = LedgerOptions::default();
    options.claim.mode = match (settings.claim.value, &settings.remote.value) {
        (ClaimReach::Remote, Some(remote)) => ClaimMode::remote(remote),
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
    let (root, patterns) = (root.to_owned(), settings.redact.files.value.clone());
    options.secret_files = SecretFiles::read_by(move || secret_files(&root, &patterns));
    options
}

fn redaction(environment: &Environment, settings: &Settings) -> RedactionRules {
    let settings = &settings.ledger.redact;
    let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    // What a person calls secret is secret, whatever its name: the rules see a name that says so.
    let named = settings.variables.value.iter().filter_map(|wanted| {
        let value = environment.get(wanted)?.to_str()?;
        Some((format!("{wanted}_SECRET"), value.to_owned()))
    });
    // What commands inherit is that of this process, whatever the caller has handed in.
    let rules = RedactionRules::of_environment(named)
        .environment(environment.texts().map(text))
        .environment(environment.inherited_besides())
        .keep(settings.keep.value.iter().cloned());
    match environment.home_dir() {
        Some(home) => rules.home(home),
        None => rules,
    }
}

/// What Codex gets in these turns besides the variables of this process: their own, and the key.
fn given(parts: &InvocationParts) -> Vec<(OsString, OsString)> {
    let key = parts.api_key.iter().map(|key| (ApiKey::VARIABLE.into(), key.expose().into()));
    let set = parts.environment.variables().map(|(name, value)| (name.into(), value.into()));
    set.chain(key).collect()
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
