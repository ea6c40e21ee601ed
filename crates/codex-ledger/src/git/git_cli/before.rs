//! Takes the worktree by the rules of an earlier moment.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::GitCli;
use super::bring::{Bringing, STEP};
use super::private_index::PrivateIndex;
use super::rule_files::{ATTRIBUTES, IGNORE, is_named, join_rules, read_text};
use crate::git::vcs::{BrokenRules, ReadObjects as _, RuleFile, Rules, VcsError};
use crate::values::RepoPath;

/// What the rules of the worktree hide, with each folder that they hide as a whole named once.
pub(super) const IGNORED: &[&str] =
    &["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];

type Paths = BTreeSet<RepoPath>;

impl GitCli {
    /// The files of rules that are not as they were.
    pub(super) fn broken_rules(&self, rules: &Rules, found: &[&Paths]) -> Result<BrokenRules, VcsError> {
        let of = |name: &'static [u8]| {
            found.iter().flat_map(|paths| paths.iter()).filter(move |path| is_named(path, name)).cloned()
        };
        let ignored_before = rules.ignored.iter().map(|file| file.path.clone());
        let ignore: Paths = of(IGNORE).chain(ignored_before).collect();
        let attributes: Paths = of(ATTRIBUTES).collect();
        Ok(BrokenRules {
            ignore_files: self.changed(rules, ignore)?,
            attribute_files: self.changed(rules, attributes)?,
            ..BrokenRules::default()
        })
    }

    /// Those of the files that do not say what they said.
    fn changed(&self, rules: &Rules, files: Paths) -> Result<Vec<RepoPath>, VcsError> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let files: Vec<RepoPath> = files.into_iter().collect();
        let before = self.texts(rules, &files)?;
        let is_changed = |(path, before): &(RepoPath, Option<String>)| {
            let kept = rules.ignored.iter().find(|file| file.path == *path);
            let before = before.as_ref().or(kept.map(|file| &file.text));
            let now = read_text(&self.runner.root, path);
            let lines = |text: &String| text.lines().map(str::to_owned).collect::<Vec<_>>();
            now.as_ref().map(lines).unwrap_or_default() != before.map(lines).unwrap_or_default()
        };
        let pairs = files.into_iter().zip(before);
        Ok(pairs.filter(is_changed).map(|(path, _)| path).collect())
    }

    /// What these files of the earlier tree say.
    fn texts(&self, rules: &Rules, files: &[RepoPath]) -> Result<Vec<Option<String>>, VcsError> {
        let places: Vec<_> = files.iter().map(|path| (rules.tree.clone(), path.clone())).collect();
        let oids = self.oids_at(&places)?;
        let known: Vec<_> = oids.iter().flatten().cloned().collect();
        let mut objects = self.read_objects(&known)?.into_iter();
        let text = |oid: Option<crate::values::Oid>| {
            let object = oid.and_then(|_| objects.next().flatten())?;
            Some(String::from_utf8_lossy(&object.bytes).into_owned())
        };
        Ok(oids.into_iter().map(text).collect())
    }

    /// What the index does not have and the earlier rules do not hide.
    pub(super) fn untracked_by(
        &self,
        bringing: &Bringing<'_>,
        rules: &Rules,
        scope: &[OsString],
    ) -> Result<Paths, VcsError> {
        let entries = self.entries(&rules.tree, None)?.into_iter().map(|entry| entry.path);
        let files: Vec<RepoPath> = entries.filter(|path| is_named(path, IGNORE)).collect();
        let texts = self.texts(rules, &files)?;
        let of_tree = files.into_iter().zip(texts);
        let of_tree = of_tree.filter_map(|(path, text)| Some(RuleFile::new(path, text?)));
        let joined = join_rules(of_tree.chain(rules.ignored.iter().cloned()).collect());
        let file = PrivateIndex::empty(self)?;
        file.fill(joined.as_bytes())?;
        let of_user = [self.excludes_file()?, Some(self.common_dir.join("info/exclude"))];
        let of_user = of_user.into_iter().flatten().filter(|file| file.is_file());
        let sources = of_user.chain([file.path().to_owned()]).map(|file| {
            let mut option = OsString::from("--exclude-from=");
            option.push(file);
            option
        });
        let sources: Vec<OsString> = sources.collect();
        let command: Vec<&OsStr> = ["ls-files", "-z", "--others"]
            .into_iter()
            .map(OsStr::new)
            .chain(sources.iter().map(OsString::as_os_str))
            .collect();
        bringing.listed(&command, scope)
    }

    /// The user's own file of ignore rules, if he has one outside of the worktree.
    fn excludes_file(&self) -> Result<Option<PathBuf>, VcsError> {
        let call =
            self.runner.git(STEP).args(["config", "--null", "--type=path", "--get", "core.excludesFile"]);
        let output = call.run()?;
        if output.code == Some(0) {
            let path = String::from_utf8_lossy(&output.stdout).trim_end_matches('\0').to_owned();
            return Ok(Some(PathBuf::from(path)).filter(|path| !path.starts_with(&self.runner.root)));
        }
        let home = std::env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let home = home.or_else(|| Some(std::env::home_dir()?.join(".config")));
        Ok(home.map(|folder| folder.join("git/ignore")))
    }
}
