//! The grid executor against a plain walk, which looks at every level on every candle and adds everything up each time.

use hive::engine::grid::Grid;
use hive::executor::CloseType;
use hive::executor::Snapshot;
use hive::executor::grid::GridConfig;
use hive::market::Candles;
use hive::market::Decimal;
use hive::market::Side;
use proptest::prelude::*;

use super::ties;

/// What a plain walk has traded.
#[derive(Default)]
struct Book {
    /// The open levels, in the order in which they were opened.
    open: Vec<usize>,
    realized_pnl: f64,
    realized_fees: f64,
    realized_quote: f64,
    average_price: f64,
    first_fill: Option<usize>,
    fill_event_count: usize,
}

/// Where a plain walk ended.
#[derive(Debug, PartialEq)]
struct End {
    row: usize,
    close_type: CloseType,
    first_fill: Option<usize>,
    fill_event_count: usize,
    snapshot: Snapshot,
}

/// Walks from row 0 to the first end or to `last`.
fn walk(grid: &Grid, config: &GridConfig, candles: &Candles, cost: f64, last: usize) -> End {
    let (prices, exits, amount) = (&grid.levels.prices, &grid.levels.take_profit_prices, grid.levels.amount_quote);
    let is_buy = config.side == Side::Buy;
    let sign = config.side.sign();
    let fees = |amount: f64| cost * amount * 2.0;
    let (start, end) = (config.start_price.to_f64(), config.end_price.to_f64());
    let limit = config.limit_price.map(Decimal::to_f64);
    let mut book = Book::default();
    for row in 0..=last {
        let (high, low, close) = (candles.high[row], candles.low[row], candles.close[row]);
        let won = if is_buy { close > end } else { close < start };
        let gave_up = limit.is_some_and(|limit| if is_buy { close <= limit } else { close >= limit });
        let at_limit = if config.keep_position { CloseType::PositionHold } else { CloseType::StopLoss };
        let mut ended = if won { Some(CloseType::TakeProfit) } else { gave_up.then_some(at_limit) };
        let count = book.fill_event_count;
        for level in book.open.clone() {
            if if is_buy { high >= exits[level] } else { low <= exits[level] } {
                book.open.retain(|&open| open != level);
                let pnl = (exits[level] - prices[level]) * sign * (amount / prices[level]) - fees(amount);
                book.realized_pnl += pnl;
                book.realized_fees += fees(amount);
                book.realized_quote += amount;
                book.fill_event_count += 1;
            }
        }
        for (level, &price) in prices.iter().enumerate() {
            let is_reached = if is_buy { low <= price } else { high >= price };
            if ended.is_none() && is_reached && !book.open.contains(&level) {
                book.open.push(level);
                book.first_fill = book.first_fill.or(Some(row));
                book.fill_event_count += 1;
            }
        }
        let open_quote = book.open.iter().fold(0.0, |sum, _| sum + amount);
        if book.fill_event_count > count && open_quote > 0.0 {
            let weighted = book.open.iter().fold(0.0, |sum, &level| sum + prices[level] * amount);
            book.average_price = weighted / open_quote;
        }
        let unrealized = book
            .open
            .iter()
            .fold(0.0, |sum, &level| sum + ((close - prices[level]) * sign * (amount / prices[level]) - fees(amount)));
        let (mut pnl, mut paid, mut filled) = (book.realized_pnl, book.realized_fees, book.realized_quote);
        if ended != Some(CloseType::PositionHold) {
            (pnl, paid, filled) = (pnl + unrealized, paid + fees(open_quote), filled + open_quote);
        }
        let pnl_pct = if filled > 0.0 { pnl / filled } else { 0.0 };
        if filled > 0.0 && config.stop_loss.is_some_and(|stop| pnl_pct <= -stop) {
            ended = Some(CloseType::StopLoss);
        }
        if ended.is_some() || row == last {
            let snapshot = Snapshot {
                net_pnl_pct: pnl_pct,
                net_pnl_quote: pnl,
                cum_fees_quote: paid,
                filled_amount_quote: filled,
                average_price: book.average_price,
            };
            let close_type = ended.unwrap_or(CloseType::TimeLimit);
            let (first_fill, fill_event_count) = (book.first_fill, book.fill_event_count);
            return End { row, close_type, first_fill, fill_event_count, snapshot };
        }
    }
    unreachable!("the last row ends it")
}

/// Candles that wander between 40 and 160, on a grid of quarters where `tied`, so that levels are met to the last bit.
fn candles(tied: bool, start: f64, steps: &[(f64, f64, f64)]) -> Candles {
    let on_grid = |price: f64| if tied { (price * 4.0).round() / 4.0 } else { price };
    let mut close = start;
    let bar = |&(step, up, down): &(f64, f64, f64)| {
        let open = close;
        close = on_grid((close + step).clamp(40.0, 160.0));
        (on_grid(open.max(close) + up), on_grid(open.min(close) - down), close)
    };
    crate::small_candles::candles(&steps.iter().map(bar).collect::<Vec<_>>())
}

fn decimal(value: f64) -> Decimal {
    Decimal::from_shortest(value)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every row but a few is skipped, and all figures are still those of the plain walk, on the row of the end and before.
    #[test]
    fn what_is_skipped_changes_nothing(
        (tied, is_buy, coerce_tp_to_step, keep_position) in any::<(bool, bool, bool, bool)>(),
        (start, end) in (50.0..100.0, 60.0..150.0),
        level_count in 1..40u32,
        take_profit in prop::sample::select(vec![0.0005, 0.01, 0.125, 0.25, 1.5]),
        stop_loss in prop::option::of(prop::sample::select(vec![0.0004, 0.001, 0.01, 0.03125, 0.1])),
        limit in prop::option::of(40.0..160.0),
        cost in prop::sample::select(vec![0.0, 0.0002, 0.01]),
        // No least distance of the levels lets a grid stand upside down.
        has_step in any::<bool>(),
        first in 40.0..160.0,
        steps in prop::collection::vec((-4.0..4.0, 0.0..3.0, 0.0..3.0), 1..200),
    ) {
        let candles = candles(tied, first, &steps);
        let on_grid = |price: f64| decimal(if tied { price.round() } else { price });
        let config = GridConfig {
            side: if is_buy { Side::Buy } else { Side::Sell },
            start_price: on_grid(start),
            end_price: on_grid(end),
            limit_price: limit.map(on_grid),
            total_amount_quote: decimal(f64::from(level_count) * 6.0),
            min_spread_between_orders: if has_step { decimal(0.001) } else { Decimal::ZERO },
            take_profit,
            coerce_tp_to_step,
            stop_loss,
            keep_position,
            ..ties::buy()
        };
        // Upstream divides by zero where there are no levels.
        let Ok(grid) = Grid::simulate(&candles, &config, 0, cost, None) else { return Ok(()) };
        let last = candles.len() - 1;
        let mut expected = walk(&grid, &config, &candles, cost, last);
        expected.snapshot.filled_amount_quote *= 2.0;
        let found = End {
            row: grid.end,
            close_type: grid.close_type,
            first_fill: grid.fill,
            fill_event_count: grid.fill_event_count,
            snapshot: grid.at(&candles, grid.end),
        };
        prop_assert_eq!(found, expected);
        for row in [grid.end / 3, grid.end / 2] {
            if row < grid.end {
                prop_assert_eq!(grid.at(&candles, row), walk(&grid, &config, &candles, cost, row).snapshot);
            }
        }
    }
}
