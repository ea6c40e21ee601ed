//! What of a run is shown on a terminal: the step, what it does, and what it has used.

use codex_fixtures::{FakeScript, wait_until};

use super::{CHECK, command, failing, timeless, turns};
use crate::scratch::{SOON, Scratch};
use crate::terminal::{Terminal, left};

#[test]
fn the_step_the_check_and_the_wait_are_drawn_and_erased_again() {
    let scratch = Scratch::new();
    let red = FakeScript::new().reach("begun").wait_for_gate("go").then(FakeScript::completed_turn("no"));
    let green = FakeScript::new().write_file("done", "").then(FakeScript::completed_turn("yes"));
    let fake = turns([red, failing("Rate limit reached. Please try again in 2s."), green]);
    let terminal = Terminal::open();
    let check = format!("touch asked; while test -e hold; do sleep 0.05; done; {CHECK}");
    std::fs::write(scratch.path("work/hold"), "").unwrap();
    let mut command = command(&scratch, &fake, &["--max-turns", "5", "--until", &check, "do it"]);
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    terminal.attach(&mut command);
    let mut child = command.spawn().unwrap();
    drop(command);
    assert!(fake.wait_until_reached("begun", SOON));
    assert!(wait_until(SOON, || terminal.count("step 1 of 5 · 0 tokens · ") > 3), "the turn is drawn");
    fake.open_gate("go");
    assert!(
        wait_until(SOON, || terminal.count("step 1 of 5 · 15 tokens · check: touch") > 3),
        "and the check"
    );
    std::fs::remove_file(scratch.path("work/hold")).unwrap();
    assert!(
        wait_until(SOON, || terminal.count(" · 15+ tokens · retry 1 in 1.") > 3),
        "and the wait, which becomes shorter"
    );
    assert!(child.wait().unwrap().success());
    let shown = terminal.shown();
    assert!(!shown.contains("\u{1b}[3"), "no colours: {shown:?}");
    insta::assert_snapshot!(timeless(&left(&shown)));
}
