//! The pages of the book, so that their examples are doc tests: a page that is not true does not pass.
//!
//! `docs/ledger.md` and `docs/pipelines.md` are pages of `codex-ledger`, which they document; the README is one of `codex-turn`.

#[cfg(doctest)]
#[doc = include_str!("../../docs/getting-started.md")]
struct GettingStarted;

#[cfg(doctest)]
#[doc = include_str!("../../docs/embedding.md")]
struct Embedding;

#[cfg(doctest)]
#[doc = include_str!("../../docs/auto-run.md")]
struct AutoRun;

#[cfg(doctest)]
#[doc = include_str!("../../docs/tools.md")]
struct Tools;

#[cfg(doctest)]
#[doc = include_str!("../../docs/records.md")]
struct Records;

#[cfg(doctest)]
#[doc = include_str!("../../docs/testing.md")]
struct Testing;
