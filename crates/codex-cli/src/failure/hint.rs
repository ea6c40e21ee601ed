//! What to do about what went wrong.

use std::time::Duration;

use codex_exec::{CommandError, InvocationError, ProgramError, ThreadLockError, TransportError};
use codex_ledger::LedgerError;
use codex_ledger::claims::ClaimError;
use codex_ledger::git::VcsError;
use codex_protocol::{FailureKind, Limit, Verdict};
use codex_runner::{RunnerError, SettingsError, TrustError};
use codex_turn::{AutoRunError, BudgetEnd, BudgetKind, CheckError, StopReason, TurnError};

use super::CliError;

/// What to do if Codex cannot make its sandbox.
pub(crate) const NO_SANDBOX: &str = "the check has not run: `codex-turns doctor` looks at what the sandbox needs; \
                                     `--check-sandbox off` runs checks without one, on a machine of its own";
/// What to do where the program is another one.
const OTHER_PROGRAM: &str =
    "name the codex program with --codex or CODEX_PATH; `codex-turns doctor` shows which one is used";

/// What to do where Codex does not know the thread.
const OTHER_THREAD: &str =
    "the thread is not in this Codex home: look at --resume and --codex-home, or start a new thread";

/// What to do if there is no ledger.
const NO_LEDGER: &str = "`codex-turns ledger init` switches recording on";

/// What to do if nothing waits under a number.
const NOT_WAITING: &str = "`codex-turns ledger list` has the records, and says what waits";

/// What the ledger calls the step that needs a clean worktree.
const COMMIT: &str = "commit what the turn will change";

/// What to do where there was no turn.
pub(crate) fn of_failure(failure: &CliError) -> Option<String> {
    let hint = match failure {
        CliError::NoPrompt => {
            "give it as an argument, or write it to standard input: `codex-turns run - < FILE`"
        }
        CliError::PromptUnreadable(_) => "give the prompt as an argument",
        CliError::PromptNotUtf8 { .. } => "convert it, for example with `iconv -t utf-8`",
        CliError::Unwritable { .. } => {
            "name a file, and no link, in a directory that exists and that you may write to"
        }
        CliError::OneFileTwice { .. } => "give -o and --result two different files",
        CliError::Unreadable { .. } | CliError::NoTurn { .. } => {
            "name a file that `codex-turns run --json` has written"
        }
        CliError::Project(error) => return of_project(error),
        CliError::NoLedger { .. } => NO_LEDGER,
        CliError::NoRecord { .. } => "`codex-turns ledger list` has the records",
        CliError::NoFile { files, .. } => return Some(format!("its files are {}", files.join(", "))),
        CliError::NotKept { what: "events", .. } => {
            "they are kept from now on with `events = true` below `[ledger]` in codex-turns.toml"
        }
        CliError::Ledger(error) => return of_ledger(error),
        CliError::Program(error) => of_program(error),
        CliError::NotCodex(error) => of_program(error),
        CliError::Start(error) => return of_transport(error),
        CliError::Turn(TurnError::Busy { .. }) => {
            "add `--wait 10m` to wait for the other turn, or work in a copy with `--fork ID`"
        }
        CliError::Run(error) => return of_run(error),
        CliError::NotOfRuns { .. } => "leave it away, or run one turn: `codex-turns run`",
        CliError::Setup(_) => "look at what this shell may use: `ulimit -a`",
        CliError::Plan { .. }
        | CliError::NotKept { .. }
        | CliError::Interrupted(_)
        | CliError::Turn(_)
        | CliError::Codex(_) => {
            return None;
        }
    };
    Some(hint.to_owned())
}

/// What to do about the end of a turn that is no success.
pub(crate) fn of_verdict(verdict: &Verdict) -> Option<String> {
    let hint = match verdict {
        Verdict::Failed(failure) => return of_failed(&failure.kind),
        Verdict::TimedOut { limit: Limit::Idle, .. } => {
            "give it more time with --idle-timeout, or resume the thread"
        }
        Verdict::TimedOut { .. } => "give it more time with --timeout, or resume the thread",
        Verdict::Truncated | Verdict::Killed { .. } | Verdict::Exited { .. } => {
            "look at what the turn did until then, and resume the thread"
        }
        Verdict::Budget { .. } => "resume the thread with a larger budget",
        Verdict::Completed | Verdict::Interrupted | Verdict::Cancelled | _ => return None,
    };
    Some(hint.to_owned())
}

/// What to do about a ledger that could not do what it must.
pub(crate) fn of_ledger(error: &LedgerError) -> Option<String> {
    let hint = match error {
        _ if error.is_disk_full() => "make room there; `codex-turns ledger recover` finishes what was begun",
        LedgerError::Claim(ClaimError::Denied { .. } | ClaimError::Unreachable { .. }) => {
            "nothing ran: look at the remote and try again, or claim numbers in this repository alone with \
             `claim = \"local\"`"
        }
        LedgerError::Claim(ClaimError::Exhausted) => return None,
        LedgerError::Claim(_) => "nothing ran: try again in a moment",
        LedgerError::Refused { step: COMMIT, .. } => {
            "commit or stash what is yours, or record without a commit: --git record"
        }
        LedgerError::Busy { .. } => {
            "another turn runs in this worktree: add `--wait 10m` to wait for it, or use a worktree of its own \
             (`git worktree add`)"
        }
        LedgerError::Gone { .. } | LedgerError::Replaced { .. } => {
            "`codex-turns ledger recover` brings it back; if turns are no longer to be recorded here: \
             `rm \"$(git rev-parse --git-path turns/ledger-here.json)\"`"
        }
        LedgerError::NotInitialised { .. } => "`codex-turns ledger init` switches recording on",
        LedgerError::ReadOnly { .. } => "update codex-turns, or run with --no-ledger",
        LedgerError::Integrity { .. } | LedgerError::Manifest { .. } => {
            "`codex-turns ledger verify` looks at everything"
        }
        LedgerError::Git { source, .. } => of_git(source),
        LedgerError::Disk { .. } => "check its rights; `codex-turns ledger recover` finishes what was begun",
        LedgerError::Refused { .. } | _ => return None,
    };
    Some(hint.to_owned())
}

fn of_git(error: &VcsError) -> &'static str {
    match error {
        VcsError::Start { .. } => "install git",
        VcsError::TooOld { .. } => "install a newer git; `codex-turns doctor` shows which one is found",
        VcsError::Obstructed { .. } => {
            "put that file back as it was, or take it out of the configuration: `git config --edit`"
        }
        VcsError::NoWorktree { .. } => "choose a directory in a repository, or run `git init`",
        VcsError::Failed { .. }
        | VcsError::TimedOut { .. }
        | VcsError::Aborted { .. }
        | VcsError::Unreadable { .. }
        | VcsError::Io { .. }
        | _ => "mend what git complains of; `codex-turns ledger recover` finishes what was begun",
    }
}

/// What to do about a run that is over and is no success; of one that a turn has ended, the turn says it.
pub(crate) fn of_stop(stop: &StopReason) -> Option<String> {
    let resume = match stop {
        StopReason::Budget { budget: BudgetKind::Tokens, end: BudgetEnd::UsedUp, .. }
        | StopReason::TurnLimit { .. }
        | StopReason::Time { .. } => ", or continue with --resume",
        StopReason::Budget { .. } => ", and continue with --resume",
        StopReason::NoProgress { .. }
        | StopReason::Check { .. }
        | StopReason::Satisfied
        | StopReason::Policy { .. }
        | StopReason::Cancelled
        | StopReason::Failed { .. }
        | _ => "",
    };
    of_stopped_task(stop).map(|hint| format!("{hint}{resume}"))
}

/// The same of a run that cannot be continued alone, since it is one task of several.
pub(crate) fn of_stopped_task(stop: &StopReason) -> Option<&'static str> {
    let hint = match stop {
        StopReason::TurnLimit { .. } => "allow more turns with --max-turns",
        StopReason::Budget { budget: BudgetKind::Tokens, end: BudgetEnd::UsedUp, .. } => {
            "allow more with --budget-tokens"
        }
        StopReason::Budget { .. } => "codex did not say what the turn used: look at what it did",
        StopReason::NoProgress { .. } => {
            "look at what the check says; --stalled-turns allows more turns without progress"
        }
        StopReason::Time { .. } => "allow more time with --budget-time",
        StopReason::Check { error: CheckError::Command(error), .. }
            if matches!(**error, CommandError::Sandbox { .. }) =>
        {
            NO_SANDBOX
        }
        StopReason::Check { .. } => "look whether the command of the check can still be run",
        StopReason::Satisfied
        | StopReason::Policy { .. }
        | StopReason::Cancelled
        | StopReason::Failed { .. }
        | _ => return None,
    };
    Some(hint)
}

fn of_run(error: &AutoRunError) -> Option<String> {
    let hint = match error {
        AutoRunError::Check { source: CheckError::NoProgram { .. }, .. } => {
            "install it, or correct the command of --until; it runs in the working directory of the thread"
        }
        AutoRunError::Check { source: CheckError::Command(error), .. }
            if matches!(**error, CommandError::Sandbox { .. }) =>
        {
            NO_SANDBOX
        }
        AutoRunError::Check { source: CheckError::Command(_), .. } => "give --until a command for the shell",
        AutoRunError::Check { .. }
        | AutoRunError::ZeroLimit { .. }
        | AutoRunError::NoModel
        | AutoRunError::NoPrice { .. }
        | AutoRunError::Lack(_)
        | AutoRunError::InsideRuntime
        | AutoRunError::Runtime(_)
        | _ => return None,
    };
    Some(hint.to_owned())
}

fn of_project(error: &RunnerError) -> Option<String> {
    let hint = match error {
        RunnerError::Settings(error) => return of_settings(error),
        RunnerError::Trust(error) => of_trust(error)?,
        RunnerError::SettingsInProject { .. } => {
            "name a file outside of the project, or trust this one for a run with --trust or --trust-ref"
        }
        RunnerError::Eclipsed { root, .. } => {
            return Some(format!(
                "if it is not your repository, remove {}; else run `codex-turns ledger init` in it, or use --no-ledger",
                root.join(".git").display()
            ));
        }
        RunnerError::LeadsOut { root, .. } => {
            return Some(format!(
                "use `-C {}` if you mean that folder; else inspect the link",
                root.display()
            ));
        }
        RunnerError::SettingsChanged { turn_id, .. } => {
            return Some(format!(
                "set them as they were, or close the record with `codex-turns ledger recover --close {turn_id}`"
            ));
        }
        RunnerError::NotWaiting { .. } => NOT_WAITING,
        RunnerError::TaskChanged { turn_id, .. } => {
            return Some(format!(
                "put the file back, or close the record with `codex-turns ledger recover --close {turn_id}`"
            ));
        }
        RunnerError::NoLedger { .. } => NO_LEDGER,
        RunnerError::Ledger(error) => return of_ledger(error),
        RunnerError::Redaction(_) | _ => return None,
    };
    Some(hint.to_owned())
}

fn of_settings(error: &SettingsError) -> Option<String> {
    let hint = match error {
        SettingsError::UnknownKey { .. } => "`codex-turns help config` has all settings",
        SettingsError::Unreadable { .. } => "make it readable, or remove it",
        SettingsError::Syntax { .. } | SettingsError::Value { .. } | _ => return None,
    };
    Some(hint.to_owned())
}

fn of_trust(error: &TrustError) -> Option<&'static str> {
    Some(match error {
        TrustError::StoreInReach { .. } => {
            "set XDG_STATE_HOME to a folder outside of the project and of temporary folders, or use `-s read-only` or a \
             narrower --add-dir"
        }
        TrustError::StoreOfOthers { .. } | TrustError::Store { .. } => {
            "make it a folder of yours alone (`chmod go-w`), or name another with XDG_STATE_HOME"
        }
        TrustError::File { .. } => "let the command name a file of the project",
        TrustError::ManyWords { .. } => "write a script, and let the command name the script",
        TrustError::Word { .. } => "`codex-turns trust --show` prints the digest of the files as they are",
        TrustError::Ref { .. } => "fetch it first; in a shallow clone: `git fetch --depth 1 origin BRANCH`",
        _ => return None,
    })
}

fn of_program(error: &ProgramError) -> &'static str {
    match error {
        ProgramError::Missing { .. } => "name the codex program with --codex or CODEX_PATH",
        ProgramError::NotExecutable { .. } => {
            "make it executable, or name another with --codex or CODEX_PATH"
        }
        ProgramError::NotFound { .. } => "`codex-turns doctor` shows what a turn needs",
        ProgramError::LauncherAlone { .. } => "npm install -g @openai/codex",
        ProgramError::VersionUnknown { .. } | ProgramError::NotCodex { .. } | _ => OTHER_PROGRAM,
    }
}

fn of_transport(error: &TransportError) -> Option<String> {
    let hint = match error {
        TransportError::Invocation(error) => return of_invocation(error),
        TransportError::Program(error) => of_program(error),
        TransportError::ThreadBusy { .. } | TransportError::ThreadLock(ThreadLockError::Busy { .. }) => {
            "add `--wait 10m` to wait for the other turn, or work in a copy with `--fork ID`"
        }
        TransportError::ThreadLock(_) | TransportError::Prepare { .. } => {
            "make the folder writable, or name another with XDG_STATE_HOME or TMPDIR"
        }
        TransportError::Spawn { .. } | TransportError::NotCodex { .. } => OTHER_PROGRAM,
        TransportError::StartFailed { reasons, .. } => of_start(reasons),
        TransportError::ThreadMismatch { .. } => OTHER_THREAD,
        TransportError::TimedOut { .. } => "give it more time with --timeout or --idle-timeout",
        TransportError::Runtime(_) | TransportError::Cancelled | TransportError::SupervisorGone | _ => {
            return None;
        }
    };
    Some(hint.to_owned())
}

/// What to do where Codex itself said why it did not start.
fn of_start(reasons: &[String]) -> &'static str {
    let says = |words: &str| reasons.iter().any(|reason| reason.contains(words));
    if says("no rollout found") {
        return OTHER_THREAD;
    }
    if says("config.toml") {
        return "mend that file in the Codex home, or leave it unread with --ignore-user-config";
    }
    "`codex-turns doctor` shows what a turn needs"
}

fn of_invocation(error: &InvocationError) -> Option<String> {
    let hint = match error {
        InvocationError::BlankPrompt => "say what is to be done",
        InvocationError::LongPrompt { .. } => "write the text to a file and name the file in the prompt",
        InvocationError::ReviewWithPrompt => "leave the prompt away, or use --review prompt",
        InvocationError::ThreadId { .. } => "the last line of a turn names its thread",
        InvocationError::NotGitRepository { .. } => {
            "choose a directory in a repository with --cd, run `git init`, or give --skip-git-repo-check"
        }
        InvocationError::NestedRepository { .. } => {
            "start the turn at the top of the outer repository, or give --trust if nobody else has written the inner one"
        }
        InvocationError::Missing { .. }
        | InvocationError::NotDirectory { .. }
        | InvocationError::NotFile { .. } => {
            "look at the path; relative ones start at the working directory of this shell"
        }
        InvocationError::SchemaNotJson { .. } => "an output schema is a JSON Schema in one JSON object",
        InvocationError::ConfigKey { .. } => "write -c KEY=VALUE, such as -c model_reasoning_effort=\"high\"",
        InvocationError::BaseUrl { .. } => "an address looks like http://127.0.0.1:4040/v1",
        InvocationError::Unreadable { .. } => "make it readable for this user, or name another",
        InvocationError::Empty { .. } => "give it a value, or leave the flag away",
        InvocationError::NulByte { .. } => "take the NUL byte out; `tr -d '\\0'` does",
        // The others say what to do by saying what is wrong.
        InvocationError::ImageComma { .. }
        | InvocationError::Name { .. }
        | InvocationError::McpServerTwice { .. }
        | InvocationError::VariableName { .. }
        | InvocationError::SecretTwice { .. }
        | InvocationError::Originator { .. }
        | _ => return None,
    };
    Some(hint.to_owned())
}

fn of_failed(kind: &FailureKind) -> Option<String> {
    let hint = match kind {
        FailureKind::RateLimit { reset_after, .. } => return Some(again("too many requests", *reset_after)),
        FailureKind::UsageLimit { reset_at: Some(at), .. } => {
            return Some(format!("what the account may use is used up until {at}"));
        }
        FailureKind::UsageLimit { reset_after, .. } => {
            return Some(again("what the account may use is used up", *reset_after));
        }
        FailureKind::Auth => "log in with `codex login`, or set CODEX_API_KEY",
        FailureKind::ContextWindow => "start a new thread, or ask for less at once",
        FailureKind::Overloaded => "the service has no capacity: try again later, or another --model",
        FailureKind::StreamLost => "look at the network; --wait-for-network tries for ever",
        FailureKind::Sandbox => "`codex-turns doctor` looks at what the sandbox needs",
        FailureKind::InvalidRequest => {
            "the service refuses the request as it is: look at --model, -c and --output-schema"
        }
        FailureKind::Other | _ => return None,
    };
    Some(hint.to_owned())
}

fn again(why: &str, after: Option<Duration>) -> String {
    match after {
        Some(after) => {
            format!(
                "{why}: try again in {}",
                humantime::format_duration(Duration::from_secs(after.as_secs().max(1)))
            )
        }
        None => format!("{why}: try again later"),
    }
}
