//! A short soak, of one turn of each course.

use std::process::Command;

#[test]
fn ten_turns_of_ten_courses_leave_nothing() {
    // A process of its own, whose threads and file descriptors are those of the soak alone.
    #[expect(clippy::disallowed_methods, reason = "a test of a program")]
    let mut soak = Command::new(env!("CARGO_BIN_EXE_codex-soak"));
    let output = soak.args(["--turns", "10", "--seed", "1"]).output().unwrap();
    let (printed, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}\n{told}");
    assert!(printed.contains("| kill the host | 1 |"), "{printed}");
    assert!(
        printed.ends_with("Nothing stayed behind, all records verify, and no number is missing.\n\n"),
        "{printed}"
    );
}
