//! The agent's report on its own work.

mod agent_report;
mod report_request;

pub use agent_report::{AgentReport, AgentReportError};
pub use report_request::AgentAccount;
pub(crate) use report_request::{ReportRequest, ignored, unusable};
