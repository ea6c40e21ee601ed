//! [`PipelineArguments`]: the flags of `codex-turns pipeline` and its commands.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use codex_exec::Sandbox;
use codex_ledger::{GitMode, PipelineRequest, TurnId};

use super::auto::RunLimits;
use super::run::RunArguments;
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
    /// Go on with a pipeline that was cut off; finished tasks are not run again.
    #[command(after_long_help = help::PIPELINE_RESUME)]
    Resume {
        /// The number of its record.
        turn: TurnId,
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
        let mut request = PipelineRequest::new(root);
        if let Some(pattern) = &self.pattern {
            request = request.pattern(pattern);
        }
        if let Some(file) = &self.pipeline {
            request = request.pipeline_file(file);
        }
        if let Some(folder) = &self.pipelines {
            request = request.pipelines_from(folder);
        }
        if let Some(file) = &self.session_context {
            request = request.session_context(file);
        }
        match &self.project_context {
            Some(file) => request.project_context(file),
            None => request,
        }
    }
}

/// Whether tasks share a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThreadUse {
    /// Each task has a thread of its own: what it is to know stands in its prompt and in the files.
    #[default]
    PerTask,
    /// All tasks are turns of one thread, and remember each other.
    Shared,
}

/// What becomes of the tasks after one that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnFailure {
    /// They are not run.
    #[default]
    Stop,
    /// They are run.
    Continue,
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
    #[arg(long, help_heading = "Tasks", value_name = "WHICH", value_enum, default_value_t)]
    pub(crate) thread: ThreadUse,
    /// A command that has to succeed before a task is done; until it does, the agent is told what it said and goes on.
    /// Runs outside of the sandbox. May be repeated.
    #[arg(long, help_heading = "Tasks", value_name = "CMD")]
    pub(crate) until: Vec<String>,
    /// What becomes of the tasks after one that failed.
    #[arg(long, help_heading = "Tasks", value_name = "WHAT", value_enum, default_value_t)]
    pub(crate) on_failure: OnFailure,

    /// What one task may use up.
    #[command(flatten)]
    pub(crate) limits: RunLimits,

    /// The model.
    #[arg(short, long, help_heading = "Codex", value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// What the agent's commands may touch; otherwise as codex-turns.toml and Codex are configured.
    #[arg(short, long, help_heading = "Codex", value_name = "MODE", value_parser = values::sandbox())]
    pub(crate) sandbox: Option<Sandbox>,
    /// Another directory that the agent may write to; may be repeated.
    #[arg(long, help_heading = "Codex", value_name = "DIR")]
    pub(crate) add_dir: Vec<PathBuf>,
    /// A profile of Codex's configuration.
    #[arg(short, long, help_heading = "Codex", value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Override a setting; Codex reads the value as TOML and, where it is none, as text. May be repeated.
    #[arg(short, long, help_heading = "Codex", value_name = "KEY=VALUE", value_parser = values::setting)]
    pub(crate) config: Vec<(String, String)>,
    /// Switch a feature on; may be repeated.
    #[arg(long, help_heading = "Codex", value_name = "FEATURE")]
    pub(crate) enable: Vec<String>,
    /// Switch a feature off; may be repeated.
    #[arg(long, help_heading = "Codex", value_name = "FEATURE")]
    pub(crate) disable: Vec<String>,
    /// Leave config.toml unread; the login still counts.
    #[arg(long, help_heading = "Codex")]
    pub(crate) ignore_user_config: bool,
    /// The program to use as Codex, instead of the one that `CODEX_PATH` names or `PATH` has.
    #[arg(long, help_heading = "Codex", value_name = "PATH")]
    pub(crate) codex: Option<PathBuf>,
    /// The folder that holds Codex's configuration, login and threads.
    #[arg(long, help_heading = "Codex", value_name = "DIR")]
    pub(crate) codex_home: Option<PathBuf>,
    /// The address of the service, such as `http://127.0.0.1:4040/v1`.
    #[arg(long, help_heading = "Codex", value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// End a turn after this time, such as 90s, 5m or 1h30m.
    #[arg(long, help_heading = "Limits", value_name = "TIME", value_parser = values::limit)]
    pub(crate) timeout: Option<Duration>,
    /// End a turn when it prints nothing for this time. Codex is silent while a command runs.
    #[arg(long, help_heading = "Limits", value_name = "TIME", value_parser = values::limit)]
    pub(crate) idle_timeout: Option<Duration>,
    /// Try to reach the service for ever, instead of failing after about half a minute.
    #[arg(long, help_heading = "Limits")]
    pub(crate) wait_for_network: bool,

    /// What is done with git besides keeping a record: `record` commits nothing, `branch` commits to a new branch.
    #[arg(long, help_heading = "Ledger", value_name = "MODE", value_parser = values::git_mode())]
    pub(crate) git: Option<GitMode>,
    /// Whose account of the work the record has: the agent is asked for it in one more turn on each thread, which may
    /// only read, or it is derived from what the agent said anyway.
    #[arg(long, help_heading = "Ledger", value_name = "BY", value_enum, default_value_t = ReportBy::Agent)]
    pub(crate) report: ReportBy,
    /// Leave the tests, linters and coverage of codex-turns.toml out.
    #[arg(long, help_heading = "Ledger")]
    pub(crate) no_checks: bool,

    /// Print one JSON object for each event to standard output: tasks, steps, the lines of Codex, checks, the end.
    #[arg(long, help_heading = "Output", conflicts_with = "quiet")]
    pub(crate) json: bool,
    /// Write what is known of the tasks to this file, as one JSON object, however they end.
    #[arg(long, help_heading = "Output", value_name = "FILE")]
    pub(crate) result: Option<PathBuf>,
    /// Print errors, nothing else.
    #[arg(short, long, help_heading = "Output")]
    pub(crate) quiet: bool,
}

impl PipelineRunArguments {
    /// The same where what is relative is relative to a folder.
    pub(crate) fn in_folder(mut self, folder: &Path) -> Self {
        let named = [&mut self.source.pipelines, &mut self.codex, &mut self.codex_home, &mut self.result];
        for path in named.into_iter().flatten().chain(&mut self.add_dir) {
            *path = folder.join(&*path);
        }
        self
    }

    /// The same for the turns of the tasks, which are always recorded.
    pub(crate) fn turns(&self, dir: PathBuf) -> RunArguments {
        let this = self.clone();
        RunArguments {
            prompt: None,
            stdin: false,
            model: this.model,
            sandbox: this.sandbox,
            dir,
            add_dir: this.add_dir,
            image: Vec::new(),
            profile: this.profile,
            config: this.config,
            enable: this.enable,
            disable: this.disable,
            ephemeral: false,
            ignore_user_config: this.ignore_user_config,
            skip_git_repo_check: false,
            output_schema: None,
            codex: this.codex,
            codex_home: this.codex_home,
            base_url: this.base_url,
            resume: None,
            fork: None,
            review: None,
            timeout: this.timeout,
            idle_timeout: this.idle_timeout,
            wait_for_network: this.wait_for_network,
            task: None,
            git: this.git,
            require_ledger: true,
            no_ledger: false,
            report: this.report,
            no_checks: this.no_checks,
            json: this.json,
            output_last_message: None,
            result: this.result,
            quiet: this.quiet,
        }
    }
}
