//! [`PipelineArguments`]: the flags of `codex-turns pipeline` and its commands.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use codex_ledger::{GitMode, TurnId};
use codex_runner::{OnFailure, PipelineRequest, ThreadUse, Work};

use super::auto::RunLimitFlags;
use super::check_options::CheckOptions;
use super::codex_options::CodexOptions;
use super::run::RunArguments;
use super::trust::TrustOptions;
use super::turn_limits::TurnLimitFlags;
use super::values::{self, ReportBy};
use crate::help;

/// The flags of `pipeline`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub(crate) struct PipelineArguments {
    /// A directory in the project.
    #[arg(short = 'C', long = "cd", value_name = "DIR", default_value = ".", global = true)]
    pub(crate) dir: PathBuf,
    #[command(subcommand)]
    pub(crate) command: PipelineCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PipelineCommand {
    /// Show the plan: the tasks in their order with files, inputs and values, and what is missing. Runs nothing.
    #[command(after_long_help = help::PIPELINE_CHECK)]
    Check {
        #[command(flatten)]
        source: PipelineSource,
        /// Print one JSON object to standard output.
        #[arg(long)]
        json: bool,
    },
    /// Run the tasks, one after the other, into one record.
    #[command(after_long_help = help::PIPELINE_RUN)]
    Run(Box<PipelineRunArguments>),
    /// Continue a pipeline that was cut off; finished tasks are not run again.
    #[command(after_long_help = help::PIPELINE_RESUME)]
    Resume {
        /// The number of its record.
        turn: TurnId,
        #[command(flatten)]
        trust: TrustOptions,
    },
}

/// Which pipeline is meant; what is left out is found.
#[derive(Clone, Debug, Args)]
pub(crate) struct PipelineSource {
    /// The pattern or its folder, instead of the one that the project context names.
    #[arg(long, help_heading = "Pipeline", value_name = "NAME")]
    pub(crate) pattern: Option<String>,
    /// The pipeline file, relative to the pattern or the project.
    #[arg(long, help_heading = "Pipeline", value_name = "FILE")]
    pub(crate) pipeline: Option<String>,
    /// Another folder that patterns are read from: `AGENTIC_PIPELINE_PROJECT`.
    #[arg(long, help_heading = "Pipeline", value_name = "DIR")]
    pub(crate) pipelines: Option<PathBuf>,
    /// The session context, relative to the project.
    #[arg(long, help_heading = "Pipeline", value_name = "FILE")]
    pub(crate) session_context: Option<String>,
    /// The project context, relative to the project.
    #[arg(long, help_heading = "Pipeline", value_name = "FILE")]
    pub(crate) project_context: Option<String>,
}

impl PipelineSource {
    /// The pipeline that is meant in the project with this top folder.
    pub(crate) fn request(&self, root: &Path) -> PipelineRequest {
        self.work(Work::default()).request(root)
    }
}

/// The flags of `pipeline run`.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "clap makes a flag of each")]
pub(crate) struct PipelineRunArguments {
    #[command(flatten)]
    pub(crate) source: PipelineSource,

    /// Begin with this task: its position, file name or title.
    #[arg(long, help_heading = "Tasks", value_name = "TASK", conflicts_with = "only")]
    pub(crate) from: Option<String>,
    /// Run this task alone.
    #[arg(long, help_heading = "Tasks", value_name = "TASK")]
    pub(crate) only: Option<String>,
    /// Whether the tasks share a thread.
    #[arg(long, help_heading = "Tasks", value_name = "WHICH", value_parser = values::thread_use(), default_value = "per-task")]
    pub(crate) thread: ThreadUse,
    /// A command that has to succeed before a task is done; until it does, the agent is told what it said and keeps working.
    /// Runs in Codex's sandbox. May be repeated.
    #[arg(long, help_heading = "Tasks", value_name = "CMD")]
    pub(crate) until: Vec<String>,
    /// What becomes of the tasks after one that failed.
    #[arg(long, help_heading = "Tasks", value_name = "WHAT", value_parser = values::on_failure(), default_value = "stop")]
    pub(crate) on_failure: OnFailure,

    /// What one task may use up.
    #[command(flatten)]
    pub(crate) limits: RunLimitFlags,

    #[command(flatten)]
    pub(crate) codex: CodexOptions,
    #[command(flatten)]
    pub(crate) turn_limits: TurnLimitFlags,
    #[command(flatten)]
    pub(crate) trust: TrustOptions,

    /// What is done with git beyond keeping a record: `record` commits nothing, `branch` commits to a new branch.
    #[arg(long, help_heading = "Ledger", value_name = "MODE", value_parser = values::git_mode())]
    pub(crate) git: Option<GitMode>,
    /// Whose account of the work the record has: the agent is asked for it in one more turn on each thread, which may
    /// only read, or it is derived from what the agent said anyway.
    #[arg(long, help_heading = "Ledger", value_name = "BY", value_enum, default_value_t = ReportBy::Agent)]
    pub(crate) report: ReportBy,
    /// Push no record, whatever `ledger.push` says; `ledger.claim = "remote"` still claims the number there.
    #[arg(long, help_heading = "Ledger")]
    pub(crate) no_push: bool,
    /// Leave the tests, linters and coverage of codex-turns.toml out.
    #[arg(long, help_heading = "Ledger")]
    pub(crate) no_checks: bool,
    #[command(flatten)]
    pub(crate) checks: CheckOptions,

    /// Print one JSON object for each event to standard output: tasks, steps, the lines of Codex, checks, the end.
    #[arg(long, help_heading = "Output", conflicts_with = "quiet")]
    pub(crate) json: bool,
    /// Write what is known of the tasks to this file, as one JSON object, however they end.
    #[arg(long, help_heading = "Output", value_name = "FILE")]
    pub(crate) result: Option<PathBuf>,
    /// Take secrets out of the file of --result, by the rules of records.
    #[arg(long, help_heading = "Output")]
    pub(crate) redact_result: bool,
    /// Print errors, nothing else.
    #[arg(short, long, help_heading = "Output")]
    pub(crate) quiet: bool,
}

impl PipelineRunArguments {
    /// The same where what is relative is relative to a folder.
    pub(crate) fn in_folder(mut self, folder: &Path) -> Self {
        for path in [&mut self.source.pipelines, &mut self.result].into_iter().flatten() {
            *path = folder.join(&*path);
        }
        self.codex = self.codex.in_folder(folder);
        self
    }

    /// The same for the turns of the tasks, which are always recorded.
    pub(crate) fn turns(&self, dir: PathBuf) -> RunArguments {
        let this = self.clone();
        RunArguments {
            prompt: None,
            stdin: false,
            dir,
            codex: this.codex,
            image: Vec::new(),
            ephemeral: false,
            skip_git_repo_check: false,
            output_schema: None,
            resume: None,
            fork: None,
            review: None,
            turn_limits: this.turn_limits,
            trust: this.trust,
            task: None,
            git: this.git,
            require_ledger: true,
            no_ledger: false,
            report: this.report,
            no_push: this.no_push,
            no_checks: this.no_checks,
            review_checks: false,
            checks: this.checks,
            json: this.json,
            output_last_message: None,
            result: this.result,
            redact_result: this.redact_result,
            quiet: this.quiet,
            restated: None,
        }
    }
}
