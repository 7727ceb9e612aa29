//! The DCA executor against a plain one, which computes every order's barriers and compares each candle with them exactly.

use std::cmp::Ordering;

use hive::engine::dca::Dca;
use hive::engine::dca::Error;
use hive::engine::position::Ground;
use hive::executor::CloseType;
use hive::executor::dca::DcaConfig;
use hive::executor::dca::DcaMode;
use hive::executor::dca::DcaOrder;
use hive::executor::dca::DcaTrailingStop;
use hive::market::Candles;
use hive::market::Decimal;
use hive::market::Side;
use hive::market::decimal::Operand;
use hive::market::decimal::compare;
use proptest::prelude::*;

/// How a DCA went.
#[derive(Debug, PartialEq)]
struct Course {
    end: usize,
    close_type: CloseType,
    booked_from: Option<usize>,
    average_price: f64,
    /// At the end, counted twice; zero where nothing is booked.
    filled_quote: f64,
}

/// Returns whether a price is as good as another, or better, for who is on a side.
fn reaches(side: Side, price: f64, goal: Decimal) -> bool {
    let worse = if side == Side::Buy { Ordering::Less } else { Ordering::Greater };
    compare(Operand::from(price), Operand::from(goal)) != worse
}

/// Returns a price times 1 plus or minus a fraction, whichever is better for a side.
fn better(side: Side, price: Decimal, fraction: Decimal) -> Decimal {
    Decimal::product(price, Decimal::sum(Decimal::ONE, Decimal::product(fraction, side.sign())))
}

/// Follows a DCA that is created at the first row, with every figure that upstream computes.
fn plain(candles: &Candles, config: &DcaConfig, last: usize) -> Result<Course, Error> {
    let (side, against, orders) = (config.side, config.side.opposite(), config.orders());
    let mut course = Course {
        end: last,
        close_type: CloseType::TimeLimit,
        booked_from: None,
        average_price: orders[0].price.to_f64(),
        filled_quote: 0.0,
    };
    let (mut amount, mut weighted, mut break_even) = (Decimal::ZERO, Decimal::ZERO, orders[0].price);
    let (mut filled_quote, mut closed) = (0.0, false);
    for (index, order) in orders.iter().enumerate() {
        amount = Decimal::sum(amount, order.amount_quote);
        weighted = Decimal::sum(weighted, Decimal::product(order.amount_quote, order.price));
        let average = if index == 0 { Some(order.price) } else { Decimal::quotient(weighted, amount) };
        let average = average.ok_or(Error::NoAmount { count: index + 1 })?;
        let Some(entry) = (0..=last).find(|&row| reaches(against, candles.close[row], order.price)) else {
            return Ok(course);
        };
        let next = orders.get(index + 1);
        let stop_loss = config.stop_loss.filter(|loss| !loss.is_zero());
        if next.is_none() && stop_loss.is_none() {
            return Err(Error::NoStopLoss);
        }
        if !closed {
            break_even = average;
            filled_quote += order.amount_quote.to_f64();
            let worst = if side == Side::Buy { &candles.low } else { &candles.high };
            let mut line: Option<f64> = None;
            let event = (entry..=last).find_map(|row| {
                let close = candles.close[row];
                let trailed = config.trailing_stop.is_some_and(|stop| {
                    let factor = better(against, Decimal::ONE, stop.delta).to_f64();
                    if line.is_some() || reaches(side, close, better(side, break_even, stop.activation)) {
                        let own = close * factor;
                        let best =
                            line.map_or(own, |line| if side == Side::Buy { line.max(own) } else { line.min(own) });
                        line = Some(best);
                    }
                    line.is_some_and(|line| if side == Side::Buy { close <= line } else { close >= line })
                });
                let gains =
                    |profit: &Decimal| !profit.is_zero() && reaches(side, close, better(side, break_even, *profit));
                let loses = |loss: Decimal| reaches(against, worst[row], better(against, break_even, loss));
                if config.take_profit.as_ref().is_some_and(gains) {
                    Some((row, Some(CloseType::TakeProfit)))
                } else if next.is_none() && stop_loss.is_some_and(loses) {
                    Some((row, Some(CloseType::StopLoss)))
                } else if trailed {
                    Some((row, Some(CloseType::TrailingStop)))
                } else {
                    next.is_some_and(|next| reaches(against, close, next.price)).then_some((row, None))
                }
            });
            if let (row, Some(close_type)) = event.unwrap_or((last, Some(CloseType::TimeLimit))) {
                (course.end, course.close_type, closed) = (row, close_type, true);
            }
        }
        if next.is_none() && entry <= course.end {
            course.booked_from = Some(entry);
            course.average_price = break_even.to_f64();
            course.filled_quote = filled_quote * 2.0;
        }
    }
    Ok(course)
}

fn decimal(value: f64) -> Decimal {
    Decimal::from_shortest(value)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Half the cases are on a grid of sixteenths, where barriers are met to the last bit.
    #[test]
    fn what_is_not_computed_changes_nothing(
        (tied, is_buy, in_order) in any::<(bool, bool, bool)>(),
        spreads in prop::collection::vec(0.0..0.1f64, 1..5),
        amounts in prop::collection::vec(prop::sample::select(vec![0.0, 64.0, 64.0, 128.0, 33.3]), 5),
        take_profit in prop::option::of(prop::sample::select(vec![0.0, 0.015_625, 0.0313, 0.125])),
        stop_loss in prop::option::weighted(0.9, prop::sample::select(vec![0.0, 0.015_625, 0.0317, 0.0625])),
        trailing_stop in prop::option::of((0.0..0.05f64, 0.0..0.03f64)),
        time_limit in prop::option::of(1..9000i64),
        has_gap in any::<bool>(),
        steps in prop::collection::vec((-2.0..2.0, 0.0..2.0, 0.0..2.0), 2..150),
    ) {
        let on_grid = |price: f64, grid: f64| if tied { (price * grid).round() / grid } else { price };
        let mut close = 64.0;
        let bar = |&(step, up, down): &(f64, f64, f64)| {
            close = on_grid(close + step, 16.0).clamp(32.0, 96.0);
            (close + on_grid(up, 16.0), close - on_grid(down, 16.0), close)
        };
        let mut candles = crate::small_candles::candles(&steps.iter().map(bar).collect::<Vec<_>>());
        if has_gap {
            let middle = candles.len() / 2;
            candles.time[middle..].iter_mut().for_each(|time| *time += 600);
        }
        let side = if is_buy { Side::Buy } else { Side::Sell };
        let mut spreads: Vec<f64> = spreads.iter().map(|spread| on_grid(*spread, 1024.0)).collect();
        if in_order {
            spreads.sort_by(f64::total_cmp);
        }
        let order = |(spread, amount): (&f64, &f64)| {
            DcaOrder { price: decimal(64.0 * (1.0 - spread * side.sign())), amount_quote: decimal(*amount) }
        };
        let config = DcaConfig {
            time: 0,
            anchor: 0,
            side,
            mode: DcaMode::Maker,
            orders: spreads.iter().zip(&amounts).map(order).collect(),
            take_profit: take_profit.map(decimal),
            stop_loss: stop_loss.map(decimal),
            trailing_stop: trailing_stop.map(|(activation, delta)| DcaTrailingStop {
                activation: decimal(on_grid(activation, 1024.0)),
                delta: decimal(on_grid(delta, 1024.0)),
            }),
            time_limit,
            level: None,
        };
        let until = time_limit.unwrap_or(i64::MAX);
        let last = candles.time.iter().rposition(|&time| time <= until).expect("the first candle is at zero");
        let ground = Ground::new(&candles, 0.0, true);
        let ours = Dca::simulate(&candles, &config, 0).map(|dca| {
            let dca = dca.expect("the limit is not before the creation");
            let at_end = dca.at(&ground, dca.end);
            Course {
                end: dca.end,
                close_type: dca.close_type,
                booked_from: dca.booked_from(),
                average_price: at_end.average_price,
                filled_quote: at_end.filled_amount_quote,
            }
        });
        prop_assert_eq!(ours, plain(&candles, &config, last));
    }
}
