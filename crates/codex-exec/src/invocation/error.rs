//! [`InvocationError`]: why an invocation is refused before anything starts.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::PROMPT_LIMIT_CHARACTERS;

/// Says what is wrong with an invocation.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InvocationError {
    /// The prompt is empty or white space, which Codex refuses.
    #[error("the prompt is blank")]
    BlankPrompt,
    /// The prompt is longer than Codex takes.
    #[error("the prompt has {characters} characters, and codex takes at most {PROMPT_LIMIT_CHARACTERS}")]
    #[non_exhaustive]
    LongPrompt {
        /// How many characters it has.
        characters: usize,
    },
    /// The review says itself what it looks at, and has a prompt as well.
    #[error("a review of uncommitted changes, a branch or a commit takes no prompt")]
    ReviewWithPrompt,
    /// The thread's id is no UUID; Codex would look for a thread of this *name* and open a new one.
    #[error("the thread id {thread:?} is not a UUID")]
    #[non_exhaustive]
    ThreadId {
        /// The id.
        thread: String,
    },
    /// A file or folder is not there.
    #[error("the {role} {} does not exist", path.display())]
    #[non_exhaustive]
    Missing {
        /// What it is for, such as `image`.
        role: &'static str,
        /// The path.
        path: PathBuf,
    },
    /// A path that must be a folder is none.
    #[error("the {role} {} is not a directory", path.display())]
    #[non_exhaustive]
    NotDirectory {
        /// What it is for.
        role: &'static str,
        /// The path.
        path: PathBuf,
    },
    /// A path that must be a file is none.
    #[error("the {role} {} is not a file", path.display())]
    #[non_exhaustive]
    NotFile {
        /// What it is for.
        role: &'static str,
        /// The path.
        path: PathBuf,
    },
    /// A file or folder cannot be looked at.
    #[error("the {role} {} cannot be read", path.display())]
    #[non_exhaustive]
    Unreadable {
        /// What it is for.
        role: &'static str,
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The path of an image has a comma, at which Codex splits it.
    #[error("the path of the image {} has a comma, at which codex splits it: rename the file", path.display())]
    #[non_exhaustive]
    ImageComma {
        /// The path.
        path: PathBuf,
    },
    /// The file with the output schema is not JSON.
    #[error("the output schema {} is not JSON", path.display())]
    #[non_exhaustive]
    SchemaNotJson {
        /// The file.
        path: PathBuf,
        /// Where it stops being JSON.
        source: serde_json::Error,
    },
    /// The working directory is in no git repository, without which Codex does not start.
    #[error(
        "the working directory {} is not inside a git repository: choose one that is, or skip the check",
        path.display()
    )]
    #[non_exhaustive]
    NotGitRepository {
        /// The working directory.
        path: PathBuf,
    },
    /// The working directory lies in a repository inside another one, which an agent can have written, and git could start its programs.
    #[error(
        "the repository {} lies inside that of {}, and {reason}: run the turn in {1}, remove what the inner repository configures, or trust it",
        path.display(),
        top.display()
    )]
    #[non_exhaustive]
    NestedRepository {
        /// The folder with the inner repository.
        path: PathBuf,
        /// The folder with the outer one.
        top: PathBuf,
        /// Why it was refused.
        reason: &'static str,
    },
    /// An option was given without a value.
    #[error("the {option} is empty")]
    #[non_exhaustive]
    Empty {
        /// The option.
        option: &'static str,
    },
    /// A value has a NUL byte, which no argument and no variable can hold.
    #[error("the {option} has a NUL byte")]
    #[non_exhaustive]
    NulByte {
        /// The option.
        option: &'static str,
    },
    /// A key of a setting is not one or more names with dots between them.
    #[error("{key:?} is not a configuration key: write names with dots between them")]
    #[non_exhaustive]
    ConfigKey {
        /// The key.
        key: String,
    },
    /// A name of a profile, a feature or an MCP server has characters that Codex does not take.
    #[error("the {role} {name:?} may have letters, digits, `_` and `-` only")]
    #[non_exhaustive]
    Name {
        /// What is named.
        role: &'static str,
        /// The name.
        name: String,
    },
    /// Two MCP servers have one name.
    #[error("two mcp servers have the name {name:?}")]
    #[non_exhaustive]
    McpServerTwice {
        /// The name.
        name: String,
    },
    /// A variable's name is empty or has an `=`.
    #[error("{name:?} is not the name of an environment variable")]
    #[non_exhaustive]
    VariableName {
        /// The name.
        name: String,
    },
    /// Two different secrets go by one variable.
    #[error("two secrets use the variable {name}")]
    #[non_exhaustive]
    SecretTwice {
        /// The variable.
        name: String,
    },
    /// The address of the service is no web address.
    #[error("the base url {url:?} does not begin with http:// or https://")]
    #[non_exhaustive]
    BaseUrl {
        /// The address.
        url: String,
    },
    /// The originator cannot be a header's value.
    #[error("the originator {originator:?} has other characters than visible ascii ones")]
    #[non_exhaustive]
    Originator {
        /// The text.
        originator: String,
    },
}
