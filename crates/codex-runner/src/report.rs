//! The agent's report on its own work.

mod agent_report;

pub use agent_report::{AgentReport, AgentReportError};
