//! Tests: which files are found, and what Codex is told because of them.

use std::fs;
use std::os::unix::fs::symlink;

use rstest::rstest;
use tempfile::{TempDir, tempdir};

use super::*;
use crate::{Invocation, Marker, ProjectInstructions, ProjectPrograms, Sandbox, StartMarks};

/// A repository, a folder beside it, and a Codex home.
struct Scene {
    _scratch: TempDir,
    root: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let scratch = tempdir().unwrap();
        let root = scratch.path().canonicalize().unwrap();
        for folder in ["home", "work/.git", "beside"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        Self { _scratch: scratch, root }
    }

    fn write(self, name: &str, text: &str) -> Self {
        fs::create_dir_all(self.root.join(name).parent().unwrap()).unwrap();
        fs::write(self.root.join(name), text).unwrap();
        self
    }

    fn link(self, target: &str, name: &str) -> Self {
        fs::create_dir_all(self.root.join(name).parent().unwrap()).unwrap();
        symlink(target, self.root.join(name)).unwrap();
        self
    }

    /// Has Codex's own file say this of folders.
    fn listed(self, projects: &[(&str, &str)]) -> Self {
        let entry = |(path, level): &(&str, &str)| {
            format!("[projects.{:?}]\ntrust_level = {level:?}\n", self.root.join(path).display().to_string())
        };
        let text: String = projects.iter().map(entry).collect();
        self.write("home/config.toml", &text)
    }

    fn invocation(&self, cwd: &str) -> Invocation {
        Invocation::new("hi").cwd(self.root.join(cwd)).codex_home(self.root.join("home"))
    }

    /// The settings that are added, with short paths.
    fn told(&self, invocation: &Invocation) -> Vec<String> {
        let settings = ProjectSettings::of(invocation.parts());
        let config = settings.config();
        let all = config.iter().map(|(key, value)| format!("{key}={}", value.to_toml()));
        all.map(|setting| self.short(&setting)).collect()
    }

    fn short(&self, text: &str) -> String {
        text.replace(&self.root.display().to_string(), "")
    }

    /// What Codex is told of folders within the scene.
    fn levels(&self, invocation: &Invocation) -> Vec<(String, Option<String>)> {
        let told = self.told(invocation);
        let told = told.first().map_or("", |told| told.strip_prefix("projects=").unwrap());
        let table: toml::Table = format!("projects = {told}").parse().unwrap();
        let level = |level: &toml::Value| Some(level.get("trust_level")?.as_str()?.to_owned());
        let all = table["projects"]
            .as_table()
            .unwrap()
            .iter()
            .map(|(path, project)| (path.clone(), level(project)));
        let (within, above): (Vec<_>, Vec<_>) = all.partition(|(path, _)| {
            ["/work", "/beside", "/tree"].iter().any(|folder| path.starts_with(folder))
        });
        assert!(
            above.iter().all(|(_, level)| level.as_deref() == Some("untrusted")) && above.len() > 1,
            "{above:?}"
        );
        within
    }

    fn found(&self, layer: &ProjectLayer) -> Vec<String> {
        let one = |file: &ProjectFile| {
            format!("{:?} {} {:?}", file.kind, self.short(&file.path.display().to_string()), file.content)
        };
        layer.files().iter().map(one).collect()
    }
}

#[test]
fn what_codex_reads_of_each_folder_up_to_the_top_is_found() {
    let scene = Scene::new()
        .write("AGENTS.md", "outside")
        .write(".codex/config.toml", "outside")
        .write("work/AGENTS.md", "top")
        .write("work/.codex/hooks.json", "{}")
        .write("work/.codex/skills/s/SKILL.md", "s")
        .write("work/sub/AGENTS.override.md", "sub")
        .write("work/sub/.agents/skills/t/SKILL.md", "tt")
        .write("work/sub/.agents/notes.md", "no skill")
        .write("work/other/AGENTS.md", "not on the way");
    let layer = ProjectLayer::of_turn(scene.root.join("work/sub"), &LayerLimits::default());
    let expected = [
        "Program /work/.codex/hooks.json Bytes(2 bytes)",
        "Instruction /work/.codex/skills/s/SKILL.md Bytes(1 bytes)",
        "Instruction /work/AGENTS.md Bytes(3 bytes)",
        "Instruction /work/sub/.agents/skills/t/SKILL.md Bytes(2 bytes)",
        "Instruction /work/sub/AGENTS.override.md Bytes(3 bytes)",
    ];
    assert_eq!(scene.found(&layer), expected);
    assert!(layer.is_complete());
}

#[test]
fn everything_below_a_folder_is_found_in_any_case() {
    let scene = Scene::new()
        .write("work/a/b/agents.MD", "1")
        .write("work/a/.CODEX/config.toml", "22")
        .write("work/nested/.git/HEAD", "ref")
        .write("work/nested/.codex/config.toml", "333")
        .write("work/.git/AGENTS.md", "git's own");
    let layer = ProjectLayer::below(scene.root.join("work"), &LayerLimits::default());
    let expected = [
        "Program /work/a/.CODEX/config.toml Bytes(2 bytes)",
        "Instruction /work/a/b/agents.MD Bytes(1 bytes)",
        "Program /work/nested/.codex/config.toml Bytes(3 bytes)",
    ];
    assert_eq!(scene.found(&layer), expected);
}

#[test]
fn links_are_read_within_the_repository_and_named_outside() {
    let scene = Scene::new()
        .write("beside/config.toml", "outside")
        .write("work/kept/config.toml", "inside")
        .write("work/CLAUDE.md", "four")
        .link("CLAUDE.md", "work/AGENTS.md")
        .link("kept", "work/.codex")
        .link("../../beside", "work/sub/.codex")
        .link("../../beside/config.toml", "work/sub/AGENTS.md")
        .link("..", "work/.agents/skills");
    let layer = ProjectLayer::of_turn(scene.root.join("work/sub"), &LayerLimits::default());
    let found = scene.found(&layer);
    for expected in [
        "Program /work/.codex/config.toml Bytes(6 bytes)",
        "Instruction /work/AGENTS.md Bytes(4 bytes)",
        "Program /work/sub/.codex Link(\"../../beside\")",
        "Instruction /work/sub/AGENTS.md Link(\"../../beside/config.toml\")",
    ] {
        assert!(found.iter().any(|one| one == expected), "{expected}: {found:#?}");
    }
    assert!(!layer.is_complete(), "a loop of links comes to the limit of depth");
}

#[test]
fn further_names_of_instructions_are_those_of_codex_itself() {
    let scene = Scene::new()
        .write(
            "home/config.toml",
            "project_doc_fallback_filenames = [\"CLAUDE.md\", \"./docs/agent.md\", \"../x\", \"/y\", \"\"]",
        )
        .write("home/ci.config.toml", "project_doc_fallback_filenames = [\"CI.md\"]")
        .write("work/claude.md", "1")
        .write("work/CI.md", "22")
        .write("work/sub/CLAUDE.md/file", "a folder")
        .write("work/sub/docs/agent.md", "333");
    let names = |invocation: &Invocation| LayerLimits::of(invocation.parts()).fallback_names;
    let usual = scene.invocation("work");
    assert_eq!(names(&usual), ["CLAUDE.md", "docs/agent.md"]);
    assert_eq!(names(&usual.clone().profile("ci")), ["CI.md"]);
    assert_eq!(names(&usual.clone().ignore_user_config()), Vec::<String>::new());
    let typed = crate::ConfigValue::Verbatim("[\"TYPED.md\"]".to_owned());
    assert_eq!(names(&usual.clone().config("project_doc_fallback_filenames", typed)), ["TYPED.md"]);

    let limits = LayerLimits::of(usual.parts());
    let expected =
        ["Instruction /work/claude.md Bytes(1 bytes)", "Instruction /work/sub/docs/agent.md Bytes(3 bytes)"];
    assert_eq!(scene.found(&ProjectLayer::of_turn(scene.root.join("work/sub"), &limits)), expected);
    assert_eq!(scene.found(&ProjectLayer::below(scene.root.join("work"), &limits)), expected);
    assert_eq!(ProjectLayer::below(scene.root.join("work"), &LayerLimits::default()).files(), []);
}

#[rstest]
#[case::entries(|limits: &mut LayerLimits| limits.entries = 3)]
#[case::depth(|limits: &mut LayerLimits| limits.depth = 2)]
#[case::bytes(|limits: &mut LayerLimits| limits.total_bytes = 3)]
#[case::time(|limits: &mut LayerLimits| limits.time = Duration::ZERO)]
fn a_search_that_comes_to_a_limit_says_so(#[case] narrow: fn(&mut LayerLimits)) {
    let scene = Scene::new().write("work/a/b/c/AGENTS.md", "four").write("work/z/AGENTS.md", "four");
    let mut limits = LayerLimits::default();
    narrow(&mut limits);
    assert!(!ProjectLayer::below(scene.root.join("work"), &limits).is_complete());
}

const CONFIG: &str = "[mcp_servers.x]\ncommand = \"./x\"\n";

#[rstest]
#[case::unlisted(&[], "work", &[("/work", "")])]
#[case::trusted(&[("work", "trusted")], "work", &[("/work", "untrusted")])]
#[case::untrusted(&[("work", "untrusted")], "work", &[("/work", "untrusted")])]
#[case::trusted_above(&[("work", "trusted")], "work/sub", &[("/work", "untrusted"), ("/work/sub", "")])]
fn programs_are_left_out_whatever_codex_trusts(
    #[case] listed: &[(&str, &str)],
    #[case] cwd: &str,
    #[case] expected: &[(&str, &str)],
) {
    let scene = Scene::new().listed(listed).write("work/.codex/config.toml", CONFIG).write("work/sub/a", "");
    let levels = scene.levels(&scene.invocation(cwd));
    let levels: Vec<_> =
        levels.iter().map(|(path, level)| (&**path, level.as_deref().unwrap_or(""))).collect();
    assert_eq!(levels, expected);
}

#[test]
fn without_programs_codex_is_told_nothing() {
    let scene = Scene::new().listed(&[("work", "trusted")]).write("work/AGENTS.md", "hi");
    assert_eq!(scene.told(&scene.invocation("work")), Vec::<String>::new());
    assert_eq!(ProjectSettings::of(scene.invocation("work").parts()), ProjectSettings::default());
}

#[test]
fn a_worktree_does_not_borrow_the_trust_of_what_its_git_file_names() {
    let scene = Scene::new().listed(&[("beside", "trusted")]).write("tree/.codex/config.toml", CONFIG);
    let scene = scene.write("tree/.git", "gitdir: ../beside/.git/worktrees/x\n");
    let expected = [("/beside".to_owned(), Some("untrusted".to_owned())), ("/tree".to_owned(), None)];
    assert_eq!(scene.levels(&scene.invocation("tree")), expected);
}

#[test]
fn settings_of_codex_that_cannot_be_read_narrow_the_sandbox() {
    let scene = Scene::new().write("home/config.toml", "= no toml").write("work/.codex/config.toml", CONFIG);
    let line = |invocation: &Invocation| {
        let marks = StartMarks::new(Marker::new()).project(ProjectSettings::of(invocation.parts()));
        invocation.command_line(&marks).args
    };
    let invocation = scene.invocation("work");
    assert!(line(&invocation).contains(&"--sandbox=read-only".into()));
    let chosen = invocation.sandbox(Sandbox::WorkspaceWrite);
    assert!(line(&chosen).contains(&"--sandbox=workspace-write".into()));
}

#[test]
fn instructions_come_with_the_prompt_where_codex_leaves_them_out_with_the_programs() {
    let scene = Scene::new().listed(&[("work", "trusted")]).write("work/.codex/config.toml", CONFIG);
    let scene = scene.write("work/AGENTS.md", "Be brief.").write("work/AGENTS.override.md", "Be kind.");
    let stdin = |invocation: Invocation| {
        let marks = StartMarks::new(Marker::new()).project(ProjectSettings::of(invocation.parts()));
        scene.short(&invocation.command_line(&marks).stdin)
    };
    let expected = "Instructions of this project, from /work/AGENTS.override.md:\n\nBe kind.\n\nhi";
    assert_eq!(stdin(scene.invocation("work")), expected);
    assert_eq!(stdin(scene.invocation("work").project_instructions(ProjectInstructions::Off)), "hi");
    assert_eq!(stdin(scene.invocation("work").project_programs(ProjectPrograms::On)), "hi");
}

#[test]
fn a_further_name_comes_with_the_prompt_in_a_folder_that_has_no_other() {
    let names = "project_doc_fallback_filenames = [\"CLAUDE.md\"]\n";
    let work = |scene: &Scene| scene.root.join("work").display().to_string();
    let scene = Scene::new().write("work/.codex/config.toml", CONFIG).write("work/CLAUDE.md", "Be loud.");
    let trusted = format!("{names}[projects.{:?}]\ntrust_level = \"trusted\"\n", work(&scene));
    let scene = scene.write("home/config.toml", &trusted);
    let stdin = |scene: &Scene| {
        let invocation = scene.invocation("work");
        let marks = StartMarks::new(Marker::new()).project(ProjectSettings::of(invocation.parts()));
        scene.short(&invocation.command_line(&marks).stdin)
    };
    assert_eq!(stdin(&scene), "Instructions of this project, from /work/CLAUDE.md:\n\nBe loud.\n\nhi");
    let scene = scene.write("work/AGENTS.md", "Be brief.");
    assert_eq!(stdin(&scene), "Instructions of this project, from /work/AGENTS.md:\n\nBe brief.\n\nhi");
}

#[test]
fn instructions_are_off_with_the_skills_that_a_prompt_could_name() {
    let scene = Scene::new().write("work/AGENTS.md", "hi").write("work/.agents/skills/s/SKILL.md", "s");
    let invocation = scene.invocation("work").project_instructions(ProjectInstructions::Off);
    let expected = [
        "project_doc_max_bytes=0",
        "skills.include_instructions=false",
        r#"skills.config=[{enabled=false,path="/work/.agents/skills/s/SKILL.md"}]"#,
    ];
    assert_eq!(scene.told(&invocation), expected);
}

#[test]
fn what_has_changed_since_it_was_looked_at_is_left_out() {
    let scene = Scene::new()
        .listed(&[("work", "trusted")])
        .write("work/.codex/config.toml", CONFIG)
        .write("work/x", "good")
        .write("work/AGENTS.md", "good");
    let layer = ProjectLayer::of_turn(scene.root.join("work"), &LayerLimits::default());
    let layer = layer.and_program(scene.root.join("work/x"));
    let invocation = scene
        .invocation("work")
        .project_programs(ProjectPrograms::Unchanged(layer.clone()))
        .project_instructions(ProjectInstructions::Unchanged(layer));
    let keys = |scene: &Scene| {
        let told = scene.told(&invocation);
        told.iter().map(|setting| setting.split('=').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&scene), Vec::<String>::new());
    let instructions = ["project_doc_max_bytes", "skills.include_instructions"];
    let scene = scene.write("work/AGENTS.override.md", "bad");
    assert_eq!(keys(&scene), instructions);
    fs::remove_file(scene.root.join("work/AGENTS.override.md")).unwrap();
    let scene = scene.write("work/x", "bad");
    assert_eq!(keys(&scene), ["projects"], "a program that the settings name");
    let scene = scene.write("work/x", "good").write("work/.codex/rules/r.rules", "new");
    assert_eq!(keys(&scene), ["projects"], "a new file");
}

#[test]
fn the_home_of_codex_is_no_project_layer() {
    let scene = Scene::new().write("work/.codex/config.toml", CONFIG);
    let limits = LayerLimits { codex_home: Some(scene.root.join("work/.codex")), ..LayerLimits::default() };
    assert_eq!(ProjectLayer::of_turn(scene.root.join("work"), &limits).files(), []);
    let invocation =
        Invocation::new("hi").cwd(scene.root.join("work")).codex_home(scene.root.join("work/.codex"));
    assert_eq!(ProjectSettings::of(invocation.parts()), ProjectSettings::default());
}
