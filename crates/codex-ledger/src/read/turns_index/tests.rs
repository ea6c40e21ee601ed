//! Indexes as they should be, and as they are found.

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::values::TurnId;

const FIRST: &str = "1,2025-09-05T17:42:10Z,plan,main,turn/1,d4e5f6a,42,0,1.8";
const SECOND: &str = "2,2025-09-05T17:43:10Z,\"a, \"\"b\"\"\",,,,,,";

fn manifest(number: u64, task: &str) -> Manifest {
    let mut manifest = Manifest::new(TurnId::new(number).unwrap(), "2025-09-05T17:42:10Z");
    manifest.task.name = task.to_owned();
    manifest
}

fn index(lines: &str) -> TurnsIndex {
    TurnsIndex::parse(format!("{INDEX_HEADER}\n{lines}").as_bytes())
}

#[test]
fn the_rows_of_manifests_are_sorted_guarded_and_quoted() {
    let mut full = manifest(10, "=HYPERLINK(\"http://x\")");
    let git = full.git.get_or_insert_default();
    git.branch = Some("-main".to_owned());
    git.tag = Some("turn/10".to_owned());
    git.head_after = Some("d4e5f6a".to_owned());
    full.metrics.tests_passed = Some(42);
    full.metrics.tests_failed = Some(0);
    full.metrics.coverage_delta_pct = Some(-1.806);
    let long = manifest(2, &format!("line\r\n\tone, {}", "\u{e9}".repeat(300)));
    insta::assert_snapshot!(String::from_utf8(rebuild_index([&full, &long, &manifest(1, "")])).unwrap());
}

#[test]
fn rows_are_read_as_they_were_written() {
    let index = index(&format!("{FIRST}\n{SECOND}\n"));
    assert_eq!(index.findings, []);
    let lines: String = index.rows.iter().map(IndexRow::to_line).collect();
    assert_eq!(lines, format!("{FIRST}\n{SECOND}\n"));
    assert_eq!(index.highest(), Some(TurnId::new(2).unwrap()));
    assert_eq!(index.row(TurnId::new(2).unwrap()).unwrap().task, "a, \"b\"");
}

#[rstest]
#[case::second_header(&format!("{FIRST}\n{INDEX_HEADER}\n{SECOND}\n"), 2, IndexFinding::SecondHeader { line: 3 })]
#[case::repeated(&format!("{FIRST}\n{FIRST}\n"), 1,
    IndexFinding::Repeated { line: 3, turn_id: TurnId::new(1).unwrap() })]
#[case::contradiction(&format!("{FIRST}\n{}\n", FIRST.replace("42", "43")), 1,
    IndexFinding::Contradiction { line: 3, turn_id: TurnId::new(1).unwrap() })]
#[case::short("1,2\n", 0, IndexFinding::Ragged { line: 2, cells: 2 })]
#[case::long(&format!("{FIRST},x\n{SECOND}\n"), 1, IndexFinding::Ragged { line: 2, cells: 10 })]
#[case::quotes("1,\"a\n", 0, IndexFinding::Quotes { line: 2 })]
#[case::number(&FIRST.replace("42", "-1"), 0, IndexFinding::TornLine { line: 2, is_whole: false })]
#[case::column(&format!("{}\n", FIRST.replace("1,2025", "01,2025")), 0,
    IndexFinding::Column { line: 2, column: "turnId" })]
#[case::exponent(&format!("{}\n", FIRST.replace("1.8", "1e9")), 0,
    IndexFinding::Column { line: 2, column: "coverageDeltaPct" })]
#[case::head(&format!("{}\n", FIRST.replace("d4e5f6a", "HEAD")), 0,
    IndexFinding::Column { line: 2, column: "headAfter" })]
#[case::torn(&format!("{FIRST}\n2,20"), 1, IndexFinding::TornLine { line: 3, is_whole: false })]
#[case::unterminated(&format!("{FIRST}\n{SECOND}"), 2, IndexFinding::TornLine { line: 3, is_whole: true })]
#[case::returns(&format!("{FIRST}\r\n{SECOND}\r\n"), 2, IndexFinding::CarriageReturns { lines: 2 })]
fn what_is_wrong_is_found_and_the_rest_is_read(
    #[case] lines: &str,
    #[case] rows: usize,
    #[case] finding: IndexFinding,
) {
    let index = index(lines);
    assert_eq!((index.rows.len(), index.findings), (rows, vec![finding]));
}

#[test]
fn marks_of_a_conflict_are_passed_over() {
    let index = index(&format!("<<<<<<< HEAD\n{FIRST}\n=======\n{SECOND}\n>>>>>>> other\n"));
    let marks = [2, 4, 6].map(|line| IndexFinding::ConflictMark { line });
    assert_eq!((index.rows.len(), index.findings), (2, marks.to_vec()));
}

#[test]
fn a_mark_before_the_header_is_no_other_header() {
    let index = TurnsIndex::parse(format!("\u{feff}{INDEX_HEADER}\r\n{FIRST}\n").as_bytes());
    assert_eq!(index.rows.len(), 1);
    assert_eq!(index.findings, [IndexFinding::ByteOrderMark, IndexFinding::CarriageReturns { lines: 1 }]);
    let without = TurnsIndex::parse(format!("{FIRST}\n").as_bytes());
    assert_eq!((without.rows.len(), without.findings), (1, vec![IndexFinding::NoHeader]));
    assert_eq!(TurnsIndex::parse(b""), TurnsIndex::default());
}

fn change(existing: &str, row: &IndexRow) -> String {
    match index_change(existing.as_bytes(), row).unwrap() {
        IndexChange::Append(bytes) => format!("{existing}{}", String::from_utf8(bytes).unwrap()),
        IndexChange::Replace(bytes) => String::from_utf8(bytes).unwrap(),
        IndexChange::Nothing => existing.to_owned(),
    }
}

#[test]
fn a_row_is_added_once_to_whatever_is_there() {
    let row = IndexRow::of(&manifest(3, "x"));
    let line = row.to_line();
    let whole = format!("{INDEX_HEADER}\n{FIRST}\n");
    for (existing, expected) in [
        (String::new(), format!("{INDEX_HEADER}\n{line}")),
        ("\u{feff}\n".to_owned(), format!("{INDEX_HEADER}\n{line}")),
        (whole.clone(), format!("{whole}{line}")),
        (format!("{INDEX_HEADER}\n{FIRST}"), format!("{whole}{line}")),
        (format!("{whole}2,202"), format!("{whole}{line}")),
        (INDEX_HEADER.to_owned(), format!("{INDEX_HEADER}\n{line}")),
        (INDEX_HEADER[..20].to_owned(), format!("{INDEX_HEADER}\n{line}")),
    ] {
        let changed = change(&existing, &row);
        assert_eq!(changed, expected, "{existing:?}");
        assert_eq!(change(&changed, &row), changed, "and not twice");
    }
}

#[test]
fn nothing_is_added_below_another_header() {
    let row = IndexRow::of(&manifest(1, "x"));
    let header = "turn,date,task".to_owned();
    assert_eq!(index_change(b"turn,date,task\n1,2,3\n", &row), Err(UnknownHeader { header }));
}

proptest! {
    #[test]
    fn any_task_is_one_line_and_reads_back(task in any::<String>(), branch in any::<String>()) {
        let mut manifest = manifest(1, &task);
        manifest.git.get_or_insert_default().branch = Some(branch);
        let row = IndexRow::of(&manifest);
        let line = row.to_line();
        prop_assert_eq!(line.matches('\n').count(), 1);
        let index = index(&line);
        prop_assert_eq!(index.findings, vec![]);
        prop_assert_eq!(index.rows, vec![row]);
    }

    #[test]
    fn no_bytes_are_too_odd_to_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut file = format!("{INDEX_HEADER}\n").into_bytes();
        file.extend(bytes);
        TurnsIndex::parse(&file);
    }
}
