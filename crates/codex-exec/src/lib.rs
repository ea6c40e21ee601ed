//! Runs the Codex binary under supervision and streams its lines.
#[cfg(not(unix))]
compile_error!("codex-exec supervises processes the Unix way: build it for Linux or macOS");

mod event_stream;
mod exec;
mod exec_end;
mod exec_error;
mod exec_options;
mod line_reader;
mod queue;
mod spawn;
mod spawner;
mod starts;
mod state;
mod stderr_tail;
mod supervisor;
mod sweep;
