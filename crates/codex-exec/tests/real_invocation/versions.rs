//! The program is found and tells its version.

use codex_exec::{CodexVersion, DiscoveryEnvironment, Program, RangePosition, TESTED};
use codex_fixtures::{PINNED_CODEX_VERSION, codex_install_dir, pinned_codex};

#[tokio::test]
async fn the_pinned_release_tells_its_version() {
    let version = Program::at(pinned_codex().unwrap()).unwrap().version().await.unwrap();
    assert_eq!(version.to_string(), PINNED_CODEX_VERSION);
    assert_eq!(TESTED.position(&version), RangePosition::Within);
    assert_eq!(TESTED.newest, CodexVersion::new(version.major, version.minor, version.patch));
}

#[test]
fn the_launcher_that_npm_installed_leads_to_the_native_binary() {
    let links = codex_install_dir(PINNED_CODEX_VERSION).join("node_modules/.bin");
    assert!(links.join("codex").exists(), "run `cargo xtask codex`: there is no {}", links.display());
    let program = Program::discover_in(&DiscoveryEnvironment::new().path(&links)).unwrap();
    assert_eq!(program.path().file_name().unwrap(), "codex");
    assert!(
        program.path().components().any(|part| part.as_os_str() == "vendor"),
        "{}",
        program.path().display()
    );
}
