//! Mocks of the seams that a caller implements, for tests of what is built on them.

use async_trait::async_trait;
use codex_exec::Invocation;
use codex_protocol::{EventLine, ThreadId};
use mockall::mock;

use crate::{
    Check, CheckContext, CheckError, CheckOutcome, ContinuePolicy, Next, Progress, TurnError, TurnResult,
};

mock! {
    /// A mock of [`Check`]: `expect_name` and `expect_check` say what it answers.
    ///
    /// There is no `expect_prepare`, since a call that nobody expects is a panic, and most tests are not about it: the mock
    /// keeps the default of the trait and can always be asked. For a check that cannot, implement [`Check`].
    #[derive(Debug)]
    pub Check {
        /// Returns what the mock is called.
        pub fn name(&self) -> String;
        /// Returns what the mock says of a turn.
        pub fn check<'a>(&self, context: &CheckContext<'a>) -> Result<CheckOutcome, CheckError>;
    }
}

#[async_trait]
impl Check for MockCheck {
    fn name(&self) -> String {
        Self::name(self)
    }

    async fn check(&self, context: &CheckContext<'_>) -> Result<CheckOutcome, CheckError> {
        Self::check(self, context)
    }
}

mock! {
    /// A mock of [`ContinuePolicy`].
    #[derive(Debug)]
    pub ContinuePolicy {}

    impl ContinuePolicy for ContinuePolicy {
        fn decide<'a>(&self, progress: &Progress<'a>) -> Next;
    }
}

mock! {
    /// A mock of [`ObserveTurn`](crate::ObserveTurn).
    #[derive(Debug)]
    pub ObserveTurn {}

    impl crate::ObserveTurn for ObserveTurn {
        fn on_start<'a>(&self, invocation: &Invocation, thread: Option<&'a ThreadId>);
        fn on_line(&self, line: &EventLine);
        #[cfg(feature = "tools")]
        fn on_tool_event(&self, event: &crate::ToolEvent);
        fn on_end<'a>(&self, result: &TurnResult, error: Option<&'a TurnError>);
    }
}

#[cfg(feature = "tools")]
mock! {
    /// A mock of [`HostTool`](crate::HostTool): `expect_name`, `expect_description`, `expect_schema` and `expect_call` say what it
    /// answers.
    ///
    /// There is no `expect_annotations`, for the same reason as with [`MockCheck`]: the mock keeps the default of the trait and
    /// has none. For a tool that has some, implement [`HostTool`](crate::HostTool).
    #[derive(Debug)]
    pub HostTool {}

    #[async_trait]
    impl crate::HostTool for HostTool {
        fn name(&self) -> &str;
        fn description(&self) -> &str;
        fn schema(&self) -> serde_json::Value;
        async fn call(
            &self,
            arguments: serde_json::Value,
            context: crate::ToolContext,
        ) -> Result<crate::ToolOutput, crate::ToolFailure>;
    }
}
