//! [`InstructionsFrom`]: the values of `--project-instructions`.

use clap::ValueEnum;

/// Which instructions of a project reach the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InstructionsFrom {
    /// Those that are there.
    On,
    /// None.
    Off,
    /// Those whose bytes are trusted; if one is not, none.
    Trusted,
}

impl InstructionsFrom {
    /// The word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Trusted => "trusted",
        }
    }
}
