//! The refs of a remote.

use codex_ledger::claims::{ClaimMode, ClaimOptions};
use codex_ledger::prove::FindingCode as Code;
use codex_ledger::{GitMode, LedgerOptions, Reader, VerifyLevel, verify};

use crate::project::{Project, codes, errors, ledger_at, turn_in, verify_at};
use crate::scratch::{Scratch, run};

struct Shared {
    project: Project,
    options: LedgerOptions,
}

impl Shared {
    /// A project with a bare remote on which two numbers are claimed.
    fn new() -> Self {
        let project = Project::new();
        let bare = project.scratch.beside("bare.git");
        run(&project.scratch.root, &["init", "-q", "--bare", bare.to_str().unwrap()], &[]);
        project.scratch.git(&["remote", "add", "origin", bare.to_str().unwrap()]);
        project.scratch.git(&["push", "-q", "origin", "main"]);
        let mut options = LedgerOptions::default();
        let mut claim = ClaimOptions::default();
        claim.mode = ClaimMode::remote("origin");
        options.claim = claim;
        options.push = Some("origin".to_owned());
        let shared = Self { project, options };
        shared.turn("one.txt");
        shared.turn("two.txt");
        shared
    }

    fn turn(&self, path: &str) {
        let ledger = ledger_at(&self.project.scratch.root, self.options.clone());
        turn_in(&ledger, GitMode::Commit, || self.project.scratch.write(path, "x\n"));
    }

    fn bare(&self, args: &[&str]) {
        run(&self.project.scratch.beside("bare.git"), args, &[]);
    }

    fn level() -> VerifyLevel {
        VerifyLevel::Remote("origin".to_owned())
    }
}

#[test]
fn a_remote_that_has_everything_is_clean() {
    let shared = Shared::new();
    let found = verify_at(&shared.project.scratch.root, &Shared::level());
    assert_eq!(codes(&found), [""; 0], "{:#?}", found.findings);
}

#[test]
fn what_a_remote_lost_or_changed_is_found() {
    let shared = Shared::new();
    shared.bare(&["update-ref", "-d", "refs/turns/1"]);
    shared.bare(&["update-ref", "refs/tags/turn/2", "refs/tags/turn/1"]);
    assert_eq!(
        shared.project.errors(&Shared::level()),
        [(Code::RemoteClaimMissing, Some(1)), (Code::RemoteTagDiffers, Some(2))]
    );
    shared.bare(&["update-ref", "refs/turns/1", "refs/turns/2"]);
    shared.bare(&["update-ref", "-d", "refs/tags/turn/2"]);
    let found = verify_at(&shared.project.scratch.root, &Shared::level());
    assert_eq!(errors(&found), [(Code::RemoteClaimDiffers, Some(1))]);
    assert!(codes(&found).contains(&"remote-tag-missing"));
}

#[test]
fn a_claim_of_another_clone_is_elsewhere() {
    let shared = Shared::new();
    let bare = shared.project.scratch.beside("bare.git");
    let other = shared.project.scratch.beside("other");
    run(&bare, &["clone", "-q", bare.to_str().unwrap(), other.to_str().unwrap()], &[]);
    let ledger = ledger_at(&other, shared.options.clone());
    ledger.init().unwrap();
    let recorded = turn_in(&ledger, GitMode::Record, || ());
    assert_eq!(recorded.turn_id.get(), 3);
    let found = verify_at(&shared.project.scratch.root, &Shared::level());
    assert_eq!(codes(&found), ["elsewhere"], "{:#?}", found.findings);
    assert_eq!(found.findings[0].sentence, "turn 3: claimed on origin by another clone");
    shared.turn("four.txt");
    let found = verify_at(&shared.project.scratch.root, &Shared::level());
    assert_eq!(codes(&found), ["elsewhere"], "the gap is explained: {:#?}", found.findings);
}

/// Somebody who rewrites the forge cannot rewrite a clone that fetched before.
#[test]
fn a_clone_that_fetched_before_is_a_witness() {
    let shared = Shared::new();
    let bare = shared.project.scratch.beside("bare.git");
    let witness = shared.project.scratch.beside("witness");
    run(&bare, &["clone", "-q", bare.to_str().unwrap(), witness.to_str().unwrap()], &[]);
    run(&witness, &["fetch", "-q", "origin", "refs/turns/*:refs/turns/*"], &[]);
    let found = verify_at(&witness, &Shared::level());
    assert_eq!(found.exit_code(), 0, "{:#?}", found.findings);
    shared.bare(&["update-ref", "refs/turns/1", "refs/turns/2"]);
    shared.bare(&["update-ref", "refs/tags/turn/1", "refs/tags/turn/2"]);
    let found = verify_at(&witness, &Shared::level());
    let expected = [(Code::RemoteTagDiffers, Some(1)), (Code::RemoteClaimDiffers, Some(1))];
    assert_eq!(errors(&found), expected, "{:#?}", found.findings);
}

#[test]
fn seals_of_a_remote_are_compared_where_it_has_any() {
    let project = Project::with_three(GitMode::Record);
    let bare = project.scratch.beside("bare.git");
    run(&project.scratch.root, &["init", "-q", "--bare", bare.to_str().unwrap()], &[]);
    project.scratch.git(&["remote", "add", "origin", bare.to_str().unwrap()]);
    assert_eq!(codes(&verify_at(&project.scratch.root, &Shared::level())), [""; 0]);
    project.scratch.git(&["push", "-q", "origin", "refs/turns-seal/1", "refs/turns-seal/2"]);
    assert_eq!(codes(&verify_at(&project.scratch.root, &Shared::level())), ["remote-seal-missing"]);
    run(&bare, &["update-ref", "refs/turns-seal/2", "refs/turns-seal/1"], &[]);
    let found = verify_at(&project.scratch.root, &Shared::level());
    assert_eq!(errors(&found), [(Code::RemoteSealDiffers, Some(2))], "{:#?}", found.findings);
}

#[test]
fn a_remote_that_is_gone_is_an_error_and_no_finding() {
    let project = Project::with_three(GitMode::Commit);
    let level = VerifyLevel::Remote("nowhere".to_owned());
    let root = &project.scratch.root;
    assert!(verify(&Reader::at(root), &Scratch::cli_at(root), &level).is_err());
}
