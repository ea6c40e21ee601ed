//! The machine below the ledger: its disk, its clock, its identity, its waiting, and a switch that ends git.
//!
//! What the ledger does outside of git goes through a trait of this module, so that a test can replace it. Begin with
//! [`Disk`], through which everything is written; [`FileLedgerBuilder`](crate::record::FileLedgerBuilder) takes them.

mod abort;
mod clock;
pub(crate) mod disk;
pub(crate) mod file_age;
mod identities;
pub(crate) mod plain_file;
mod waiter;

pub use self::abort::Abort;
pub use self::clock::{Clock, FixedClock, SystemClock, utc_millis, utc_seconds};
pub use self::disk::{Disk, DiskFile, DiskRoot, RealDisk};
pub use self::identities::{FixedIdentities, Identities, SystemIdentities};
pub use self::waiter::{SkippingWaiter, SystemWaiter, Waiter};

#[cfg(feature = "mock")]
pub use self::{
    clock::MockClock,
    disk::{MockDisk, MockDiskFile},
    identities::MockIdentities,
    waiter::MockWaiter,
};
