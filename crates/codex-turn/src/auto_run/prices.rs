//! [`PriceTable`]: what tokens cost, as the caller says; [`Money`] and [`Price`] are what it is made of.

use std::collections::BTreeMap;
use std::fmt;

use codex_protocol::Usage;

/// An amount of money, in millionths of the unit that the caller's prices are in.
///
/// ```
/// use codex_turn::Money;
///
/// assert_eq!(Money::units(2), Money::micros(2_000_000));
/// assert_eq!(Money::micros(1_250_000).to_string(), "1.250000");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    micros: u64,
}

impl Money {
    /// Counts millionths of a unit.
    pub const fn micros(micros: u64) -> Self {
        Self { micros }
    }

    /// Counts whole units.
    pub const fn units(units: u32) -> Self {
        Self { micros: units as u64 * 1_000_000 }
    }

    /// The amount in millionths of a unit.
    pub const fn as_micros(self) -> u64 {
        self.micros
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self { micros: self.micros.saturating_add(other.micros) }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.micros / 1_000_000, self.micros % 1_000_000)
    }
}

/// What a million tokens of a model cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Price {
    /// A million tokens sent to the model.
    pub input: Money,
    /// A million tokens sent to the model that it had in its cache.
    pub cached_input: Money,
    /// A million tokens that the model produced.
    pub output: Money,
}

impl Price {
    /// Says what a million tokens cost; cached input costs as much as other input until
    /// [`cached_input`](Price::cached_input) is set.
    pub fn per_million(input: Money, output: Money) -> Self {
        Self { input, cached_input: input, output }
    }

    /// Sets what a million cached tokens cost.
    #[must_use = "builder methods return the changed value"]
    pub fn cached_input(mut self, cached_input: Money) -> Self {
        self.cached_input = cached_input;
        self
    }

    /// What this usage costs, rounded up.
    ///
    /// ```
    /// use codex_turn::{Money, Price, Usage};
    ///
    /// let price = Price::per_million(Money::units(2), Money::units(8));
    /// assert_eq!(price.of(&Usage::new(500_000, 250_000)), Money::units(3));
    /// ```
    pub fn of(&self, usage: &Usage) -> Money {
        let fresh = usage.input_tokens.saturating_sub(usage.cached_input_tokens);
        let parts = [
            (fresh, self.input),
            (usage.cached_input_tokens, self.cached_input),
            (usage.output_tokens, self.output),
        ];
        let cost: u128 =
            parts.iter().map(|(tokens, price)| u128::from(*tokens) * u128::from(price.micros)).sum();
        Money { micros: u64::try_from(cost.div_ceil(1_000_000)).unwrap_or(u64::MAX) }
    }

    /// What so many tokens cost at most, where their kind is not known.
    pub(crate) fn at_most(&self, tokens: u64) -> Money {
        let dearest = self.input.max(self.cached_input).max(self.output);
        Self { input: dearest, cached_input: dearest, output: dearest }.of(&Usage::new(tokens, 0))
    }
}

/// What the tokens of models cost. The caller says so; no price is built in, because prices change.
///
/// ```
/// use codex_turn::{Money, Price, PriceTable};
///
/// let price = Price::per_million(Money::units(1), Money::units(10));
/// let prices = PriceTable::new().model("gpt-5.5", price);
/// assert_eq!(prices.price("gpt-5.5"), Some(&price));
/// assert_eq!(prices.price("another"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a price table does nothing until a budget has it"]
pub struct PriceTable(BTreeMap<String, Price>);

impl PriceTable {
    /// Makes a table without prices.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the price of a model.
    pub fn model(mut self, model: impl Into<String>, price: Price) -> Self {
        self.0.insert(model.into(), price);
        self
    }

    /// The price of a model, if the table has it.
    pub fn price(&self, model: &str) -> Option<&Price> {
        self.0.get(model)
    }
}
