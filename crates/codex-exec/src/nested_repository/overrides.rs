//! [`overrides`]: what is set against the keys of git's configuration that start programs.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use super::config_keys::GitKey;

type Override = (OsString, OsString);

/// What is set against keys that start programs: the section, the name within it (`*`: any), and the value that starts none of
/// the repository's.
const RULES: &[(&str, &str, &str)] = &[
    ("core", "alternaterefscommand", "false"),
    ("core", "askpass", ""),
    ("core", "editor", "false"),
    ("core", "gitproxy", "false"),
    ("core", "pager", "cat"),
    ("core", "sshcommand", "ssh"),
    ("credential", "helper", ""),
    ("diff", "command", "false"),
    ("diff", "external", "false"),
    ("diff", "textconv", "cat"),
    ("difftool", "cmd", "false"),
    ("gpg", "defaultkeycommand", "false"),
    ("gpg", "program", "false"),
    ("interactive", "difffilter", "cat"),
    ("merge", "driver", "false"),
    ("mergetool", "cmd", "false"),
    ("pager", "*", "cat"),
    ("protocol", "allow", "never"),
    ("remote", "receivepack", "git-receive-pack"),
    ("remote", "uploadpack", "git-upload-pack"),
    ("sequence", "editor", "false"),
    ("trailer", "cmd", ""),
    ("trailer", "command", ""),
];

/// What holds in every nested repository: its folder of hooks needs no key.
pub(super) fn always() -> [Override; 2] {
    [("core.fsmonitor".into(), "false".into()), ("core.hooksPath".into(), "/dev/null".into())]
}

/// What is set against these keys, and nothing against others.
pub(super) fn overrides(keys: &[GitKey]) -> Vec<Override> {
    let mut pairs: Vec<Override> = keys.iter().flat_map(override_of).collect();
    pairs.sort();
    pairs.dedup();
    pairs
}

fn override_of((key, value): &GitKey) -> Vec<Override> {
    let first = key.iter().position(|byte| *byte == b'.').unwrap_or(key.len());
    let last = key.iter().rposition(|byte| *byte == b'.').unwrap_or(first);
    let (section, name) = (&key[..first], &key[(last + 1).min(key.len())..]);
    if section == b"filter" && last > first {
        // Git asks a process first, and an empty one is none: the filter lets everything through.
        let of_filter = |name: &str, value: &str| {
            let key = [&key[..=last], name.as_bytes()].concat();
            (OsString::from_vec(key), OsString::from(value))
        };
        return [("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")]
            .map(|(name, value)| of_filter(name, value))
            .into();
    }
    let own = |value: &str| vec![(OsString::from_vec(key.clone()), OsString::from(value))];
    match section {
        b"alias" if value.contains(&b'!') => own("!false"),
        b"submodule" if name == b"update" && value.contains(&b'!') => own("none"),
        _ => {
            let rule = RULES
                .iter()
                .find(|(of, what, _)| of.as_bytes() == section && (*what == "*" || what.as_bytes() == name));
            rule.map_or_else(Vec::new, |(_, _, value)| own(value))
        }
    }
}
