//! Tests: which file is taken for Codex, in every layout that package managers make.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use rstest::rstest;
use tempfile::{TempDir, tempdir};

use super::*;

/// The layouts of the platform under test; the code under test has its own idea of these names.
fn platform() -> (String, String) {
    let arch = if cfg!(target_arch = "x86_64") { "x64" } else { "arm64" };
    let os = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let triple = if cfg!(target_os = "macos") { "apple-darwin" } else { "unknown-linux-musl" };
    let cpu = if cfg!(target_arch = "x86_64") { "x86_64" } else { "aarch64" };
    (format!("codex-{os}-{arch}"), format!("{cpu}-{triple}"))
}

fn executable(path: PathBuf, text: &str) -> PathBuf {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}

/// A global installation without its binary: the launcher, and the link to it in a folder of `PATH`.
fn launcher(root: &Path) -> PathBuf {
    let script =
        executable(root.join("lib/node_modules/@openai/codex/bin/codex.js"), "#!/usr/bin/env node\n");
    fs::create_dir_all(root.join("bin")).unwrap();
    symlink(script, root.join("bin/codex")).unwrap();
    root.join("bin/codex")
}

fn root() -> (TempDir, PathBuf) {
    let scratch = tempdir().unwrap();
    let root = scratch.path().canonicalize().unwrap();
    (scratch, root)
}

#[rstest]
#[case::hoisted("lib/node_modules/@openai/PLATFORM/vendor/TRIPLE/bin/codex")]
#[case::nested("lib/node_modules/@openai/codex/node_modules/@openai/PLATFORM/vendor/TRIPLE/bin/codex")]
#[case::before_0_142("lib/node_modules/@openai/PLATFORM/vendor/TRIPLE/codex/codex")]
#[case::before_0_120("lib/node_modules/@openai/codex/vendor/TRIPLE/codex/codex")]
fn the_launcher_is_passed_over_for_the_binary(#[case] layout: &str) {
    let (_scratch, root) = root();
    let link = launcher(&root);
    let (package, triple) = platform();
    let binary =
        executable(root.join(layout.replace("PLATFORM", &package).replace("TRIPLE", &triple)), "binary");
    // Binaries of other platforms lie beside it in old releases.
    let other =
        binary.parent().unwrap().parent().unwrap().with_file_name("riscv64-unknown-linux-musl/codex/codex");
    executable(other, "binary");

    assert_eq!(Program::at(&link).unwrap().path(), binary, "by the link");
    let script = root.join("lib/node_modules/@openai/codex/bin/codex.js");
    assert_eq!(Program::at(script).unwrap().path(), binary, "by the launcher itself");
    let environment = DiscoveryEnvironment::new().path(root.join("bin"));
    let discovered = Program::discover_in(&environment).unwrap();
    assert_eq!(discovered.path(), binary, "by PATH");
    assert_eq!(discovered.found(), &Found::Path(root.join("bin")));
}

#[rstest]
#[case::relative(r#"exec node  "$basedir/../lib/node_modules/@openai/codex/bin/codex.js" "$@""#)]
#[case::absolute(r#"exec node ROOT/lib/node_modules/@openai/codex/bin/codex.js "$@""#)]
fn a_script_that_starts_the_launcher_is_passed_over_too(#[case] command: &str) {
    let (_scratch, root) = root();
    launcher(&root);
    let (package, triple) = platform();
    let layout = format!("lib/node_modules/@openai/{package}/vendor/{triple}/bin/codex");
    let binary = executable(root.join(layout), "binary");
    let text = format!("#!/bin/sh\n{}\n", command.replace("ROOT", root.to_str().unwrap()));
    let script = executable(root.join("pnpm/codex"), &text);
    assert_eq!(Program::at(script).unwrap().path(), binary);
}

#[test]
fn any_other_program_is_taken_as_it_is() {
    let (_scratch, root) = root();
    let wrapper = executable(root.join("codex"), "#!/bin/sh\nexec /opt/codex \"$@\"\n");
    assert_eq!(Program::at(&wrapper).unwrap().path(), wrapper);
    assert_eq!(Program::at(&wrapper).unwrap().found(), &Found::Given);
}

#[test]
fn a_launcher_alone_says_what_is_missing() {
    let (_scratch, root) = root();
    let link = launcher(&root);
    let text = Program::at(&link).unwrap_err().to_string();
    assert!(text.starts_with(&format!("{} is the launcher of the npm package", link.display())), "{text}");
    let todo = format!("install @openai/codex anew, with its optional dependency @openai/{}", platform().0);
    assert!(text.ends_with(&todo), "{text}");
}

#[test]
fn codex_path_wins_over_path() {
    let (_scratch, root) = root();
    let named = executable(root.join("named/codex-dev"), "binary");
    let listed = executable(root.join("bin/codex"), "binary");
    let environment = DiscoveryEnvironment::new().path(root.join("bin"));
    assert_eq!(Program::discover_in(&environment).unwrap().path(), listed);
    let environment = environment.codex_path(&named);
    let program = Program::discover_in(&environment).unwrap();
    assert_eq!((program.path(), program.found()), (&*named, &Found::CodexPath));
    assert_eq!(Program::discover_in(&environment.codex_path("")).unwrap().path(), listed);
}

#[test]
fn a_wrong_codex_path_is_not_passed_over() {
    let (_scratch, root) = root();
    executable(root.join("bin/codex"), "binary");
    let environment = DiscoveryEnvironment::new().path(root.join("bin")).codex_path("/nowhere/codex");
    let text = Program::discover_in(&environment).unwrap_err().to_string();
    assert_eq!(text, "/nowhere/codex is not a file, but CODEX_PATH names it");
}

#[test]
fn a_broken_program_is_passed_over_for_a_later_one() {
    let (_scratch, root) = root();
    let broken = root.join("broken/codex");
    fs::create_dir_all(root.join("broken")).unwrap();
    fs::write(&broken, "no program").unwrap();
    let path = |folders: &[&str]| {
        DiscoveryEnvironment::new().path(env::join_paths(folders.iter().map(|name| root.join(name))).unwrap())
    };
    let text = Program::discover_in(&path(&["none", "broken"])).unwrap_err().to_string();
    assert_eq!(text, format!("{} is not executable", broken.display()));
    let sound = executable(root.join("sound/codex"), "binary");
    assert_eq!(Program::discover_in(&path(&["none", "broken", "sound"])).unwrap().path(), sound);
}

#[test]
fn without_any_codex_the_error_says_what_to_do() {
    let text =
        Program::discover_in(&DiscoveryEnvironment::new().path("/nowhere:/neither")).unwrap_err().to_string();
    let expected = "no codex was found: CODEX_PATH is not set and PATH has none (folders looked at: 2); \
                    install it with `npm install -g @openai/codex`, or set CODEX_PATH to the program";
    assert_eq!(text, expected);
}

#[tokio::test]
async fn a_version_is_asked_for_once() {
    let (_scratch, root) = root();
    let script = "#!/bin/sh\necho asked >> \"$0.log\"\necho codex-cli 0.169.0\n";
    let program = Program::at(executable(root.join("codex"), script)).unwrap();
    let (first, second) = (program.version().await.unwrap(), program.clone().version().await.unwrap());
    assert_eq!((first, second), (CodexVersion::new(0, 169, 0), CodexVersion::new(0, 169, 0)));
    assert_eq!(fs::read_to_string(root.join("codex.log")).unwrap(), "asked\n");
}

#[rstest]
#[case::another_program("echo node v22.1.0", "node v22.1.0")]
#[case::silent("exit 1", "")]
#[case::failing("echo codex-cli 0.169.0; exit 3", "codex-cli 0.169.0")]
#[tokio::test]
async fn another_program_is_named_with_what_it_printed(#[case] script: &str, #[case] expected: &str) {
    let (_scratch, root) = root();
    let program = Program::at(executable(root.join("codex"), &format!("#!/bin/sh\n{script}\n"))).unwrap();
    let error = program.version().await.unwrap_err();
    let expected = format!(
        "{} is not codex: asked for its version it printed {expected:?}",
        root.join("codex").display()
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_program_that_cannot_be_started_says_so() {
    let (_scratch, root) = root();
    let program = Program::at(executable(root.join("codex"), "#!/nowhere/interpreter\n")).unwrap();
    let error = program.version().await.unwrap_err();
    assert!(matches!(error, ProgramError::VersionUnknown { .. }), "{error}");
}

#[rstest]
#[case::the_working_directory(".", 1)]
#[case::empty("", 1)]
#[case::empty_among_others("/nowhere::/neither", 1)]
#[case::relative("RELATIVE:./RELATIVE", 2)]
fn no_codex_of_the_working_directory_is_found(#[case] path: &str, #[case] expected: usize) {
    let (_scratch, root) = root();
    executable(root.join("codex"), "binary");
    // Tests do not change their working directory, so the entry leads out of it.
    let depth = env::current_dir().unwrap().components().count();
    let relative = format!("{}{}", "../".repeat(depth), root.strip_prefix("/").unwrap().display());
    assert!(Path::new(&relative).join("codex").is_file());
    let environment = DiscoveryEnvironment::new().path(path.replace("RELATIVE", &relative));
    let error = Program::discover_in(&environment).unwrap_err();
    let ProgramError::NotFound { skipped, .. } = &error else { panic!("{error}") };
    assert_eq!(skipped.len(), expected, "{error}");
    assert!(error.to_string().contains(&format!(", skipped as empty or relative: {expected}); ")), "{error}");
}
