//! Tells whether a command of git's configuration starts something that lies in the worktree.

use std::env;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::ground::Ground;

/// Programs that start what the folder they run in says.
const RUNNERS: &[&str] = &[
    "npx", "npm", "pnpm", "pnpx", "yarn", "bun", "bunx", "make", "gmake", "just", "rake", "bundle", "poetry",
    "pipenv", "pdm", "hatch", "uv", "uvx", "tox", "cargo", "go", "gradle", "mvn", "composer", "direnv",
    "task",
];

/// What ends a word for a shell, or a path in a word.
const ENDS: &[u8] = b" \t\r\n;|&()<>`=:,";

/// Whether a word of the command names a file that the agent can write, or may do so.
pub(super) fn starts_inside(command: &[u8], ground: &Ground) -> bool {
    // What a command within the command says, nobody knows before.
    if command.contains(&b'`') || command.windows(2).any(|pair| pair == b"$(") {
        return true;
    }
    let mut is_first = true;
    words(command).iter().any(|word| {
        // A path with blanks in it is one path, and a script in quotes several.
        let is_path = word.starts_with(b"/") && word.iter().any(|byte| ENDS.contains(byte));
        if is_path && names_inside(word, ground, WordPlace::Argument) {
            return true;
        }
        word.split(|byte| ENDS.contains(byte)).filter(|piece| !piece.is_empty()).any(|piece| {
            let place = if std::mem::take(&mut is_first) { WordPlace::Program } else { WordPlace::Argument };
            (!is_path || piece.starts_with(b"/")) && names_inside(piece, ground, place)
        })
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WordPlace {
    Program,
    Argument,
}

fn names_inside(word: &[u8], ground: &Ground, place: WordPlace) -> bool {
    let name = word.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    if RUNNERS.iter().any(|runner| runner.as_bytes() == name) {
        return true;
    }
    let home = [&b"~/"[..], b"$HOME/", b"${HOME}/"].into_iter().find_map(|home| word.strip_prefix(home));
    if let Some(rest) = home {
        let home = env::var_os("HOME").unwrap_or_default();
        return ground.leads_through(&Path::new(&home).join(OsStr::from_bytes(rest)));
    }
    let path = Path::new(OsStr::from_bytes(word));
    if word.contains(&b'/') {
        let is_open = word.contains(&b'$') || word.starts_with(b"~");
        return !(place == WordPlace::Argument && is_substitution(word))
            && (is_open || ground.leads_through(path));
    }
    if place == WordPlace::Program || word.starts_with(b"-") || word.starts_with(b"%") {
        return false;
    }
    let is_there =
        |path: &Path| ground.root().join(path).symlink_metadata().is_ok_and(|metadata| !metadata.is_dir());
    let with = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        name
    };
    looks_like_a_file(word) || is_there(path) || [".py", ".js"].iter().any(|end| is_there(with(end).as_ref()))
}

/// `filter.py`, but not `.`, `.x` or `3.11`.
fn looks_like_a_file(word: &[u8]) -> bool {
    let dot = word.iter().rposition(|byte| *byte == b'.');
    dot.is_some_and(|dot| dot > 0 && word.get(dot + 1).is_some_and(u8::is_ascii_alphabetic))
}

/// `s/from/to/g` of sed and perl.
fn is_substitution(word: &[u8]) -> bool {
    let parts: Vec<&[u8]> = word.split(|byte| *byte == b'/').collect();
    let flags = parts.last().copied().unwrap_or_default();
    parts.len() >= 4
        && [&b"s"[..], b"y", b"tr"].contains(&parts[0])
        && flags.len() <= 3
        && flags.iter().all(|flag| b"gimsexrp0123456789".contains(flag))
}

/// The words of a command, without the quotes; what is in quotes is one.
fn words(command: &[u8]) -> Vec<Vec<u8>> {
    let (mut words, mut word, mut quote) = (Vec::new(), Vec::new(), None);
    let mut bytes = command.iter().copied();
    while let Some(byte) = bytes.next() {
        match (byte, quote) {
            (b'\'' | b'"', None) => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            (b'\\', None | Some(b'"')) => word.extend(bytes.next()),
            (b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b'&' | b'(' | b')' | b'<' | b'>', None) => {
                words.push(std::mem::take(&mut word));
            }
            _ => word.push(byte),
        }
    }
    words.push(word);
    words
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn words_that_lead_into_the_worktree_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("main");
        fs::create_dir_all(root.join(".git")).unwrap();
        fs::write(root.join("nbstripout.py"), "").unwrap();
        let ground = Ground::of(&root, &root.join(".git"), &root.join(".git"));
        let absolute = root.join("tools/clean.sh").display().to_string();
        let inside = [
            "./tools/clean.sh",
            "tools/clean.sh %f",
            "sh tools/clean.sh",
            "'tools/clean' x",
            "cat | ./x",
            "cat|./x",
            "sh -c './x %f'",
            "sh -c 'exec cat <./x'",
            "python filter.py",
            "python -m nbstripout",
            "PATH=./tools:$PATH clean",
            "clean --rules=tools/rules",
            "perl -Itools/lib clean",
            "$(git rev-parse --show-toplevel)/tools/x",
            "$PWD/x",
            "npx prettier",
            "/usr/bin/make -s filter",
            "../main/x",
            "s/foo/g",
            &absolute,
            &format!("/bin/sh '{absolute}' %f"),
            &format!("/bin/sh -c '/bin/cat {absolute}'"),
        ];
        for command in inside {
            assert!(starts_inside(command.as_bytes(), &ground), "{command}");
        }
        for outside in [
            "",
            "cat",
            "git-lfs clean -- %f",
            "git-lfs filter-process",
            "git lfs clean -- %f",
            "\"git-crypt\" clean",
            "/opt/my-tools/clean %f",
            "\"/opt/my tools/clean\" %f",
            "/usr/bin/python3 -m jupytext --to md",
            "jq --sort-keys .",
            "sed -e 's/a/b/g'",
            "sed s/a/b/",
            "expand --tabs=4 --initial",
            "/opt/x/../y",
            "!gh auth git-credential",
            "ssh -i ~/.ssh/id",
        ] {
            assert!(!starts_inside(outside.as_bytes(), &ground), "{outside}");
        }
    }
}
