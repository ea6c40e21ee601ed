//! [`CommandSandbox`]: what a command may touch that Codex shuts in.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::config_value::setting;
use crate::{ConfigValue, Invocation, Sandbox};

/// Describes the sandbox that a command of [`SandboxedCommands`](super::SandboxedCommands) runs in: it may read everything, and
/// write to its working directory, to a temporary folder of its own and to what is added here.
///
/// The folders `.git`, `.codex` and `.agents` at the top of the working directory stay as they are.
///
/// ```
/// use codex_exec::{CommandSandbox, NetworkAccess};
///
/// let sandbox = CommandSandbox::new().writable("/home/ada/.cache/go-build").network(NetworkAccess::Allowed);
/// assert_eq!(CommandSandbox::new().network_access(), NetworkAccess::Denied);
/// # drop(sandbox);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a sandbox does nothing until commands run in it"]
pub struct CommandSandbox {
    writable: Vec<PathBuf>,
    network: NetworkAccess,
}

/// Says whether a command may open sockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkAccess {
    /// It may not, also not to this machine.
    #[default]
    Denied,
    /// It may.
    Allowed,
}

impl CommandSandbox {
    /// The working directory and the temporary folder are writable, and there is no network.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the sandbox for commands that check the work of a turn: its additional folders, and its network as far as the
    /// invocation itself allows it. `None`: the turn has full access, and so have they.
    ///
    /// A turn that may only read has checks that may write, since they build what they test.
    ///
    /// ```
    /// use codex_exec::{CommandSandbox, Invocation, NetworkAccess, Sandbox};
    ///
    /// let reading = Invocation::new("hi").sandbox(Sandbox::ReadOnly);
    /// assert_eq!(CommandSandbox::of_turn(&reading), Some(CommandSandbox::new()));
    /// let online = Invocation::new("hi").config("sandbox_workspace_write.network_access", true);
    /// assert_eq!(CommandSandbox::of_turn(&online).unwrap().network_access(), NetworkAccess::Allowed);
    /// assert_eq!(CommandSandbox::of_turn(&Invocation::new("hi").sandbox(Sandbox::DangerFullAccess)), None);
    /// ```
    pub fn of_turn(invocation: &Invocation) -> Option<Self> {
        let parts = invocation.parts();
        let setting = |key: &str| {
            let value = parts.config.iter().rfind(|(set, _)| set == key).map(|(_, value)| value)?;
            Some(word(value))
        };
        let mode =
            parts.sandbox.map(|sandbox| sandbox.as_str().to_owned()).or_else(|| setting("sandbox_mode"));
        if mode.as_deref() == Some(Sandbox::DangerFullAccess.as_str()) {
            return None;
        }
        let is_online = setting("sandbox_workspace_write.network_access").as_deref() == Some("true");
        let network = if is_online { NetworkAccess::Allowed } else { NetworkAccess::Denied };
        Some(Self { writable: parts.add_dirs.clone(), network })
    }

    /// Adds a folder that the command may write to. One that does not exist is ignored.
    pub fn writable(mut self, folder: impl Into<PathBuf>) -> Self {
        self.writable.push(folder.into());
        self
    }

    /// Says whether the command may open sockets.
    pub fn network(mut self, network: NetworkAccess) -> Self {
        self.network = network;
        self
    }

    /// Whether the command may open sockets.
    pub fn network_access(&self) -> NetworkAccess {
        self.network
    }

    /// The arguments of Codex in front of the command, which may write to `own` as well.
    ///
    /// Each setting is said, so that none of a file of the system counts.
    pub(super) fn arguments(&self, own: &Path) -> Vec<OsString> {
        let existing = self.writable.iter().filter(|folder| folder.is_dir());
        let absolute = existing.filter_map(|folder| std::path::absolute(folder).ok());
        let roots: Vec<String> = std::iter::once(own.to_owned())
            .chain(absolute)
            .filter_map(|folder| folder.into_os_string().into_string().ok())
            .collect();
        let network = self.network == NetworkAccess::Allowed;
        let settings: [(&str, ConfigValue); 7] = [
            ("sandbox_mode", "workspace-write".into()),
            ("sandbox_workspace_write.writable_roots", roots.into()),
            ("sandbox_workspace_write.network_access", network.into()),
            ("sandbox_workspace_write.exclude_slash_tmp", true.into()),
            ("sandbox_workspace_write.exclude_tmpdir_env_var", true.into()),
            ("shell_environment_policy.inherit", "all".into()),
            ("shell_environment_policy.ignore_default_excludes", true.into()),
        ];
        let mut arguments = vec![OsString::from("sandbox")];
        for (key, value) in settings {
            arguments.extend(["-c".into(), setting(key, &value).into()]);
        }
        arguments.push("--".into());
        arguments
    }
}

/// A value that is one word, as Codex reads it.
fn word(value: &ConfigValue) -> String {
    let text = match value {
        ConfigValue::String(text) | ConfigValue::Verbatim(text) => text.clone(),
        ConfigValue::Integer(_)
        | ConfigValue::Float(_)
        | ConfigValue::Bool(_)
        | ConfigValue::Array(_)
        | ConfigValue::Table(_) => value.to_toml(),
    };
    text.trim().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing_said(Invocation::new("hi"), Some(NetworkAccess::Denied))]
    #[case::full_access_by_a_setting(
        Invocation::new("hi").config("sandbox_mode", ConfigValue::Verbatim(" 'danger-full-access' ".to_owned())),
        None
    )]
    #[case::the_flag_wins(
        Invocation::new("hi").sandbox(Sandbox::ReadOnly).config("sandbox_mode", "danger-full-access"),
        Some(NetworkAccess::Denied)
    )]
    #[case::the_last_setting_wins(
        Invocation::new("hi")
            .config("sandbox_workspace_write.network_access", true)
            .config("sandbox_workspace_write.network_access", ConfigValue::Verbatim("false".to_owned())),
        Some(NetworkAccess::Denied)
    )]
    fn checks_have_the_sandbox_of_their_turn(
        #[case] invocation: Invocation,
        #[case] network: Option<NetworkAccess>,
    ) {
        let sandbox = CommandSandbox::of_turn(&invocation);
        assert_eq!(sandbox.map(|sandbox| sandbox.network_access()), network);
    }

    #[test]
    fn every_setting_is_said() {
        let scratch = tempfile::tempdir().unwrap();
        let sandbox = CommandSandbox::new().writable(scratch.path()).writable("/no/such/folder");
        let arguments = sandbox.arguments(Path::new("/own"));
        let text: Vec<_> = arguments.iter().map(|argument| argument.to_str().unwrap()).collect();
        let text = text.join(" ").replace(scratch.path().to_str().unwrap(), "SCRATCH");
        insta::assert_snapshot!(text);
    }
}
