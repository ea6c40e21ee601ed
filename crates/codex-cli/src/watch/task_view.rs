//! [`PipelineView`]: what is shown of a pipeline.

use std::path::PathBuf;

use codex_runner::{RunnerEvent, RunnerStream, TaskOutcome, TaskVerdict};

use super::run_view::{StepsView, aside};
use super::{View, WorkView};
use crate::pipeline_report::{PipelineEvent, TaskResult};
use crate::render::{Line, RunTranscript, Tone};
use crate::show::Show;

/// What is shown of a pipeline, and of the work around it.
pub(crate) struct PipelineView<'a> {
    show: Show,
    work: WorkView<'a>,
    steps: Option<StepsView<'a>>,
    place: String,
    name: String,
    root: PathBuf,
    budget_tokens: Option<u64>,
    /// Whether commands end a task.
    has_commands: bool,
}

impl<'a> PipelineView<'a> {
    /// Shows a pipeline of this name in a folder.
    pub(crate) fn new(
        mut work: WorkView<'a>,
        name: String,
        root: PathBuf,
        budget_tokens: Option<u64>,
        has_commands: bool,
    ) -> Self {
        let show = work.show;
        work.show = aside(show);
        Self { show, work, steps: None, place: String::new(), name, root, budget_tokens, has_commands }
    }

    /// Tells a person or a program, as it was asked.
    async fn tell(&self, line: Line, event: &PipelineEvent<'_>) {
        match self.show {
            Show::Progress => self.work.console.lines(vec![line]).await,
            Show::RawLines => self.work.console.object(event.to_json()).await,
            Show::Nothing => {}
        }
    }
}

impl<T> View<T> for PipelineView<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the view of the work shows the rest")]
    async fn show(&mut self, event: RunnerEvent, _: &RunnerStream<'_, T>) {
        match event {
            RunnerEvent::PipelineStarted { turn_id, pattern, is_resumed, tasks, boundary, .. } => {
                let all = if tasks == 1 { "task" } else { "tasks" };
                let how = if is_resumed { "continues" } else { "begins" };
                let line = Line::new(Tone::Strong, &self.name);
                let line = line.and(Tone::Dim, &format!(" {how}: {tasks} {all}, turn {turn_id}"));
                let pattern = pattern.as_deref();
                let event = PipelineEvent::PipelineStarted { turn_id, pattern, resumed: is_resumed, tasks };
                self.tell(line, &event).await;
                if self.show == Show::Progress && self.has_commands {
                    self.work.console.lines(vec![commands_of_until(boundary.words())]).await;
                }
            }
            RunnerEvent::TaskStarted { position, of, task_id, title, .. } => {
                self.place = format!("task {position} of {of}");
                let line = Line::new(Tone::Strong, &format!("{}: ", self.place)).and_long(&title);
                let event = PipelineEvent::TaskStarted { position, task_id: &task_id, title: &title };
                self.tell(line, &event).await;
            }
            RunnerEvent::Working => {
                let steps = RunTranscript::new(self.root.clone(), self.budget_tokens).within(&self.place);
                self.steps = Some(StepsView::new(self.show, self.work.console, steps));
            }
            RunnerEvent::Run(event) => {
                if let Some(steps) = &mut self.steps {
                    steps.show(&event).await;
                }
            }
            RunnerEvent::LinesEnded => self.steps = None,
            RunnerEvent::TaskEnded(outcome) => {
                let result = TaskResult::from(&*outcome);
                self.tell(ended(&outcome), &PipelineEvent::TaskEnded(&result)).await;
            }
            RunnerEvent::ReportLine(_) => {}
            other => self.work.show(&other).await,
        }
    }

    fn draw(&self) {
        match &self.steps {
            Some(steps) => steps.draw(),
            None => self.work.draw(),
        }
    }
}

/// Says what the commands of `--until` may touch.
pub(crate) fn commands_of_until(boundary: &str) -> Line {
    Line::new(Tone::Dim, &format!("commands of --until: {boundary}"))
}

fn ended(outcome: &TaskOutcome) -> Line {
    let is_done = outcome.verdict == TaskVerdict::Completed;
    let (tone, mark) = if is_done { (Tone::Good, "✓") } else { (Tone::Bad, "✗") };
    let turns = match outcome.turns {
        Some(1) => " in 1 turn".to_owned(),
        Some(turns) => format!(" in {turns} turns"),
        None => String::new(),
    };
    let text = format!("{mark} task {} {}", outcome.position, outcome.verdict.word());
    let line = Line::new(tone, &text).and(Tone::Plain, &turns);
    match &outcome.reason {
        Some(reason) => line.and(Tone::Plain, ": ").and_long(reason),
        None => line,
    }
}
