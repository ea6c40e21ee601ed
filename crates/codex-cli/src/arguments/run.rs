//! [`RunArguments`]: the flags of `codex-turns run`, named as Codex's own where Codex has them.

use std::path::PathBuf;

use clap::Args;
use codex_ledger::{GitMode, TurnId};
use codex_protocol::ThreadId;
use codex_runner::{AgentFolders, KeptSettings};

use super::check_options::CheckOptions;
use super::codex_options::CodexOptions;
use super::trust::TrustOptions;
use super::turn_limits::TurnLimitFlags;
use super::values::{self, ReportBy, Resume, Review};

/// The flags of `run`.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "clap makes a flag of each")]
pub(crate) struct RunArguments {
    /// What to ask; `-`, or nothing where standard input is not a terminal, reads it from there.
    pub(crate) prompt: Option<String>,
    /// Append standard input to PROMPT, within `<stdin>` tags.
    #[arg(long, requires = "prompt")]
    pub(crate) stdin: bool,

    /// The working directory.
    #[arg(short = 'C', long = "cd", help_heading = "Codex", value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) codex: CodexOptions,
    /// A picture to send with the prompt; may be repeated.
    #[arg(short, long, help_heading = "Codex", value_name = "FILE")]
    pub(crate) image: Vec<PathBuf>,
    /// Ask for an answer that is JSON of the schema in this file. Codex does not check the answer.
    #[arg(long, help_heading = "Codex", value_name = "FILE")]
    pub(crate) output_schema: Option<PathBuf>,
    /// Keep nothing of the thread; it cannot be resumed.
    #[arg(long, help_heading = "Codex")]
    pub(crate) ephemeral: bool,
    /// Run outside of a git repository too.
    #[arg(long, help_heading = "Codex")]
    pub(crate) skip_git_repo_check: bool,

    /// Continue a thread: its id, or `last` for the newest of the working directory.
    ///
    /// Codex remembers no option of a thread: name sandbox, model and directories again.
    #[arg(long, help_heading = "Thread", value_name = "ID|last", value_parser = values::resume, conflicts_with_all = ["fork", "review"])]
    pub(crate) resume: Option<Resume>,
    /// Continue in a copy of a thread.
    #[arg(long, help_heading = "Thread", value_name = "ID", value_parser = values::thread_id, conflicts_with = "review")]
    pub(crate) fork: Option<ThreadId>,
    /// Review code: `uncommitted`, `base:BRANCH`, `commit:SHA`, or `prompt` for what PROMPT says.
    #[arg(long, help_heading = "Thread", value_name = "WHAT", value_parser = values::review)]
    pub(crate) review: Option<Review>,

    #[command(flatten)]
    pub(crate) turn_limits: TurnLimitFlags,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,

    /// What the record calls the task; otherwise the first line of the prompt.
    #[arg(long, help_heading = "Ledger", value_name = "NAME")]
    pub(crate) task: Option<String>,
    /// What is done with git beyond keeping a record: `record` commits nothing, `branch` commits to a new branch.
    #[arg(long, help_heading = "Ledger", value_name = "MODE", value_parser = values::git_mode())]
    pub(crate) git: Option<GitMode>,
    /// Run nothing that is not recorded; makes the ledger where there is none.
    #[arg(long, help_heading = "Ledger")]
    pub(crate) require_ledger: bool,
    /// Record nothing.
    #[arg(long, help_heading = "Ledger", conflicts_with_all = ["task", "git", "require_ledger"])]
    pub(crate) no_ledger: bool,
    /// Whose account of the work the record has: the agent is asked for it in one more turn that may only read, or it
    /// is derived from what the agent said anyway.
    #[arg(long, help_heading = "Ledger", value_name = "BY", value_enum, default_value_t, conflicts_with_all = ["ephemeral", "no_ledger"])]
    pub(crate) report: ReportBy,
    /// Push no record, whatever `ledger.push` says; `ledger.claim = "remote"` still claims the number there.
    #[arg(long, help_heading = "Ledger")]
    pub(crate) no_push: bool,
    /// Leave the tests, linters and coverage of codex-turns.toml out.
    #[arg(long, help_heading = "Ledger")]
    pub(crate) no_checks: bool,
    /// Run them after a review too, which otherwise runs none.
    #[arg(long = "checks", help_heading = "Ledger", conflicts_with = "no_checks", requires = "review")]
    pub(crate) review_checks: bool,
    #[command(flatten)]
    pub(crate) checks: CheckOptions,

    /// Print Codex's own lines to standard output as they come, and nothing else.
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    /// Write the answer to this file, if and only if the turn completes. An older file is removed first.
    #[arg(short, long, help_heading = "Output", value_name = "FILE")]
    pub(crate) output_last_message: Option<PathBuf>,
    /// Write what is known of the turn to this file, as one JSON object, however it ends.
    #[arg(long, help_heading = "Output", value_name = "FILE")]
    pub(crate) result: Option<PathBuf>,
    /// Take secrets out of the files of -o and --result, by the rules of records; the turn need not be recorded.
    #[arg(long, help_heading = "Output")]
    pub(crate) redact_result: bool,
    /// Print the answer and errors, nothing else.
    #[arg(short, long, help_heading = "Output")]
    pub(crate) quiet: bool,

    /// The settings that were in force when the record was opened that is resumed.
    #[arg(skip)]
    pub(crate) restated: Option<Restated>,
}

/// The settings that were in force when a record was opened.
#[derive(Clone, Debug)]
pub(crate) struct Restated {
    pub(crate) turn_id: TurnId,
    pub(crate) settings: KeptSettings,
}

impl RunArguments {
    /// The folders that the turn works in.
    pub(crate) fn agent_folders(&self) -> AgentFolders {
        AgentFolders::of(&self.dir, &self.codex.add_dir)
    }
}
