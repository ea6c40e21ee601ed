//! [`GitVersion`]: a release of git, and the oldest that works here.

use std::fmt;

/// A release of git.
///
/// ```
/// use codex_ledger::git::GitVersion;
///
/// let apple = GitVersion::read("git version 2.39.5 (Apple Git-154)").unwrap();
/// assert_eq!(apple.to_string(), "2.39");
/// assert!(apple < GitVersion::OLDEST);
/// assert!(GitVersion::read("git version 2.100.0").unwrap() > GitVersion::OLDEST);
/// assert_eq!(GitVersion::read("svn, version 1.14.3"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct GitVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl GitVersion {
    /// The oldest release that the ledger works with.
    ///
    /// It is the first that reads attributes from the tree that `GIT_ATTR_SOURCE` names (`--attr-source`). Older ones ignore
    /// the variable without a word, and so the attributes that a turn has written would decide how its files are stored,
    /// which filters run, and how its patch reads. Everything else that is asked of git is older: `cat-file -z` came with
    /// 2.38, `rm --sparse` with 2.34, `rev-parse --path-format` with 2.31.
    pub const OLDEST: Self = Self { major: 2, minor: 41 };

    /// Reads the answer of `git --version`; `None` if it is another.
    pub fn read(answer: &str) -> Option<Self> {
        let numbers = answer.trim().strip_prefix("git version ")?;
        let mut numbers = numbers.split(['.', ' ']).map_while(|number| number.parse().ok());
        Some(Self { major: numbers.next()?, minor: numbers.next()? })
    }
}

impl fmt::Display for GitVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::GitVersion;

    #[test]
    fn the_documents_name_the_oldest_git() {
        let documents = [
            include_str!("../../../../../CONTRIBUTING.md"),
            include_str!("../../../../../README.md"),
            include_str!("../../../../../docs/getting-started.md"),
            include_str!("../../../../../docs/ledger.md"),
        ];
        let named = format!("git {} or later", GitVersion::OLDEST);
        for document in documents {
            assert!(document.contains(&named), "{named} is not in {}", document.lines().next().unwrap());
        }
    }
}
