//! The commands, one file each.

mod doctor;
mod generate;
mod replay;
mod run;

pub(crate) use doctor::doctor;
pub(crate) use generate::{completions, man};
pub(crate) use replay::replay;
pub(crate) use run::run;
