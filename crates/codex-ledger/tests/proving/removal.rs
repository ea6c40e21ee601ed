//! Files of records are removed, and the chain still holds; the index is written again; old records are anchored.

use std::fs;

use codex_ledger::manifest::RecordState;
use codex_ledger::prove::FindingCode as Code;
use codex_ledger::read::INDEX_HEADER;
use codex_ledger::upkeep::{PurgeRequest, export};
use codex_ledger::{GitMode, Reader, VerifyLevel};
use rstest::rstest;

use crate::project::{Project, codes};
use crate::scratch::LEDGER;

#[test]
fn a_purged_file_is_gone_said_to_be_gone_and_no_alarm() {
    let project = Project::with_three(GitMode::Record);
    let request = PurgeRequest::new("2".parse().unwrap(), "logs/llm_prompt.txt", "a password");
    let purged = project.ledger().purge(&request).unwrap();
    assert!(!project.record_path(2, "logs/llm_prompt.txt").exists());
    assert_eq!((purged.record.turn_id.get(), &purged.record.state), (4, &RecordState::Completed));
    let record = Reader::at(&project.scratch.root).record(purged.record.turn_id).unwrap().unwrap();
    assert_eq!(record.manifest().task.name, "purge");
    let listed = &record.manifest().ledger.as_ref().unwrap().purged;
    assert_eq!(
        (listed[0].turn_id.get(), &*listed[0].path, &*listed[0].reason),
        (2, "logs/llm_prompt.txt", "a password")
    );
    assert_eq!(purged.holders.refs, ["refs/turns-seal/2"]);
    assert_eq!(
        purged.holders.commands,
        [
            "git update-ref -d refs/turns-seal/2",
            "git reflog expire --expire-unreachable=now --all",
            "git gc --prune=now"
        ]
    );
    assert_eq!(codes(&project.verify()), [""; 0]);
    project.scratch.git(&["update-ref", "-d", "refs/turns-seal/2"]);
    assert_eq!(codes(&project.verify()), [""; 0], "the commands that forget the bytes are no alarm either");
}

#[test]
fn what_was_committed_is_held_by_branches_tags_and_remotes() {
    let project = Project::with_three(GitMode::Commit);
    let bare = project.scratch.beside("bare.git");
    project.scratch.git(&["init", "-q", "--bare", bare.to_str().unwrap()]);
    project.scratch.git(&["remote", "add", "origin", bare.to_str().unwrap()]);
    project.scratch.git(&["push", "-q", "origin", "main"]);
    let request = PurgeRequest::new("2".parse().unwrap(), "diff.patch", "a token");
    let holders = project.ledger().purge(&request).unwrap().holders;
    let refs = ["refs/heads/main", "refs/tags/turn/2", "refs/tags/turn/3", "refs/remotes/origin/main"];
    assert_eq!(holders.refs, refs);
    assert_eq!(holders.remotes, ["origin"]);
    assert_eq!(holders.commits, [project.scratch.line(&["rev-parse", "turn/2^{commit}"])]);
    assert!(holders.commands[0].starts_with("git filter-repo"), "{:?}", holders.commands);
    assert_eq!(codes(&project.verify()), [""; 0]);
}

#[rstest]
#[case::no_file("nothing.txt")]
#[case::the_manifest("manifest.json")]
#[case::outside("../1/adr.md")]
fn what_is_no_file_of_the_record_is_not_purged(#[case] path: &str) {
    let project = Project::with_three(GitMode::Record);
    let error = project.ledger().purge(&PurgeRequest::new("2".parse().unwrap(), path, "x")).unwrap_err();
    assert!(error.to_string().contains("none of its files"), "{error}");
    assert_eq!(project.verify().records, 3);
}

#[test]
fn a_purge_that_was_cut_short_can_be_repeated_and_a_file_that_returns_is_noted() {
    let project = Project::with_three(GitMode::Record);
    let path = project.record_path(1, "adr.md");
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(project.errors(&VerifyLevel::Files), [(Code::ArtifactMissing, Some(1))]);
    project.ledger().purge(&PurgeRequest::new("1".parse().unwrap(), "adr.md", "x")).unwrap();
    assert_eq!(codes(&project.verify()), [""; 0]);
    fs::write(path, bytes).unwrap();
    assert_eq!(codes(&project.verify()), ["purged-file-present"]);
}

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
fn collecting_garbage_removes_logs_and_patches_of_old_records_only(#[case] mode: GitMode) {
    let project = Project::with_three(mode);
    let collected = project.ledger().gc(1).unwrap();
    assert_eq!((collected.files, collected.records.len()), (8, 1));
    for number in [1, 2] {
        assert!(!project.record_path(number, "diff.patch").exists());
        assert!(!project.record_path(number, "logs/task.log").exists());
        assert!(project.record_path(number, "manifest.json").exists());
        assert!(project.record_path(number, "changelog.md").exists());
    }
    assert!(project.record_path(3, "diff.patch").exists());
    assert_eq!(codes(&project.verify()), [""; 0]);
    let again = project.ledger().gc(2).unwrap();
    assert_eq!((again.files, again.records.len()), (0, 0), "what is gone is not removed again");
}

#[rstest]
#[case::lost(|_| String::new())]
#[case::torn(|text: String| text[..text.len() - 9].to_owned())]
#[case::reversed(|text: String| text.lines().rev().fold(String::new(), |all, line| all + line + "\n"))]
fn the_index_is_the_same_when_it_is_written_again(#[case] damage: fn(String) -> String) {
    let project = Project::with_three(GitMode::Record);
    let path = project.scratch.root.join(LEDGER).join("turns_index.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{INDEX_HEADER}\n")).unwrap();
    let damaged = damage(text.clone());
    if damaged.starts_with(INDEX_HEADER) {
        fs::write(&path, damaged).unwrap();
    }
    let rebuilt = project.ledger().rebuild_index().unwrap();
    assert_eq!((rebuilt.rows, rebuilt.changed), (3, true));
    assert_eq!(fs::read_to_string(path).unwrap(), text);
    assert_eq!(codes(&project.verify()), [""; 0]);
    assert!(!project.ledger().rebuild_index().unwrap().changed);
}

#[test]
fn an_export_is_the_same_ledger_in_another_place() {
    let project = Project::with_three(GitMode::Commit);
    let reader = Reader::at(&project.scratch.root);
    let folder = project.scratch.beside("export");
    let exported = export(&reader, &folder).unwrap();
    assert_eq!((exported.verification.records, exported.verification.is_clean()), (3, true));
    assert_eq!(exported.files, 3 * 8 + 2);
    assert_eq!(Reader::at(&folder).heads().unwrap(), reader.heads().unwrap());
    assert!(export(&reader, &folder).is_err(), "a folder with something in it stays as it is");
}

#[test]
fn old_records_are_named_with_their_hashes_and_left_alone() {
    let project = Project::with_three(GitMode::Record);
    let write = |path: &str, text: &str| project.scratch.write(path, text);
    write("turns/index.csv", "turn,when\n1,yesterday\n");
    write("turns/T1/notes.md", "no turn\n");
    write(
        "turns/2/manifest.json",
        r#"{"turnId":2,"timestampUtc":"2025-09-05T17:42:10Z","task":{"name":"old"}}"#,
    );
    write("turns/3/main.c", "a folder of the project\n");
    write(&format!("{LEDGER}/turns/turn-007/changelog.md"), "# Turn: 7\n");
    let imported = project.ledger().import().unwrap();
    let turns: Vec<_> = imported.found.turns.iter().map(|turn| (&*turn.path, turn.number.get())).collect();
    assert_eq!(turns, [("ai/agentic-pipeline/turns/turn-007", 7), ("turns/2", 2)]);
    assert_eq!(imported.found.turns[1].task.as_deref(), Some("old"));
    let record = imported.record.unwrap();
    assert_eq!(record.turn_id.get(), 8, "the number of a foreign folder is not given out");
    let found = project.verify();
    assert_eq!(found.exit_code(), 0, "{:#?}", found.findings);
    assert!(project.ledger().import().unwrap().record.is_none(), "nothing is new");
}

#[test]
fn an_index_with_another_header_is_kept_beside_a_new_one() {
    let project = Project::new();
    let path = project.scratch.root.join(LEDGER).join("turns_index.csv");
    fs::write(&path, "turn,when\n1,yesterday\n").unwrap();
    assert!(project.ledger().rebuild_index().unwrap_err().to_string().contains("imported"));
    let imported = project.ledger().import().unwrap();
    let kept = project.scratch.root.join(LEDGER).join(imported.index_kept_as.unwrap());
    assert_eq!(fs::read_to_string(kept).unwrap(), "turn,when\n1,yesterday\n");
    assert_eq!(imported.found.indexes.len(), 1);
    assert_eq!(codes(&project.verify()), [""; 0]);
}

/// The manifest of a hostile clone can list any path.
#[test]
fn a_path_out_of_the_record_is_not_purged() {
    let project = Project::with_three(GitMode::Record);
    let manifest = project.record_path(2, "manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"diff.patch\"", "\"../../diff.patch\"")).unwrap();
    let request = PurgeRequest::new("2".parse().unwrap(), "../../diff.patch", "a token");
    let error = project.ledger().purge(&request).unwrap_err().to_string();
    assert!(error.contains("is not a path below the record"), "{error}");
}
