//! The agent's report on its own work.

mod agent_account;
mod agent_report;
mod report_request;

pub use agent_account::AgentAccount;
pub(crate) use agent_account::{ignored, unusable};
pub use agent_report::{AgentReport, AgentReportError};
pub(crate) use report_request::ReportRequest;
