//! [`Nodes`]: the variables of a session and the keys of a project, as the nodes of one graph.

use super::computed_values::is_of_the_turn;
use super::problem::{Problem, ProblemCode, quoted};
use super::project_context::{ProjectContext, ProjectEntry};
use super::session_context::{SessionContext, Variable};
use codex_ledger::texts::ContextScope;

/// Numbers the variables of a session, and after them the keys of a project.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nodes<'a> {
    pub(super) session: &'a SessionContext,
    pub(super) project: &'a ProjectContext,
}

/// What a node is.
enum ContextNode<'a> {
    Variable(&'a Variable),
    Entry(&'a ProjectEntry),
}

impl<'a> Nodes<'a> {
    pub(super) fn count(self) -> usize {
        self.session.variables.len() + self.project.entries.len()
    }

    /// The node of a key of the project.
    pub(super) fn of_entry(self, at: usize) -> usize {
        self.session.variables.len() + at
    }

    pub(super) fn variable(self, node: usize) -> Option<&'a Variable> {
        self.session.variables.get(node)
    }

    /// The value as it was written.
    pub(super) fn raw(self, node: usize) -> &'a str {
        match self.get(node) {
            ContextNode::Variable(variable) => &variable.value,
            ContextNode::Entry(entry) => &entry.value,
        }
    }

    pub(super) fn name(self, node: usize) -> String {
        match self.get(node) {
            ContextNode::Variable(variable) => variable.name.clone(),
            ContextNode::Entry(entry) => entry.dotted(),
        }
    }

    pub(super) fn quoted(self, node: usize) -> String {
        quoted(&self.name(node))
    }

    pub(super) fn scope(self, node: usize) -> ContextScope {
        self.variable(node).map_or(ContextScope::Project, |variable| variable.scope)
    }

    /// The file and the line.
    pub(super) fn place(self, node: usize) -> (&'a str, u64) {
        match self.get(node) {
            ContextNode::Variable(variable) => (&self.session.file, variable.line),
            ContextNode::Entry(entry) => (&self.project.file, entry.line),
        }
    }

    /// How many lines below its name the value begins.
    pub(super) fn lines_to_value(self, node: usize) -> u64 {
        match self.get(node) {
            ContextNode::Variable(_) => 0,
            ContextNode::Entry(entry) => entry.lines_to_value,
        }
    }

    /// Whether a value is not filled in, since it is a sentence or will be computed.
    pub(super) fn is_kept(self, node: usize) -> bool {
        let variable = self.variable(node);
        variable.is_some_and(|variable| variable.is_prose() || is_of_the_turn(&variable.name).is_some())
    }

    /// A problem so many lines below the first of a node.
    pub(super) fn problem(
        self,
        node: usize,
        lines_before: u64,
        code: ProblemCode,
        sentence: String,
        way_out: &str,
    ) -> Problem {
        let (file, line) = self.place(node);
        Problem::new(code, file, line + lines_before, sentence, way_out)
    }

    /// What is wrong with nodes that refer to each other in a circle.
    pub(super) fn cycle(self, circle: &[usize]) -> Problem {
        let first = circle[0];
        let names: Vec<String> = circle.iter().chain([&first]).map(|node| self.name(*node)).collect();
        let mut path: Vec<&str> = names.iter().map(String::as_str).collect();
        let left_out = path.len().saturating_sub(SHOWN_OF_A_CIRCLE);
        let words = format!("({left_out} more)");
        if left_out > 1 {
            path.splice(SHOWN_OF_A_CIRCLE - 2..path.len() - 2, [words.as_str()]);
        }
        let path = path.join(" -> ");
        let sentence = match circle.len() {
            1 => format!("{} refers to itself: {path}", self.quoted(first)),
            count => format!("{count} variables refer to each other in a circle: {path}"),
        };
        self.problem(first, 0, ProblemCode::Cycle, sentence, "give one of them a value without a reference")
    }

    fn get(self, node: usize) -> ContextNode<'a> {
        match self.session.variables.get(node) {
            Some(variable) => ContextNode::Variable(variable),
            None => ContextNode::Entry(&self.project.entries[node - self.session.variables.len()]),
        }
    }
}

/// How many names of a circle a sentence has at most.
const SHOWN_OF_A_CIRCLE: usize = 8;
