//! From the flags of a pipeline to [`PipelineWork`] and back.

use std::path::PathBuf;

use codex_exec::Sandbox;
use codex_runner::{
    CheckChoices, CodexChoices, KeptSettings, PipelineWork, PushRecords, ReportSource, RunChecks, Work,
};
use serde_json::{Value, json};

use super::RunLimitFlags;
use super::check_options::CheckOptions;
use super::codex_options::CodexOptions;
use super::pipeline::{PipelineRunArguments, PipelineSource};
use super::trust::TrustOptions;
use super::turn_limits::TurnLimitFlags;
use super::values::{ConfigWord, ReportBy};
use crate::show::Show;

impl PipelineSource {
    /// The pipeline that is meant, with this work in its turns.
    pub(super) fn work(&self, work: Work) -> PipelineWork {
        let mut pipeline = PipelineWork::new(work);
        pipeline.pattern.clone_from(&self.pattern);
        pipeline.pipeline.clone_from(&self.pipeline);
        pipeline.pipelines.clone_from(&self.pipelines);
        pipeline.session_context.clone_from(&self.session_context);
        pipeline.project_context.clone_from(&self.project_context);
        pipeline
    }
}

impl PipelineRunArguments {
    /// What the flags mean in a folder, with the settings that are in force.
    pub(crate) fn work(&self, dir: PathBuf, settings: KeptSettings) -> PipelineWork {
        let folder = std::env::current_dir().unwrap_or_default();
        let this = self.clone().in_folder(&folder);
        let mut work = Work::new(folder.join(dir));
        work.limits.total = this.turn_limits.timeout;
        work.limits.idle = this.turn_limits.idle_timeout;
        work.limits.wait_for_network = this.turn_limits.wait_for_network;
        work.checks = this.checks.choices();
        work.checks.run = if this.no_checks { RunChecks::No } else { RunChecks::AsUsual };
        work.report = match this.report {
            ReportBy::Agent => ReportSource::Agent,
            ReportBy::Derived => ReportSource::Derived,
        };
        work.push = if this.no_push { PushRecords::Never } else { PushRecords::AsSettings };
        work.trust_ref = this.trust.trust_ref;
        work.settings_file = this.codex.settings_file().map(PathBuf::from);
        work.codex = this.codex.choices();
        work.settings = settings;
        let mut pipeline = this.source.work(work);
        (pipeline.thread, pipeline.on_failure, pipeline.until) = (this.thread, this.on_failure, this.until);
        pipeline.limits = this.limits.kept();
        pipeline
    }

    /// What is shown while the tasks run.
    pub(crate) fn show(&self) -> Show {
        match (self.json, self.quiet) {
            (true, _) => Show::RawLines,
            (false, true) => Show::Nothing,
            (false, false) => Show::Progress,
        }
    }

    /// What is shown and written, which is kept beside the work.
    pub(crate) fn presentation(&self) -> Value {
        let folder = std::env::current_dir().unwrap_or_default();
        let result = self.result.as_ref().map(|path| folder.join(path));
        let Self { json, quiet, redact_result, .. } = self;
        json!({ "json": json, "quiet": quiet, "result": result, "redactResult": redact_result })
    }

    /// The flags of a pipeline that is resumed.
    pub(crate) fn of(pipeline: PipelineWork, caller: &Value) -> Self {
        let PipelineWork { work, .. } = &pipeline;
        let is = |name: &str| caller.get(name).and_then(Value::as_bool).unwrap_or_default();
        Self {
            codex: CodexOptions::of(&work.codex, work.settings_file.clone()),
            turn_limits: TurnLimitFlags {
                timeout: work.limits.total,
                idle_timeout: work.limits.idle,
                wait: None,
                wait_for_network: work.limits.wait_for_network,
            },
            trust: TrustOptions { trust: false, trust_ref: work.trust_ref.clone() },
            // What a flag of the mode said is restated with the settings.
            git: None,
            report: match work.report {
                ReportSource::Agent => ReportBy::Agent,
                ReportSource::Derived => ReportBy::Derived,
            },
            no_push: work.push == PushRecords::Never,
            no_checks: work.checks.run == RunChecks::No,
            checks: CheckOptions::of(&work.checks),
            from: None,
            only: None,
            thread: pipeline.thread,
            on_failure: pipeline.on_failure,
            limits: RunLimitFlags::of(&pipeline.limits),
            json: is("json"),
            quiet: is("quiet"),
            redact_result: is("redactResult"),
            result: caller.get("result").and_then(Value::as_str).map(PathBuf::from),
            until: pipeline.until,
            source: PipelineSource {
                pattern: pipeline.pattern,
                pipeline: pipeline.pipeline,
                pipelines: pipeline.pipelines,
                session_context: pipeline.session_context,
                project_context: pipeline.project_context,
            },
        }
    }
}

impl CodexOptions {
    fn choices(self) -> CodexChoices {
        let mut choices = CodexChoices::default();
        choices.config =
            self.codex_settings().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        choices.sandbox = self.sandbox.map(|sandbox| sandbox.as_str().to_owned());
        (choices.model, choices.profile, choices.add_dirs) = (self.model, self.profile, self.add_dir);
        (choices.enable, choices.disable) = (self.enable, self.disable);
        choices.ignore_user_config = self.ignore_user_config;
        (choices.program, choices.home, choices.base_url) = (self.program, self.home, self.base_url);
        choices.project_instructions = self.project_instructions;
        choices
    }

    fn of(choices: &CodexChoices, settings_file: Option<PathBuf>) -> Self {
        let sandboxes = [Sandbox::ReadOnly, Sandbox::WorkspaceWrite, Sandbox::DangerFullAccess];
        let settings = choices.config.iter().cloned().map(|(key, value)| ConfigWord::Codex(key, value));
        let CodexChoices { model, sandbox, add_dirs, profile, enable, disable, .. } = choices.clone();
        Self {
            model,
            sandbox: sandboxes.into_iter().find(|mode| Some(mode.as_str()) == sandbox.as_deref()),
            add_dir: add_dirs,
            profile,
            config: settings.chain(settings_file.map(ConfigWord::File)).collect(),
            enable,
            disable,
            ignore_user_config: choices.ignore_user_config,
            program: choices.program.clone(),
            home: choices.home.clone(),
            base_url: choices.base_url.clone(),
            project_instructions: choices.project_instructions,
        }
    }
}

impl CheckOptions {
    pub(crate) fn choices(&self) -> CheckChoices {
        let mut choices = CheckChoices::default();
        (choices.env, choices.sandbox, choices.network) = (self.env.clone(), self.sandbox, self.network);
        choices
    }

    fn of(choices: &CheckChoices) -> Self {
        let CheckChoices { env, sandbox, network, .. } = choices.clone();
        Self { env, sandbox, network }
    }
}

impl RunLimitFlags {
    pub(crate) fn kept(&self) -> codex_runner::RunLimits {
        let number = |turns: u32| turns.try_into().unwrap_or(std::num::NonZeroU32::MIN);
        let mut kept = codex_runner::RunLimits::default();
        (kept.max_turns, kept.stalled_turns) = (number(self.max_turns), number(self.stalled_turns));
        (kept.budget_tokens, kept.budget_time) = (self.budget_tokens, self.budget_time);
        kept.retry = self.retry;
        kept
    }

    fn of(kept: &codex_runner::RunLimits) -> Self {
        Self {
            max_turns: kept.max_turns.get(),
            budget_tokens: kept.budget_tokens,
            budget_time: kept.budget_time,
            retry: kept.retry,
            stalled_turns: kept.stalled_turns.get(),
        }
    }
}
