//! One error of each kind that the layers below can end with.

use std::sync::Arc;

use codex_exec::{TransportError, samples as exec};
use codex_ledger::{LedgerError, samples as ledger};

use crate::failure::CliError;

type Sample = (&'static str, CliError);

/// Whatever can keep a turn from starting, or break its transport.
pub(super) fn of_transport() -> Vec<Sample> {
    let start = |(name, error)| (name, CliError::Start(Arc::new(error)));
    let refused = |(name, error)| start((name, TransportError::Invocation(error)));
    let of_program = exec::program_errors().into_iter().map(|(name, error)| (name, CliError::Program(error)));
    let of_transport = exec::transport_errors().into_iter().map(start);
    of_transport.chain(of_program).chain(exec::invocation_errors().into_iter().map(refused)).collect()
}

/// Whatever can keep the ledger from doing what it must.
pub(super) fn of_ledger() -> Vec<Sample> {
    let of_ledger = |(name, error)| (name, CliError::Ledger(error));
    let claim = |(name, error)| of_ledger((name, LedgerError::Claim(error)));
    let of_claims = ledger::claim_errors().into_iter().map(claim);
    ledger::ledger_errors().into_iter().map(of_ledger).chain(of_claims).collect()
}
