//! Talks with a git that answers one question after the other.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::RecvTimeoutError;

use super::{Call, GitOutput, PipePiece, TICK, read_and_feed};
use crate::git::vcs::VcsError;

/// The next question, if there is one.
pub(in crate::git::git_cli) type Next = Result<Option<Vec<u8>>, VcsError>;

impl Call<'_> {
    /// Runs it as a talk: `next` is given each answer (a line; none at first) and says what is asked next. When there is
    /// nothing more to ask, the talk is over.
    ///
    /// A question must be short enough for a pipe.
    pub(in crate::git::git_cli) fn ask(
        mut self,
        next: &mut dyn FnMut(Option<&[u8]>) -> Next,
    ) -> Result<(), VcsError> {
        self.stdin = Some(Vec::new());
        let (step, watch) = (self.step, self.watch());
        let mut child = self.start()?;
        let mut stdin = child.0.stdin.take();
        let exited: Arc<AtomicBool> = Arc::default();
        let pieces = read_and_feed(&mut child.0, None, &exited);
        let (mut answers, mut stderr, mut question) = (Vec::new(), Vec::new(), next(None)?);
        loop {
            match (question.take(), &mut stdin) {
                // Git that has ended says why by its exit code.
                (Some(bytes), Some(pipe)) => drop(pipe.write_all(&bytes)),
                _ => stdin = None,
            }
            match pieces.recv_timeout(watch.left()?.min(TICK)) {
                Ok(PipePiece::Out(piece)) => answers.extend_from_slice(&piece),
                Ok(PipePiece::Error(tail)) => stderr = tail,
                Ok(PipePiece::OutEnd(None)) => {}
                Ok(PipePiece::OutEnd(Some(source))) => {
                    return Err(VcsError::Unreadable { step, reason: source.to_string() });
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    exited.store(matches!(child.0.try_wait(), Ok(Some(_))), Ordering::Release);
                }
            }
            if let Some(end) = memchr::memchr(b'\n', &answers) {
                let answer: Vec<u8> = answers.drain(..=end).collect();
                question = next(Some(&answer[..end]))?;
            } else if stdin.is_some() {
                // The answer is still to come.
                question = Some(Vec::new());
            }
        }
        let status = child.wait(&watch)?;
        let stderr = String::from_utf8_lossy(&stderr).trim().to_owned();
        GitOutput { step, code: status.code(), stdout: Vec::new(), stderr }.ok().map(drop)
    }
}
