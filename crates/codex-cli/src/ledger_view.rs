//! What is shown of the ledger, as lines of text: pure, with the time given to it.

mod ago;
mod decisions;
mod findings;
mod list;
mod show;
mod words;

pub(crate) use decisions::{DecisionRow, decisions};
pub(crate) use findings::findings;
pub(crate) use list::{ListEntry, list};
pub(crate) use show::show;

#[cfg(test)]
mod tests;
