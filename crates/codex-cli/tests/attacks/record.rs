//! What an agent in its sandbox can do to its record.

use codex_fixtures::Attack;
use serde_json::Value;

use crate::project::{Project, Ran};
use crate::sandboxed::agent_runs;

/// The paths of the violations of one kind in a record.
fn violations(project: &Project, turn: u32, kind: &str) -> Vec<String> {
    let manifest = project.manifest(turn);
    let all = manifest["ledger"]["violations"].as_array().unwrap().iter();
    let of_kind = all.filter(|violation| violation["kind"] == kind);
    of_kind.map(|violation| violation["path"].as_str().unwrap_or_default().to_owned()).collect()
}

fn plain(project: &Project, commands: &[&str]) -> Ran {
    agent_runs(project, commands, |command| command)
}

#[test]
fn files_that_speak_to_the_agent_are_named() {
    let _attack = Attack::new(
        "the agent writes AGENTS.md, sub/.codex/config.toml, skills and ignored ones of them",
        "the record and the screen name each file that speaks to later agents",
    );
    let project = Project::recorded();
    project.write(".gitignore", "hidden/\n");
    project.write("AGENTS.override.md", "be kind\n");
    project.commit("rules");
    let plant = "echo obey > AGENTS.md; mkdir -p sub/.codex hidden/.codex lib/.agents/skills/x; \
                 echo a=1 > sub/.codex/config.toml; echo a=1 > hidden/.codex/config.toml; \
                 echo x > lib/.agents/skills/x/SKILL.md; echo x > codex-turns.toml; rm AGENTS.override.md; echo tried";
    let ran = plain(&project, &[plant]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let expected = [
        "AGENTS.md",
        "AGENTS.override.md",
        "codex-turns.toml",
        "hidden/.codex/config.toml",
        "lib/.agents/skills/x/SKILL.md",
        "sub/.codex/config.toml",
    ];
    assert_eq!(violations(&project, 1, "project-layer-changed"), expected);
    assert!(ran.stderr.contains("files that speak to the agent or start programs: AGENTS.md"), "{ran:?}");
    // The settings that the agent wrote are none.
    std::fs::remove_file(project.work("codex-turns.toml")).unwrap();
    let shown = project.turns(&["ledger", "show", "1"]);
    assert!(shown.stdout.contains("project-layer-changed sub/.codex/config.toml"), "{shown:?}");
    let manifest: &Value = &project.manifest(1)["ledger"];
    assert_eq!(manifest["state"], "completed", "it is named, and no failure");
    project.assert_verified(&["--git"]);
}
