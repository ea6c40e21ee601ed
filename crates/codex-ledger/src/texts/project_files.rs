//! [`project_files`]: `project-files.md`, the files of a project in one document.

use std::fmt::Write as _;

use crate::redaction::Redactor;
use crate::texts::markdown::{code_span, fence, inline};
use crate::values::RepoPath;

/// Holds one file of `project-files.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProjectFile {
    /// Relative to the root of the project.
    pub path: RepoPath,
    /// What is in it.
    pub content: FileContent,
}

impl ProjectFile {
    /// A file that was read.
    pub fn read(path: RepoPath, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path, content: FileContent::Bytes(bytes.into()) }
    }

    /// A file that is only named, with the reason, such as `symbolic link` or `longer than 262144 bytes`.
    pub fn left_out(path: RepoPath, reason: impl Into<String>) -> Self {
        Self { path, content: FileContent::LeftOut(reason.into()) }
    }
}

/// Says what is in a file, or why that is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileContent {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// Why they are not shown.
    LeftOut(String),
}

/// Says how much of a project `project-files.md` holds.
///
/// ```
/// let limits = codex_ledger::texts::ProjectFileLimits::default();
/// assert_eq!((limits.file_bytes, limits.document_bytes), (262_144, 10_485_760));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProjectFileLimits {
    /// The longest file that is shown.
    pub file_bytes: usize,
    /// The longest document; files beyond it are named.
    pub document_bytes: usize,
}

impl Default for ProjectFileLimits {
    fn default() -> Self {
        Self { file_bytes: 256 * 1024, document_bytes: 10 * 1024 * 1024 }
    }
}

/// Writes `project-files.md`: each file below its path in a fence that nothing in it can close, without secrets.
///
/// Files that are no text, and those over a limit, are named with the reason.
///
/// ```
/// use codex_ledger::{RedactionRules, Redactor};
/// use codex_ledger::texts::{ProjectFile, ProjectFileLimits, project_files};
///
/// let redactor = Redactor::new(RedactionRules::none())?;
/// let files = [
///     ProjectFile::read("src/lib.rs".parse()?, "pub fn f() {}\n"),
///     ProjectFile::read("logo.png".parse()?, b"\x89PNG\0"),
/// ];
/// let text = project_files(&files, &ProjectFileLimits::default(), &redactor);
/// assert!(text.contains("File: project_root/src/lib.rs\n\n```rs\npub fn f() {}\n```\n"));
/// assert!(text.contains("File: project_root/logo.png\n\nnot shown: binary, 5 bytes\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn project_files(files: &[ProjectFile], limits: &ProjectFileLimits, redactor: &Redactor) -> String {
    let mut text = "# Project Files\n".to_owned();
    if files.is_empty() {
        text.push_str("\nNone\n");
    }
    for file in files {
        let (path, _) = redactor.redact_text(&file.path.to_string());
        let _ = write!(text, "\nFile: {}\n\n", named(&path));
        let shown = match &file.content {
            FileContent::LeftOut(reason) => Err(reason.clone()),
            FileContent::Bytes(bytes) => content(bytes, &path, limits, redactor),
        };
        let room = limits.document_bytes.saturating_sub(text.len());
        match shown {
            Ok(block) if block.len() <= room => text.push_str(&block),
            Ok(_) => {
                let _ =
                    writeln!(text, "not shown: this document holds {} bytes at most", limits.document_bytes);
            }
            Err(reason) => {
                let _ = writeln!(text, "not shown: {}", inline(&reason));
            }
        }
    }
    text
}

/// The block of a file, or why there is none.
fn content(
    bytes: &[u8],
    path: &str,
    limits: &ProjectFileLimits,
    redactor: &Redactor,
) -> Result<String, String> {
    let length = bytes.len();
    if length > limits.file_bytes {
        return Err(format!("{length} bytes, more than {}", limits.file_bytes));
    }
    if bytes.contains(&0) || std::str::from_utf8(bytes).is_err() {
        return Err(format!("binary, {length} bytes"));
    }
    let redacted = redactor.redact(bytes);
    let ending =
        path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, ending)| ending);
    let info = if ending.len() <= 12 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        ending
    } else {
        ""
    };
    Ok(fence(&String::from_utf8_lossy(&redacted.bytes), if info.is_empty() { "text" } else { info }))
}

/// The path as the format has it, where that is nothing but text in Markdown; else as a span of code.
fn named(path: &str) -> String {
    let whole = format!("project_root/{path}");
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '/' | '.' | '-');
    let letters: Vec<char> = whole.chars().collect();
    let is_text = letters.iter().enumerate().all(|(at, letter)| {
        let is_inner =
            |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_alphanumeric);
        is_plain(*letter) || (*letter == '_' && is_inner(at.checked_sub(1)) && is_inner(Some(at + 1)))
    });
    if is_text { whole } else { code_span(&whole) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redaction::RedactionRules;

    #[test]
    fn project_files_shows_text_and_names_the_rest() {
        let rules = RedactionRules::of_environment([("DEPLOY_TOKEN", "v3ry-s3cret")]).home("/home/ada");
        let path = |bytes: &[u8]| RepoPath::from_bytes(bytes).unwrap();
        let files = [
            ProjectFile::read(path(b"README.md"), "# Shop\n\n```rust\nfn main() {}\n```\n"),
            ProjectFile::read(path(b"src/snake_case/_private_.rs"), "no line feed"),
            ProjectFile::read(path(b"a b`c\n# d.rs"), ""),
            ProjectFile::read(path(b"caf\xe9.txt"), "in /home/ada: v3ry-s3cret\n"),
            ProjectFile::read(path(b"logo.png"), b"\x89PNG\0"),
            ProjectFile::read(path(b"latin.txt"), b"caf\xe9\n"),
            ProjectFile::read(path(b"long.txt"), vec![b'a'; 101]),
            ProjectFile::read(path(b"late.txt"), vec![b'b'; 100]),
            ProjectFile::left_out(path(b"link"), "symbolic link to <elsewhere>"),
            ProjectFile::left_out(path(b"gone.md"), "purged in record 7"),
        ];
        let mut limits = ProjectFileLimits::default();
        (limits.file_bytes, limits.document_bytes) = (100, 500);
        insta::assert_snapshot!(project_files(&files, &limits, &Redactor::new(rules).unwrap()));
    }

    #[test]
    fn a_project_without_files_is_none() {
        let redactor = Redactor::new(RedactionRules::none()).unwrap();
        assert_eq!(project_files(&[], &ProjectFileLimits::default(), &redactor), "# Project Files\n\nNone\n");
    }
}
