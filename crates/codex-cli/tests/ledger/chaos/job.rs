//! [`Job`]: what the command does when it is killed.

use std::process::Command;

use codex_fixtures::{ChildProcess, FakeCodex, FakeCodexBuilder, FakeScript, Signal};

use super::git_shim::{GitShim, Starts};
use crate::project::{Project, begun};

/// Passes once the agent has written `world`.
const CHECK: &str = "grep -q world hello.txt || { echo 'no world'; exit 1; }";

/// What the command does when it is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// One turn.
    Run,
    /// One turn, its work and its record committed and tagged.
    Commit,
    /// Two turns, the second of which passes the check.
    Auto,
    /// One turn that only a signal ends.
    Busy,
    /// Two turns, the second of which only a signal ends.
    BusyAgain,
    /// A run whose check does not end, and has a process in the background.
    Check,
    /// A run that waits before it tries again.
    Wait,
    /// Two tasks, each a turn.
    Pipeline,
}

/// A turn with a process that no signal to Codex reaches.
fn turn(end: FakeScript) -> FakeScript {
    let child = ChildProcess::new().own_session();
    begun().on_signal(Signal::Interrupt, FakeScript::new().exit(1)).spawn(child).then(end)
}

/// Says that it has come so far by a file, and waits.
fn busy() -> FakeScript {
    FakeScript::new().write_file("busy", "").hang()
}

fn of_two(first: FakeScript, second: FakeScript) -> FakeCodex {
    [first, second].into_iter().fold(FakeCodex::builder(), FakeCodexBuilder::start).build()
}

fn says(answer: &str) -> FakeScript {
    let item = format!(r#"{{"id":"item_0","type":"agent_message","text":"{answer}"}}"#);
    FakeScript::new()
        .line(format!(r#"{{"type":"item.completed","item":{item}}}"#))
        .line(r#"{"type":"turn.completed","usage":{"input_tokens":10,"output_tokens":5}}"#)
}

impl Job {
    pub(super) fn project(self) -> Project {
        let project = Project::recorded();
        project.write(".git/info/exclude", "asked\nbusy\npid\n");
        if self.commits() {
            project.commit("the ledger");
        }
        if self == Self::Pipeline {
            project.write("tasks/task-pipeline.md", "1. One\n2. Two\n");
            project.write("tasks/TASK 01 - One.task.md", "# One\n\nWrite it.\n");
            project.write("tasks/TASK 02 - Two.task.md", "# Two\n\nRead it.\n");
        }
        project
    }

    pub(super) fn fake(self) -> FakeCodex {
        let work =
            turn(FakeScript::new().write_file("hello.txt", "hello\nworld\n").then(says("It is done.")));
        match self {
            Self::Run | Self::Commit | Self::Pipeline => FakeCodex::new(work),
            Self::Busy => FakeCodex::new(turn(busy())),
            Self::Auto => of_two(turn(says("no")), work),
            Self::BusyAgain => of_two(turn(says("no")), turn(busy())),
            Self::Check => FakeCodex::new(turn(says("no"))),
            Self::Wait => {
                let failed = r#"{"type":"turn.failed","error":{"message":"Rate limit reached. Please try again in 600s."}}"#;
                FakeCodex::new(turn(FakeScript::new().line(failed).exit(1)))
            }
        }
    }

    pub(super) fn command(self, project: &Project, fake: &FakeCodex) -> Command {
        let mut command = project.command();
        command.env("CODEX_PATH", fake.path());
        match self {
            Self::Run | Self::Busy => command.args(["run", "do it"]),
            Self::Commit => command.args(["run", "--git", "branch", "do it"]),
            Self::Pipeline => command.args([
                "pipeline",
                "run",
                "--pipeline",
                "tasks/task-pipeline.md",
                "--report",
                "derived",
            ]),
            Self::Auto | Self::BusyAgain | Self::Wait => command.args(["auto", "--until", CHECK, "do it"]),
            Self::Check => {
                command.args(["auto", "--until", "sleep 600 & echo $! > pid; mv pid asked; wait", "do it"])
            }
        };
        command
    }

    pub(super) fn commits(self) -> bool {
        self == Self::Commit
    }

    /// How often git is started if nobody is killed.
    pub(super) fn starts_of_git(self) -> Starts {
        let (project, fake) = (self.project(), self.fake());
        starts_of_git(&project, self.command(&project, &fake))
    }
}

/// How often a command starts git.
pub(super) fn starts_of_git(project: &Project, mut command: Command) -> Starts {
    let shim = GitShim::new(project);
    shim.attach(&mut command);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    shim.starts()
}
