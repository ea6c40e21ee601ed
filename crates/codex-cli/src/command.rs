//! The commands, one file each.

mod adr;
mod auto;
mod config;
mod doctor;
mod execute;
mod generate;
mod init;
mod ledger;
mod pipeline;
mod prepared;
mod replay;
mod run;
mod trust;

use std::time::Duration;

/// How long the end waits for what still runs in the background; by then nothing of a turn does.
const SHUTDOWN: Duration = Duration::from_secs(1);

pub(crate) use adr::adr;
pub(crate) use auto::auto;
pub(crate) use config::config;
pub(crate) use doctor::doctor;
pub(crate) use generate::{completions, man};
pub(crate) use init::init;
pub(crate) use ledger::ledger;
pub(crate) use pipeline::pipeline;
pub(crate) use replay::replay;
pub(crate) use run::run;
pub(crate) use trust::trust;
