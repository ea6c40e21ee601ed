//! [`file_age`]: how long ago a file was written.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How long ago a file was last written.
pub(crate) fn file_age(path: &Path) -> Option<Duration> {
    let written = fs::symlink_metadata(path).ok()?.modified().ok()?;
    Some(SystemTime::now().duration_since(written).unwrap_or_default())
}
