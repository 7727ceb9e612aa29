//! The ledger of holds, against Hummingbot's and on amounts made for exact ties.

use hive::engine::hold::Deposit;
use hive::engine::hold::Error;
use hive::engine::hold::Hold;
use hive::engine::hold::Ledger;
use hive::engine::hold::Netting;
use hive::market::Decimal;
use hive::market::Side;
use serde_json::Value;
use serde_json::json;
use sha2::Digest as _;
use sha2::Sha256;

use crate::oracle_case;
use crate::oracle_case::Case;
use crate::oracle_case::RELEASES;

/// The cases that hold something.
const CASES: [&str; 6] = [
    "grid_strike__c4_buy_limit_hold",
    "pmm_mister__c1_spot",
    "pmm_mister__c2_perp",
    "pmm_mister__c3_spot_tpsl",
    "pmm_simple__c3_spot_rebalance",
    "pmm_v1__c1",
];

/// Returns the executors that left something behind; a grid that ends at its limit may have realized nothing.
fn holds(case: &Case) -> impl Iterator<Item = &Value> {
    let executors = case.golden["executors"].as_array().expect("a list").iter();
    executors.filter(|executor| executor["close_type"] == "POSITION_HOLD" && executor["filled_amount_quote"] != "0")
}

/// Returns what an executor leaves behind.
fn deposit(executor: &Value) -> Deposit {
    let float = |key: &str| executor[key].as_f64().expect("a number");
    Deposit {
        side: oracle_case::side(executor),
        filled_amount_quote: float("filled_amount_quote_f"),
        cum_fees_quote: float("cum_fees_quote_f"),
        average_price: float("current_position_average_price"),
    }
}

/// Rebuilds the ledger of a case from its executors, in upstream's order: that in which they ended.
fn rebuilt(case: &Case) -> Ledger {
    let mut ledger = Ledger::default();
    for executor in holds(case) {
        ledger.push(deposit(executor));
    }
    ledger.drain().expect("what has filled has a price");
    ledger
}

/// Returns a hold in the golden's words. Decimals are compared as text: their exponents count, too.
fn shown(hold: &Hold) -> Value {
    json!({
        "net_amount_base": hold.net_amount_base.to_string(),
        "avg_entry_price": hold.avg_entry_price.to_string(),
        "realized_pnl_quote": hold.realized_pnl_quote.to_string(),
        "cum_fees_quote": hold.cum_fees_quote.to_string(),
        "volume_traded_quote": hold.volume_traded_quote.to_string(),
        "buy_amount_base": hold.buy_amount_base.to_string(),
        "buy_amount_quote": hold.buy_amount_quote.to_string(),
        "sell_amount_base": hold.sell_amount_base.to_string(),
        "sell_amount_quote": hold.sell_amount_quote.to_string(),
    })
}

#[test]
fn every_ledger_of_the_oracle_is_equal() {
    for (release, name) in RELEASES.into_iter().flat_map(|release| CASES.map(|name| (release, name))) {
        let case = oracle_case::open(release, name);
        let ledger = rebuilt(&case);
        let hold = ledger.hold().expect("these cases hold something");
        let mut theirs = case.golden["position_holds"][0].clone();
        let names = theirs.as_object_mut().expect("a table");
        names.remove("connector_name");
        names.remove("trading_pair");
        assert_eq!(shown(hold), theirs, "{}", case.name);
        let results = &case.golden["results"];
        let last = *case.candles.close.last().expect("rows");
        let summary = hold.summary(last);
        let ours = [summary.realized_pnl_quote.to_f64(), summary.unrealized_pnl_quote.to_f64()];
        let theirs = ["position_realized_pnl_quote", "unrealized_pnl_quote"].map(|key| results[key].as_f64());
        assert_eq!(ours.map(Some), theirs, "{}", case.name);
    }
}

/// Replays when deposits come to the ledger, and compares the hashes of everything that upstream marked candle by candle.
///
/// An executor that ends by itself does so at its last candle, but not on the one that created it; one that is stopped ends
/// after everything else of its candle. Either way the ledger takes it over one candle later.
fn check_series(case: &Case) {
    let mut deposits: Vec<(usize, bool, Deposit)> = holds(case)
        .map(|executor| {
            let closed = case.row(executor, "close_timestamp");
            let stopped = executor["type"] == "position_executor";
            let row = if stopped { closed } else { closed.max(case.row(executor, "timestamp") + 1) };
            (row, stopped, deposit(executor))
        })
        .collect();
    deposits.reverse();
    let mut ledger = Ledger::default();
    let mut columns: [Vec<u8>; 5] = Default::default();
    for (row, &close) in case.candles.close.iter().enumerate() {
        ledger.drain().expect("what has filled has a price");
        while let Some((_, _, deposit)) = deposits.pop_if(|(at, stopped, _)| *at == row && !*stopped) {
            ledger.push(deposit);
        }
        let mark = Decimal::from_shortest(close);
        if let Some(open) = ledger.open(mark) {
            let value = Decimal::product(open.amount, mark).to_f64();
            let (long, short) = if open.side == Side::Buy { (value, 0.0) } else { (0.0, value) };
            let time = case.candles.time[row] as f64;
            let (unrealized, realized) = (open.unrealized_pnl_quote.to_f64(), open.realized_pnl_quote.to_f64());
            for (column, value) in columns.iter_mut().zip([time, long, short, 0.0 + unrealized, 0.0 + realized]) {
                column.extend(value.to_le_bytes());
            }
        }
        while let Some((_, _, deposit)) = deposits.pop_if(|(at, ..)| *at == row) {
            ledger.push(deposit);
        }
    }
    let theirs = &case.golden["position_held_timeseries"];
    assert_eq!(Some(columns[0].len() as u64 / 8), theirs["rows"].as_u64(), "{}", case.name);
    for (name, column) in
        ["timestamp", "long_amount", "short_amount", "unrealized_pnl", "realized_pnl"].into_iter().zip(columns)
    {
        let hash = Sha256::digest(column).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        assert_eq!(hash, theirs["sha256_f64le"][name], "{} {name}", case.name);
    }
}

#[test]
fn every_candle_of_every_ledger_is_equal() {
    for (release, name) in RELEASES.into_iter().flat_map(|release| CASES.map(|name| (release, name))) {
        check_series(&oracle_case::open(release, name));
    }
}

/// Books `(side, quote, price)` as releases since v2.15 do and compares `(net amount, average price, realized profit)`.
fn check(deposits: &[(Side, f64, f64)], expected: (&str, &str, &str)) -> Hold {
    check_under(Netting::AverageCost, deposits, expected)
}

fn check_under(netting: Netting, deposits: &[(Side, f64, f64)], expected: (&str, &str, &str)) -> Hold {
    let mut hold = Hold::default();
    for &(side, filled_amount_quote, average_price) in deposits {
        let deposit = Deposit { side, filled_amount_quote, cum_fees_quote: 0.5, average_price };
        hold.add(&deposit, netting).expect("it has a price");
    }
    let decimal = |text: &str| text.parse::<Decimal>().expect("a decimal");
    let expected = (decimal(expected.0), decimal(expected.1), decimal(expected.2));
    assert_eq!((hold.net_amount_base, hold.avg_entry_price, hold.realized_pnl_quote), expected);
    hold
}

#[test]
fn one_way_the_price_is_averaged_by_cost() {
    check(&[(Side::Buy, 64.0, 64.0), (Side::Buy, 32.0, 32.0)], ("2", "48", "0"));
    check(&[(Side::Sell, 64.0, 64.0), (Side::Sell, 96.0, 32.0)], ("-4", "40", "0"));
}

#[test]
fn the_other_way_the_difference_is_realized() {
    check(&[(Side::Buy, 128.0, 64.0), (Side::Sell, 80.0, 80.0)], ("1", "64", "16"));
    check(&[(Side::Sell, 128.0, 64.0), (Side::Buy, 80.0, 80.0)], ("-1", "64", "-16"));
}

#[test]
fn an_equal_amount_closes_it() {
    let closed = check(&[(Side::Buy, 64.0, 64.0), (Side::Sell, 80.0, 80.0)], ("0", "0", "16"));
    assert!(closed.is_closed());
    let summary = closed.summary(Decimal::from(99));
    assert_eq!((summary.side, summary.unrealized_pnl_quote), (Side::Buy, Decimal::ZERO));
    let closed = check(&[(Side::Sell, 64.0, 64.0), (Side::Buy, 80.0, 80.0)], ("0", "0", "-16"));
    assert!(closed.is_closed());
    // What comes next opens it anew; the profit stays.
    check(&[(Side::Sell, 64.0, 64.0), (Side::Buy, 80.0, 80.0), (Side::Buy, 64.0, 32.0)], ("2", "32", "-16"));
}

#[test]
fn a_larger_amount_turns_it_over_at_its_own_price() {
    check(&[(Side::Buy, 64.0, 64.0), (Side::Sell, 240.0, 80.0)], ("-2", "80", "16"));
    check(&[(Side::Sell, 64.0, 64.0), (Side::Buy, 240.0, 80.0)], ("2", "80", "-16"));
}

#[test]
fn in_v2_14_each_side_has_the_average_price_of_all_its_deposits() {
    let check = |deposits: &[_], expected| check_under(Netting::Totals, deposits, expected);
    check(&[(Side::Buy, 64.0, 64.0), (Side::Buy, 32.0, 32.0)], ("2", "48", "0"));
    check(&[(Side::Sell, 64.0, 64.0), (Side::Sell, 96.0, 32.0)], ("-4", "40", "0"));
    check(&[(Side::Sell, 128.0, 64.0), (Side::Buy, 80.0, 80.0)], ("-1", "64", "-16"));
    // What is bought after a sale moves the profit of that sale, and the price of what is left.
    let sold = [(Side::Buy, 64.0, 64.0), (Side::Buy, 64.0, 64.0), (Side::Sell, 80.0, 80.0)];
    check(&sold, ("1", "64", "16"));
    check(&[&sold[..], &[(Side::Buy, 64.0, 32.0)]].concat(), ("3", "48", "32"));
    // So it does when the position was closed in between, or turned over.
    let closed = [(Side::Sell, 64.0, 64.0), (Side::Buy, 80.0, 80.0)];
    assert!(check(&closed, ("0", "0", "-16")).is_closed());
    check(&[&closed[..], &[(Side::Buy, 96.0, 32.0)]].concat(), ("3", "44", "20"));
    check(&[(Side::Buy, 64.0, 64.0), (Side::Sell, 240.0, 80.0)], ("-2", "80", "16"));
}

#[test]
fn fees_and_volume_add_up_and_touch_no_profit() {
    let hold = check(&[(Side::Buy, 64.0, 64.0), (Side::Sell, 80.0, 80.0)], ("0", "0", "16"));
    assert_eq!((hold.cum_fees_quote, hold.volume_traded_quote), (Decimal::ONE, Decimal::from(144)));
}

#[test]
fn the_mark_is_taken_as_it_is_given() {
    let hold = check(&[(Side::Sell, 1.0, 1.0)], ("-1", "1", "0"));
    assert_eq!(hold.summary(Decimal::from_shortest(0.1)).unrealized_pnl_quote.to_string(), "0.9");
    assert_eq!(hold.summary(0.1).unrealized_pnl_quote.to_string(), "0.8999999999999999944488848769");
    assert_eq!(hold.summary(0.1).side, Side::Sell);
    assert_eq!(hold.summary(0.1).amount_quote(), Decimal::ONE);
}

#[test]
fn deposits_wait_for_the_next_candle() {
    let mut ledger = Ledger::default();
    let deposit = |side| Deposit { side, filled_amount_quote: 64.0, cum_fees_quote: 0.0, average_price: 64.0 };
    ledger.push(deposit(Side::Buy));
    assert_eq!((ledger.hold(), ledger.open(64.0)), (None, None));
    ledger.drain().expect("it has a price");
    assert_eq!(ledger.open(64.0).expect("it is open").amount, Decimal::ONE);
    ledger.push(deposit(Side::Sell));
    ledger.drain().expect("it has a price");
    assert_eq!(ledger.open(64.0), None);
    assert!(ledger.hold().expect("it stays").is_closed());
}

#[test]
fn a_deposit_without_a_price_is_refused() {
    let deposit = Deposit { side: Side::Buy, filled_amount_quote: 64.0, cum_fees_quote: 0.0, average_price: 0.0 };
    for netting in [Netting::Totals, Netting::AverageCost] {
        let booked = Hold::default().add(&deposit, netting);
        assert_eq!(booked, Err(Error::NoPrice { filled_amount_quote: 64.0 }), "{netting:?}");
    }
}
