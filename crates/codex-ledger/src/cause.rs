//! [`Cause`]: who can act on an error.

/// Says who can do something about a [`LedgerError`](crate::LedgerError).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// What stands in the repository, put there by an agent, a check or a commit: the record may be kept from its place on
    /// purpose.
    Repository,
    /// Another process, which is waited for.
    Contention,
    /// The machine and how it is set up: a full disk, rights of another user, a git that is missing or refuses.
    Environment,
}
