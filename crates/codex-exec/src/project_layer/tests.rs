//! Tests: which files are found.

use rstest::rstest;

use super::scene::Scene;
use super::*;

#[test]
fn what_codex_reads_of_each_folder_up_to_the_top_is_found() {
    let scene = Scene::new()
        .write("AGENTS.md", "outside")
        .write(".codex/config.toml", "outside")
        .write("project/AGENTS.md", "top")
        .write("project/.codex/hooks.json", "{}")
        .write("project/.codex/skills/s/SKILL.md", "s")
        .write("project/sub/AGENTS.override.md", "sub")
        .write("project/sub/.agents/skills/t/SKILL.md", "tt")
        .write("project/sub/.agents/notes.md", "no skill")
        .write("project/other/AGENTS.md", "not on the way");
    let layer = ProjectLayer::of_turn(scene.root.join("project/sub"), &LayerLimits::default());
    let expected = [
        "Program /project/.codex/hooks.json Bytes(2 bytes)",
        "Instruction /project/.codex/skills/s/SKILL.md Bytes(1 bytes)",
        "Instruction /project/AGENTS.md Bytes(3 bytes)",
        "Instruction /project/sub/.agents/skills/t/SKILL.md Bytes(2 bytes)",
        "Instruction /project/sub/AGENTS.override.md Bytes(3 bytes)",
    ];
    assert_eq!(scene.found(&layer), expected);
    assert!(layer.is_complete());
}

#[test]
fn everything_below_a_folder_is_found_in_any_case() {
    let scene = Scene::new()
        .write("project/a/b/agents.MD", "1")
        .write("project/a/.CODEX/config.toml", "22")
        .write("project/nested/.git/HEAD", "ref")
        .write("project/nested/.codex/config.toml", "333")
        .write("project/.git/AGENTS.md", "git's own");
    let layer = ProjectLayer::below(scene.root.join("project"), &LayerLimits::default());
    let expected = [
        "Program /project/a/.CODEX/config.toml Bytes(2 bytes)",
        "Instruction /project/a/b/agents.MD Bytes(1 bytes)",
        "Program /project/nested/.codex/config.toml Bytes(3 bytes)",
    ];
    assert_eq!(scene.found(&layer), expected);
}

#[test]
fn links_are_read_within_the_repository_and_named_outside() {
    let scene = Scene::new()
        .write("beside/config.toml", "outside")
        .write("project/kept/config.toml", "inside")
        .write("project/CLAUDE.md", "four")
        .link("CLAUDE.md", "project/AGENTS.md")
        .link("kept", "project/.codex")
        .link("../../beside", "project/sub/.codex")
        .link("../../beside/config.toml", "project/sub/AGENTS.md")
        .link("..", "project/.agents/skills");
    let layer = ProjectLayer::of_turn(scene.root.join("project/sub"), &LayerLimits::default());
    let found = scene.found(&layer);
    for expected in [
        "Program /project/.codex/config.toml Bytes(6 bytes)",
        "Instruction /project/AGENTS.md Bytes(4 bytes)",
        "Program /project/sub/.codex Link(\"../../beside\")",
        "Instruction /project/sub/AGENTS.md Link(\"../../beside/config.toml\")",
    ] {
        assert!(found.iter().any(|one| one == expected), "{expected}: {found:#?}");
    }
    assert!(!layer.is_complete(), "a loop of links comes to the limit of depth");
}

#[rstest]
#[case::entries(|limits: &mut LayerLimits| limits.entries = 3)]
#[case::depth(|limits: &mut LayerLimits| limits.depth = 2)]
#[case::bytes(|limits: &mut LayerLimits| limits.total_bytes = 3)]
#[case::time(|limits: &mut LayerLimits| limits.time = Duration::ZERO)]
fn a_search_that_comes_to_a_limit_says_so(#[case] narrow: fn(&mut LayerLimits)) {
    let scene = Scene::new().write("project/a/b/c/AGENTS.md", "four").write("project/z/AGENTS.md", "four");
    let mut limits = LayerLimits::default();
    narrow(&mut limits);
    assert!(!ProjectLayer::below(scene.root.join("project"), &limits).is_complete());
}
