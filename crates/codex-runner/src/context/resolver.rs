//! [`Resolver`]: fills in references until every value is known, and ends whatever they refer to.

use std::collections::{BTreeMap, HashMap};

use super::PipelineLimits;
use super::computed_values::is_of_the_turn;
use super::lookup::{FoundValue, Lookups, lookup_in};
use super::nodes::Nodes;
use super::problem::{Problem, ProblemCode, keep, quoted};
use super::project_context::ProjectContext;
use super::project_folders::ProjectFolders;
use super::project_keys::ProjectKeys;
use super::resolved_context::{ResolvedContext, ResolvedValue, ValueKind, ValuePart, shown};
use super::session_context::SessionContext;
use super::template::{Piece, pieces};

/// Resolves the variables of a session and the keys of a project as one graph.
///
/// Each value is worked out once, after those that it refers to. The walk keeps its own stack, so that a chain
/// of any length does not exhaust the thread's.
pub(crate) struct Resolver<'a> {
    nodes: Nodes<'a>,
    outer: &'a BTreeMap<String, String>,
    computed: Vec<(&'static str, Vec<ValuePart>)>,
    lookups: Lookups<'a>,
    limits: PipelineLimits,
    names: HashMap<&'a str, usize>,
    keys: ProjectKeys,
    states: Vec<NodeState>,
    total_bytes: usize,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

#[derive(Debug, Clone)]
enum NodeState {
    New,
    Active,
    Done(Vec<ValuePart>, ValueKind),
}

/// A value that is being worked out.
struct OpenReference {
    node: usize,
    needs: Vec<usize>,
    next: usize,
}

/// What a reference means.
enum ReferenceTarget {
    Node(usize),
    Parts(Vec<ValuePart>),
    NoOuterValue,
    Unknown,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(
        session: &'a SessionContext,
        project: &'a ProjectContext,
        outer: &'a BTreeMap<String, String>,
    ) -> Self {
        let names =
            session.variables.iter().enumerate().map(|(at, found)| (found.name.as_str(), at)).collect();
        let nodes = Nodes { session, project };
        Self {
            nodes,
            outer,
            computed: Vec::new(),
            lookups: Lookups::within(project),
            limits: PipelineLimits::default(),
            names,
            keys: ProjectKeys::of(project),
            states: vec![NodeState::New; nodes.count()],
            total_bytes: 0,
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Looks keys up in files as well.
    pub(crate) fn files(mut self, folders: &'a ProjectFolders, limits: &'a PipelineLimits) -> Self {
        self.lookups = Lookups::in_files(self.nodes.project, folders, limits);
        self.limits = limits.clone();
        self
    }

    /// Knows a value that a context may define as well, such as that of a folder.
    pub(crate) fn known(self, name: &'static str, value: String) -> Self {
        self.computed(name, vec![ValuePart::Text(value)])
    }

    /// Lists what only the turn can know, whether a context defines it or not.
    pub(crate) fn pending(self, name: &'static str) -> Self {
        self.computed(name, vec![ValuePart::Pending(name)])
    }

    /// Knows a value that a context may define as well.
    pub(crate) fn computed(mut self, name: &'static str, parts: Vec<ValuePart>) -> Self {
        self.computed.push((name, parts));
        self
    }

    pub(crate) fn resolve(mut self) -> ResolvedContext {
        for node in 0..self.states.len() {
            self.work_out(node);
        }
        self.into_context()
    }

    fn work_out(&mut self, node: usize) {
        if !matches!(self.states[node], NodeState::New) {
            return;
        }
        let mut frames = vec![self.enter(node)];
        while let Some(frame) = frames.last_mut() {
            if let Some(need) = frame.needs.get(frame.next).copied() {
                frame.next += 1;
                match self.states[need] {
                    NodeState::New => {
                        let entered = self.enter(need);
                        frames.push(entered);
                    }
                    NodeState::Active => {
                        // Telling of a circle takes as long as it is.
                        if self.problems.len() < CIRCLES {
                            let circle =
                                frames.iter().map(|frame| frame.node).skip_while(|node| *node != need);
                            let circle: Vec<usize> = circle.collect();
                            self.problems.push(self.nodes.cycle(&circle));
                        }
                    }
                    NodeState::Done(..) => {}
                }
                continue;
            }
            let node = frame.node;
            let state = self.finish(node);
            match state {
                Ok(state) => {
                    self.states[node] = state;
                    frames.pop();
                }
                Err(need) => frame.needs.push(need),
            }
        }
    }

    fn enter(&mut self, node: usize) -> OpenReference {
        self.states[node] = NodeState::Active;
        let mut needs = Vec::new();
        if !self.nodes.is_kept(node) {
            for piece in pieces(self.nodes.raw(node)).unwrap_or_default() {
                if let Some(ReferenceTarget::Node(need)) = self.target(node, piece) {
                    needs.push(need);
                }
            }
        }
        needs.sort_unstable();
        needs.dedup();
        OpenReference { node, needs, next: 0 }
    }

    /// The value of a node, once those that it refers to are known; or another node that it turned out to need.
    fn finish(&mut self, node: usize) -> Result<NodeState, usize> {
        let raw = self.nodes.raw(node);
        if let Some(parts) = self.computed_instead(node) {
            return Ok(NodeState::Done(parts, ValueKind::Computed));
        }
        if self.nodes.is_kept(node) {
            let sentence = format!(
                "the value of {} is a sentence or a calculation and is kept",
                self.nodes.quoted(node)
            );
            self.warn(
                node,
                0,
                ProblemCode::Prose,
                sentence,
                "write a value, between backticks if it has spaces",
            );
            return Ok(NodeState::Done(vec![ValuePart::Text(raw.to_owned())], ValueKind::Prose));
        }
        let found = match pieces(raw) {
            Ok(found) => found,
            Err(open) => {
                let sentence = format!("a `${{` in the value of {} is not closed", self.nodes.quoted(node));
                let way_out = "write the `}` in the same line";
                let lines_before = self.nodes.lines_to_value(node) + open.lines_before;
                self.fail(node, lines_before, ProblemCode::Unterminated, sentence, way_out);
                return Ok(self.unresolved(node));
            }
        };
        let Some((parts, kind)) = self.fill(node, &found) else { return Ok(self.unresolved(node)) };
        let [ValuePart::Text(text)] = &parts[..] else { return Ok(NodeState::Done(parts, kind)) };
        let Some((file, key)) = lookup_in(text).filter(|_| self.nodes.variable(node).is_some()) else {
            return Ok(NodeState::Done(parts, kind));
        };
        match self.lookups.find(file, key, &self.keys) {
            Ok(FoundValue::Entry(at)) => {
                let need = self.nodes.of_entry(at);
                match &self.states[need] {
                    NodeState::New => Err(need),
                    NodeState::Done(_, ValueKind::Unresolved) => Ok(self.unresolved(node)),
                    NodeState::Done(parts, _) => Ok(NodeState::Done(parts.clone(), ValueKind::LookedUp)),
                    NodeState::Active => {
                        let sentence =
                            format!("{} looks itself up by way of {}", self.nodes.quoted(node), quoted(key));
                        self.fail(node, 0, ProblemCode::Cycle, sentence, "give one of them a value");
                        Ok(self.unresolved(node))
                    }
                }
            }
            Ok(FoundValue::Text(text)) => {
                Ok(NodeState::Done(vec![ValuePart::Text(text)], ValueKind::LookedUp))
            }
            Err((code, sentence, way_out)) => {
                let sentence = format!("{} cannot be looked up: {sentence}", self.nodes.quoted(node));
                self.fail(node, 0, code, sentence, way_out);
                Ok(self.unresolved(node))
            }
        }
    }

    /// Puts the pieces together; nothing if a limit or a missing value stands against it.
    fn fill(&mut self, node: usize, found: &[Piece<'_>]) -> Option<(Vec<ValuePart>, ValueKind)> {
        let (mut parts, mut kind, mut bytes) = (Vec::new(), ValueKind::Literal, 0_usize);
        let mut lines_before = self.nodes.lines_to_value(node);
        for piece in found {
            let text = match self.target(node, *piece) {
                Some(ReferenceTarget::Node(need)) => match &self.states[need] {
                    // What is wrong there is said there, circles where they were found.
                    NodeState::Done(_, ValueKind::Unresolved) | NodeState::New | NodeState::Active => {
                        return None;
                    }
                    NodeState::Done(value, _) => Some(value.clone()),
                },
                Some(ReferenceTarget::Parts(value)) => Some(value),
                Some(ReferenceTarget::NoOuterValue) => {
                    let sentence = format!(
                        "{} refers to itself, and nothing outside has the name",
                        self.nodes.quoted(node)
                    );
                    let way_out = "give it a value of its own";
                    self.fail(node, lines_before, ProblemCode::NoOuterValue, sentence, way_out);
                    return None;
                }
                Some(ReferenceTarget::Unknown) => {
                    let name = piece.whole().trim_matches(['$', '{', '}', ' ']);
                    let sentence = format!("nothing is known by the name {}", quoted(name));
                    let way_out = "define it, or leave it if something else fills it in";
                    self.warn(node, lines_before, ProblemCode::UnknownName, sentence, way_out);
                    None
                }
                None => None,
            };
            if text.is_some() && kind == ValueKind::Literal {
                kind = ValueKind::Expanded;
            }
            match piece {
                Piece::Instruction(_) => kind = ValueKind::Instruction,
                Piece::Late { .. } if text.is_none() && kind != ValueKind::Instruction => {
                    kind = ValueKind::Late;
                }
                Piece::Late { .. } | Piece::Text(_) | Piece::Early { .. } | Piece::Foreign(_) => {}
            }
            lines_before += piece.whole().matches('\n').count() as u64;
            let added = text.unwrap_or_else(|| vec![ValuePart::Text(piece.whole().to_owned())]);
            bytes += added.iter().map(bytes_of).sum::<usize>();
            if bytes > self.limits.value_bytes {
                let limit = self.limits.value_bytes;
                let sentence = format!("the value of {} grows beyond {limit} bytes", self.nodes.quoted(node));
                self.fail(node, 0, ProblemCode::TooLong, sentence, "let it refer to less");
                return None;
            }
            push_all(&mut parts, added);
        }
        self.total_bytes += bytes;
        if self.total_bytes > self.limits.values_bytes {
            if self.total_bytes - bytes <= self.limits.values_bytes {
                let limit = self.limits.values_bytes;
                let sentence =
                    format!("all values together grow beyond {limit} bytes at {}", self.nodes.quoted(node));
                self.fail(node, 0, ProblemCode::TooLong, sentence, "let fewer of them refer to long ones");
            }
            return None;
        }
        if parts.is_empty() {
            parts.push(ValuePart::Text(String::new()));
        }
        Some((parts, kind))
    }

    /// What a piece refers to, if it is a reference that is filled in early.
    fn target(&self, node: usize, piece: Piece<'_>) -> Option<ReferenceTarget> {
        let name = match piece {
            Piece::Early { name, .. } => name,
            Piece::Foreign(_) => return Some(ReferenceTarget::Unknown),
            Piece::Late { name, .. } if self.nodes.variable(node).is_none() && name.contains('.') => {
                return Some(match self.keys.position(self.nodes.project, name) {
                    Ok(Some(at)) => ReferenceTarget::Node(self.nodes.of_entry(at)),
                    // One that is ambiguous is reported as such among the keys.
                    Ok(None) | Err(_) => ReferenceTarget::Unknown,
                });
            }
            Piece::Text(_) | Piece::Late { .. } | Piece::Instruction(_) => return None,
        };
        let outer =
            || self.outer.get(name).map(|text| ReferenceTarget::Parts(vec![ValuePart::Text(text.clone())]));
        if let Some(known) = is_of_the_turn(name) {
            return Some(ReferenceTarget::Parts(vec![ValuePart::Pending(known)]));
        }
        if self.names.get(name) == Some(&node) {
            return Some(outer().unwrap_or(ReferenceTarget::NoOuterValue));
        }
        if let Some(other) = self.names.get(name) {
            return Some(ReferenceTarget::Node(*other));
        }
        let computed = self.computed.iter().find(|(known, _)| *known == name);
        let computed = computed.map(|(_, parts)| ReferenceTarget::Parts(parts.clone()));
        Some(computed.or_else(outer).unwrap_or(ReferenceTarget::Unknown))
    }

    /// What is computed in the place of a definition: always for the turn's own names, else where it is prose.
    fn computed_instead(&self, node: usize) -> Option<Vec<ValuePart>> {
        let variable = self.nodes.variable(node)?;
        if let Some(known) = is_of_the_turn(&variable.name) {
            return Some(vec![ValuePart::Pending(known)]);
        }
        let known = self.computed.iter().find(|(known, _)| *known == variable.name)?;
        variable.is_prose().then(|| known.1.clone())
    }

    fn unresolved(&self, node: usize) -> NodeState {
        NodeState::Done(vec![ValuePart::Text(self.nodes.raw(node).to_owned())], ValueKind::Unresolved)
    }

    fn fail(&mut self, node: usize, lines_before: u64, code: ProblemCode, sentence: String, way_out: &str) {
        keep(&mut self.problems, self.nodes.problem(node, lines_before, code, sentence, way_out));
    }

    fn warn(&mut self, node: usize, lines_before: u64, code: ProblemCode, sentence: String, way_out: &str) {
        keep(&mut self.warnings, self.nodes.problem(node, lines_before, code, sentence, way_out));
    }

    fn into_context(self) -> ResolvedContext {
        let mut context =
            ResolvedContext { project: self.nodes.project.clone(), ..ResolvedContext::default() };
        let entries = self.nodes.of_entry(0);
        let mut values: Vec<ResolvedValue> = Vec::with_capacity(self.states.len());
        for (node, state) in self.states.into_iter().enumerate() {
            let NodeState::Done(parts, kind) = state else { unreachable!("every value is worked out") };
            let (file, line) = self.nodes.place(node);
            values.push(ResolvedValue {
                scope: self.nodes.scope(node),
                name: self.nodes.name(node),
                value: shown(&parts),
                kind,
                file: Some(file.to_owned()),
                line: Some(line),
                parts,
            });
        }
        let of_the_project = values.split_off(entries);
        context.values = values;
        for (name, parts) in self.computed {
            if !self.names.contains_key(name) {
                context.values.push(ResolvedValue::computed(name, parts));
            }
        }
        context.names =
            context.values.iter().enumerate().map(|(at, value)| (value.name.clone(), at)).collect();
        context.values.extend(of_the_project);
        context.keys = self.keys;
        context.problems = self.problems;
        context.warnings = self.warnings;
        context
    }
}

/// More circles are not told of.
const CIRCLES: usize = 100;

fn bytes_of(part: &ValuePart) -> usize {
    match part {
        ValuePart::Text(text) => text.len(),
        ValuePart::Pending(name) => name.len(),
    }
}

/// Adds parts, texts next to each other becoming one.
fn push_all(parts: &mut Vec<ValuePart>, added: Vec<ValuePart>) {
    for part in added {
        match (parts.last_mut(), part) {
            (Some(ValuePart::Text(last)), ValuePart::Text(text)) => last.push_str(&text),
            (_, part) => parts.push(part),
        }
    }
}
