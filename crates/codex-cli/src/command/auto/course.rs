//! [`conduct`]: a run of turns from its first event to its end, shown as it goes, with an ear for signals.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::time::Instant;

use codex_exec::Program;
use codex_ledger::TurnBegin;
use codex_protocol::ThreadId;
use codex_turn::{AutoRun, AutoRunError, AutoRunEvent, AutoRunReport, AutoRunStream, Spent, StepReport};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::conduct::Show;
use crate::console::Console;
use crate::interrupts::{Interrupt, Interrupts};
use crate::meanwhile::{Happened, Meanwhile};
use crate::outcome::notes;
use crate::record::Recording;
use crate::render::Steps;
use crate::version_notice::VersionNotice;

/// How a run is conducted.
pub(in crate::command) struct Conduct<'a> {
    pub(in crate::command) show: Show,
    /// What the run is a part of, where it is one.
    pub(in crate::command) within: Option<String>,
    /// The directory that paths are shown relative to.
    pub(in crate::command) root: PathBuf,
    pub(in crate::command) budget_tokens: Option<u64>,
    pub(in crate::command) console: &'a Console,
    pub(in crate::command) interrupts: &'a mut Interrupts,
    pub(in crate::command) cancel: CancellationToken,
    /// The program whose version is looked at meanwhile.
    pub(in crate::command) program: &'a Program,
    /// The record that has all turns.
    pub(in crate::command) recording: Option<&'a Recording>,
    /// What the first turn is begun with.
    pub(in crate::command) begin: TurnBegin,
}

/// How a run went.
pub(in crate::command) struct Course {
    pub(in crate::command) end: End,
    /// The signal that made us cancel it.
    pub(in crate::command) interrupt: Option<Interrupt>,
    /// What was found out about the program.
    pub(in crate::command) version: VersionNotice,
}

/// What there is of a run.
pub(in crate::command) enum End {
    /// It came to an end of its own, or did not begin.
    Ended(Box<Result<AutoRunReport, AutoRunError>>),
    /// A second signal came; this is what was finished by then.
    Abandoned { steps: Vec<StepReport>, spent: Option<Spent> },
}

impl End {
    /// Whether every check passed.
    pub(super) fn is_satisfied(&self) -> bool {
        match self {
            Self::Ended(end) => end.as_ref().as_ref().is_ok_and(AutoRunReport::is_satisfied),
            Self::Abandoned { .. } => false,
        }
    }
}

/// Runs turns.
pub(in crate::command) async fn conduct(run: AutoRun, conduct: Conduct<'_>) -> Course {
    let Conduct { show, within, root, budget_tokens, console, interrupts, cancel, program, recording, begin } =
        conduct;
    let steps = Steps::new(root, budget_tokens);
    let steps = within.iter().fold(steps, |steps, whole| steps.within(whole));
    let teller = Teller {
        show,
        console,
        started: Instant::now(),
        steps: RefCell::new(steps),
        spent: Cell::default(),
        thread: RefCell::default(),
        recording,
        begin,
    };
    let draw = teller.is_live().then_some(|| teller.draw());
    let begun = Notify::new();
    let mut stream = run.stream();
    let meanwhile = Meanwhile { show, console, interrupts: Some(interrupts), cancel, program: Some(program) };
    let Happened { is_told, interrupt, version } =
        meanwhile.attend(teller.tell(&mut stream, &begun), &begun, draw).await;
    let end = if is_told {
        End::Ended(Box::new(stream.finish().await))
    } else {
        End::Abandoned { steps: stream.steps(), spent: teller.spent.get() }
    };
    Course { end, interrupt, version }
}

/// Shows a run as it goes, and begins its turns in the record.
struct Teller<'a> {
    show: Show,
    console: &'a Console,
    started: Instant,
    steps: RefCell<Steps>,
    spent: Cell<Option<Spent>>,
    /// The thread that the next turn resumes.
    thread: RefCell<Option<ThreadId>>,
    recording: Option<&'a Recording>,
    begin: TurnBegin,
}

impl Teller<'_> {
    /// Reads the run to its end and shows every event.
    async fn tell(&self, stream: &mut AutoRunStream, begun: &Notify) {
        while let Some(Ok(event)) = stream.next_event().await {
            self.note(&event, begun);
            match self.show {
                Show::Progress => self.progress(&event).await,
                Show::RawLines => {
                    let json =
                        serde_json::to_string(&event).expect("an event has only keys that are strings");
                    self.console.object(json).await;
                }
                Show::Nothing => {}
            }
        }
    }

    /// Takes down what is needed later. The run goes on only when the next event is asked for, so that a turn is in
    /// the record before it starts.
    fn note(&self, event: &AutoRunEvent, begun: &Notify) {
        match event {
            AutoRunEvent::StepStarted { prompt, .. } => {
                if let Some(recording) = self.recording {
                    let mut turn = self.begin.clone();
                    turn.prompt.clone_from(prompt);
                    turn.resumed = self.thread.borrow().clone().or(turn.resumed);
                    recording.begin_turn(turn);
                }
            }
            AutoRunEvent::Line { .. } => begun.notify_one(),
            AutoRunEvent::StepEnded { step, spent, .. } => {
                self.spent.set(Some(*spent));
                if let Some(thread) = step.turn.as_ref().and_then(|turn| turn.thread_id.clone()) {
                    *self.thread.borrow_mut() = Some(thread);
                }
            }
            AutoRunEvent::CheckStarted { .. }
            | AutoRunEvent::CheckEnded { .. }
            | AutoRunEvent::RetryScheduled { .. }
            | AutoRunEvent::Stopped { .. }
            | _ => {}
        }
    }

    async fn progress(&self, event: &AutoRunEvent) {
        let lines = self.steps.borrow_mut().observe(event, self.started.elapsed());
        self.console.lines(lines).await;
        if let AutoRunEvent::StepEnded { step, .. } = event
            && let Some(turn) = &step.turn
        {
            self.console.statements(notes(turn)).await;
        }
        self.draw();
    }

    /// Draws the status line, where one is shown.
    fn draw(&self) {
        if self.is_live() {
            self.console.status(self.steps.borrow().status(self.started.elapsed()));
        }
    }

    fn is_live(&self) -> bool {
        self.show == Show::Progress && self.console.terminals().is_live()
    }
}
