//! Turns over fakes and recorded streams: no process, no network.

mod busy;
mod cold;
mod ends;
mod observers;
mod options;
mod policies;
mod recorded;
mod spans;
mod support;
mod usage;
