//! [`TurnFuture`]: a turn on its way to its end.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::TurnStream;
use crate::{TurnError, TurnResult};

/// A turn on its way to its end; what awaiting a [`Turn`](crate::Turn) makes, and [`TurnStream::finish`].
///
/// `Ok` if and only if the turn completed.
#[must_use = "futures do nothing unless they are polled"]
pub struct TurnFuture(TurnStream);

impl TurnFuture {
    pub(super) fn new(stream: TurnStream) -> Self {
        Self(stream)
    }
}

impl Future for TurnFuture {
    type Output = Result<TurnResult, TurnError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        while !self.0.is_over() {
            // An error among the items is the outcome as well.
            let _line = ready!(self.0.poll_line(cx));
        }
        Poll::Ready(self.0.take_outcome())
    }
}

impl fmt::Debug for TurnFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TurnFuture").field(&self.0).finish()
    }
}
