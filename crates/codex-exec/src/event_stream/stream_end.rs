//! [`StreamEnd`]: what comes after the last line of a stream that is made of other people's lines.

use crate::{TransportError, TransportReport};

/// What comes after the last line of a stream [of lines from elsewhere](crate::EventStream::from_stream): how the process
/// ended there, and an error if the stream is to end with one.
#[derive(Debug)]
#[non_exhaustive]
pub struct StreamEnd {
    /// How the process ended, as far as it is known.
    pub report: TransportReport,
    /// The last item of the stream.
    pub error: Option<TransportError>,
}

impl StreamEnd {
    /// Ends the stream with this error: the turn was cancelled, timed out, or its connection broke.
    pub fn failed(error: TransportError, report: TransportReport) -> Self {
        Self { report, error: Some(error) }
    }
}

impl From<TransportReport> for StreamEnd {
    /// Ends the stream without an error: the lines came to their end.
    fn from(report: TransportReport) -> Self {
        Self { report, error: None }
    }
}
