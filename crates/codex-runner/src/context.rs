//! What a project says of itself before any task runs: session context, project context, pattern context, and the
//! values that come of them.

mod computed_values;
mod lookup;
mod nodes;
mod outline;
mod pattern_context;
mod problem;
mod project_context;
mod project_folders;
mod project_keys;
mod resolved_context;
mod resolver;
mod session_context;
mod template;

pub use computed_values::ComputedValues;
pub use pattern_context::PatternContext;
pub use problem::{Problem, ProblemCode};
pub use project_context::{ProjectContext, ProjectEntry};
pub use resolved_context::{ResolvedContext, ResolvedValue, ValueKind};
pub use session_context::{SessionContext, Variable, VariableForm};

pub(crate) use computed_values::turn_directory;
pub(crate) use outline::{LineKind, first_heading, lines, section};
pub(crate) use pattern_context::constraints;
pub(crate) use problem::quoted;
pub(crate) use project_context::fold_key;
pub(crate) use project_folders::{Located, PathFault, ProjectFolders};
pub(crate) use resolved_context::{Expanded, Unexpandable};
pub(crate) use resolver::Resolver;
pub(crate) use template::references;

/// How much of a project is read, and how far values may grow. Each limit is a named number with its unit.
///
/// ```
/// let mut limits = codex_runner::PipelineLimits::default();
/// assert_eq!(limits.task_file_bytes, 524_288);
/// limits.task_file_bytes = 65_536;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PipelineLimits {
    /// The longest context file: 1 MiB.
    pub context_file_bytes: u64,
    /// The longest pipeline file: 1 MiB.
    pub pipeline_file_bytes: u64,
    /// The longest task file: 512 KiB, since a prompt has to fit into what Codex takes.
    pub task_file_bytes: u64,
    /// The longest file that is hashed: 256 MiB. Longer ones are named without a hash.
    pub hashed_file_bytes: u64,
    /// The most variables of a session context, and the most keys of a project context: 10,000.
    pub variables: usize,
    /// The most Markdown files beside the project context that values are looked up in: 64.
    pub looked_up_files: usize,
    /// The longest value, item or input after its references are filled in: 64 KiB.
    pub value_bytes: usize,
    /// All values together: 4 MiB.
    pub values_bytes: usize,
    /// The most items of a pipeline: 1,000.
    pub items: usize,
    /// All task texts together, with the values that they name: 32 MiB.
    pub tasks_bytes: usize,
    /// The most inputs of a task: 1,000.
    pub inputs: usize,
    /// The most entries of a folder that is searched for a task: 10,000.
    pub folder_entries: usize,
}

impl Default for PipelineLimits {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        Self {
            context_file_bytes: MIB,
            pipeline_file_bytes: MIB,
            task_file_bytes: MIB / 2,
            hashed_file_bytes: 256 * MIB,
            variables: 10_000,
            looked_up_files: 64,
            value_bytes: 64 * 1024,
            values_bytes: 4 * 1024 * 1024,
            items: 1_000,
            tasks_bytes: 32 * 1024 * 1024,
            inputs: 1_000,
            folder_entries: 10_000,
        }
    }
}
