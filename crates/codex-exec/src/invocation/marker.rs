//! [`Marker`]: the environment variable by which the processes of one start are found.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Names the environment variable that every process of one start of Codex carries.
///
/// The *name* is unique, not the value, so that a Codex that is started by a command of another Codex does
/// not overwrite the mark of the outer one.
///
/// ```
/// let marker = codex_exec::Marker::new();
/// assert!(marker.variable_name().starts_with("CODEX_TURNS_RUN_"));
/// assert_eq!(codex_exec::Marker::parse(marker.variable_name()).as_ref(), Some(&marker));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Marker(Box<str>);

impl Marker {
    /// What the name of every marker begins with.
    pub const PREFIX: &str = "CODEX_TURNS_RUN_";

    /// What the variable is set to.
    pub const VALUE: &str = "1";

    /// Makes a name that no other start has.
    // A default value that differs each time would surprise.
    #[expect(clippy::new_without_default, reason = "each marker is new, none is the default one")]
    pub fn new() -> Self {
        Self(format!("{}{:016x}{:016x}", Self::PREFIX, random(), random()).into_boxed_str())
    }

    /// Reads the name of a marker's variable, as a state file or another process's environment has it.
    pub fn parse(variable_name: &str) -> Option<Self> {
        let digits = variable_name.strip_prefix(Self::PREFIX)?;
        let sound =
            digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        sound.then(|| Self(variable_name.into()))
    }

    /// The name of the variable.
    pub fn variable_name(&self) -> &str {
        &self.0
    }

    /// The variable as a process's environment block holds it, `NAME=1`.
    pub fn assignment(&self) -> String {
        format!("{}={}", self.0, Self::VALUE)
    }
}

impl fmt::Debug for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Marker").field(&self.0).finish()
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 64 bits that no other call has: a keyed hash, whose key the standard library has from the system, of what
/// tells this call from those of this process, of a fork of it, and of other times.
fn random() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(CALLS.fetch_add(1, Ordering::Relaxed));
    hasher.write_u32(process::id());
    hasher.write_u128(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos());
    hasher.finish()
}
