//! `cargo xtask faults`: the fault matrix as a Markdown table.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::process::{cargo, workspace_root};

const HEAD: &str =
    "| fault | verdict | evidence | time | memory | ok |\n| --- | --- | --- | --- | --- | --- |";

pub(crate) fn run() -> Result<()> {
    let mut tests = cargo();
    tests.current_dir(workspace_root()).args([
        "test",
        "--locked",
        "--package",
        "codex-exec",
        "--test",
        "faults",
    ]);
    // One at a time, so that the table is in order and no row pays for another.
    tests.args(["--", "--nocapture", "--test-threads=1"]).stderr(Stdio::inherit());
    let output = tests.output().context("cannot start cargo")?;
    let printed = String::from_utf8_lossy(&output.stdout);
    println!("{HEAD}");
    let rows: Vec<String> = rows(&printed).collect();
    for row in &rows {
        println!("{row}");
    }
    let failed = rows.iter().filter(|row| row.ends_with("| **no** |")).count();
    ensure!(output.status.success(), "{failed} of {} faults are not met as they should be", rows.len());
    Ok(())
}

/// The rows as the tests print them, and one for each test that failed before it had one.
fn rows(printed: &str) -> impl Iterator<Item = String> {
    printed.lines().filter_map(|line| {
        // The name of the test stands before what it prints.
        if let Some(start) = line.find("| ").filter(|_| line.ends_with(" | yes |")) {
            return Some(line[start..].to_owned());
        }
        let name = line.strip_prefix("    every_fault_has_its_verdict::case_")?;
        let (_, name) = name.split_once('_')?;
        Some(format!("| {} |  | see above |  |  | **no** |", name.replace('_', " ")))
    })
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn a_fault_that_is_not_met_has_a_row_too() {
        let printed = "test every_fault_has_its_verdict::case_01_crlf ... | CRLF | completed | e | 3 ms | 0 MiB | yes |\nok\n\
            test every_fault_has_its_verdict::case_14_half_a_line ... FAILED\n\nfailures:\n\
            \x20   every_fault_has_its_verdict::case_14_half_a_line\n";
        let rows: Vec<_> = rows(printed).collect();
        assert_eq!(
            rows,
            [
                "| CRLF | completed | e | 3 ms | 0 MiB | yes |",
                "| half a line |  | see above |  |  | **no** |"
            ]
        );
    }
}
