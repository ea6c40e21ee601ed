//! `cargo xtask attacks`: the boundaries that `SECURITY.md` promises, each attacked, as a Markdown table.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use codex_fixtures::{Attack, CODEX_BINARY_VARIABLE, PINNED_CODEX_VERSION};

use crate::codex;
use crate::process::{cargo, workspace_root};

/// The test targets that print rows: the package, and its target.
const SUITES: [(&str, &str); 1] = [("codex-cli", "attacks")];

pub(crate) fn run() -> Result<()> {
    let codex = codex::provision(PINNED_CODEX_VERSION)?;
    let mut passed = true;
    let mut table = Vec::new();
    for (package, target) in SUITES {
        let mut tests = cargo();
        tests.current_dir(workspace_root()).args([
            "test",
            "--locked",
            "--all-features",
            "--package",
            package,
        ]);
        // One at a time, so that no row is printed within another.
        tests.args(["--test", target, "--", "--nocapture", "--test-threads=1"]);
        tests.env(CODEX_BINARY_VARIABLE, &codex).stderr(Stdio::inherit());
        let output = tests.output().context("cannot start cargo")?;
        passed &= output.status.success();
        table.extend(rows(&String::from_utf8_lossy(&output.stdout)));
    }
    println!("{}", Attack::HEAD);
    for row in &table {
        println!("{row}");
    }
    let lost = table.iter().filter(|row| row.ends_with(Attack::NOT_HELD)).count();
    ensure!(passed && lost == 0, "{lost} of {} boundaries did not hold", table.len());
    println!("\n{} attacks, all held", table.len());
    Ok(())
}

fn rows(printed: &str) -> impl Iterator<Item = String> {
    let is_row = |line: &&str| {
        line.starts_with("| ") && (line.ends_with(Attack::HELD) || line.ends_with(Attack::NOT_HELD))
    };
    printed.lines().filter(is_row).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn rows_are_found_between_the_lines_of_the_runner() {
        let printed = "test git::a_hook ... \n| a hook | the sandbox | held |\nok\n\
            test git::a_filter ... \nthread panicked\n\n| a filter | git | **no** |\nFAILED\n| x | y | maybe |\n";
        let found: Vec<_> = rows(printed).collect();
        assert_eq!(found, ["| a hook | the sandbox | held |", "| a filter | git | **no** |"]);
    }
}
