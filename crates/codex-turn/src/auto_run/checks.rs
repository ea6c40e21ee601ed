//! The checks that ship: a command, a file, a value in the answer, a closure, and combinations of checks.

mod command;

use std::fmt;
use std::path::PathBuf;

use async_trait::async_trait;
use codex_exec::CommandSpec;
use codex_protocol::with_causes;
use serde_json::Value;

pub use command::CommandCheck;

use super::check::{Check, CheckContext, CheckError, CheckOutcome, IntoCheck, Surroundings};
use crate::TurnResult;

/// Is passed when the closure says so.
///
/// ```
/// use codex_turn::{Check, Predicate};
///
/// let check = Predicate::new("nothing failed", |turn| turn.failures().is_empty());
/// assert_eq!(check.name(), "nothing failed");
/// ```
pub struct Predicate {
    name: String,
    is_right: Box<dyn Fn(&TurnResult) -> bool + Send + Sync>,
}

impl Predicate {
    /// Gives a closure a name, which the agent is told when the closure says no.
    pub fn new(
        name: impl Into<String>,
        is_right: impl Fn(&TurnResult) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), is_right: Box::new(is_right) }
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Predicate").field("name", &self.name).finish_non_exhaustive()
    }
}

#[async_trait]
impl Check for Predicate {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn check(&self, context: &CheckContext<'_>) -> Result<CheckOutcome, CheckError> {
        let is_right = (self.is_right)(context.turn);
        Ok(if is_right { CheckOutcome::Passed } else { CheckOutcome::failed("it is not so") })
    }
}

/// Is passed when the answer is JSON with this value at this place.
///
/// Ask for such an answer with [`Turn::output_schema`](crate::Turn::output_schema), through
/// [`AutoRun::each_turn`](crate::AutoRun::each_turn).
///
/// ```
/// use codex_turn::{Check, JsonPointerCheck};
///
/// assert_eq!(JsonPointerCheck::new("/done", true).name(), "/done of the answer is true");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct JsonPointerCheck {
    pointer: String,
    value: Value,
}

impl JsonPointerCheck {
    /// Names the place by a JSON pointer (RFC 6901), and the value that is to be there.
    pub fn new(pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { pointer: pointer.into(), value: value.into() }
    }
}

#[async_trait]
impl Check for JsonPointerCheck {
    fn name(&self) -> String {
        format!("{} of the answer is {}", self.pointer, self.value)
    }

    async fn prepare(&self, _: &Surroundings<'_>) -> Result<(), CheckError> {
        // A tilde says which of two characters is meant, and with any other behind it nothing would be found.
        let is_escape = |after: &str| after.starts_with(['0', '1']);
        let is_whole = self.pointer.is_empty() || self.pointer.starts_with('/');
        if is_whole && self.pointer.split('~').skip(1).all(is_escape) {
            return Ok(());
        }
        Err(CheckError::Pointer { pointer: self.pointer.clone() })
    }

    async fn check(&self, context: &CheckContext<'_>) -> Result<CheckOutcome, CheckError> {
        let answer: Value = match context.turn.json() {
            Ok(answer) => answer,
            Err(error) => return Ok(CheckOutcome::failed(with_causes(&error))),
        };
        Ok(match answer.pointer(&self.pointer) {
            Some(found) if *found == self.value => CheckOutcome::Passed,
            Some(found) => CheckOutcome::failed(format!("it is {}", command::head(&found.to_string()))),
            None => CheckOutcome::failed("there is nothing at that place"),
        })
    }
}

/// Is passed when a file or folder is there. A relative path is seen from the directory of the thread.
///
/// ```
/// use codex_turn::{Check, FileExists};
///
/// assert_eq!(FileExists::new("out/report.md").name(), "out/report.md exists");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileExists(PathBuf);

impl FileExists {
    /// Names the file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

#[async_trait]
impl Check for FileExists {
    fn name(&self) -> String {
        format!("{} exists", self.0.display())
    }

    async fn prepare(&self, _: &Surroundings<'_>) -> Result<(), CheckError> {
        // The directory itself is always there.
        if self.0.as_os_str().is_empty() {
            return Err(CheckError::other("the file that is to exist has no name"));
        }
        Ok(())
    }

    async fn check(&self, context: &CheckContext<'_>) -> Result<CheckOutcome, CheckError> {
        let around = &context.surroundings;
        // Dot and slash keep a name that begins with a dash from being an operator.
        let path = if self.0.is_absolute() { self.0.clone() } else { PathBuf::from(".").join(&self.0) };
        let mut look = CommandSpec::argv(["test".into(), "-e".into(), path.into_os_string()]);
        look.cwd = around.directory.map(Into::into);
        let seen = around.commands.run(look, around.cancel.clone()).await?;
        Ok(if seen.succeeded() { CheckOutcome::Passed } else { CheckOutcome::failed("it is not there") })
    }
}

/// Is passed when all of its checks are, which are asked in order up to the first that is not.
///
/// ```
/// use codex_turn::{AllOf, Check, FileExists};
///
/// let both = AllOf::new().and("cargo test").and(FileExists::new("CHANGELOG.md"));
/// assert_eq!(both.name(), "all of: cargo test; CHANGELOG.md exists");
/// ```
#[derive(Default)]
#[must_use = "checks do nothing until a run has them"]
pub struct AllOf(Vec<Box<dyn Check>>);

/// Is passed when one of its checks is, which are asked in order up to the first that is.
///
/// ```
/// use codex_turn::{AnyOf, Check, FileExists};
///
/// let either = AnyOf::new().or("cargo test").or(FileExists::new("GIVEN_UP"));
/// assert_eq!(either.name(), "any of: cargo test; GIVEN_UP exists");
/// ```
#[derive(Default)]
#[must_use = "checks do nothing until a run has them"]
pub struct AnyOf(Vec<Box<dyn Check>>);

impl AllOf {
    /// Combines no checks yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a check.
    pub fn and(mut self, check: impl IntoCheck) -> Self {
        self.0.push(check.into_check());
        self
    }
}

impl AnyOf {
    /// Combines no checks yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a check.
    pub fn or(mut self, check: impl IntoCheck) -> Self {
        self.0.push(check.into_check());
        self
    }
}

#[async_trait]
impl Check for AllOf {
    fn name(&self) -> String {
        format!("all of: {}", names(&self.0))
    }

    async fn prepare(&self, surroundings: &Surroundings<'_>) -> Result<(), CheckError> {
        prepare(&self.0, surroundings).await
    }

    async fn check(&self, context: &CheckContext<'_>) -> Result<CheckOutcome, CheckError> {
        for check in &self.0 {
            if let CheckOutcome::Failed { output } = check.check(context).await? {
                return Ok(CheckOutcome::failed(format!("{}:\n{output}", check.name())));
            }
        }
        Ok(CheckOutcome::Passed)
    }
}

#[async_trait]
impl Check for AnyOf {
    fn name(&self) -> String {
        format!("any of: {}", names(&self.0))
    }

    async fn prepare(&self, surroundings: &Surroundings<'_>) -> Result<(), CheckError> {
        prepare(&self.0, surroundings).await
    }

    async fn check(&self, context: &CheckContext<'_>) -> Result<CheckOutcome, CheckError> {
        let mut outputs = Vec::new();
        for check in &self.0 {
            match check.check(context).await? {
                CheckOutcome::Passed => return Ok(CheckOutcome::Passed),
                CheckOutcome::Failed { output } => outputs.push(format!("{}:\n{output}", check.name())),
            }
        }
        Ok(CheckOutcome::failed(outputs.join("\n\n")))
    }
}

fn names(checks: &[Box<dyn Check>]) -> String {
    checks.iter().map(Check::name).collect::<Vec<_>>().join("; ")
}

async fn prepare(checks: &[Box<dyn Check>], surroundings: &Surroundings<'_>) -> Result<(), CheckError> {
    if checks.is_empty() {
        return Err(CheckError::Empty);
    }
    for check in checks {
        check.prepare(surroundings).await?;
    }
    Ok(())
}

impl fmt::Debug for AllOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl fmt::Debug for AnyOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

#[cfg(test)]
mod tests;
