//! Proves that the records are what they were.
//!
//! Begin with [`verify()`]: it compares the files with the manifests and these with git and a remote, as far as the
//! [`VerifyLevel`] says. What it finds is a [`Finding`] with a [code](FindingCode). It changes nothing.

mod finding;
mod verify;

pub use self::finding::{Finding, FindingCode, Severity};
pub use self::verify::{Verification, VerifyLevel, verify, verify_files, verify_since};
