//! How the levels of a grid are laid out, and which grids have none.

use hive::engine::grid::Error;
use hive::engine::grid::Levels;
use hive::executor::grid::GridConfig;
use hive::market::Decimal;
use hive::market::Side;
use hive::market::TradingRules;

use super::ties::buy;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn rules() -> TradingRules {
    TradingRules {
        min_price_increment: decimal("0.25"),
        min_base_amount_increment: decimal("0.5"),
        min_notional_size: decimal("10"),
        min_order_size: decimal("0.5"),
    }
}

fn check(config: &GridConfig, rules: Option<&TradingRules>, prices: &[f64], amount_quote: f64) -> Levels {
    let levels = Levels::new(config, 64.0, rules).expect("it has levels");
    assert_eq!((levels.prices.as_slice(), levels.amount_quote), (prices, amount_quote));
    levels
}

fn refused(config: &GridConfig, rules: Option<&TradingRules>) -> Error {
    Levels::new(config, 64.0, rules).expect_err("it has no levels")
}

#[test]
fn the_step_bounds_the_count() {
    check(&buy(), None, &[64.0, 80.0, 96.0, 112.0, 128.0], 256.0);
    // The venue's price step, 0.25 / 64, is finer than the spread.
    check(&buy(), Some(&rules()), &[64.0, 80.0, 96.0, 112.0, 128.0], 256.0);
    let coarse = TradingRules { min_price_increment: decimal("32"), ..rules() };
    check(&buy(), Some(&coarse), &[64.0, 128.0], 640.0);
}

#[test]
fn the_money_bounds_the_count() {
    // 5 · 1.05 a level, of 11: two levels of 5.5 each.
    check(&GridConfig { total_amount_quote: decimal("11"), ..buy() }, None, &[64.0, 128.0], 5.5);
    // With rules a level is 10.5 / 64 rounded up to 0.5 base, which is 32 in quote.
    check(&GridConfig { total_amount_quote: decimal("100"), ..buy() }, Some(&rules()), &[64.0, 96.0, 128.0], 32.0);
}

#[test]
fn one_level_lies_in_the_middle() {
    let poor = GridConfig { total_amount_quote: decimal("1"), ..buy() };
    // Too poor for a single one, it opens it all the same.
    check(&poor, None, &[96.0], 5.25);
    check(&GridConfig { total_amount_quote: decimal("6"), ..buy() }, None, &[96.0], 6.0);
}

#[test]
fn a_spread_of_zero_asks_only_the_money() {
    let config = GridConfig {
        total_amount_quote: decimal("16"),
        min_spread_between_orders: Decimal::ZERO,
        min_order_amount_quote: Decimal::ONE,
        ..buy()
    };
    check(&config, None, &[64.0, 96.0, 128.0], 16.0 / 3.0);
}

#[test]
fn the_take_profit_can_be_raised_to_the_step() {
    let config = GridConfig { coerce_tp_to_step: true, take_profit: 0.125, ..buy() };
    assert_eq!(check(&config, None, &[64.0, 80.0, 96.0, 112.0, 128.0], 256.0).take_profit_prices[0], 80.0);
    let config = GridConfig { take_profit: 0.5, side: Side::Sell, ..config };
    assert_eq!(check(&config, None, &[64.0, 80.0, 96.0, 112.0, 128.0], 256.0).take_profit_prices[0], 32.0);
}

#[test]
fn a_range_below_one_step_has_no_levels() {
    let config = GridConfig { min_spread_between_orders: decimal("1.5"), ..buy() };
    let error = refused(&config, None);
    assert_eq!(error, Error::NoLevels { range: Decimal::ONE, step: decimal("1.5") });
    assert_eq!(
        error.to_string(),
        "a grid over 1 of its price has no levels 1.5 apart, and Hummingbot divides by their number"
    );
}

#[test]
fn more_levels_than_any_grid_needs_are_refused() {
    let config = GridConfig {
        total_amount_quote: decimal("1000000000"),
        min_spread_between_orders: decimal("0.00000001"),
        ..buy()
    };
    assert_eq!(refused(&config, None), Error::TooManyLevels { count: 100_000_000 });
}

#[test]
fn figures_that_others_are_divided_by_are_above_zero() {
    let cases = [
        (GridConfig { start_price: Decimal::ZERO, ..buy() }, rules(), "the start price"),
        (GridConfig { end_price: decimal("-1"), ..buy() }, rules(), "the end price"),
        (GridConfig { end_price: decimal("1e400"), ..buy() }, rules(), "the end price"),
        (
            buy(),
            TradingRules { min_base_amount_increment: Decimal::ZERO, ..rules() },
            "the venue's increment of amounts",
        ),
        (
            buy(),
            TradingRules { min_base_amount_increment: decimal("1e-310"), ..rules() },
            "the venue's increment of amounts",
        ),
        (
            GridConfig { min_order_amount_quote: Decimal::ZERO, ..buy() },
            TradingRules { min_notional_size: Decimal::ZERO, ..rules() },
            "the least amount of a level",
        ),
    ];
    for (config, rules, expected) in cases {
        match refused(&config, Some(&rules)) {
            Error::OutOfRange { what, .. } => assert_eq!(what, expected),
            other => panic!("`{other}` is not about {expected}"),
        }
    }
}
