//! Keeps a ledger small and in order.
//!
//! | to | begin with |
//! | --- | --- |
//! | remove a file from a record | [`FileLedger::purge`](crate::FileLedger::purge) with a [`PurgeRequest`] |
//! | remove logs and patches of old records | [`FileLedger::gc`](crate::FileLedger::gc) |
//! | name what other programs have recorded | [`FileLedger::import`](crate::FileLedger::import) |
//! | copy all records | [`export()`] |
//!
//! What is removed is named by a new record.

mod export;
mod gc;
mod import;
mod purge;
mod tombstone;

pub use self::export::{Exported, export};
pub use self::gc::Collected;
pub use self::import::{Imported, OldIndex, OldLedger, OldTurn};
pub use self::purge::{Holders, PurgeRequest, Purged};
