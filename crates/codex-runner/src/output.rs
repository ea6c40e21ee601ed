//! Files that are written for people beside the record: an answer, a result, the starter of a pipeline.

mod open_folder;
mod output_file;
mod starter;

pub use open_folder::AgentFolders;
pub use output_file::WholeFile;
pub use starter::{StarterError, StarterFile, write_starter};
