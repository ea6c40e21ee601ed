//! [`Invocation::check`]: everything that can be refused before Codex starts.
//!
//! Codex itself reports part of this late, part of it in prose on stderr, and passes over the rest.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufReader};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use codex_protocol::ThreadId;

use super::prompt::Prompt;
use super::{
    GitRepoCheck, Invocation, InvocationError, InvocationParts, OutputSchema, PROMPT_LIMIT_CHARACTERS,
    ReviewTarget, Target,
};
use crate::config_value::is_bare;
use crate::{ApiKey, ConfigValue, McpTransport};

type Validity = Result<(), InvocationError>;

impl Invocation {
    /// Looks whether Codex can run this: the texts, and the files and folders that are named.
    ///
    /// It reads the file system, and the file with the output schema, but changes nothing and starts nothing.
    ///
    /// ```
    /// use codex_exec::{Invocation, InvocationError};
    ///
    /// let refused = Invocation::new("  \n").check().unwrap_err();
    /// assert!(matches!(refused, InvocationError::BlankPrompt));
    /// ```
    ///
    /// # Errors
    ///
    /// The first thing that Codex would refuse, or silently read as something else.
    pub fn check(&self) -> Result<(), InvocationError> {
        let parts = self.parts();
        target(parts)?;
        texts(parts)?;
        names(parts)?;
        variables(parts)?;
        paths(parts)?;
        repository(parts)
    }
}

fn target(parts: &InvocationParts) -> Validity {
    if parts.target.takes_prompt() {
        prompt(&parts.prompt)?;
    } else if !parts.prompt.is_blank() {
        return Err(InvocationError::ReviewWithPrompt);
    }
    match &parts.target {
        Target::Resume(thread) | Target::Fork(thread) => {
            let thread = thread.to_string();
            match ThreadId::parse(&thread) {
                Ok(_) => Ok(()),
                Err(_) => Err(InvocationError::ThreadId { thread }),
            }
        }
        Target::Review(ReviewTarget::Base(branch)) => text("branch to review against", branch),
        Target::Review(ReviewTarget::Commit(commit)) => text("commit to review", commit),
        Target::Review(ReviewTarget::Uncommitted)
        | Target::ReviewPrompt
        | Target::NewThread
        | Target::ResumeLast => Ok(()),
    }
}

/// Refuses what Codex would refuse, the second case only after it has opened a thread.
fn prompt(prompt: &Prompt) -> Validity {
    if prompt.is_blank() {
        return Err(InvocationError::BlankPrompt);
    }
    // A character takes at least one byte, so that short texts need not be counted.
    if prompt.text().len() > PROMPT_LIMIT_CHARACTERS {
        let characters = prompt.text().chars().count();
        if characters > PROMPT_LIMIT_CHARACTERS {
            return Err(InvocationError::LongPrompt { characters });
        }
    }
    Ok(())
}

fn texts(parts: &InvocationParts) -> Validity {
    optional_text("model", parts.model.as_deref())?;
    optional_text("base url", parts.base_url.as_deref())?;
    optional_text("originator", parts.originator.as_deref())?;
    optional_text("api key", parts.api_key.as_ref().map(ApiKey::expose))?;
    if let Some(url) = &parts.base_url
        && !(url.starts_with("http://") || url.starts_with("https://"))
    {
        return Err(InvocationError::BaseUrl { url: url.clone() });
    }
    if let Some(originator) = &parts.originator
        && !originator.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
    {
        return Err(InvocationError::Originator { originator: originator.clone() });
    }
    for (key, value) in &parts.config {
        setting(key, value)?;
    }
    Ok(())
}

fn names(parts: &InvocationParts) -> Validity {
    if let Some(profile) = &parts.profile {
        bare("profile", profile)?;
    }
    for (feature, _) in &parts.features {
        bare("feature", feature)?;
    }
    let mut seen = BTreeSet::new();
    for server in &parts.mcp_servers {
        bare("mcp server", server.name())?;
        if !seen.insert(server.name()) {
            return Err(InvocationError::McpServerTwice { name: server.name().to_owned() });
        }
        match server.transport() {
            McpTransport::Http { url, .. } => text("url of the mcp server", url)?,
            McpTransport::Stdio { command, .. } => text("command of the mcp server", command)?,
        }
        for (key, value) in server.config() {
            setting(&key, &value)?;
        }
    }
    Ok(())
}

fn variables(parts: &InvocationParts) -> Validity {
    for (name, value) in parts.environment.variables() {
        variable_name(name)?;
        no_nul("value of an environment variable", value.as_bytes())?;
    }
    for (key, value) in &parts.git_settings {
        no_nul("key of a git setting", key.as_bytes())?;
        no_nul("value of a git setting", value.as_bytes())?;
    }
    let mut seen = BTreeSet::new();
    if parts.api_key.is_some() {
        seen.insert(ApiKey::VARIABLE);
    }
    for (name, secret) in parts.mcp_servers.iter().flat_map(|server| server.secrets()) {
        // It becomes part of a key, `shell_environment_policy.set.NAME`.
        if !is_bare(name) {
            return Err(InvocationError::VariableName { name: name.to_owned() });
        }
        text("secret of an mcp server", secret.expose())?;
        if !seen.insert(name) {
            return Err(InvocationError::SecretTwice { name: name.to_owned() });
        }
    }
    Ok(())
}

fn paths(parts: &InvocationParts) -> Validity {
    if let Some(dir) = &parts.cwd {
        directory("working directory", dir)?;
    }
    for dir in &parts.add_dirs {
        directory("additional directory", dir)?;
    }
    if let Some(home) = &parts.codex_home {
        directory("codex home", home)?;
    }
    for image in &parts.images {
        if image.as_os_str().as_bytes().contains(&b',') {
            return Err(InvocationError::ImageComma { path: image.clone() });
        }
        file("image", image)?;
    }
    match &parts.output_schema {
        Some(OutputSchema::File(path)) => schema(path),
        Some(OutputSchema::Inline(_)) | None => Ok(()),
    }
}

fn schema(path: &Path) -> Validity {
    const ROLE: &str = "output schema";
    file(ROLE, path)?;
    let opened = fs::File::open(path).map_err(|source| unreadable(ROLE, path, source))?;
    match serde_json::from_reader::<_, serde_json::Value>(BufReader::new(opened)) {
        Ok(_) => Ok(()),
        Err(error) if error.is_io() => Err(unreadable(ROLE, path, error.into())),
        Err(source) => Err(InvocationError::SchemaNotJson { path: path.to_owned(), source }),
    }
}

fn repository(parts: &InvocationParts) -> Validity {
    if parts.git_repo_check == GitRepoCheck::Skip {
        return Ok(());
    }
    let dir = match &parts.cwd {
        Some(dir) => dir.clone(),
        None => env::current_dir()
            .map_err(|source| unreadable("working directory", &PathBuf::from("."), source))?,
    };
    let real = dir.canonicalize().map_err(|source| unreadable("working directory", &dir, source))?;
    // A `.git` file marks a worktree or a submodule; a folder without `HEAD` is no repository, to Codex too.
    let is_repository = |dir: &Path| dir.join(".git").is_file() || dir.join(".git/HEAD").is_file();
    if real.ancestors().any(is_repository) {
        Ok(())
    } else {
        Err(InvocationError::NotGitRepository { path: dir })
    }
}

fn setting(key: &str, value: &ConfigValue) -> Validity {
    let names = key.split('.').all(|name| !name.is_empty() && name.trim() == name);
    // A leading dash would make the argument a flag.
    if !names || key.contains('=') || key.starts_with('-') {
        return Err(InvocationError::ConfigKey { key: key.to_owned() });
    }
    no_nul("configuration override", key.as_bytes())?;
    no_nul("configuration override", value.to_toml().as_bytes())
}

fn optional_text(option: &'static str, value: Option<&str>) -> Validity {
    value.map_or(Ok(()), |value| text(option, value))
}

fn text(option: &'static str, value: &str) -> Validity {
    if value.trim().is_empty() {
        return Err(InvocationError::Empty { option });
    }
    no_nul(option, value.as_bytes())
}

fn no_nul(option: &'static str, bytes: &[u8]) -> Validity {
    if bytes.contains(&0) { Err(InvocationError::NulByte { option }) } else { Ok(()) }
}

fn bare(role: &'static str, name: &str) -> Validity {
    if is_bare(name) { Ok(()) } else { Err(InvocationError::Name { role, name: name.to_owned() }) }
}

fn variable_name(name: &OsStr) -> Validity {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.contains(&b'=') || bytes.contains(&0) {
        return Err(InvocationError::VariableName { name: name.to_string_lossy().into_owned() });
    }
    Ok(())
}

fn directory(role: &'static str, path: &Path) -> Validity {
    let found = metadata(role, path)?;
    found.is_dir().then_some(()).ok_or_else(|| InvocationError::NotDirectory { role, path: path.to_owned() })
}

fn file(role: &'static str, path: &Path) -> Validity {
    let found = metadata(role, path)?;
    found.is_file().then_some(()).ok_or_else(|| InvocationError::NotFile { role, path: path.to_owned() })
}

fn metadata(role: &'static str, path: &Path) -> Result<fs::Metadata, InvocationError> {
    if path.as_os_str().is_empty() {
        return Err(InvocationError::Empty { option: role });
    }
    no_nul(role, path.as_os_str().as_bytes())?;
    fs::metadata(path).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            InvocationError::Missing { role, path: path.to_owned() }
        } else {
            unreadable(role, path, error)
        }
    })
}

fn unreadable(role: &'static str, path: &Path, source: io::Error) -> InvocationError {
    InvocationError::Unreadable { role, path: path.to_owned(), source }
}
