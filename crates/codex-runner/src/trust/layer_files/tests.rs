//! Tests of what trust in the files of the project layer covers.

use std::fs;

use rstest::rstest;

use super::*;

/// The files that are covered in a project with these settings and `tools/srv.sh`, and what is wrong with the settings.
fn covered(name: &str, settings: &str) -> (Vec<String>, Result<(), String>) {
    let scratch = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(scratch.path()).unwrap();
    for (name, text) in [("tools/srv.sh", "1"), (name, settings)] {
        fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
        fs::write(root.join(name), text).unwrap();
    }
    let mut files = FileList::default();
    add_all(&root, &mut files);
    let layer = ProjectLayer::below(&root, &layer_limits(None));
    let mut programs = layer.of_kind(LayerFileKind::Program);
    let problem = programs.try_for_each(|file| add_named(&root, file, &mut FileList::default()));
    (files.paths().map(str::to_owned).collect(), problem)
}

#[rstest]
#[case(".codex/config.toml", "mcp_servers.x.args = [\"tools/srv.sh\"]")]
#[case(".codex/config.toml", r#"mcp_servers.x.args = ["tools/s\u0072v.sh"]"#)]
#[case(".codex/config.toml", r#"mcp_servers.x.args = ["tools\u002fsrv.sh"]"#)]
#[case(".codex/config.toml", "mcp_servers.x.args = [\"\"\"too\\\n   ls/srv.sh\"\"\"]")]
#[case(".codex/config.toml", r#"x."tools/s\U00000072v.sh" = 1"#)]
#[case(".codex/config.toml", "mcp_servers.x = { cwd = \"t\\u006fols\", args = [\"./s\\u0072v.sh\"] }")]
#[case(".codex/hooks.json", r#"{"hooks": [{"command": "sh tools\/s\u0072v.sh"}]}"#)]
#[case(".codex/hooks.json", r#"{"command": "tools\u002fsrv.sh", "command": "true"}"#)]
#[case("sub/.codex/config.toml", r#"notify = ["sh", "-c", "tools\u002Fsrv.sh"]"#)]
fn names_are_those_that_codex_reads(#[case] name: &str, #[case] settings: &str) {
    let (paths, problem) = covered(name, settings);
    assert_eq!(problem, Ok(()));
    assert_eq!(paths, [name, "tools/srv.sh"], "{settings}");
}

#[rstest]
#[case(".codex/config.toml", "a = \"\\q\"")]
#[case(".codex/config.toml", "a = 1\na = 2")]
#[case(".codex/hooks.json", "{")]
fn settings_that_cannot_be_parsed_are_not_trusted(#[case] name: &str, #[case] settings: &str) {
    let problem = covered(name, settings).1.unwrap_err();
    assert!(problem.starts_with(&format!("{name} cannot be understood: ")), "{problem}");
}
