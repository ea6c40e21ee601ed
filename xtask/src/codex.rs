//! `cargo xtask codex`: installs a release of Codex with npm, once, and says where its native binary is.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use codex_fixtures::{
    CODEX_BINARY_VARIABLE, PINNED_CODEX_VERSION, codex_install_dir, native_codex_below, pinned_codex,
};

use crate::process::{command, workspace_root};

/// How often a sign of life is given while npm says nothing.
const HEARTBEAT: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The release to install.
    #[arg(long, default_value = PINNED_CODEX_VERSION)]
    version: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let binary = provision(&arguments.version)?;
    println!("{}", binary.display());
    Ok(())
}

/// Installs the release unless it is there, and returns the path of its native binary.
///
/// For the pinned release a set `CODEX_FIXTURES_CODEX` is taken instead, as tests do. Progress goes to stderr.
pub(crate) fn provision(version: &str) -> Result<PathBuf> {
    if version == PINNED_CODEX_VERSION
        && std::env::var_os(CODEX_BINARY_VARIABLE).is_some_and(|path| !path.is_empty())
    {
        let binary = pinned_codex()?;
        eprintln!("codex {version}: taking {} from {CODEX_BINARY_VARIABLE}", binary.display());
        return Ok(binary);
    }
    check_version(version)?;
    let install_dir = codex_install_dir(version);
    fs::create_dir_all(&install_dir).with_context(|| format!("cannot create {}", install_dir.display()))?;
    let _lock = lock(&install_dir)?;
    if let Some(binary) = working_binary(&install_dir, version) {
        return Ok(binary);
    }
    install(&install_dir, version)?;
    working_binary(&install_dir, version).with_context(|| {
        format!(
            "npm has installed codex {version}, but no binary for this machine works in {}: \
             remove that folder and try again{}",
            install_dir.display(),
            or_own(version)
        )
    })
}

/// The version becomes the name of a folder and an argument of npm.
fn check_version(version: &str) -> Result<()> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    if version.starts_with(|letter: char| letter.is_ascii_digit()) && version.chars().all(is_plain) {
        return Ok(());
    }
    bail!("{version:?} is no version: give one such as {PINNED_CODEX_VERSION}")
}

fn lock(install_dir: &Path) -> Result<File> {
    let path = install_dir.join(".lock");
    let file = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    if file.try_lock().is_err() {
        eprintln!("waiting for another installation in {}", install_dir.display());
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    }
    Ok(file)
}

/// An installation that broke off leaves a file that does not run.
fn working_binary(install_dir: &Path, version: &str) -> Option<PathBuf> {
    let binary = native_codex_below(install_dir)?;
    says_version(&binary, version).then_some(binary)
}

/// Asks the binary which release it is.
pub(crate) fn says_version(binary: &Path, version: &str) -> bool {
    let output = command(binary).arg("--version").stdin(Stdio::null()).output();
    output.is_ok_and(|output| {
        let said = String::from_utf8_lossy(&output.stdout);
        output.status.success() && said.split_whitespace().any(|word| word == version)
    })
}

fn install(install_dir: &Path, version: &str) -> Result<()> {
    let modules = install_dir.join("node_modules");
    if modules.exists() {
        fs::remove_dir_all(&modules).with_context(|| format!("cannot remove {}", modules.display()))?;
    }
    eprintln!("installing codex {version} with npm into {} (up to 400 MB)", install_dir.display());
    let mut npm = command("npm");
    npm.current_dir(install_dir).stdin(Stdio::null()).stdout(std::io::stderr());
    if version == PINNED_CODEX_VERSION {
        let pins = workspace_root().join("fixtures").join("codex");
        for name in ["package.json", "package-lock.json"] {
            fs::copy(pins.join(name), install_dir.join(name))
                .with_context(|| format!("cannot copy {name}"))?;
        }
        npm.arg("ci");
    } else {
        fs::write(install_dir.join("package.json"), "{ \"private\": true }\n")?;
        npm.args(["install", "--no-package-lock", &format!("@openai/codex@{version}")]);
    }
    npm.args(["--no-audit", "--no-fund", "--ignore-scripts"]);
    let started = Instant::now();
    let mut child = npm.spawn().with_context(|| {
        format!("cannot start npm: install Node.js 16 or later, which brings it{}", or_own(version))
    })?;
    let status = wait(&mut child, started)?;
    if !status.success() {
        bail!(
            "npm could not install codex {version} ({status}); its reason is above. It needs the npm registry: \
             check the network and try again{}",
            or_own(version)
        );
    }
    eprintln!("installed codex {version} in {} s", started.elapsed().as_secs());
    Ok(())
}

/// What else the user can do; only the pinned release may come from elsewhere.
fn or_own(version: &str) -> String {
    if version == PINNED_CODEX_VERSION {
        format!(", or set {CODEX_BINARY_VARIABLE} to a native codex binary")
    } else {
        String::new()
    }
}

fn wait(child: &mut Child, started: Instant) -> Result<std::process::ExitStatus> {
    let mut next = HEARTBEAT;
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for npm")? {
            return Ok(status);
        }
        if started.elapsed() >= next {
            eprintln!("  still installing after {} s", started.elapsed().as_secs());
            next += HEARTBEAT;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
