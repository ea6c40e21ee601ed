//! [`Budget`]: what an auto-run may use up, and [`Spent`], what it has used.

use std::fmt;
use std::time::Duration;

use codex_protocol::{TurnUsage, Usage};
use serde::Serialize;

use super::AutoRunError;
use super::prices::{Money, Price, PriceTable};

/// What an auto-run may use up: tokens, wall time, or money.
///
/// Tokens and money are looked at after every turn, and while a turn runs as far as Codex's own record of the
/// thread shows them; wall time at every moment. A run goes over a budget by no more than the turn that was
/// running.
///
/// ```
/// use std::time::Duration;
/// use codex_turn::{Budget, BudgetKind};
///
/// assert_eq!(Budget::tokens(500_000).kind(), BudgetKind::Tokens);
/// assert_eq!(Budget::wall_time(Duration::from_secs(600)).kind(), BudgetKind::WallTime);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a budget does nothing until a run has it"]
pub struct Budget(Of);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Of {
    Tokens(u64),
    WallTime(Duration),
    Money(Money, PriceTable),
}

impl Budget {
    /// Allows so many tokens, input and output together.
    pub fn tokens(tokens: u64) -> Self {
        Self(Of::Tokens(tokens))
    }

    /// Allows so much time, from the first poll of the run on, with every check and every wait in it.
    pub fn wall_time(time: Duration) -> Self {
        Self(Of::WallTime(time))
    }

    /// Allows so much money by these prices, which must have the model of the thread.
    pub fn money(limit: Money, prices: PriceTable) -> Self {
        Self(Of::Money(limit, prices))
    }

    /// What it is a budget of.
    pub fn kind(&self) -> BudgetKind {
        match self.0 {
            Of::Tokens(_) => BudgetKind::Tokens,
            Of::WallTime(_) => BudgetKind::WallTime,
            Of::Money(..) => BudgetKind::Money,
        }
    }
}

/// What a budget is of. Serialised it is the name of the variant in `snake_case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BudgetKind {
    /// Tokens, input and output together.
    Tokens,
    /// The time on the clock.
    WallTime,
    /// Money.
    Money,
}

impl BudgetKind {
    /// Its name, also that of [`Verdict::Budget`](codex_protocol::Verdict::Budget).
    pub fn word(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::WallTime => "wall time",
            Self::Money => "money",
        }
    }
}

impl fmt::Display for BudgetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a turn whose usage is unknown means to a budget of tokens or money.
///
/// Codex does not report the usage of every turn. Unknown is not zero, so the caller has to say what it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownUsage {
    /// The run stops: it can no longer say that it keeps to its budget.
    #[default]
    Stop,
    /// The turn counts for so many tokens, at the dearest price of the model.
    Assume(u64),
    /// The turn counts for nothing, and the budget is no longer a promise.
    Ignore,
}

/// What an auto-run has used so far.
///
/// Serialised it is one object: `turns`, `tokens`, `moneyMicros`, `unknownTurns`, `knownTokens`. With a turn of
/// unknown usage `tokens` and `moneyMicros` are `null`, and `knownTokens` is what the other turns used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spent {
    /// Turns that were started, repeated ones included.
    pub turns: u32,
    /// Tokens of the turns whose usage is known, and what was [assumed](UnknownUsage::Assume) for others.
    pub tokens: u64,
    /// How many of the turns have a usage that is unknown.
    pub unknown_turns: u32,
    /// The cost by the price table of the budget, if there is one.
    pub money: Option<Money>,
}

/// What a run may use, and what it has used.
#[derive(Debug)]
pub(crate) struct Spending {
    tokens: Option<u64>,
    time: Option<Duration>,
    money: Option<(Money, Price)>,
    unknown: UnknownUsage,
    spent: Spent,
}

/// Why the account allows no further turn. Serialised it is the name of the variant in `snake_case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BudgetEnd {
    /// It is used up.
    UsedUp,
    /// A turn was of unknown usage, and [`UnknownUsage::Stop`] was asked for.
    Unknown,
}

impl Spending {
    /// Opens it; the last budget of a kind counts.
    pub(crate) fn open(
        budgets: &[Budget],
        unknown: UnknownUsage,
        model: Option<&str>,
    ) -> Result<Self, AutoRunError> {
        let spent = Spent::default();
        let mut account = Self { tokens: None, time: None, money: None, unknown, spent };
        for budget in budgets {
            match &budget.0 {
                Of::Tokens(0) => return Err(AutoRunError::ZeroLimit { limit: "tokens" }),
                Of::WallTime(Duration::ZERO) => return Err(AutoRunError::ZeroLimit { limit: "wall time" }),
                Of::Money(limit, _) if *limit == Money::default() => {
                    return Err(AutoRunError::ZeroLimit { limit: "money" });
                }
                Of::Tokens(tokens) => account.tokens = Some(*tokens),
                Of::WallTime(time) => account.time = Some(*time),
                Of::Money(limit, prices) => {
                    let model = model.ok_or(AutoRunError::NoModel)?;
                    let price = prices
                        .price(model)
                        .ok_or_else(|| AutoRunError::NoPrice { model: model.to_owned() })?;
                    account.money = Some((*limit, *price));
                    account.spent.money = Some(Money::default());
                }
            }
        }
        Ok(account)
    }

    pub(crate) fn time(&self) -> Option<Duration> {
        self.time
    }

    pub(crate) fn spent(&self) -> Spent {
        self.spent
    }

    /// Whether tokens matter, so that it is worth while to look at them within a turn.
    pub(crate) fn counts_tokens(&self) -> bool {
        self.tokens.is_some() || self.money.is_some()
    }

    pub(crate) fn turn_started(&mut self) {
        self.spent.turns += 1;
    }

    /// Books a turn that is over.
    pub(crate) fn book(&mut self, usage: &TurnUsage) {
        let Some(usage) = &usage.turn else {
            self.spent.unknown_turns += 1;
            if let UnknownUsage::Assume(tokens) = self.unknown {
                let money = self.money.map(|(_, price)| price.at_most(tokens));
                self.add(tokens, money);
            }
            return;
        };
        self.add(usage.total(), self.money.map(|(_, price)| price.of(usage)));
    }

    fn add(&mut self, tokens: u64, money: Option<Money>) {
        self.spent.tokens = self.spent.tokens.saturating_add(tokens);
        if let (Some(sum), Some(money)) = (&mut self.spent.money, money) {
            *sum = sum.plus(money);
        }
    }

    /// Which budget would be used up if the turn that runs had used so much.
    pub(crate) fn used_up_with(&self, running: &Usage) -> Option<BudgetKind> {
        let tokens = self.spent.tokens.saturating_add(running.total());
        if self.tokens.is_some_and(|limit| tokens >= limit) {
            return Some(BudgetKind::Tokens);
        }
        let (limit, price) = self.money?;
        let money = self.spent.money.unwrap_or_default().plus(price.of(running));
        (money >= limit).then_some(BudgetKind::Money)
    }

    /// Why no further turn may start, if so.
    pub(crate) fn ended(&self) -> Option<(BudgetKind, BudgetEnd)> {
        if let Some(kind) = self.used_up_with(&Usage::default()) {
            return Some((kind, BudgetEnd::UsedUp));
        }
        let is_open = self.unknown == UnknownUsage::Stop && self.spent.unknown_turns > 0;
        let kind = if self.tokens.is_some() { BudgetKind::Tokens } else { BudgetKind::Money };
        (is_open && self.counts_tokens()).then_some((kind, BudgetEnd::Unknown))
    }
}

#[cfg(test)]
mod tests;
