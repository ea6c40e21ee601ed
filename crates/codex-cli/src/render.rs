//! What is shown of a turn, as lines of text: pure, and the same on a terminal, in a pipe and in a replay.

mod answer;
mod ci_command;
mod closing;
mod command_text;
mod item;
mod line;
mod plan;
mod sanitize;
mod status;
mod steps;
mod transcript;

pub(crate) use answer::for_terminal;
pub(crate) use ci_command::without_ci_commands;
pub(crate) use closing::{Closing, Resumption, grouped, short};
pub(crate) use line::{Line, Tone};
pub(crate) use status::seconds;
pub(crate) use steps::{RunTranscript, spent_text};
pub(crate) use transcript::Transcript;

#[cfg(test)]
mod tests;
