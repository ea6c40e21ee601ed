//! Records a turn in a scratch repository, reads the record, and proves it. It needs git, and no Codex.
//!
//! ```text
//! cargo run -p codex-ledger --example record
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use codex_ledger::{
    FileLedger, Reader, RecordEnd, RedactionRules, TaskHeader, TurnBegin, TurnEnd, TurnHeader, VerifyLevel,
    verify,
};
use codex_protocol::{EventLine, TransportEnd, TurnSummary, Verdict};

fn main() -> Result<(), Box<dyn Error>> {
    let scratch = tempfile::tempdir()?;
    let project = scratch.path();
    init_repository(project)?;
    let rules = RedactionRules::of_environment(std::env::vars_os());
    let ledger = FileLedger::open(project, rules)?;
    ledger.init()?;

    let header = TurnHeader::new(TaskHeader::named("greet"), "codex@0.169.0", "example@0.1.0");
    let mut log = ledger.open_turn(header)?;
    log.begin_turn(TurnBegin::new("write a greeting"));
    let mut summary = TurnSummary::new();
    let line = EventLine::new(1, r#"{"type":"turn.started"}"#.as_bytes());
    summary.observe(&line);
    log.record(&line);
    fs::write(project.join("greeting.txt"), "Hello, Ada!\n")?;
    let end = TurnEnd::new(Verdict::Completed, TransportEnd::exited(0), Duration::from_secs(1));
    log.end_turn(end, &summary);
    let recorded = log.finish(RecordEnd::new())?;
    println!("turn {} recorded in {}", recorded.turn_id, recorded.directory.display());

    let reader = Reader::at(project);
    let record = reader.record(recorded.turn_id)?.ok_or("the record is there")?;
    assert_eq!(record.manifest().changes.added, ["greeting.txt"], "observed by git");
    assert_eq!(record.manifest().metrics.tests_passed, None, "no tests ran, which is not 0");
    assert!(verify(&reader, ledger.vcs().as_ref(), &VerifyLevel::Git)?.is_clean());

    fs::write(record.folder().join("diff.patch"), "another\n")?;
    let found = verify(&reader, ledger.vcs().as_ref(), &VerifyLevel::Files)?;
    for finding in &found.findings {
        println!("{}: {} ({})", finding.code, finding.sentence, finding.path);
    }
    assert!(!found.is_clean(), "a record that was changed is found");
    Ok(())
}

/// The least that git takes for a repository.
fn init_repository(project: &Path) -> std::io::Result<()> {
    for folder in ["objects", "refs"] {
        fs::create_dir_all(project.join(".git").join(folder))?;
    }
    fs::write(project.join(".git/HEAD"), "ref: refs/heads/main\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_holds() {
        super::main().unwrap();
    }
}
