//! [`CheckSandbox`]: whether commands that check the work run in Codex's sandbox.

/// Says whether commands that check the work run in Codex's sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "a command runs in the sandbox or it does not")]
pub enum CheckSandbox {
    /// They run with the rights of this user.
    Off,
    /// They write to the working directory and to a temporary folder of their own.
    WorkspaceWrite,
}

impl CheckSandbox {
    /// Returns the word of the flag and of the setting.
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::WorkspaceWrite => "workspace-write",
        }
    }
}
