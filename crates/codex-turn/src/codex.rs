//! [`Codex`]: the way in, and [`CodexBuilder`].

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use codex_exec::{
    ApiKey, CodexEnvironment, CodexExec, ConfigValue, Exec, ExecOptions, Invocation, Program, ProgramError,
    ReviewTarget, Target,
};
use codex_protocol::ThreadId;

use crate::{ExecTurns, RunTurn, Thread, ThreadOptions, Turn, steps::OptionSteps};

/// Makes threads; cheap to clone, and clones share nothing that changes.
///
/// ```no_run
/// use codex_turn::{Codex, Sandbox, ThreadOptions};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let codex = Codex::builder().config("model_reasoning_effort", "high").build()?; // finds the program, starts nothing
/// let thread = codex.start_thread(ThreadOptions::new("/my/project").sandbox(Sandbox::WorkspaceWrite));
/// let result = thread.run("fix the failing test").await?;
/// assert!(result.verdict.is_completed());
///
/// let id = result.thread_id.expect("codex has named the thread");
/// let thread = codex.resume_thread(id, ThreadOptions::new("/my/project")); // tomorrow, in another process
/// # drop(thread);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Codex {
    turns: Arc<dyn RunTurn>,
    steps: OptionSteps,
}

impl Codex {
    /// Starts to describe how Codex is run.
    pub fn builder() -> CodexBuilder {
        CodexBuilder::default()
    }

    /// Makes a handle of a new thread, which its first turn begins.
    pub fn start_thread(&self, options: ThreadOptions) -> Thread {
        self.thread(options, Target::NewThread)
    }

    /// Makes a handle of a thread that exists.
    ///
    /// Codex remembers none of its options: what `options` does not say is as Codex is configured.
    pub fn resume_thread(&self, id: ThreadId, options: ThreadOptions) -> Thread {
        self.thread(options, Target::Resume(id))
    }

    /// Makes a handle of the newest thread of the working directory, which the first turn finds.
    ///
    /// Where there is none, Codex begins a new one without saying so.
    pub fn resume_last(&self, options: ThreadOptions) -> Thread {
        self.thread(options, Target::ResumeLast)
    }

    /// Makes a handle of a copy of a thread; its first turn makes the copy, later ones resume it.
    pub fn fork_thread(&self, id: ThreadId, options: ThreadOptions) -> Thread {
        self.thread(options, Target::Fork(id))
    }

    /// Makes a turn that reviews code, in a thread of its own.
    pub fn review(&self, target: ReviewTarget, options: ThreadOptions) -> Turn {
        self.thread(options, Target::Review(target)).run("")
    }

    /// Makes a turn that reviews what the prompt says, in a thread of its own.
    pub fn review_prompt(&self, prompt: impl Into<String>, options: ThreadOptions) -> Turn {
        self.thread(options, Target::ReviewPrompt).run(prompt)
    }

    fn thread(&self, options: ThreadOptions, target: Target) -> Thread {
        Thread::new(Arc::clone(&self.turns), self.steps.clone(), options, target)
    }
}

impl fmt::Debug for Codex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codex").field("options", &self.steps).finish_non_exhaustive()
    }
}

/// Describes how Codex is run: the program or another transport, and what holds for every thread.
#[derive(Default)]
#[must_use = "a builder does nothing until it is built"]
pub struct CodexBuilder {
    program: Option<Program>,
    options: Option<ExecOptions>,
    transport: Option<Arc<dyn RunTurn>>,
    steps: OptionSteps,
}

impl CodexBuilder {
    /// Runs this program; otherwise it is searched for when the builder is built.
    pub fn program(mut self, program: Program) -> Self {
        self.program = Some(program);
        self
    }

    /// Sets the bounds of the process layer.
    pub fn options(mut self, options: ExecOptions) -> Self {
        self.options = Some(options);
        self
    }

    /// Runs turns through this instead of a program: a fake, or a process layer of the caller's.
    pub fn exec(self, exec: Arc<dyn Exec>) -> Self {
        self.transport(Arc::new(ExecTurns::new(exec)))
    }

    /// Runs turns over another transport.
    pub fn transport(mut self, transport: Arc<dyn RunTurn>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Sets the folder in which Codex keeps its configuration, login and threads.
    pub fn codex_home(self, dir: impl Into<PathBuf>) -> Self {
        let dir = crate::steps::absolute(dir);
        self.with(move |invocation| invocation.codex_home(dir.clone()))
    }

    /// Sets the key that requests are made with, instead of the stored login.
    pub fn api_key(self, key: ApiKey) -> Self {
        self.with(move |invocation| invocation.api_key(key.clone()))
    }

    /// Sets the address of the service.
    pub fn base_url(self, url: impl Into<String>) -> Self {
        let url = url.into();
        self.with(move |invocation| invocation.base_url(url.clone()))
    }

    /// Sets the environment that Codex runs in.
    pub fn environment(self, environment: CodexEnvironment) -> Self {
        self.with(move |invocation| invocation.environment(environment.clone()))
    }

    /// Overrides a setting for every thread.
    pub fn config(self, key: impl Into<String>, value: impl Into<ConfigValue>) -> Self {
        let (key, value) = (key.into(), value.into());
        self.with(move |invocation| invocation.config(key.clone(), value.clone()))
    }

    /// Names the program that asks, as the service sees it.
    pub fn originator(self, originator: impl Into<String>) -> Self {
        let originator = originator.into();
        self.with(move |invocation| invocation.originator(originator.clone()))
    }

    /// Sets anything else that an [`Invocation`] can say, for every turn of every thread. Options of the
    /// thread come after it, those of the turn last.
    pub fn with(mut self, step: impl Fn(Invocation) -> Invocation + Send + Sync + 'static) -> Self {
        self.steps.push(step);
        self
    }

    /// Builds it. No process is started.
    ///
    /// # Errors
    ///
    /// No program was given and none was found; or a program or bounds for one were given beside another
    /// transport, which would not use them.
    pub fn build(self) -> Result<Codex, CodexError> {
        let turns = match (self.transport, self.program, self.options) {
            (Some(transport), None, None) => transport,
            (Some(_), _, _) => return Err(CodexError::TwoTransports),
            (None, program, options) => {
                let program = program.map_or_else(Program::discover, Ok)?;
                let exec = CodexExec::new(program).options(options.unwrap_or_default());
                Arc::new(ExecTurns::new(Arc::new(exec)))
            }
        };
        Ok(Codex { turns, steps: self.steps })
    }
}

impl fmt::Debug for CodexBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodexBuilder").field("options", &self.steps).finish_non_exhaustive()
    }
}

/// Why no [`Codex`] could be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CodexError {
    /// There is no Codex to run.
    #[error("no codex program")]
    Program(#[from] ProgramError),
    /// A program, or bounds for one, and another transport were given.
    #[error("a program or its options were given together with another transport: give one of them")]
    TwoTransports,
}
