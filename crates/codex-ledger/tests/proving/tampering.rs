//! Every way to tamper with a record is found, with the code for it.

use std::fs;
use std::os::unix::fs::symlink;

use codex_ledger::prove::{FindingCode as Code, verify_files};
use codex_ledger::values::sha256_hex;
use codex_ledger::{GitMode, Manifest, Reader, VerifyLevel};
use rstest::rstest;

use crate::project::{Project, errors};
use crate::scratch::LEDGER;

type Expected<'a> = &'a [(Code, u64)];

/// Tampers with three records and compares the errors of both levels; what the files show, git shows as well.
fn check(mode: GitMode, tamper: impl FnOnce(&Project), files: Expected<'_>, git: Expected<'_>) {
    let project = Project::with_three(mode);
    tamper(&project);
    let numbered = |expected: Expected<'_>| -> Vec<(Code, Option<u64>)> {
        expected.iter().map(|(code, number)| (*code, Some(*number).filter(|number| *number > 0))).collect()
    };
    let mut both: Vec<_> = numbered(files).into_iter().chain(numbered(git)).collect();
    let mut found = project.errors(&VerifyLevel::Git);
    both.sort();
    found.sort();
    assert_eq!(found, both, "{:#?}", project.verify().findings);
    let mut found = project.errors(&VerifyLevel::Files);
    let mut files = numbered(files);
    files.sort();
    found.sort();
    assert_eq!(found, files);
    assert_eq!(project.verify().exit_code(), 1);
}

fn flip(project: &Project, number: u64, file: &str) {
    let path = project.record_path(number, file);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn edit_manifest(project: &Project, number: u64, edit: impl FnOnce(&mut Manifest)) {
    let path = project.record_path(number, "manifest.json");
    let mut manifest = Manifest::read(&fs::read(&path).unwrap()).unwrap().manifest;
    edit(&mut manifest);
    fs::write(path, manifest.to_bytes()).unwrap();
}

fn edit_index(project: &Project, edit: impl FnOnce(Vec<String>) -> String) {
    let path = project.scratch.root.join(LEDGER).join("turns_index.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, edit(text.lines().map(str::to_owned).collect())).unwrap();
}

#[rstest]
#[case("changelog.md")]
#[case("adr.md")]
#[case("session_context_values.md")]
#[case("diff.patch")]
#[case("logs/task.log")]
#[case("logs/llm_prompt.txt")]
#[case("logs/llm_response.txt")]
fn a_flipped_bit_in_any_file(#[case] file: &str, #[values(1, 3)] number: u64) {
    let project = Project::with_three(GitMode::Record);
    flip(&project, number, file);
    let found = project.errors(&VerifyLevel::Git);
    assert!(found.contains(&(Code::ArtifactChanged, Some(number))), "{found:?}");
}

#[test]
fn the_table_of_flipped_files_has_all_that_a_record_has() {
    let project = Project::with_three(GitMode::Record);
    let record = Reader::at(&project.scratch.root).record("1".parse().unwrap()).unwrap().unwrap();
    let files: Vec<String> = record.files().unwrap().iter().map(ToString::to_string).collect();
    let expected = [
        "adr.md",
        "changelog.md",
        "diff.patch",
        "logs/llm_prompt.txt",
        "logs/llm_response.txt",
        "logs/task.log",
        "manifest.json",
        "session_context_values.md",
    ];
    assert_eq!(files, expected);
}

#[test]
fn a_flipped_bit_in_a_manifest() {
    let project = Project::with_three(GitMode::Record);
    flip(&project, 2, "manifest.json");
    assert!(project.errors(&VerifyLevel::Files).contains(&(Code::ParentChanged, Some(2))));
}

#[test]
fn swapped_files() {
    let swap = |project: &Project| {
        let (one, other) = (project.record_path(2, "adr.md"), project.record_path(2, "logs/task.log"));
        let bytes = fs::read(&one).unwrap();
        fs::rename(&other, &one).unwrap();
        fs::write(&other, bytes).unwrap();
    };
    check(GitMode::Record, swap, &[(Code::ArtifactChanged, 2), (Code::ArtifactChanged, 2)], &[]);
}

#[rstest]
#[case::below_the_head(2, &[(Code::ManifestReserialised, 2), (Code::ParentChanged, 2)], &[(Code::SealMismatch, 2)])]
#[case::the_head(3, &[(Code::ManifestReserialised, 3)], &[(Code::SealMismatch, 3)])]
fn a_manifest_written_again(#[case] number: u64, #[case] files: Expected<'_>, #[case] git: Expected<'_>) {
    let tamper = |project: &Project| {
        let path = project.record_path(number, "manifest.json");
        let value: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        fs::write(path, serde_json::to_vec(&value).unwrap()).unwrap();
    };
    check(GitMode::Record, tamper, files, git);
}

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
fn a_better_result_in_the_newest_record(#[case] mode: GitMode) {
    let tamper = |project: &Project| {
        edit_manifest(project, 3, |manifest| manifest.metrics.tests_passed = Some(42));
    };
    check(mode, tamper, &[(Code::RowChanged, 3)], &[(Code::SealMismatch, 3)]);
}

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
fn a_newest_record_that_agrees_with_itself(#[case] mode: GitMode) {
    let tamper = |project: &Project| {
        let log = b"nothing happened\n";
        fs::write(project.record_path(3, "logs/task.log"), log).unwrap();
        edit_manifest(project, 3, |manifest| {
            let artifacts = &mut manifest.ledger.as_mut().unwrap().artifacts;
            let artifact = artifacts.iter_mut().find(|artifact| artifact.path == "logs/task.log").unwrap();
            (artifact.sha256, artifact.bytes) = (sha256_hex(log), log.len() as u64);
        });
    };
    check(mode, tamper, &[], &[(Code::SealMismatch, 3)]);
}

#[rstest]
#[case::first(1)]
#[case::middle(2)]
fn a_record_deleted_below_the_head(#[case] number: u64) {
    let tamper = |project: &Project| fs::remove_dir_all(project.record_path(number, "")).unwrap();
    check(GitMode::Record, tamper, &[(Code::ParentMissing, number), (Code::RowWithoutRecord, number)], &[]);
}

#[rstest]
#[case::record(GitMode::Record)]
#[case::commit(GitMode::Commit)]
fn the_newest_record_deleted_with_its_row(#[case] mode: GitMode) {
    let tamper = |project: &Project| {
        fs::remove_dir_all(project.record_path(3, "")).unwrap();
        edit_index(project, |lines| lines[..3].join("\n") + "\n");
    };
    check(mode, tamper, &[(Code::RecordRemoved, 3)], &[]);
}

#[test]
fn a_record_copied_to_another_number() {
    let tamper = |project: &Project| {
        fs::create_dir(project.record_path(9, "")).unwrap();
        fs::create_dir(project.record_path(9, "logs")).unwrap();
        for file in
            Reader::at(&project.scratch.root).record("2".parse().unwrap()).unwrap().unwrap().files().unwrap()
        {
            let file = file.to_string();
            fs::copy(project.record_path(2, &file), project.record_path(9, &file)).unwrap();
        }
    };
    let files = [(Code::NumberMismatch, 9), (Code::UidDuplicate, 9), (Code::RowMissing, 9)];
    check(GitMode::Record, tamper, &files, &[]);
}

#[test]
fn a_record_under_another_number() {
    let tamper = |project: &Project| {
        fs::rename(project.record_path(2, ""), project.record_path(9, "")).unwrap();
    };
    let files = [
        (Code::NumberMismatch, 9),
        (Code::ParentMissing, 2),
        (Code::RowMissing, 9),
        (Code::RowWithoutRecord, 2),
    ];
    check(GitMode::Record, tamper, &files, &[]);
}

#[rstest]
#[case::light(&["tag", "-f", "turn/2", "HEAD"])]
#[case::the_one_of_another_record(&["update-ref", "refs/tags/turn/2", "refs/tags/turn/3"])]
fn a_moved_tag(#[case] command: &[&str]) {
    let tamper = |project: &Project| drop(project.scratch.git(command));
    check(GitMode::Commit, tamper, &[], &[(Code::TagMoved, 2)]);
}

#[test]
fn a_tag_made_again_on_another_commit() {
    let tamper = |project: &Project| {
        let message = project.scratch.line(&["tag", "-l", "--format=%(contents)", "turn/2"]);
        project.scratch.git(&["tag", "-f", "-a", "-m", &message, "turn/2", "HEAD~5"]);
    };
    check(GitMode::Commit, tamper, &[], &[(Code::TagMoved, 2)]);
}

#[test]
fn a_deleted_tag() {
    let tamper = |project: &Project| drop(project.scratch.git(&["tag", "-d", "turn/2"]));
    check(GitMode::Commit, tamper, &[], &[(Code::TagMissing, 2)]);
}

#[test]
fn a_deleted_seal() {
    let tamper = |project: &Project| drop(project.scratch.git(&["update-ref", "-d", "refs/turns-seal/2"]));
    check(GitMode::Record, tamper, &[], &[(Code::SealMissing, 2)]);
}

#[test]
fn a_moved_seal() {
    let tamper = |project: &Project| {
        drop(project.scratch.git(&["update-ref", "refs/turns-seal/2", "refs/turns-seal/3"]));
    };
    check(GitMode::Record, tamper, &[], &[(Code::SealMismatch, 2)]);
}

#[test]
fn a_moved_claim() {
    let tamper =
        |project: &Project| drop(project.scratch.git(&["update-ref", "refs/turns/2", "refs/turns/3"]));
    check(GitMode::Record, tamper, &[], &[(Code::ClaimMismatch, 2)]);
}

#[test]
fn a_file_replaced_by_a_symbolic_link_to_the_same_bytes() {
    let tamper = |project: &Project| {
        let path = project.record_path(2, "adr.md");
        let copy = project.scratch.beside("adr.md");
        fs::rename(&path, &copy).unwrap();
        symlink(copy, path).unwrap();
    };
    check(GitMode::Record, tamper, &[(Code::ArtifactReplaced, 2)], &[]);
}

#[test]
fn a_folder_replaced_by_a_symbolic_link_to_the_same_files() {
    let tamper = |project: &Project| {
        let path = project.record_path(2, "logs");
        let copy = project.scratch.beside("logs");
        fs::rename(&path, &copy).unwrap();
        symlink(copy, path).unwrap();
    };
    let missing = (Code::ArtifactMissing, 2);
    check(GitMode::Record, tamper, &[(Code::ArtifactUnlisted, 2), missing, missing, missing], &[]);
}

#[test]
fn a_folder_of_all_records_replaced_by_a_symbolic_link() {
    let project = Project::with_three(GitMode::Record);
    let turns = project.scratch.root.join(LEDGER).join("turns");
    let copy = project.scratch.beside("turns");
    fs::rename(&turns, &copy).unwrap();
    symlink(copy, &turns).unwrap();
    assert_eq!(project.errors(&VerifyLevel::Git), [(Code::LedgerReplaced, None)]);
    assert_eq!(project.verify().findings[0].path, format!("{LEDGER}/turns"));
    assert!(Reader::at(&project.scratch.root).numbers().is_err());
    assert!(Reader::at(&project.scratch.root).record("1".parse().unwrap()).is_err());
}

#[test]
fn a_file_that_does_not_belong_there() {
    let tamper = |project: &Project| fs::write(project.record_path(2, "logs/more.log"), "x").unwrap();
    check(GitMode::Record, tamper, &[(Code::ArtifactUnlisted, 2)], &[]);
}

#[test]
fn a_file_that_is_gone() {
    let tamper = |project: &Project| fs::remove_file(project.record_path(2, "logs/task.log")).unwrap();
    check(GitMode::Record, tamper, &[(Code::ArtifactMissing, 2)], &[]);
}

#[test]
fn a_manifest_that_is_gone() {
    let tamper = |project: &Project| fs::remove_file(project.record_path(2, "manifest.json")).unwrap();
    check(GitMode::Record, tamper, &[(Code::ManifestMissing, 2)], &[]);
}

#[test]
fn a_manifest_that_is_none() {
    let tamper = |project: &Project| fs::write(project.record_path(2, "manifest.json"), "{}\n").unwrap();
    check(GitMode::Record, tamper, &[(Code::ManifestUnreadable, 2), (Code::ParentChanged, 2)], &[]);
}

#[test]
fn a_newest_manifest_without_what_the_ledger_adds() {
    let tamper = |project: &Project| edit_manifest(project, 3, |manifest| manifest.ledger = None);
    check(GitMode::Record, tamper, &[], &[(Code::ManifestInvalid, 3)]);
}

#[test]
fn a_shorter_list_of_changes() {
    let tamper = |project: &Project| {
        edit_manifest(project, 3, |manifest| {
            manifest.changes.added.clear();
            manifest.outputs.clear();
            manifest.metrics.files_changed = Some(0);
        });
    };
    let git = [(Code::SealMismatch, 3), (Code::ChangesDiffer, 3)];
    check(GitMode::Record, tamper, &[(Code::ChangelogDiffers, 3)], &git);
}

#[rstest]
#[case::edited(|lines: Vec<String>| lines.join("\n").replace("a task", "another task") + "\n",
    &[(Code::RowChanged, 1), (Code::RowChanged, 2), (Code::RowChanged, 3)])]
#[case::deleted(|lines: Vec<String>| [&*lines[0], &lines[1], &lines[3]].join("\n") + "\n", &[(Code::RowMissing, 2)])]
#[case::twice(|lines: Vec<String>| lines.join("\n") + "\n" + &lines[2] + "\n", &[(Code::RowDuplicate, 2)])]
#[case::invented(|lines: Vec<String>| lines.join("\n") + "\n9,2025-09-05T17:42:10Z,x,,,,,,\n", &[(Code::RowWithoutRecord, 9)])]
#[case::ragged(|lines: Vec<String>| lines.join("\n") + "\n9,x\n", &[(Code::IndexLineBroken, 0)])]
#[case::in_conflict(|lines: Vec<String>| lines.join("\n") + "\n<<<<<<< HEAD\n", &[(Code::IndexLineBroken, 0)])]
#[case::foreign(|_| "id,when\n1,2\n".to_owned(), &[(Code::IndexUnreadable, 0)])]
fn a_changed_index(#[case] edit: fn(Vec<String>) -> String, #[case] files: Expected<'_>) {
    check(GitMode::Record, |project| edit_index(project, edit), files, &[]);
}

#[test]
fn an_index_that_is_gone() {
    let tamper = |project: &Project| {
        fs::remove_file(project.scratch.root.join(LEDGER).join("turns_index.csv")).unwrap();
    };
    check(GitMode::Record, tamper, &[(Code::IndexMissing, 0)], &[]);
}

#[test]
fn changed_attributes() {
    let path = |project: &Project| project.scratch.root.join(LEDGER).join(".gitattributes");
    let append = |project: &Project| fs::write(path(project), "* text=auto\n").unwrap();
    check(GitMode::Record, append, &[(Code::AttributesChanged, 0)], &[]);
    let remove = |project: &Project| fs::remove_file(path(project)).unwrap();
    check(GitMode::Record, remove, &[(Code::AttributesMissing, 0)], &[]);
}

#[test]
fn without_git_the_files_are_compared_all_the_same() {
    let project = Project::with_three(GitMode::Record);
    let copy = project.scratch.beside("copy");
    codex_ledger::upkeep::export(&Reader::at(&project.scratch.root), &copy).unwrap();
    let reader = Reader::at(&copy);
    assert!(verify_files(&reader).unwrap().is_clean());
    fs::write(copy.join(LEDGER).join("turns/1/adr.md"), "x").unwrap();
    assert_eq!(errors(&verify_files(&reader).unwrap()), [(Code::ArtifactChanged, Some(1))]);
}
