//! A turn of the real Codex whose agent is in the workspace-write sandbox and does what the attack says.

use std::process::Command;

use codex_fixtures::{ModelServer, Reply, Script};

use crate::project::{Project, Ran};

/// A variable with a value that no child of ours but Codex may see.
pub(crate) const CANARY: &str = "canary-5e1f0c77-v4lue";

/// Runs `codex-turns run` with an agent that runs these shell commands in workspace-write, one after the other.
///
/// `CODEX_API_KEY` is [`CANARY`]. `adjust` changes the command before it is started.
pub(crate) fn agent_runs(
    project: &Project,
    commands: &[&str],
    adjust: impl FnOnce(&mut Command) -> &mut Command,
) -> Ran {
    let replies = commands.iter().map(|command| Reply::new().exec(command));
    let script: Vec<Reply> = replies.chain([Reply::new().message("Done.")]).collect();
    let server = ModelServer::start(Script::new(script)).unwrap();
    let mut command = project.with_real_codex(&server);
    command.env("CODEX_API_KEY", CANARY).arg("run").args(server.settings().arguments());
    command.args(["-s", "workspace-write"]);
    let ran = Ran::from(adjust(&mut command).arg("do it").output().unwrap());
    server.assert_clean();
    ran
}
