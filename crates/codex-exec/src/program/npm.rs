//! The layouts in which npm installs Codex: a launcher for node, and a native binary in a package beside it.

use std::env::consts::{ARCH, OS};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::ProgramError;

const LAUNCHER: &str = "@openai/codex/bin/codex.js";
/// Scripts that package managers put before the launcher are shorter than this.
const SCRIPT_LIMIT_BYTES: u64 = 16 << 10;

/// The binary behind `program` where that is the launcher, or leads to it; else `program`.
pub(super) fn native_binary(program: PathBuf) -> Result<PathBuf, ProgramError> {
    let Some(package) = package_behind(&program) else { return Ok(program) };
    let places = places(&package);
    if let Some(binary) = places.iter().find(|place| place.is_file()) {
        return Ok(binary.clone());
    }
    Err(ProgramError::LauncherAlone { launcher: program, platform: platform_package() })
}

/// The folder of the package `@openai/codex`, where `program` is its launcher by a link or by a script.
fn package_behind(program: &Path) -> Option<PathBuf> {
    let real = program.canonicalize().ok()?;
    let launcher = if real.ends_with(LAUNCHER) { real } else { launcher_in_script(&real)? };
    launcher.ancestors().nth(2).map(Path::to_owned)
}

/// What the shell scripts of pnpm and others start: `exec node "$basedir/../@openai/codex/bin/codex.js" "$@"`.
fn launcher_in_script(script: &Path) -> Option<PathBuf> {
    let mut text = Vec::new();
    File::open(script).ok()?.take(SCRIPT_LIMIT_BYTES).read_to_end(&mut text).ok()?;
    let text = String::from_utf8(text).ok().filter(|text| text.starts_with("#!"))?;
    let end = text.find(LAUNCHER)? + LAUNCHER.len();
    let start = text[..end].rfind(['"', '\'', ' ', '\n']).map_or(0, |before| before + 1);
    let named = text[start..end].trim_start_matches("$basedir/").trim_start_matches("${basedir}/");
    script.parent()?.join(named).canonicalize().ok()
}

/// Every file that the binary of this platform may be, newest layout first.
fn places(package: &Path) -> Vec<PathBuf> {
    let platform = platform_package();
    // Where node looks for a package: beside and above the one that asks for it.
    let packages = package.ancestors().map(|folder| folder.join("node_modules").join(&platform));
    let packages = packages.chain([package.to_owned()]);
    let vendors = packages.map(|package| package.join("vendor")).collect::<Vec<_>>();
    let triples = match OS {
        "macos" => vec![format!("{ARCH}-apple-darwin")],
        _ => vec![format!("{ARCH}-unknown-linux-musl"), format!("{ARCH}-unknown-linux-gnu")],
    };
    let below = ["bin/codex", "codex/codex"];
    let mut places = Vec::new();
    for vendor in vendors {
        for triple in &triples {
            places.extend(below.iter().map(|file| vendor.join(triple).join(file)));
        }
    }
    places
}

fn platform_package() -> String {
    format!("@openai/codex-{}-{}", npm_name(OS), npm_name(ARCH))
}

fn npm_name(rust: &str) -> &str {
    match rust {
        "macos" => "darwin",
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    }
}
