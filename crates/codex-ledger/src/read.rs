//! Reads what is recorded. It needs no git, no rules and no right to write.
//!
//! Begin with [`Reader`], which gives each [`Record`] with its manifest and its files. [`TurnsIndex`] is the index of a ledger.

pub(crate) mod reader;
pub(crate) mod record;
mod turns_index;

pub use self::reader::{Foreign, Reader};
pub use self::record::Record;
pub use self::turns_index::{
    INDEX_HEADER, IndexChange, IndexFinding, IndexRow, TurnsIndex, UnknownHeader, index_change, rebuild_index,
};
