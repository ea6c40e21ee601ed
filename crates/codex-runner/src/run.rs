//! How work runs: its events, one at a time, and how it is stopped.

mod outlet;
mod stage;
mod stop_handle;

pub(crate) use outlet::Outlet;
pub(crate) use stage::WorkStage;
pub use stop_handle::StopHandle;
pub(crate) use stop_handle::Stops;
