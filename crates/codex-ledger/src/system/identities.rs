//! [`Identities`]: names that nobody else has.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::values::hash::hex;

/// Makes names that nobody else has. A seam: a test counts instead.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Identities: Send + Sync {
    /// A UUID of version 7: 36 characters that sort by time.
    fn uid(&self) -> String;

    /// 128 random bits as 32 hexadecimal digits.
    fn nonce(&self) -> String;
}

/// Names from the system's source of random numbers.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemIdentities;

impl SystemIdentities {
    /// Makes one.
    pub fn new() -> Self {
        Self
    }
}

impl Identities for SystemIdentities {
    fn uid(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }

    /// # Panics
    ///
    /// The system has no random numbers.
    fn nonce(&self) -> String {
        let mut bits = [0_u8; 16];
        getrandom::fill(&mut bits).expect("the system has random numbers");
        hex(&bits)
    }
}

/// Names that count: the same ones in the same order every time.
///
/// ```
/// use codex_ledger::system::{FixedIdentities, Identities};
///
/// let names = FixedIdentities::new();
/// assert_eq!(names.uid(), "00000000-0000-7000-8000-000000000001");
/// assert_eq!(names.nonce(), "00000000000000000000000000000002");
/// ```
#[derive(Debug, Default)]
pub struct FixedIdentities(AtomicU64);

impl FixedIdentities {
    /// Makes one that begins at 1.
    pub fn new() -> Self {
        Self::default()
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl Identities for FixedIdentities {
    fn uid(&self) -> String {
        format!("00000000-0000-7000-8000-{:012x}", self.next())
    }

    fn nonce(&self) -> String {
        format!("{:032x}", self.next())
    }
}

#[cfg(test)]
mod tests {
    use super::{Identities, SystemIdentities};

    #[test]
    fn the_systems_names_have_their_forms_and_differ() {
        let names = SystemIdentities::new();
        let uid = names.uid();
        assert_eq!((uid.len(), uid.as_bytes()[14]), (36, b'7'), "{uid}");
        let nonce = names.nonce();
        assert!(nonce.len() == 32 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit()), "{nonce}");
        assert_ne!(nonce, names.nonce());
        assert_ne!(uid, names.uid());
    }
}
