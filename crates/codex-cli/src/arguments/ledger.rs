//! [`LedgerArguments`]: the flags of `codex-turns ledger` and its commands.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use codex_ledger::TurnId;

use crate::help;

/// The flags of `ledger`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub(crate) struct LedgerArguments {
    /// A directory in the project.
    #[arg(short = 'C', long = "cd", value_name = "DIR", default_value = ".", global = true)]
    pub(crate) dir: PathBuf,
    #[command(subcommand)]
    pub(crate) command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Switch recording on in this repository.
    Init,
    /// List the records.
    List(ListArguments),
    /// Show one record.
    #[command(after_long_help = help::LEDGER_SHOW)]
    Show(ShowArguments),
    /// Look whether the records are what they were.
    #[command(after_long_help = help::LEDGER_VERIFY)]
    Verify(VerifyArguments),
    /// Finish what a crash has left.
    Recover(RecoverArguments),
    /// Write the index again from the records.
    RebuildIndex,
    /// Anchor what was recorded in old places or by other programs.
    Import,
    /// Copy all records to a folder, and verify the copy.
    Export {
        /// A folder that is empty or not there.
        folder: PathBuf,
    },
    /// Remove a file of a record, such as a log with a secret; a new record says so.
    Purge(PurgeArguments),
    /// Remove logs and patches of all but the newest records; a new record says so.
    Gc {
        /// How many records keep theirs.
        #[arg(long, value_name = "N")]
        keep: usize,
    },
}

/// The flags of `ledger list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// How many of the newest; 20 where people read it, all as JSON.
    #[arg(short = 'n', long, value_name = "N", conflicts_with = "all")]
    pub(crate) number: Option<usize>,
    /// All of them.
    #[arg(long)]
    pub(crate) all: bool,
    /// Print one JSON array to standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `ledger show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// The number of the turn.
    pub(crate) turn: TurnId,
    #[command(flatten)]
    pub(crate) part: PartArguments,
}

/// Which part of a record is shown.
#[derive(Debug, Args)]
#[group(multiple = false)]
#[expect(clippy::struct_excessive_bools, reason = "clap makes a flag of each")]
pub(crate) struct PartArguments {
    /// What changed, as a patch.
    #[arg(long)]
    pub(crate) diff: bool,
    /// What happened, line by line.
    #[arg(long)]
    pub(crate) log: bool,
    /// What was asked.
    #[arg(long)]
    pub(crate) prompt: bool,
    /// The manifest, as it was written.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `ledger verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// Compare with the commits, trees, tags and refs of git too.
    #[arg(long)]
    pub(crate) git: bool,
    /// Compare with the refs of a remote too: that of codex-turns.toml, or origin.
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "the flag may be there without a value")]
    pub(crate) remote: Option<Option<String>>,
    /// Only what came since this branch, tag or commit: for a pull request. Implies --git.
    #[arg(long, value_name = "REV")]
    pub(crate) since: Option<String>,
    /// Print one JSON object to standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `ledger recover`.
#[derive(Debug, Args)]
pub(crate) struct RecoverArguments {
    /// Close the record of this pipeline too, as interrupted, although `pipeline resume` could continue it.
    #[arg(long, value_name = "TURN")]
    pub(crate) close: Option<TurnId>,
    /// The folder in which Codex kept the threads of the turns.
    #[arg(long, value_name = "DIR")]
    pub(crate) codex_home: Option<PathBuf>,
    /// Print one JSON array to standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The flags of `ledger purge`.
#[derive(Debug, Args)]
pub(crate) struct PurgeArguments {
    /// The number of the turn.
    pub(crate) turn: TurnId,
    /// The file, as the record names it, such as `logs/llm_prompt.txt`.
    pub(crate) file: String,
    /// Why; the new record says so for ever.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}
