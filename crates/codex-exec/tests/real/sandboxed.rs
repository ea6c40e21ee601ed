//! Commands in the sandbox of the real Codex: what they cannot touch, whatever configuration says.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use codex_exec::{
    CommandOutput, CommandSandbox, CommandSpec, NetworkAccess, Program, RunCommand, SandboxedCommands,
    StateDir,
};
use codex_fixtures::{pinned_codex, processes_with_environment, wait_until};
use codex_protocol::{ExitKind, StopCause};
use tokio_util::sync::CancellationToken;

/// Says what it could do.
const TRY: &str = "\
touch inside && echo inside
touch \"$TMPDIR/x\" && echo temporary
for place in ../outside .git/hooks/pre-commit .codex/config.toml .agents/x /tmp/codex-turns-outside; do
  touch \"$place\" 2> /dev/null && echo \"LOOSE $place\"
done
echo x >> .git/config && echo LOOSE config
perl -e 'use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0) or exit 1' && echo network
exit 3
";

struct Scene {
    root: tempfile::TempDir,
    sandbox: CommandSandbox,
}

impl Scene {
    fn new(sandbox: CommandSandbox) -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in ["work/.git/hooks", "work/.codex", "home"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        fs::write(root.path().join("work/.git/config"), "[core]\n").unwrap();
        Self { root, sandbox }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    async fn run(&self, command: CommandSpec) -> CommandOutput {
        self.run_until(command, CancellationToken::new()).await
    }

    async fn run_until(&self, command: CommandSpec, cancel: CancellationToken) -> CommandOutput {
        let program = Program::at(pinned_codex().unwrap_or_else(|missing| panic!("{missing}"))).unwrap();
        let commands = SandboxedCommands::new(program, self.sandbox.clone());
        let commands = commands.state_dir(StateDir::at(self.path("state")));
        let command = command.cwd(self.path("work")).env("CODEX_HOME", self.path("home"));
        commands.run(command, cancel).await.unwrap()
    }

    /// Runs [`TRY`] and returns what it could do.
    async fn attempts(&self) -> Vec<String> {
        let done = self.run(CommandSpec::shell(TRY)).await;
        assert_eq!(done.exit, Some(ExitKind::Code(3)), "{}", done.output.text());
        let config = fs::read_to_string(self.path("work/.git/config")).unwrap();
        assert_eq!(config, "[core]\n");
        let text = done.output.text().into_owned();
        let told =
            |line: &&str| ["inside", "temporary", "network"].contains(line) || line.starts_with("LOOSE");
        text.lines().filter(told).map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn a_command_writes_to_its_directory_and_its_temporary_folder_alone() {
    let scene = Scene::new(CommandSandbox::new());
    assert_eq!(scene.attempts().await, ["inside", "temporary"]);
    assert!(scene.path("work/inside").exists() && !scene.path("outside").exists());
}

#[tokio::test]
async fn no_configuration_loosens_the_sandbox() {
    let scene = Scene::new(CommandSandbox::new());
    let loose = format!(
        "sandbox_mode = \"danger-full-access\"\n[sandbox_workspace_write]\nnetwork_access = true\n\
         writable_roots = [\"{root}\"]\n[shell_environment_policy]\ninherit = \"none\"\n\
         [projects.\"{root}/work\"]\ntrust_level = \"trusted\"\n",
        root = fs::canonicalize(scene.root.path()).unwrap().display()
    );
    for file in ["home/config.toml", "work/.codex/config.toml"] {
        fs::write(scene.path(file), &loose).unwrap();
    }
    assert_eq!(scene.attempts().await, ["inside", "temporary"]);
    let done = scene.run(CommandSpec::shell("echo $CODEX_HOME $MINE").env("MINE", "mine")).await;
    assert_eq!(done.output.text(), format!("{} mine\n", scene.path("home").display()));
}

#[tokio::test]
async fn what_is_allowed_is_allowed() {
    let scene = Scene::new(CommandSandbox::new().network(NetworkAccess::Allowed));
    assert_eq!(scene.attempts().await, ["inside", "temporary", "network"]);
    let more = tempfile::tempdir().unwrap();
    let scene = Scene::new(CommandSandbox::new().writable(more.path()).writable("/no/such/folder"));
    let done = scene.run(CommandSpec::shell("touch \"$0\"/x").env("A", "B")).await;
    assert!(!done.succeeded());
    let touch = CommandSpec::argv(["touch".into(), more.path().join("x").into_os_string()]);
    assert!(scene.run(touch).await.succeeded() && more.path().join("x").exists());
}

#[tokio::test]
async fn a_signal_shows_as_an_exit_code() {
    let scene = Scene::new(CommandSandbox::new());
    let done = scene.run(CommandSpec::shell("kill -9 $$")).await;
    assert_eq!((done.exit, done.stop), (Some(ExitKind::Code(137)), None));
}

#[tokio::test]
async fn a_limit_ends_the_command_with_all_that_it_started() {
    let scene = Scene::new(CommandSandbox::new());
    let mark = "CODEX_TURNS_TEST_OF_THE_SANDBOX";
    let script = "trap '' INT TERM; setsid sleep 60 & (trap '' INT; sleep 60) & touch began; wait; sleep 60";
    let command = CommandSpec::shell(script).env(mark, "1");
    let cancel = CancellationToken::new();
    let began = scene.path("work/began");
    let cancelling = cancel.clone();
    let waiting = tokio::task::spawn_blocking(move || {
        assert!(wait_until(Duration::from_secs(30), || began.exists()));
        assert!(!processes_with_environment(mark).is_empty());
        cancelling.cancel();
    });
    let done = scene.run_until(command, cancel).await;
    waiting.await.unwrap();
    assert_eq!(done.stop, Some(StopCause::Cancelled));
    assert!(wait_until(Duration::from_secs(10), || processes_with_environment(mark).is_empty()));
    assert_eq!(fs::read_dir(scene.path("state/commands")).unwrap().count(), 0);
    let left = fs::read_dir(scene.path("work")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut left: Vec<_> = left.collect();
    left.sort();
    assert_eq!(left, [".codex", ".git", "began"], "nothing of the sandbox is left");
}

#[tokio::test]
async fn what_a_command_leaves_running_does_not_hold_it() {
    let scene = Scene::new(CommandSandbox::new());
    let done = scene.run(CommandSpec::shell("setsid sleep 60 & echo started")).await;
    assert!(done.succeeded() && done.elapsed < Duration::from_secs(50), "{:?}", done.elapsed);
    assert_eq!(done.output.text(), "started\n");
}

/// The mark of the start lies where the command may write; without the mark, its words would pass for those of Codex.
#[rstest::rstest]
#[case::file("rm -f $TMPDIR/../mark/started")]
#[case::folder("rm -r $TMPDIR/../mark")]
#[case::other_folder("rm -r $TMPDIR/../mark; mkdir $TMPDIR/../mark")]
#[case::moved("mv $TMPDIR/../mark $TMPDIR/../other; mkdir $TMPDIR/../mark")]
#[tokio::test]
async fn a_command_cannot_pass_for_one_that_has_not_started(#[case] hide: &str) {
    let scene = Scene::new(CommandSandbox::new());
    let done = scene.run(CommandSpec::shell(format!("{hide}; echo 'bwrap: no permissions'; exit 3"))).await;
    assert_eq!(done.exit, Some(ExitKind::Code(3)));
    assert_eq!(done.output.text(), "bwrap: no permissions\n");
}
