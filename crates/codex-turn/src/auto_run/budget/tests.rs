//! What a budget allows and what turns are booked for, as tables.

use codex_protocol::UsageSource;
use rstest::rstest;

use super::*;

fn usage(input: u64, output: u64) -> TurnUsage {
    TurnUsage::default().with_turn(Usage::new(input, output), UsageSource::Stream)
}

fn dear() -> PriceTable {
    PriceTable::new().model("gpt-5.5", Price::per_million(Money::units(1), Money::units(10)))
}

#[rstest]
#[case::tokens(Budget::tokens(0), None, "a limit of zero tokens allows no turn")]
#[case::time(Budget::wall_time(Duration::ZERO), None, "a limit of zero wall time allows no turn")]
#[case::money(
    Budget::money(Money::default(), dear()),
    Some("gpt-5.5"),
    "a limit of zero money allows no turn"
)]
#[case::no_model(
    Budget::money(Money::units(1), dear()),
    None,
    "a budget of money needs a thread that chooses its model: see ThreadOptions::model"
)]
#[case::no_price(
    Budget::money(Money::units(1), dear()),
    Some("other"),
    "the price table does not have the model other: add its price"
)]
fn what_cannot_be_kept_is_refused(#[case] budget: Budget, #[case] model: Option<&str>, #[case] said: &str) {
    let error = Spending::open(&[budget], UnknownUsage::Stop, model).unwrap_err();
    assert_eq!(error.to_string(), said);
}

const USED_UP: BudgetEnd = BudgetEnd::UsedUp;
const UNKNOWN: BudgetEnd = BudgetEnd::Unknown;

#[rstest]
#[case::below(Budget::tokens(100), UnknownUsage::Stop, &[usage(60, 39)], None)]
#[case::reached(Budget::tokens(100), UnknownUsage::Stop, &[usage(60, 30), usage(5, 5)], Some((BudgetKind::Tokens, USED_UP)))]
#[case::unknown_stops(Budget::tokens(100), UnknownUsage::Stop, &[TurnUsage::default()], Some((BudgetKind::Tokens, UNKNOWN)))]
#[case::unknown_counts(Budget::tokens(100), UnknownUsage::Assume(100), &[TurnUsage::default()], Some((BudgetKind::Tokens, USED_UP)))]
#[case::unknown_is_ignored(Budget::tokens(100), UnknownUsage::Ignore, &[TurnUsage::default()], None)]
#[case::money_below(Budget::money(Money::micros(11), dear()), UnknownUsage::Stop, &[usage(0, 1)], None)]
#[case::money_reached(Budget::money(Money::micros(11), dear()), UnknownUsage::Stop, &[usage(1, 1)], Some((BudgetKind::Money, USED_UP)))]
#[case::money_unknown(Budget::money(Money::micros(11), dear()), UnknownUsage::Stop, &[TurnUsage::default()], Some((BudgetKind::Money, UNKNOWN)))]
#[case::money_assumed_dear(Budget::money(Money::micros(20), dear()), UnknownUsage::Assume(2), &[TurnUsage::default()], Some((BudgetKind::Money, USED_UP)))]
#[case::time_needs_no_usage(Budget::wall_time(Duration::from_secs(1)), UnknownUsage::Stop, &[TurnUsage::default()], None)]
fn turns_are_booked(
    #[case] budget: Budget,
    #[case] unknown: UnknownUsage,
    #[case] turns: &[TurnUsage],
    #[case] end: Option<(BudgetKind, BudgetEnd)>,
) {
    let mut account = Spending::open(&[budget], unknown, Some("gpt-5.5")).unwrap();
    for turn in turns {
        account.book(turn);
    }
    assert_eq!(account.ended(), end);
}

#[test]
fn cached_tokens_have_their_own_price_and_sums_do_not_wrap() {
    let price = Price::per_million(Money::units(10), Money::units(1)).cached_input(Money::units(2));
    let mut used = Usage::new(1_000_000, 0);
    used.cached_input_tokens = 500_000;
    assert_eq!(price.of(&used), Money::units(6));
    assert_eq!(price.of(&Usage::new(u64::MAX, u64::MAX)), Money::micros(u64::MAX));
    assert_eq!(price.of(&Usage::new(0, 1)), Money::micros(1));
}
