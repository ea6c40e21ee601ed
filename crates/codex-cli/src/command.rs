//! The commands, one file each.

mod config;
mod doctor;
mod generate;
mod ledger;
mod replay;
mod run;

pub(crate) use config::config;
pub(crate) use doctor::doctor;
pub(crate) use generate::{completions, man};
pub(crate) use ledger::ledger;
pub(crate) use replay::replay;
pub(crate) use run::run;
