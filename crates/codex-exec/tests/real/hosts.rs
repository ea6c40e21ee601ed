//! The real Codex under a host that dies, or that does not hear signals itself.

use std::path::Path;

use codex_fixtures::{FakeCodex, FakeScript, ModelServer, Reply, Script, alive, pinned_codex, wait_until};

use crate::program::{Host, LONG, lines, names_in, starts_below};

/// Three deep, and a child that leaves the tree; each tells its process id.
const TREE: &str = "echo $$ > pids; setsid sh -c 'echo $$ > left; exec sleep 300' > /dev/null 2>&1 < /dev/null & \
    sh -c 'echo $$ >> pids; (sh -c \"echo \\$\\$ >> pids; sleep 300\"); true'; true";

struct Scene {
    _server: ModelServer,
    scratch: tempfile::TempDir,
}

impl Scene {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let server = ModelServer::start(Script::new(replies)).unwrap();
        std::fs::create_dir(scratch.path().join("home")).unwrap();
        let settings = server.settings();
        let mut config = format!("model = {:?}\nsandbox_mode = \"danger-full-access\"\n", settings.model);
        config.extend(settings.config.iter().map(|(key, value)| format!("{key} = {value}\n")));
        std::fs::write(scratch.path().join("home/config.toml"), config).unwrap();
        Self { _server: server, scratch }
    }

    fn host(&self, wrapper: &[&str]) -> Host {
        let codex = pinned_codex().unwrap_or_else(|missing| panic!("{missing}"));
        Host::start(wrapper, &codex, self.scratch.path())
    }

    /// Waits until the whole tree runs.
    fn tree(&self) -> Tree {
        let work = self.scratch.path().join("work");
        let read = |name| pids(&work.join(name));
        assert!(wait_until(LONG, || read("pids").len() == 3 && read("left").len() == 1));
        Tree { below_codex: read("pids"), left: read("left")[0] }
    }
}

struct Tree {
    below_codex: Vec<u32>,
    left: u32,
}

fn pids(file: &Path) -> Vec<u32> {
    let told = std::fs::read_to_string(file).unwrap_or_default();
    told.lines().filter_map(|line| line.trim().parse().ok()).collect()
}

#[test]
fn a_host_that_is_killed_takes_codex_and_its_tree_with_it_and_the_next_start_takes_the_rest() {
    let scene = Scene::new([Reply::new().exec(TREE), Reply::new().message("second")]);
    let mut host = scene.host(&[]);
    let tree = scene.tree();
    host.kill();
    assert!(wait_until(LONG, || !tree.below_codex.iter().any(|pid| alive(*pid))), "{:?}", tree.below_codex);
    let notes = names_in(&starts_below(scene.scratch.path()));
    let [marker] = &notes[..] else { panic!("the note of the start: {notes:?}") };
    assert!(wait_until(LONG, || codex_fixtures::processes_with_environment(marker) == [tree.left]));
    let said = scene.host(&[]).said_at_the_end();
    assert!(said.contains("Code(0)"), "{said}");
    assert!(!alive(tree.left));
    assert_eq!(names_in(&starts_below(scene.scratch.path())), [""; 0]);
}

#[rstest::rstest]
#[case::ignored(&["sh", "-c", r#"trap "" INT; exec "$0" "$@""#])]
#[case::blocked(&["env", "--block-signal=INT"])]
fn a_turn_of_a_host_that_does_not_hear_sigint_can_be_cancelled(#[case] wrapper: &[&str]) {
    let scene = Scene::new([Reply::new().exec(TREE)]);
    let mut host = scene.host(wrapper);
    let tree = scene.tree();
    host.press_enter();
    let said = host.said_at_the_end();
    assert!(said.contains("the turn was cancelled"), "{said}");
    assert!(said.contains("Code(1)"), "it was heard, not killed: {said}");
    assert!(!tree.below_codex.iter().chain([&tree.left]).any(|pid| alive(*pid)));
}

/// A command of the agent starts a turn of its own, here of a fake.
#[test]
fn a_start_in_an_agents_shell_carries_both_markers_and_ends_with_the_outer_one() {
    let inner = FakeCodex::new(FakeScript::new().reach("begun").hang());
    let command = format!("CODEX_PATH='{}' '{}' go", inner.path().display(), lines().display());
    let scene = Scene::new([Reply::new().exec(&command)]);
    let mut host = scene.host(&[]);
    assert!(inner.wait_until_reached("begun", LONG));
    let mut markers = inner.calls()[0].variables().to_vec();
    markers.retain(|name| name.starts_with("CODEX_TURNS_RUN_"));
    let mut noted = names_in(&starts_below(scene.scratch.path()));
    noted.sort_unstable();
    assert_eq!((markers.len(), markers), (2, noted));
    host.press_enter();
    host.said_at_the_end();
    assert_eq!(inner.living(), [0; 0]);
}
