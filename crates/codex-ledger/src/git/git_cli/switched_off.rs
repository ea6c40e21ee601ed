//! [`SwitchedOff`]: the programs of git's configuration that somebody who writes in the worktree could choose.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::command_words::starts_inside;
use super::config_stamp::ConfigStamp;
use super::ground::Ground;
use super::obstacles::is_pipe;
use super::process::Runner;
use crate::git::git_dir::git_dirs;
use crate::git::vcs::VcsError;

const STEP: &str = "read the configuration";
/// The variable that holds a value; settings are handed over by variables, because a key can have an equals sign in it.
const VARIABLE: &str = "CODEX_TURNS_GIT_VALUE_";
/// Decides whether git starts the programs that the configuration of a local remote names.
const PROTOCOL: &str = "protocol.file.allow";

/// What the configuration sets, and what is switched off of it.
///
/// Clones share it, so that what is seen by one counts for all.
#[derive(Debug, Clone, Default)]
pub(super) struct SwitchedOff(Arc<RwLock<SwitchedOffState>>);

#[derive(Debug, Default)]
struct SwitchedOffState {
    ground: Option<Ground>,
    settings: Vec<ProgramSetting>,
    user: ConfiguredUser,
    off: Vec<(OsString, &'static str)>,
}

/// Who commits, as configured; each value counts as it was last.
#[derive(Debug, Clone, Default)]
pub(super) struct ConfiguredUser {
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    /// How the files stood from which that is known.
    stamp: ConfigStamp,
}

#[derive(Debug, Clone)]
struct ProgramSetting {
    is_own: bool,
    origin: Option<PathBuf>,
    key: Vec<u8>,
    value: Vec<u8>,
}

impl SwitchedOff {
    /// Arguments and variables of a start of git.
    pub(super) fn settings(&self) -> (Vec<OsString>, Vec<(OsString, &'static str)>) {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (mut arguments, mut variables) = (Vec::new(), Vec::new());
        for (number, (key, value)) in state.off.iter().enumerate() {
            let variable = format!("{VARIABLE}{number}");
            let mut argument = OsString::from("--config-env=");
            argument.push(key);
            argument.push(format!("={variable}"));
            arguments.push(argument);
            variables.push((variable.into(), *value));
        }
        if state.off.iter().any(|(key, _)| key.eq_ignore_ascii_case("core.gitProxy")) {
            // Of this setting the first counts, whatever comes after it.
            variables.push(("GIT_PROXY_COMMAND".into(), ""));
        }
        (arguments, variables)
    }

    /// Returns the disabled programs as settings.
    pub(super) fn programs(&self) -> Vec<(OsString, OsString)> {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let programs = state.off.iter().filter(|(key, _)| key != PROTOCOL);
        programs.map(|(key, value)| (key.clone(), OsString::from(value))).collect()
    }

    /// The path without folders in the worktree.
    pub(super) fn path_outside(&self, path: &OsStr) -> Option<OsString> {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let ground = state.ground.as_ref()?;
        let is_outside = |entry: &PathBuf| entry != ground.root() && !ground.leads_through(entry);
        std::env::join_paths(std::env::split_paths(path).filter(is_outside)).ok()
    }
}

impl Runner {
    /// Reads the configuration, which starts nothing, and switches off what is not believed.
    pub(super) fn stand_on(&self, ground: Ground) -> Result<(), VcsError> {
        let (settings, user) = self.list_settings()?;
        self.judge(ground, settings, user);
        Ok(())
    }

    /// Who commits: as the configuration was read for the last time, if none of its files has changed since.
    pub(super) fn configured_user(&self) -> Result<ConfiguredUser, VcsError> {
        self.look_again()?;
        let state = self.switched_off.0.read().unwrap_or_else(PoisonError::into_inner);
        let (user, ground) = (state.user.clone(), state.ground.clone());
        drop(state);
        if user.stamp.is_current() {
            return Ok(user);
        }
        let (settings, user) = self.list_settings()?;
        if let Some(ground) = ground {
            self.judge(ground, settings, user.clone());
        }
        Ok(user)
    }

    /// Looks again before a program may run: where the agent can write the configuration, at that, else at the files.
    pub(super) fn look_again(&self) -> Result<(), VcsError> {
        let state = self.switched_off.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(ground) = state.ground.clone() else { return Ok(()) };
        let (mut settings, mut user) = (state.settings.clone(), state.user.clone());
        drop(state);
        if !ground.is_believed || settings.iter().any(|setting| setting.may_bring_others(&ground)) {
            (settings, user) = self.list_settings()?;
        }
        self.judge(ground, settings, user);
        Ok(())
    }

    /// The first pipe that the configuration includes, as it was read the last time.
    pub(super) fn included_pipe(&self) -> Option<PathBuf> {
        let state = self.switched_off.0.read().unwrap_or_else(PoisonError::into_inner);
        let includes = state.settings.iter().filter(|setting| is_include(&setting.key));
        includes.map(ProgramSetting::target).find(|target| is_pipe(target))
    }

    fn judge(&self, ground: Ground, settings: Vec<ProgramSetting>, user: ConfiguredUser) {
        let mut off: Vec<(OsString, &'static str)> = Vec::new();
        for setting in settings.iter().filter(|setting| !setting.is_believed(&ground)) {
            off.extend(replaced(&setting.key));
        }
        if !ground.is_believed {
            off.push((PROTOCOL.into(), "never"));
        }
        off.sort();
        off.dedup();
        let mut state = self.switched_off.0.write().unwrap_or_else(PoisonError::into_inner);
        if off != state.off && off.iter().any(|(key, _)| key != PROTOCOL) {
            let keys: Vec<&OsString> = off.iter().map(|(key, _)| key).collect();
            tracing::warn!(
                root = ?ground.root(),
                ?keys,
                "git runs no program that lies in the worktree or is set there; files are stored as they are"
            );
        }
        *state = SwitchedOffState { ground: Some(ground), settings, user, off };
    }

    fn list_settings(&self) -> Result<(Vec<ProgramSetting>, ConfiguredUser), VcsError> {
        let call =
            self.git(STEP).args(["config", "--list", "--includes", "-z", "--show-scope", "--show-origin"]);
        let git_dirs = git_dirs(&self.root);
        let git_dirs: Vec<&Path> =
            git_dirs.iter().flat_map(|(own, common)| [own.as_path(), common]).collect();
        let listed = call.runs_nothing().succeed()?;
        let mut origins = BTreeSet::new();
        let mut fields = listed.split(|byte| *byte == 0);
        let (mut settings, mut user) = (Vec::new(), ConfiguredUser::default());
        while let (Some(scope), Some(origin), Some(pair)) = (fields.next(), fields.next(), fields.next()) {
            let end = memchr::memchr(b'\n', pair);
            let key = &pair[..end.unwrap_or(pair.len())];
            let value = end.map_or(&b""[..], |end| &pair[end + 1..]);
            let text = || Some(String::from_utf8_lossy(value).into_owned()).filter(|text| !text.is_empty());
            let path = |path: &[u8]| self.root.join(OsString::from_vec(path.to_vec()));
            let origin = origin.strip_prefix(b"file:").map(path);
            origins.extend(origin.clone());
            match key {
                b"user.name" => user.name = text(),
                b"user.email" => user.email = text(),
                _ => {}
            }
            let is_of_use = replaced(key).next().is_some() || is_include(key);
            if is_of_use {
                settings.push(ProgramSetting {
                    is_own: matches!(scope, b"local" | b"worktree"),
                    origin,
                    key: key.to_vec(),
                    value: value.to_vec(),
                });
            }
        }
        user.stamp = ConfigStamp::of(origins, &git_dirs);
        Ok((settings, user))
    }
}

impl ProgramSetting {
    fn is_believed(&self, ground: &Ground) -> bool {
        let is_written_inside = self.origin.as_ref().is_some_and(|origin| ground.leads_through(origin));
        !is_include(&self.key)
            && !is_written_inside
            && (ground.is_believed || !self.is_own)
            && !starts_inside(&self.value, ground)
    }

    /// Whether the agent may change which settings there are.
    fn may_bring_others(&self, ground: &Ground) -> bool {
        if self.origin.as_ref().is_some_and(|origin| ground.leads_through(origin)) {
            return true;
        }
        is_include(&self.key)
            && (self.key.starts_with(b"includeif.onbranch:") || ground.leads_through(&self.target()))
    }

    /// The file that an include names.
    fn target(&self) -> PathBuf {
        let value = PathBuf::from(OsString::from_vec(self.value.clone()));
        match (value.strip_prefix("~"), self.origin.as_deref().and_then(Path::parent)) {
            (Ok(rest), _) => PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(rest),
            (Err(_), Some(folder)) => folder.join(value),
            (Err(_), None) => value,
        }
    }
}

fn is_include(key: &[u8]) -> bool {
    key == b"include.path" || (key.starts_with(b"includeif.") && key.ends_with(b".path"))
}

/// The settings that take a key's program away; none if the key names no program that we let git start.
///
/// Section and name are in lower case, as git lists them.
fn replaced(key: &[u8]) -> impl Iterator<Item = (OsString, &'static str)> + use<> {
    let dots = (memchr::memchr(b'.', key), memchr::memrchr(b'.', key));
    let (Some(first), Some(last)) = dots else { return Vec::new().into_iter() };
    let (section, name) = (&key[..first], &key[last + 1..]);
    let same = |value| vec![(OsString::from_vec(key.to_vec()), value)];
    let pairs = match (section, name) {
        (b"filter", b"clean" | b"smudge" | b"process" | b"required") if last > first => {
            let named = |name: &str| OsString::from_vec([&key[..=last], name.as_bytes()].concat());
            let empty = ["clean", "smudge", "process"].map(|name| (named(name), ""));
            empty.into_iter().chain([(named("required"), "false")]).collect()
        }
        (b"gpg", b"program") => match &key[first..last] {
            b".ssh" => same("ssh-keygen"),
            b".x509" => same("gpgsm"),
            _ => same("gpg"),
        },
        (b"gpg", b"defaultkeycommand")
        | (b"core", b"sshcommand" | b"gitproxy")
        | (b"credential", b"helper")
        | (b"remote", b"vcs") => same(""),
        // Of these the first counts, so that no setting after it helps; elsewhere they are the other machine's.
        (b"remote", b"receivepack" | b"uploadpack") => vec![(PROTOCOL.into(), "never")],
        _ => Vec::new(),
    };
    pairs.into_iter()
}
