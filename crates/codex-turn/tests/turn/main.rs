//! Turns over fakes and recorded streams: no process, no network.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod auto_json;
mod auto_loop;
mod auto_many;
mod auto_property;
mod auto_spans;
mod auto_stop;
mod busy;
mod cold;
mod debugged;
mod ends;
mod mocks;
mod observers;
mod options;
mod policies;
mod processes;
mod recorded;
mod runtimes;
mod spans;
mod support;
mod usage;
