//! The texts of a record: change log, decisions, prompts and answers, context values, project files.
//!
//! Each function takes values and gives Markdown or plain text, the same for the same values. Begin with [`changelog()`] and
//! [`adr()`]; [`markdown`] makes text of others safe to put into a document.

mod adr;
mod changelog;
mod limits;
pub mod markdown;
mod project_files;
mod session_context;
mod turn_sections;

pub use self::adr::{Account, AdrStatus, AdrText, Decision, StatedRationale, adr};
pub use self::changelog::{Texts, changelog};
pub use self::limits::{Cut, Limited, head_and_tail};
pub use self::project_files::{FileContent, ProjectFile, ProjectFileLimits, project_files};
pub use self::session_context::{ContextScope, ContextValue, session_context_values};
pub use self::turn_sections::{TurnSection, turn_sections};
