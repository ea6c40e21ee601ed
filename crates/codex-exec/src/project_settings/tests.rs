//! Tests: what Codex is told because of the files that are found.

use rstest::rstest;

use super::*;
use crate::project_layer::scene::Scene;
use crate::{Invocation, Marker, Sandbox, StartMarks};

impl Scene {
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
            ["/project", "/beside", "/tree"].iter().any(|folder| path.starts_with(folder))
        });
        assert!(
            above.iter().all(|(_, level)| level.as_deref() == Some("untrusted")) && above.len() > 1,
            "{above:?}"
        );
        within
    }
}

#[test]
fn further_names_of_instructions_are_those_of_codex_itself() {
    let scene = Scene::new()
        .write(
            "home/config.toml",
            "project_doc_fallback_filenames = [\"CLAUDE.md\", \"./docs/agent.md\", \"../x\", \"/y\", \"\"]",
        )
        .write("home/ci.config.toml", "project_doc_fallback_filenames = [\"CI.md\"]")
        .write("project/claude.md", "1")
        .write("project/CI.md", "22")
        .write("project/sub/CLAUDE.md/file", "a folder")
        .write("project/sub/docs/agent.md", "333");
    let names = |invocation: &Invocation| LayerLimits::of(invocation.parts()).fallback_names;
    let usual = scene.invocation("project");
    assert_eq!(names(&usual), ["CLAUDE.md", "docs/agent.md"]);
    assert_eq!(names(&usual.clone().profile("ci")), ["CI.md"]);
    assert_eq!(names(&usual.clone().ignore_user_config()), Vec::<String>::new());
    let typed = ConfigValue::Verbatim("[\"TYPED.md\"]".to_owned());
    assert_eq!(names(&usual.clone().config("project_doc_fallback_filenames", typed)), ["TYPED.md"]);

    let limits = LayerLimits::of(usual.parts());
    let expected = [
        "Instruction /project/claude.md Bytes(1 bytes)",
        "Instruction /project/sub/docs/agent.md Bytes(3 bytes)",
    ];
    assert_eq!(scene.found(&ProjectLayer::of_turn(scene.root.join("project/sub"), &limits)), expected);
    assert_eq!(scene.found(&ProjectLayer::below(scene.root.join("project"), &limits)), expected);
    assert_eq!(ProjectLayer::below(scene.root.join("project"), &LayerLimits::default()).files(), []);
}

const CONFIG: &str = "[mcp_servers.x]\ncommand = \"./x\"\n";

#[rstest]
#[case::unlisted(&[], "project", &[("/project", "")])]
#[case::trusted(&[("project", "trusted")], "project", &[("/project", "untrusted")])]
#[case::untrusted(&[("project", "untrusted")], "project", &[("/project", "untrusted")])]
#[case::trusted_above(&[("project", "trusted")], "project/sub", &[("/project", "untrusted"), ("/project/sub", "")])]
fn programs_are_left_out_whatever_codex_trusts(
    #[case] listed: &[(&str, &str)],
    #[case] cwd: &str,
    #[case] expected: &[(&str, &str)],
) {
    let scene =
        Scene::new().listed(listed).write("project/.codex/config.toml", CONFIG).write("project/sub/a", "");
    let levels = scene.levels(&scene.invocation(cwd));
    let levels: Vec<_> =
        levels.iter().map(|(path, level)| (&**path, level.as_deref().unwrap_or(""))).collect();
    assert_eq!(levels, expected);
}

#[test]
fn without_programs_codex_is_told_nothing() {
    let scene = Scene::new().listed(&[("project", "trusted")]).write("project/AGENTS.md", "hi");
    assert_eq!(scene.told(&scene.invocation("project")), Vec::<String>::new());
    assert_eq!(ProjectSettings::of(scene.invocation("project").parts()), ProjectSettings::default());
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
    let scene =
        Scene::new().write("home/config.toml", "= no toml").write("project/.codex/config.toml", CONFIG);
    let line = |invocation: &Invocation| {
        let marks = StartMarks::new(Marker::new()).project(ProjectSettings::of(invocation.parts()));
        invocation.command_line(&marks).args
    };
    let invocation = scene.invocation("project");
    assert!(line(&invocation).contains(&"--sandbox=read-only".into()));
    let chosen = invocation.sandbox(Sandbox::WorkspaceWrite);
    assert!(line(&chosen).contains(&"--sandbox=workspace-write".into()));
}

#[test]
fn instructions_come_with_the_prompt_where_codex_leaves_them_out_with_the_programs() {
    let scene = Scene::new().listed(&[("project", "trusted")]).write("project/.codex/config.toml", CONFIG);
    let scene = scene.write("project/AGENTS.md", "Be brief.").write("project/AGENTS.override.md", "Be kind.");
    let stdin = |invocation: Invocation| {
        let marks = StartMarks::new(Marker::new()).project(ProjectSettings::of(invocation.parts()));
        scene.short(&invocation.command_line(&marks).stdin)
    };
    let expected = "Instructions of this project, from /project/AGENTS.override.md:\n\nBe kind.\n\nhi";
    assert_eq!(stdin(scene.invocation("project")), expected);
    assert_eq!(stdin(scene.invocation("project").project_instructions(ProjectInstructions::Off)), "hi");
    assert_eq!(stdin(scene.invocation("project").project_programs(ProjectPrograms::On)), "hi");
}

#[test]
fn a_further_name_comes_with_the_prompt_in_a_folder_that_has_no_other() {
    let names = "project_doc_fallback_filenames = [\"CLAUDE.md\"]\n";
    let project = |scene: &Scene| scene.root.join("project").display().to_string();
    let scene =
        Scene::new().write("project/.codex/config.toml", CONFIG).write("project/CLAUDE.md", "Be loud.");
    let trusted = format!("{names}[projects.{:?}]\ntrust_level = \"trusted\"\n", project(&scene));
    let scene = scene.write("home/config.toml", &trusted);
    let stdin = |scene: &Scene| {
        let invocation = scene.invocation("project");
        let marks = StartMarks::new(Marker::new()).project(ProjectSettings::of(invocation.parts()));
        scene.short(&invocation.command_line(&marks).stdin)
    };
    assert_eq!(stdin(&scene), "Instructions of this project, from /project/CLAUDE.md:\n\nBe loud.\n\nhi");
    let scene = scene.write("project/AGENTS.md", "Be brief.");
    assert_eq!(stdin(&scene), "Instructions of this project, from /project/AGENTS.md:\n\nBe brief.\n\nhi");
}

#[test]
fn instructions_are_off_with_the_skills_that_a_prompt_could_name() {
    let scene = Scene::new().write("project/AGENTS.md", "hi").write("project/.agents/skills/s/SKILL.md", "s");
    let invocation = scene.invocation("project").project_instructions(ProjectInstructions::Off);
    let expected = [
        "project_doc_max_bytes=0",
        "skills.include_instructions=false",
        r#"skills.config=[{enabled=false,path="/project/.agents/skills/s/SKILL.md"}]"#,
    ];
    assert_eq!(scene.told(&invocation), expected);
}

#[test]
fn what_has_changed_since_it_was_looked_at_is_left_out() {
    let scene = Scene::new()
        .listed(&[("project", "trusted")])
        .write("project/.codex/config.toml", CONFIG)
        .write("project/x", "good")
        .write("project/AGENTS.md", "good");
    let layer = ProjectLayer::of_turn(scene.root.join("project"), &LayerLimits::default());
    let layer = layer.and_program(scene.root.join("project/x"));
    let invocation = scene
        .invocation("project")
        .project_programs(ProjectPrograms::Unchanged(layer.clone()))
        .project_instructions(ProjectInstructions::Unchanged(layer));
    let keys = |scene: &Scene| {
        let told = scene.told(&invocation);
        told.iter().map(|setting| setting.split('=').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(&scene), Vec::<String>::new());
    let instructions = ["project_doc_max_bytes", "skills.include_instructions"];
    let scene = scene.write("project/AGENTS.override.md", "bad");
    assert_eq!(keys(&scene), instructions);
    fs::remove_file(scene.root.join("project/AGENTS.override.md")).unwrap();
    let scene = scene.write("project/x", "bad");
    assert_eq!(keys(&scene), ["projects"], "a program that the settings name");
    let scene = scene.write("project/x", "good").write("project/.codex/rules/r.rules", "new");
    assert_eq!(keys(&scene), ["projects"], "a new file");
}

#[test]
fn the_home_of_codex_is_no_project_layer() {
    let scene = Scene::new().write("project/.codex/config.toml", CONFIG);
    let limits =
        LayerLimits { codex_home: Some(scene.root.join("project/.codex")), ..LayerLimits::default() };
    assert_eq!(ProjectLayer::of_turn(scene.root.join("project"), &limits).files(), []);
    let invocation =
        Invocation::new("hi").cwd(scene.root.join("project")).codex_home(scene.root.join("project/.codex"));
    assert_eq!(ProjectSettings::of(invocation.parts()), ProjectSettings::default());
}
