//! [`LayerChoice`]: which files that a project keeps for Codex count for a turn, and why.

use std::path::Path;

use codex_exec::{
    Invocation, LayerFileKind, LayerLimits, NestedRepository, ProjectInstructions, ProjectLayer,
    ProjectPrograms,
};
use codex_ledger::Reader;
use codex_turn::ThreadOptions;

use crate::notice::ProjectNotice;
use crate::runner_error::RunnerError;
use crate::trust::{FileList, TrustDecision, TrustPolicy, add, add_named, shown};

/// As many of the newest records are asked whether a turn has written instructions.
const RECORDS: usize = 200;

/// Which files that a project keeps for Codex count for turns. They are looked at again when each turn starts.
#[derive(Clone, Debug, Default)]
pub struct LayerChoice {
    programs: ProjectPrograms,
    instructions: ProjectInstructions,
    nested: NestedRepository,
    /// What else the user's configuration of Codex calls instructions.
    pub fallback_names: Vec<String>,
}

impl LayerChoice {
    /// Says it of a thread.
    pub fn apply(&self, options: ThreadOptions) -> ThreadOptions {
        let options = options.project_programs(self.programs.clone());
        options.project_instructions(self.instructions.clone()).nested_repository(self.nested)
    }

    /// Says it of one start of Codex.
    pub(crate) fn apply_to(&self, invocation: Invocation) -> Invocation {
        let invocation = invocation.project_programs(self.programs.clone());
        invocation.project_instructions(self.instructions.clone()).nested_repository(self.nested)
    }

    /// Returns whether the caller trusts what a nested repository configures for git.
    pub fn trusts_nested(&self) -> bool {
        self.nested == NestedRepository::Trust
    }

    /// Says whether git starts what a repository within the repository configures.
    #[must_use = "this returns the changed choice"]
    pub fn trusting_nested(mut self, is_trusted: bool) -> Self {
        self.nested = if is_trusted { NestedRepository::Trust } else { NestedRepository::Neutralise };
        self
    }
}

/// What was found of a project, and what was decided.
#[derive(Debug)]
#[non_exhaustive]
pub struct LayerState {
    /// What counts.
    pub choice: LayerChoice,
    /// The names of programs, and why they are left out.
    pub programs: (Vec<String>, Option<String>),
    /// The names of instructions, and why they are left out.
    pub instructions: (Vec<String>, Option<String>),
}

impl LayerState {
    /// Returns what a person has to know before anything runs.
    pub fn notices(&self) -> Vec<ProjectNotice> {
        let mut notices = Vec::new();
        if let (names, Some(reason)) = &self.programs {
            notices.push(ProjectNotice::ProgramsOff { names: names.clone(), reason: reason.clone() });
        }
        match &self.instructions {
            (names, _) if names.is_empty() => {}
            (names, None) => notices.push(ProjectNotice::Instructions { names: names.clone() }),
            (names, Some(reason)) => {
                notices.push(ProjectNotice::InstructionsOff { names: names.clone(), reason: reason.clone() });
            }
        }
        notices
    }
}

/// Asks which files that a project keeps for Codex count for turns.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LayerQuestion<'a> {
    /// Where the turns work.
    pub dir: &'a Path,
    /// How far it is looked, and for what.
    pub limits: LayerLimits,
    /// What the caller says of instructions.
    pub from: Option<InstructionsFrom>,
    /// What the turns do.
    pub kind: TurnKind,
}

impl<'a> LayerQuestion<'a> {
    /// Asks for turns that work in a folder, with these limits.
    pub fn new(dir: &'a Path, limits: LayerLimits) -> Self {
        Self { dir, limits, from: None, kind: TurnKind::Any }
    }

    /// Takes what the caller says of instructions.
    #[must_use = "this returns the changed question"]
    pub fn instructions(mut self, from: Option<InstructionsFrom>) -> Self {
        self.from = from;
        self
    }

    /// Says what the turns do.
    #[must_use = "this returns the changed question"]
    pub fn kind(mut self, kind: TurnKind) -> Self {
        self.kind = kind;
        self
    }
}

/// Says what turns do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TurnKind {
    /// Anything.
    #[default]
    Any,
    /// They look at the work of others.
    Review,
}

/// Says which instructions of a project reach the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::exhaustive_enums, reason = "all, none, or those that are trusted")]
pub enum InstructionsFrom {
    /// Those that are there.
    On,
    /// None.
    Off,
    /// Those whose bytes are trusted; if one is not, none.
    Trusted,
}

impl InstructionsFrom {
    /// Returns the word of the flag.
    pub fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Trusted => "trusted",
        }
    }
}

/// Decides what counts for turns, in a project whose root has a real path.
///
/// # Errors
///
/// A ref is not there, or cannot be read.
pub(super) fn decide(
    root: &Path,
    asked: LayerQuestion<'_>,
    trusting: &TrustPolicy<'_>,
) -> Result<LayerState, RunnerError> {
    let mut asked = asked;
    let mut layer = ProjectLayer::of_turn(asked.dir, &asked.limits);
    let (programs, refused) = programs(root, &layer, trusting)?;
    let further = layer.fallback_names();
    if !further.is_empty() && !matches!(programs, ProjectPrograms::Off) {
        asked.limits.fallback_names.extend(further);
        layer = ProjectLayer::of_turn(asked.dir, &asked.limits);
    }
    let off = instructions_off(root, &layer, &asked, trusting)?;
    let instructions = match (&off, asked.from) {
        (Some(_), _) => ProjectInstructions::Off,
        (None, Some(InstructionsFrom::On)) => ProjectInstructions::On,
        (None, _) => ProjectInstructions::Unchanged(layer.clone()),
    };
    let names = |kind| layer.of_kind(kind).map(|file| shown(root, &file.path)).collect::<Vec<_>>();
    Ok(LayerState {
        choice: LayerChoice {
            programs,
            instructions,
            fallback_names: asked.limits.fallback_names,
            ..LayerChoice::default()
        },
        programs: (names(LayerFileKind::Program), refused),
        instructions: (names(LayerFileKind::Instruction), off),
    })
}

fn programs(
    root: &Path,
    layer: &ProjectLayer,
    trusting: &TrustPolicy<'_>,
) -> Result<(ProjectPrograms, Option<String>), RunnerError> {
    if layer.of_kind(LayerFileKind::Program).next().is_none() {
        return Ok((ProjectPrograms::Off, None));
    }
    let mut files = FileList::default();
    for file in layer.of_kind(LayerFileKind::Program) {
        if add(root, file, &mut files).is_none() {
            let why = format!("{} cannot be trusted", shown(root, &file.path));
            return Ok((ProjectPrograms::Off, Some(why)));
        }
        if let Err(error) = add_named(root, file, &mut files) {
            return Ok((ProjectPrograms::Off, Some(format!("not trusted: {error}"))));
        }
    }
    let decision = trusting.decide_files(&files)?;
    if !matches!(decision, TrustDecision::Trusted) {
        return Ok((ProjectPrograms::Off, Some(decision.reason())));
    }
    let named = files.paths().map(|path| root.join(path));
    Ok((ProjectPrograms::Unchanged(named.fold(layer.clone(), ProjectLayer::and_program)), None))
}

/// Why the instructions do not reach the agent, if they do not.
fn instructions_off(
    root: &Path,
    layer: &ProjectLayer,
    asked: &LayerQuestion<'_>,
    trusting: &TrustPolicy<'_>,
) -> Result<Option<String>, RunnerError> {
    let from = asked.from;
    if from == Some(InstructionsFrom::On) {
        return Ok(None);
    }
    let flag = |word: InstructionsFrom| format!("--project-instructions {}", word.word());
    if from == Some(InstructionsFrom::Off) {
        return Ok(Some(flag(InstructionsFrom::Off)));
    }
    if from.is_none() && asked.kind == TurnKind::Review {
        return Ok(Some(format!("a review; {} has them", flag(InstructionsFrom::On))));
    }
    let mut files = FileList::default();
    let mut is_known = layer.is_complete();
    for file in layer.of_kind(LayerFileKind::Instruction) {
        is_known &= add(root, file, &mut files).is_some();
    }
    let is_trusted = is_known && matches!(trusting.decide_files(&files)?, TrustDecision::Trusted);
    if from == Some(InstructionsFrom::Trusted) {
        return Ok((!is_trusted).then(|| "not trusted; `codex-turns trust` shows and trusts them".to_owned()));
    }
    if is_trusted {
        return Ok(None);
    }
    let remedy = flag(InstructionsFrom::On);
    if let Some(name) = trusting.differing_ref(&files, is_known)? {
        return Ok(Some(format!("not as at {name}; {remedy} has them")));
    }
    let written = written_by_a_turn(root, &files, trusting);
    Ok(written
        .map(|(path, turn)| format!("turn {turn} wrote {path}; commit it, `codex-turns trust`, or {remedy}")))
}

/// The first of these files that a turn has written and nobody has committed since, with the number of the newest such
/// turn. What a turn has committed itself nobody has looked at.
fn written_by_a_turn(root: &Path, files: &FileList, trusting: &TrustPolicy<'_>) -> Option<(String, String)> {
    files.paths().next()?;
    let reader = Reader::at(root);
    let numbers = reader.numbers().ok()?;
    for number in numbers.iter().rev().take(RECORDS) {
        let Ok(Some(record)) = reader.record(*number) else { continue };
        let manifest = record.manifest();
        let violations = manifest.ledger.iter().flat_map(|ledger| &ledger.violations);
        let changed = violations.filter(|violation| violation.kind == "project-layer-changed");
        let commits = manifest.git.as_ref().is_some_and(|git| git.head_before != git.head_after);
        for path in changed.filter_map(|violation| violation.path.as_deref()) {
            let Some(file) = files.only(path) else { continue };
            if commits || !trusting.is_committed(&file) {
                return Some((path.to_owned(), number.to_string()));
            }
        }
    }
    None
}
