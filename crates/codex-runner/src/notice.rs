//! [`Notice`]: facts about a project that a person has to know before or after work runs in it.

use std::fmt;

/// A fact about a project that a person has to know; it stops nothing.
///
/// `Display` is one line without a prefix. [`is_warning`](Self::is_warning) says how much it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// Settings of the project's file are left out, since nobody has trusted them.
    #[non_exhaustive]
    SettingsIgnored {
        /// The name of the file.
        file: String,
        /// Their keys.
        keys: Vec<String>,
        /// Why, and what to do about it.
        reason: String,
    },
    /// Settings of the project's file are trusted and loosen something.
    #[non_exhaustive]
    SettingsLoosened {
        /// The name of the file.
        file: String,
        /// Each as `key = value`.
        settings: Vec<String>,
    },
    /// Codex does not read files of the project that start programs.
    #[non_exhaustive]
    ProgramsOff {
        /// The files.
        names: Vec<String>,
        /// Why.
        reason: String,
    },
    /// The agent is told these instructions of the project.
    #[non_exhaustive]
    Instructions {
        /// The files.
        names: Vec<String>,
    },
    /// The agent is not told these instructions of the project.
    #[non_exhaustive]
    InstructionsOff {
        /// The files.
        names: Vec<String>,
        /// Why.
        reason: String,
    },
    /// Numbers of records are claimed on a remote.
    #[non_exhaustive]
    ClaimsOn {
        /// Its name.
        remote: String,
        /// Its addresses, without passwords.
        addresses: Vec<String>,
    },
    /// Records are pushed to a remote.
    #[non_exhaustive]
    PushesTo {
        /// Its name.
        remote: String,
        /// Its addresses, without passwords.
        addresses: Vec<String>,
    },
}

impl Notice {
    /// Returns whether something is not as a person may expect it.
    pub fn is_warning(&self) -> bool {
        match self {
            Self::SettingsIgnored { .. }
            | Self::SettingsLoosened { .. }
            | Self::ProgramsOff { .. }
            | Self::InstructionsOff { .. } => true,
            Self::Instructions { .. } | Self::ClaimsOn { .. } | Self::PushesTo { .. } => false,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SettingsIgnored { file, keys, reason } => {
                write!(formatter, "ignored in {file}: {} ({reason})", keys.join(", "))
            }
            Self::SettingsLoosened { file, settings } => {
                write!(formatter, "{file} is trusted and loosens: {}", settings.join(", "))
            }
            Self::ProgramsOff { names, reason } => {
                write!(formatter, "Codex does not read {}: {reason}", names.join(", "))
            }
            Self::Instructions { names } => write!(formatter, "instructions: {}", names.join(", ")),
            Self::InstructionsOff { names, reason } => {
                write!(formatter, "instructions off: {} ({reason})", names.join(", "))
            }
            Self::ClaimsOn { remote, addresses } => {
                write!(formatter, "numbers are claimed on {remote} ({})", addresses.join(", "))
            }
            Self::PushesTo { remote, addresses } => {
                write!(formatter, "records are pushed to {remote} ({})", addresses.join(", "))
            }
        }
    }
}
