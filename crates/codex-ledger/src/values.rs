//! Ids, paths and hashes: the plain values that all other modules speak of.
//!
//! Begin with [`TurnId`], the number of a record. Git has [`Oid`] and [`RepoPath`]; [`Places`] says where a ledger keeps its
//! files.

mod git_hash;
pub(crate) mod hash;
pub(crate) mod number_runs;
mod oid;
pub(crate) mod places;
mod repo_path;
mod turn_id;

pub(crate) use self::git_hash::{object_name, raw_name, tree_name};
pub use self::hash::{Hasher, sha256_hex};
pub use self::oid::{InvalidOid, Oid, TreeId};
pub use self::places::{ATTRIBUTES, LEDGER_ROOT, Places};
pub use self::repo_path::{InvalidRepoPath, RepoPath};
pub use self::turn_id::{InvalidTurnId, TurnId};
