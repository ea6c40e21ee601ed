//! A hundred commits of a messy history, taken as turns: what we find is what git finds.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use codex_ledger::GitCli;
use codex_ledger::git::{Changes, ReadObjects as _, WriteObjects as _};
use codex_ledger::values::{Hasher, Oid, RepoPath};

use crate::scratch::{Scratch, run, snapshot};

const COMMITS: u64 = 100;

/// Small numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Settings that change what git's own commands print; none may change what we find.
const SETTINGS: &[(&str, &str)] = &[
    ("diff.renames", "copies"),
    ("diff.noprefix", "true"),
    ("diff.mnemonicPrefix", "true"),
    ("diff.external", "/bin/false"),
    ("diff.context", "0"),
    ("diff.interHunkContext", "9"),
    ("diff.algorithm", "histogram"),
    ("diff.indentHeuristic", "false"),
    ("diff.suppressBlankEmpty", "true"),
    ("diff.submodule", "log"),
    ("diff.ignoreSubmodules", "all"),
    ("diff.relative", "true"),
    ("diff.upper.textconv", "tr a-z A-Z <"),
    ("diff.upper.command", "/bin/false"),
    ("core.quotePath", "false"),
    ("core.pager", "/bin/false"),
    ("color.ui", "always"),
    ("status.showUntrackedFiles", "no"),
    ("status.relativePaths", "true"),
    ("core.safecrlf", "true"),
    ("core.splitIndex", "true"),
    ("core.untrackedCache", "true"),
    ("core.logAllRefUpdates", "always"),
    ("commit.gpgSign", "true"),
    ("tag.gpgSign", "true"),
    ("gpg.program", "/bin/false"),
    ("log.showSignature", "true"),
    ("index.version", "4"),
    ("alias.diff-tree", "!false"),
    ("add.ignoreErrors", "false"),
];

#[test]
fn a_hundred_messy_commits_are_found_as_git_finds_them() {
    let scratch = Scratch::new();
    let other = Scratch::new();
    scratch.git(&["submodule", "--quiet", "add", other.root.to_str().unwrap(), "sub"]);
    scratch.write(".gitattributes", "*.crlf text eol=crlf\n*.lf text eol=lf\n*.gen -diff\n*.up diff=upper\n");
    scratch.commit_all("submodule");
    let cli = scratch.cli();
    for (key, value) in SETTINGS {
        scratch.git(&["config", key, value]);
    }
    let mut dice = Dice(7);
    let mut seen = Changes::default();
    let mut before = snapshot(&cli);
    assert_eq!(before, scratch.oid("HEAD^{tree}"));
    for number in 0..COMMITS {
        for _ in 0..=dice.roll(6) {
            mess(&scratch, &mut dice);
        }
        scratch.write("counter", number.to_string());
        let after = snapshot(&cli);
        let commit = scratch.commit_all("messy");
        assert_eq!(after, scratch.oid(&format!("{commit}^{{tree}}")), "commit {number}");
        let changes = cli.changes(Some(&before), &after).unwrap();
        compare(&scratch, &cli, &changes, &before, &after);
        seen.entries.extend(changes.entries);
        before = after;
    }
    let counts = [seen.added().count(), seen.deleted().count(), seen.modified().count()];
    let special = [seen.binary().count(), seen.symlinks().count(), seen.submodules().count()];
    assert!(counts.iter().chain(&special).all(|count| *count >= 5), "too tame: {counts:?} {special:?}");
}

/// One of the things that people do to files.
fn mess(scratch: &Scratch, dice: &mut Dice) {
    let folder = ["", "src/", "a b/", "caf\u{e9}/"][usize::try_from(dice.roll(4)).unwrap()];
    let ending = ["txt", "crlf", "lf", "gen", "up", "bin"][usize::try_from(dice.roll(6)).unwrap()];
    let mut name = format!("{folder}file{}.{ending}", dice.roll(5)).into_bytes();
    match dice.roll(12) {
        0 => name.extend_from_slice(b"\xff"),
        1 => name.extend_from_slice(b"\n\t\""),
        _ => {}
    }
    let path = scratch.path(&name);
    match dice.roll(9) {
        0 => drop(fs::remove_file(&path)),
        1 if path.symlink_metadata().is_ok() => {
            let to = format!("{folder}renamed{}.{ending}", dice.roll(5));
            fs::rename(&path, scratch.path(to.as_bytes())).unwrap();
        }
        2 if path.is_file() => {
            let mode = 0o644 | (dice.roll(2) * 0o111);
            fs::set_permissions(&path, fs::Permissions::from_mode(u32::try_from(mode).unwrap())).unwrap();
        }
        3 => {
            drop(fs::remove_file(&path));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink(format!("target{}", dice.roll(9)), &path).unwrap();
        }
        4 => {
            drop(fs::remove_file(&path));
            scratch.write_bytes(&name, [&b"\0"[..], &dice.roll(1 << 30).to_le_bytes()].concat());
        }
        5 => drop(run(
            &scratch.path(b"sub"),
            &["commit", "-q", "--allow-empty", "-m", &dice.roll(9).to_string()],
            &[],
        )),
        _ => {
            drop(fs::remove_file(&path));
            let line_end = ["\n", "\r\n"][usize::try_from(dice.roll(2)).unwrap()];
            let lines = (0..dice.roll(60)).map(|line| format!("{line} {}{line_end}", dice.roll(3)));
            let text: String = lines.collect::<Vec<_>>().concat();
            scratch.write_bytes(&name, text.trim_end_matches('\n'));
        }
    }
}

/// Asks git in its own words, each question by itself.
fn compare(scratch: &Scratch, cli: &GitCli, changes: &Changes, before: &Oid, after: &Oid) {
    let (before_text, after_text) = (before.as_str(), after.as_str());
    let diff = |options: &[&str]| {
        scratch.git(&[&["diff-tree", "-r", "--no-renames"], options, &[before_text, after_text]].concat())
    };
    for (letters, ours) in [
        ("A", changes.added().collect::<Vec<_>>()),
        ("MT", changes.modified().collect()),
        ("D", changes.deleted().collect()),
    ] {
        let theirs = diff(&["-z", "--name-only", &format!("--diff-filter={letters}")]);
        let theirs = theirs.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        assert_eq!(ours.iter().map(|path| path.as_bytes()).collect::<Vec<_>>(), theirs.collect::<Vec<_>>());
    }
    let total = String::from_utf8(diff(&["--shortstat"])).unwrap();
    let number_before = |word: &str| {
        let part = total.split(", ").find(|part| part.contains(word));
        part.map_or(0, |part| part.trim().split(' ').next().unwrap().parse::<u64>().unwrap())
    };
    assert_eq!(changes.files_changed(), number_before("file"), "{total}");
    assert_eq!(changes.lines_added(), number_before("insertion"), "{total}");
    assert_eq!(changes.lines_deleted(), number_before("deletion"), "{total}");
    let ours = cli.patch(Some(before), after, u64::MAX).unwrap().bytes.unwrap();
    let plain = [
        "-c",
        "diff.suppressBlankEmpty=false",
        "-c",
        "diff.indentHeuristic=true",
        "-c",
        "core.quotePath=true",
    ];
    let words = [
        "diff-tree",
        "-p",
        "-r",
        "--binary",
        "--full-index",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
    ];
    let theirs =
        scratch.git(&[&plain[..], &words, &["--ignore-submodules=none", before_text, after_text]].concat());
    assert_eq!(String::from_utf8_lossy(&ours), String::from_utf8_lossy(&theirs));
    assert_eq!(cli.apply(before, &ours).unwrap().as_ref(), Some(after));
    let blobs: Vec<(&RepoPath, Oid)> = changes
        .entries
        .iter()
        .filter_map(|change| change.after.as_ref().map(|after| (&change.path, after)))
        .filter(|(_, (kind, _))| kind.is_blob())
        .map(|(path, (_, oid))| (path, oid.clone()))
        .collect();
    let oids: Vec<Oid> = blobs.iter().map(|(_, oid)| oid.clone()).collect();
    for ((path, oid), hash) in blobs.iter().zip(cli.blob_sha256s(&oids).unwrap()) {
        let mut hasher = Hasher::new();
        hasher.update(&scratch.git(&["cat-file", "blob", oid.as_str()]));
        assert_eq!(hasher.finish(), hash, "{path}");
    }
}
