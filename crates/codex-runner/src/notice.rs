//! [`ProjectNotice`]: facts about a project that a person has to know before or after work runs in it.

use std::fmt;

use codex_ledger::TurnId;
use codex_ledger::manifest::RecordState;

use crate::settings::FILE_NAME;

/// A fact about a project that a person has to know; it stops nothing.
///
/// `Display` is one line without a prefix. [`is_warning`](Self::is_warning) says how much it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProjectNotice {
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
    /// Turns are not recorded in this project.
    NotRecordedHere,
    /// This turn is not recorded, since the ledger failed.
    #[non_exhaustive]
    Unrecorded {
        /// Why, with its causes.
        reason: String,
    },
    /// A record that an earlier process had left unfinished is finished now.
    #[non_exhaustive]
    Recovered {
        /// Its number.
        turn_id: TurnId,
        /// How it ended.
        state: RecordState,
    },
    /// A pipeline that was cut off can be resumed.
    #[non_exhaustive]
    Waiting {
        /// The number of its record.
        turn_id: TurnId,
        /// What the record calls it.
        task: String,
    },
    /// A variable that is handed over to checks is not set: one sentence.
    VariableUnset(String),
    /// A file that a check names was changed by the turn, so that what the settings loosen does not hold for the check.
    #[non_exhaustive]
    CheckTightened {
        /// `tests`, `lint` or `coverage`.
        name: &'static str,
        /// What was changed.
        change: String,
        /// How the check runs now.
        how: String,
    },
    /// A report of a check that does not count: one sentence.
    CheckNote(String),
    /// The settings of the project were changed during the turn.
    SettingsFileChanged,
}

impl ProjectNotice {
    /// Returns whether something is not as a person may expect it.
    pub fn is_warning(&self) -> bool {
        match self {
            Self::SettingsIgnored { .. }
            | Self::SettingsLoosened { .. }
            | Self::ProgramsOff { .. }
            | Self::InstructionsOff { .. }
            | Self::Unrecorded { .. }
            | Self::Recovered { .. }
            | Self::Waiting { .. }
            | Self::VariableUnset(_)
            | Self::CheckTightened { .. }
            | Self::CheckNote(_)
            | Self::SettingsFileChanged => true,
            Self::Instructions { .. }
            | Self::ClaimsOn { .. }
            | Self::PushesTo { .. }
            | Self::NotRecordedHere => false,
        }
    }
}

impl fmt::Display for ProjectNotice {
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
            Self::NotRecordedHere => formatter.write_str("turns are not recorded here"),
            Self::Unrecorded { reason } => write!(formatter, "this turn is not recorded: {reason}"),
            Self::Recovered { turn_id, state } => {
                write!(formatter, "turn {turn_id} was left unfinished and is recorded now: {state}")
            }
            Self::Waiting { turn_id, task } => write!(formatter, "turn {turn_id} ({task}) was cut off"),
            Self::VariableUnset(sentence) | Self::CheckNote(sentence) => formatter.write_str(sentence),
            Self::CheckTightened { name, change, how } => {
                let verb = if *name == "tests" { "run" } else { "runs" };
                write!(formatter, "{change}: {name} {verb} {how}")
            }
            Self::SettingsFileChanged => write!(
                formatter,
                "{FILE_NAME} was changed during the turn; look at its commands before the next one"
            ),
        }
    }
}
