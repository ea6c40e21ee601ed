//! [`recorded_turn`]: the peak memory of a turn with much output, recorded beside not recorded.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::report::{Goal, Row, Value};
use crate::process::{command, workspace_root};
use crate::steps::succeed;

/// Plays a turn in the place of Codex: 160 commands, each of which prints 1 MiB in lines of 64 bytes.
const PROGRAM: &str = r#"#!/bin/sh
case "$1" in --version|-V) echo 'codex-cli 0.169.0'; exit 0;; esac
cat > /dev/null
echo '{"type":"thread.started","thread_id":"0199a213-81c0-7800-8aa1-bbab2a035a53"}'
echo '{"type":"turn.started"}'
output=$(head -c 1032444 /dev/zero | tr '\0' x | fold -w 63 | sed 's/$/\\n/' | tr -d '\n')
item=0
while [ "$item" -lt 160 ]; do
  printf '{"type":"item.completed","item":{"id":"item_%s","type":"command_execution","command":"cat log","aggregated_output":"%s","exit_code":0,"status":"completed"}}\n' "$item" "$output"
  item=$((item + 1))
done
echo '{"type":"turn.completed","usage":{"input_tokens":10,"cached_input_tokens":0,"output_tokens":5}}'
"#;

/// Measures both as programs of their own.
pub(super) fn recorded_turn(program: &Path) -> Result<Row> {
    eprintln!("=== memory of a recorded turn");
    let plain = Scratch::new()?.peak(program, &["--no-ledger"])?;
    let scratch = Scratch::new()?;
    succeed(scratch.start(program).args(["ledger", "init"]).stdout(Stdio::null()))?;
    let recorded = scratch.peak(program, &[])?;
    ensure!(scratch.has_record(), "the turn whose memory was measured left no record");
    Ok(Row {
        what: "memory for a recorded turn with 160 MiB of command output".to_owned(),
        value: Value::Bytes(recorded),
        floor: Some(("the same turn, not recorded".to_owned(), Value::Bytes(plain))),
        goal: Some(Goal::Ratio(1.15)),
    })
}

/// A repository with a program in the place of Codex, and nothing of this machine's user.
struct Scratch {
    folder: TempDir,
}

impl Scratch {
    fn new() -> Result<Self> {
        // A state folder in a temporary folder is refused, since agents may write there.
        let folder = tempfile::tempdir_in(workspace_root().join("target")).context("no scratch folder")?;
        let scratch = Self { folder };
        for name in ["home", "tmp", "project"] {
            fs::create_dir(scratch.path(name)).context("cannot make a folder")?;
        }
        let codex = scratch.path("codex");
        fs::write(&codex, PROGRAM).context("cannot write a program")?;
        fs::set_permissions(&codex, fs::Permissions::from_mode(0o755)).context("cannot make a program")?;
        succeed(scratch.start("git".as_ref()).args(["init", "--quiet"]))?;
        Ok(scratch)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn start(&self, program: &Path) -> Command {
        let mut start = command(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        start.env_clear().env("PATH", path).env("HOME", self.path("home")).env("TMPDIR", self.path("tmp"));
        start.env("XDG_STATE_HOME", self.path("state")).env("CODEX_PATH", self.path("codex"));
        start.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        start.current_dir(self.path("project")).stdin(Stdio::null());
        start
    }

    /// The most memory that a turn takes, in bytes.
    fn peak(&self, program: &Path, flags: &[&str]) -> Result<f64> {
        let mut start = self.start(program);
        start.args(["run", "--quiet"]).args(flags).arg("print it");
        let mut turn = start.stdout(Stdio::null()).spawn().context("cannot start the program")?;
        let status = PathBuf::from(format!("/proc/{}/status", turn.id()));
        let mut peak = 0;
        // A process that has ended tells no peak, and until then the peak only grows.
        let ended = loop {
            if let Some(ended) = turn.try_wait().context("the program is lost")? {
                break ended;
            }
            peak = peak_kib(&fs::read_to_string(&status).unwrap_or_default()).unwrap_or(peak);
            sleep(Duration::from_millis(1));
        };
        ensure!(ended.success() && peak > 0, "the turn whose memory is measured: {ended}, {peak} KiB");
        Ok(f64::from(peak) * 1024.0)
    }

    fn has_record(&self) -> bool {
        self.path("project/ai/agentic-pipeline/turns/1/manifest.json").is_file()
    }
}

/// Reads `VmHWM:  1234 kB`.
fn peak_kib(status: &str) -> Option<u32> {
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix("kB")?.trim_end().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_a_process_is_read_from_its_status() {
        assert_eq!(peak_kib("Name:\ta\nVmHWM:\t    1234 kB\nVmRSS:\t 99 kB\n"), Some(1234));
        assert_eq!(peak_kib("Name:\ta\n"), None);
    }
}
