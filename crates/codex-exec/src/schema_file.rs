//! [`SchemaFile`]: the private temporary file that Codex reads an inline output schema from.

use std::fmt;
use std::io::{self, Write as _};
use std::path::Path;

use serde_json::Value;
use tempfile::{Builder, TempPath};

use crate::{Invocation, OutputSchema};

/// Keeps an output schema in a file that only this user can read, and removes it when dropped.
///
/// ```
/// let file = codex_exec::SchemaFile::write(&serde_json::json!({"type": "object"}))?;
/// let path = file.path().to_owned();
/// assert_eq!(std::fs::read_to_string(&path)?, r#"{"type":"object"}"#);
/// drop(file);
/// assert!(!path.exists());
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "the file is removed when this is dropped"]
pub struct SchemaFile(TempPath);

impl SchemaFile {
    /// Writes the schema into a new file with mode 0600 and a random name in the temporary folder.
    ///
    /// # Errors
    ///
    /// The file cannot be made or written.
    pub fn write(schema: &Value) -> io::Result<Self> {
        let mut file = Builder::new().prefix("codex-turns-schema-").suffix(".json").tempfile()?;
        file.write_all(schema.to_string().as_bytes())?;
        Ok(Self(file.into_temp_path()))
    }

    /// Writes the inline schema of an invocation, if it has one.
    ///
    /// # Errors
    ///
    /// As [`SchemaFile::write`].
    pub fn for_invocation(invocation: &Invocation) -> io::Result<Option<Self>> {
        match &invocation.parts().output_schema {
            Some(OutputSchema::Inline(schema)) => Self::write(schema).map(Some),
            Some(OutputSchema::File(_)) | None => Ok(None),
        }
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl fmt::Debug for SchemaFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SchemaFile").field(&self.path()).finish()
    }
}
