//! [`CodexOptions`]: what is said to Codex of every turn, named as Codex names it.

use std::path::{Path, PathBuf};

use clap::Args;
use codex_exec::{ConfigValue, Invocation, Sandbox};
use codex_runner::InstructionsFrom;
use codex_turn::ThreadOptions;

use super::values::{self, ConfigWord};

/// What is said to Codex of every turn, and where it is.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Codex")]
pub(crate) struct CodexOptions {
    /// The model.
    #[arg(short, long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// What the agent's commands may touch; otherwise as codex-turns.toml and Codex are configured, read-only by
    /// default.
    #[arg(short, long, value_name = "MODE", value_parser = values::sandbox())]
    pub(crate) sandbox: Option<Sandbox>,
    /// Another directory that the agent may write to; may be repeated.
    #[arg(long, value_name = "DIR")]
    pub(crate) add_dir: Vec<PathBuf>,
    /// A profile of Codex's configuration.
    #[arg(short, long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Override a setting of Codex, which reads the value as TOML and, if it is not, as text; or name a file of your own,
    /// outside of the project, that takes the place of codex-turns.toml. May be repeated.
    #[arg(short, long, value_name = "KEY=VALUE|FILE", value_parser = values::config_word)]
    pub(crate) config: Vec<ConfigWord>,
    /// Switch a feature on; may be repeated.
    #[arg(long, value_name = "FEATURE")]
    pub(crate) enable: Vec<String>,
    /// Switch a feature off; may be repeated.
    #[arg(long, value_name = "FEATURE")]
    pub(crate) disable: Vec<String>,
    /// Leave config.toml unread; the login still counts.
    #[arg(long)]
    pub(crate) ignore_user_config: bool,
    /// The program to use as Codex, instead of the one that `CODEX_PATH` names or `PATH` has.
    #[arg(long = "codex", value_name = "PATH")]
    pub(crate) program: Option<PathBuf>,
    /// The folder that holds Codex's configuration, login and threads.
    #[arg(long = "codex-home", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// The address of the service, such as `http://127.0.0.1:4040/v1`.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Whether the agent is told the project's AGENTS.md files and skills. Unless it is said: no in a review, where an
    /// earlier turn has written one of them, and where they are not as at the trusted ref; else yes.
    #[arg(long, value_name = "FROM", value_parser = values::instructions())]
    pub(crate) project_instructions: Option<InstructionsFrom>,
}

impl CodexOptions {
    /// The same where what is relative is relative to a folder.
    pub(crate) fn in_folder(mut self, folder: &Path) -> Self {
        let named = [&mut self.program, &mut self.home].into_iter().flatten();
        let files = self.config.iter_mut().filter_map(|word| match word {
            ConfigWord::File(path) => Some(path),
            ConfigWord::Codex(..) => None,
        });
        for path in named.chain(&mut self.add_dir).chain(files) {
            *path = folder.join(&*path);
        }
        self
    }

    /// The settings of Codex, in the order in which they were named.
    pub(crate) fn codex_settings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.config.iter().filter_map(|word| match word {
            ConfigWord::Codex(key, value) => Some((key.as_str(), value.as_str())),
            ConfigWord::File(_) => None,
        })
    }

    /// The file that takes the place of codex-turns.toml; the last one counts.
    pub(crate) fn settings_file(&self) -> Option<&Path> {
        self.config.iter().rev().find_map(|word| match word {
            ConfigWord::File(path) => Some(path.as_path()),
            ConfigWord::Codex(..) => None,
        })
    }

    /// Says them of a thread. The program is not part of it.
    pub(crate) fn apply(&self, mut options: ThreadOptions) -> ThreadOptions {
        if let Some(sandbox) = self.sandbox {
            options = options.sandbox(sandbox);
        }
        if let Some(model) = &self.model {
            options = options.model(model);
        }
        if let Some(profile) = &self.profile {
            options = options.profile(profile);
        }
        for dir in &self.add_dir {
            options = options.add_dir(dir);
        }
        for (key, value) in self.codex_settings() {
            options = options.config(key, ConfigValue::Verbatim(value.to_owned()));
        }
        let this = self.clone();
        options.with(move |invocation| this.apply_rest(invocation))
    }

    /// Says what threads have no words of their own for.
    fn apply_rest(&self, mut invocation: Invocation) -> Invocation {
        for feature in &self.enable {
            invocation = invocation.enable(feature);
        }
        for feature in &self.disable {
            invocation = invocation.disable(feature);
        }
        if self.ignore_user_config {
            invocation = invocation.ignore_user_config();
        }
        if let Some(home) = &self.home {
            invocation = invocation.codex_home(home);
        }
        if let Some(url) = &self.base_url {
            invocation = invocation.base_url(url);
        }
        invocation
    }

    /// Those that a resumed turn has to name again, as arguments.
    pub(crate) fn restated(&self) -> Vec<String> {
        let mut options = Vec::new();
        let mut add = |flag: &str, value: String| options.extend([flag.to_owned(), value]);
        if let Some(sandbox) = self.sandbox {
            add("-s", sandbox.as_str().to_owned());
        }
        if let Some(model) = &self.model {
            add("-m", model.clone());
        }
        if let Some(profile) = &self.profile {
            add("-p", profile.clone());
        }
        for dir in &self.add_dir {
            add("--add-dir", dir.display().to_string());
        }
        for word in &self.config {
            match word {
                ConfigWord::Codex(key, value) => add("-c", format!("{key}={value}")),
                ConfigWord::File(path) => add("-c", path.display().to_string()),
            }
        }
        for feature in &self.enable {
            add("--enable", feature.clone());
        }
        for feature in &self.disable {
            add("--disable", feature.clone());
        }
        if let Some(home) = &self.home {
            add("--codex-home", home.display().to_string());
        }
        if let Some(url) = &self.base_url {
            add("--base-url", url.clone());
        }
        if let Some(from) = self.project_instructions {
            options.extend(["--project-instructions".to_owned(), from.word().to_owned()]);
        }
        if self.ignore_user_config {
            options.push("--ignore-user-config".to_owned());
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches as _};

    use super::*;

    fn parsed(words: &[String]) -> CodexOptions {
        let command = CodexOptions::augment_args(Command::new("run").no_binary_name(true));
        CodexOptions::from_arg_matches(&command.try_get_matches_from(words).unwrap()).unwrap()
    }

    /// A new option that is not restated would be lost where a thread is resumed.
    #[test]
    fn what_is_restated_is_all_but_the_program() {
        let command = CodexOptions::augment_args(Command::new("run"));
        let mut typed = Vec::new();
        for option in command.get_arguments().filter(|option| option.get_id() != "program") {
            typed.push(match option.get_short() {
                Some(short) => format!("-{short}"),
                None => format!("--{}", option.get_long().unwrap()),
            });
            let value = match option.get_id().as_str() {
                "ignore_user_config" => continue,
                "sandbox" => "workspace-write",
                "config" => "key=value",
                "project_instructions" => "trusted",
                other => other,
            };
            typed.push(value.to_owned());
        }
        let options = parsed(&typed);
        let mut restated = options.restated();
        assert_eq!(parsed(&restated).restated(), restated);
        restated.sort();
        typed.sort();
        assert_eq!(restated, typed);
    }
}
