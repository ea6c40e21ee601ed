//! What a record adds to the outcome of its turn.

use std::path::Path;

use codex_ledger::manifest::RecordState;
use codex_ledger::values::LEDGER_ROOT;
use codex_ledger::{Cause, GitMode, Recorded};
use codex_runner::{AgentAccount, Checked, FILE_NAME, Need, RecordOutcome};

use crate::check_view;
use crate::exit_code::Code;
use crate::failure::hint;
use crate::failure::{causes, error_line, hint_line, warning_line};
use crate::interrupts::Interrupt;
use crate::outcome::Outcome;
use crate::render::{Line, Tone};
use crate::result_file::{RecordEntry, ResultObject};

/// The record says so where a turn has changed files that speak to the agent.
const PROJECT_LAYER_CHANGED: &str = "project-layer-changed";
const HIDDEN_BY_IGNORE: &str = "hidden-by-ignore";
const FILE_TOO_LARGE: &str = "file-too-large";
const UNREADABLE: &str = "unreadable";
/// How many files a warning names.
const NAMED: usize = 5;
/// The record says so where the agent has written into the ledger.
const LEDGER_TOUCHED: &str = "ledger-touched";
/// The record says so where it does not have what the turn changed.
const WORKTREE_UNKNOWN: &str = "worktree-unknown";

impl<R: ResultObject> Outcome<R> {
    /// Adds what the checks came to.
    pub(crate) fn checked(&mut self, checked: &Checked, interrupt: Option<Interrupt>) {
        if checked.is_stopped {
            self.code = Code::of_interrupt(interrupt);
            self.problems.push(error_line("the checks were cancelled; the turn itself had completed"));
        } else if !checked.closed.is_empty() {
            self.code = Code::Failed;
            self.problems.extend(checked.closed.iter().map(check_view::gate));
        }
        self.report.set_exit_code(self.code);
    }

    /// Adds what came of asking the agent for its account.
    pub(crate) fn reported(&mut self, account: Option<&AgentAccount>, interrupt: Option<Interrupt>) {
        let Some(account) = account else { return };
        self.notes.extend(account.note().map(|note| warning_line(&note)));
        if account.is_stopped {
            self.code = Code::of_interrupt(interrupt);
            self.problems.push(error_line("the report was cancelled; the work itself had completed"));
        }
    }

    /// Adds what became of the record.
    pub(crate) fn finished(
        &mut self,
        record: &RecordOutcome,
        root: &Path,
        mode: GitMode,
        interrupt: Option<Interrupt>,
    ) {
        match record {
            RecordOutcome::Off => {}
            RecordOutcome::Recorded(recorded) => self.recorded(recorded, root, mode),
            RecordOutcome::Failed { error, need, .. } => {
                let text = format!("the turn is not recorded: {}", causes(error));
                let hint = hint::of_ledger(error).unwrap_or_else(|| RECOVER.to_owned());
                match need {
                    // Told under --quiet too: a person who has switched the records on counts on them.
                    Need::Wanted if error.cause_after_turn() != Cause::Repository => {
                        self.problems.extend([warning_line(&text), hint_line(&hint)]);
                    }
                    Need::Wanted | Need::Required => {
                        self.problems.extend([error_line(&text), hint_line(&hint)]);
                        self.code = Code::of_ledger(error);
                    }
                }
            }
            RecordOutcome::Abandoned | _ => {
                self.problems.extend([error_line("the turn is not recorded yet"), hint_line(RECOVER)]);
                self.code = Code::of_interrupt(interrupt);
            }
        }
        self.report.set_exit_code(self.code);
    }

    fn recorded(&mut self, recorded: &Recorded, root: &Path, mode: GitMode) {
        let below = recorded.directory.strip_prefix(root).unwrap_or(&recorded.directory);
        let folder = below.display().to_string();
        let line = Line::new(Tone::Plain, &format!("turn {} recorded", recorded.turn_id));
        let line = match recorded.state {
            RecordState::Completed => line,
            RecordState::Failed
            | RecordState::Aborted
            | RecordState::Interrupted
            | RecordState::Unknown(_)
            | _ => line.and(Tone::Warning, &format!(" as {}", words(recorded))),
        };
        self.closing.push(line.and(Tone::Dim, &format!(" in {folder}")));
        if mode == GitMode::Branch {
            let text = format!("push: git push REMOTE {}", recorded.refs.join(" "));
            self.closing.push(Line::new(Tone::Dim, &text));
        }
        self.notes.extend(recorded.warnings.iter().map(|text| warning_line(text)));
        self.notes.extend(project_layer(recorded).map(|text| warning_line(&text)));
        self.notes.extend(out_of_sight(recorded).map(|text| warning_line(&text)));
        if recorded.reason.as_deref() == Some(LEDGER_TOUCHED) {
            let text = format!(
                "the agent wrote below {LEDGER_ROOT}; what was there is kept, and the record has failed"
            );
            self.problems.push(error_line(&text));
        }
        if recorded.reason.as_deref() == Some(WORKTREE_UNKNOWN) {
            let text = "the turn is not recorded as a whole: something in the repository keeps git from reading the \
                        worktree, so that the record does not have what the turn changed";
            self.problems.extend([error_line(text), hint_line(OBSTRUCTED)]);
            self.code = Code::LedgerFailed;
        }
        if self.code == Code::Completed && recorded.state != RecordState::Completed {
            self.code = Code::Failed;
        }
        self.report.set_record(RecordEntry::from(recorded));
    }
}

/// What is said of changed files that speak to the agent. The settings of this program are warned of with or without a
/// record.
fn project_layer(recorded: &Recorded) -> Option<String> {
    let paths = named(recorded, PROJECT_LAYER_CHANGED)?;
    let what = "the turn changed files that speak to the agent or start programs";
    Some(format!("{what}: {paths}; review them before the next turn"))
}

/// What is said of files that git does not show, or the record does not have.
fn out_of_sight(recorded: &Recorded) -> impl Iterator<Item = String> {
    let hidden = named(recorded, HIDDEN_BY_IGNORE)
        .map(|paths| format!("the turn wrote ignore rules that hide {paths}; the record has what they hide"));
    let large = named(recorded, FILE_TOO_LARGE)
        .map(|paths| format!("too large for the record, which does not have their content: {paths}"));
    let unreadable = named(recorded, UNREADABLE).map(|paths| {
        format!(
            "git could not read {paths}, and the record does not have their content; look at their rights, or with \
             `git add --dry-run PATH` at what git says"
        )
    });
    [hidden, large, unreadable].into_iter().flatten()
}

/// The first paths of the violations of a kind. The settings of this program are left out.
fn named(recorded: &Recorded, kind: &str) -> Option<String> {
    let of_kind = recorded.violations.iter().filter(|violation| violation.kind == kind);
    let paths = of_kind.filter_map(|violation| violation.path.as_deref());
    let paths: Vec<&str> = paths.filter(|path| *path != FILE_NAME).collect();
    let first = paths.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = paths.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!paths.is_empty()).then(|| format!("{first}{more}"))
}

const RECOVER: &str = "what is known of it is kept; `codex-turns ledger recover` carries on";
const OBSTRUCTED: &str =
    "undo what git complains of before the next turn: `git status` shows whether it works again";

fn words(recorded: &Recorded) -> String {
    match &recorded.reason {
        Some(reason) => format!("{} ({reason})", recorded.state),
        None => recorded.state.to_string(),
    }
}
