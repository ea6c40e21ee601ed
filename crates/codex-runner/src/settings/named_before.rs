//! [`NamedBefore`]: the files that checks name, as they were before anything ran.

use std::collections::BTreeMap;
use std::path::Path;

use super::Settings;
use super::check_sandbox::CheckSandbox;
use super::check_settings::CheckSettings;
use super::setting::{Origin, Setting};
use crate::causes::causes;
use crate::trust::{FileList, TrustError, named_files};

/// The files that the command of each check names, as they were before anything ran. A check is missing if one of its
/// files cannot be known.
#[derive(Clone, Debug, Default)]
pub(super) struct NamedBefore(BTreeMap<&'static str, FileList>);

impl Settings {
    /// Looks at the files that the commands of checks name, and returns those that the commands of the file name.
    pub fn look_at_named(&mut self, root: &Path) -> FileList {
        let mut named = BTreeMap::new();
        let mut of_file = FileList::default();
        for check in self.checks() {
            let Ok(files) = self.named(root, check) else { continue };
            if matches!(check.command.origin, Origin::File { .. }) {
                of_file.add_all(&files);
            }
            named.insert(check.name, files);
        }
        self.named = NamedBefore(named);
        of_file
    }

    /// Returns what happened to the files that a check names since they were looked at; `None` if they are the same.
    pub fn change_of_named(&self, root: &Path, check: &CheckSettings) -> Option<String> {
        let before = self.named.0.get(check.name);
        match (before, self.named(root, check)) {
            (Some(before), Ok(now)) if *before == now => None,
            (Some(before), Ok(now)) => {
                let changed = now.changed(before);
                let verb = if changed.len() == 1 { "was" } else { "were" };
                Some(format!("{} {verb} changed by the turn", changed.join(", ")))
            }
            (_, Err(error)) => Some(causes(&error)),
            (None, Ok(_)) => Some("a file that its command names was not known before".to_owned()),
        }
    }

    fn named(&self, root: &Path, check: &CheckSettings) -> Result<FileList, TrustError> {
        let mut files = FileList::default();
        let reports = self.file.as_ref().and_then(|file| file.commands().ok()).unwrap_or_default().reports;
        if let Some(command) = &check.command.value {
            named_files(root, &command.words(), &reports, &mut files)?;
        }
        Ok(files)
    }
}

impl CheckSettings {
    /// Returns the settings without what a file loosens, if it loosens anything; what a person says stays.
    pub fn tightened(&self) -> Option<Self> {
        let is_of_file = |origin: &Origin| matches!(origin, Origin::File { .. });
        let loosens = is_of_file(&self.sandbox.origin) && self.sandbox.value == Some(CheckSandbox::Off)
            || is_of_file(&self.network.origin) && self.network.value == Some(true)
            || is_of_file(&self.env.origin) && !self.env.value.is_empty();
        if !loosens {
            return None;
        }
        let is_of_person = |origin: &Origin| matches!(origin, Origin::Environment(_) | Origin::Flag(_));
        let mut tight = self.clone();
        if !is_of_person(&self.sandbox.origin) {
            tight.sandbox = Setting::default(Some(CheckSandbox::WorkspaceWrite));
        }
        if !is_of_person(&self.network.origin) {
            tight.network = Setting::default(Some(false));
        }
        if !is_of_person(&self.env.origin) {
            tight.env = Setting::default(Vec::new());
        }
        Some(tight)
    }
}
