//! Configurations that a user could have written, for every controller, and the candles to replay them on.

use hive::engine::profile::PROFILES;
use hive::engine::profile::Profile;
use hive::engine::profile::V2_16;
use hive::engine::profile::V2_18;
use hive::market::synthetic::Walk;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use crate::replays::barriers;
use crate::replays::fraction;
use crate::replays::with;

/// A controller on a kind of market, with the profiles that it can be replayed under.
pub(super) struct Kind {
    pub(super) controller: &'static str,
    pub(super) profiles: &'static [Profile],
    /// Whether upstream's backtester cannot run it, so that there is nothing to equal.
    pub(super) is_causal_only: bool,
    pub(super) configuration: Configuration,
}

/// Whatever is kept as a hold, and whatever is no position or DCA, came after v2.14.
const SINCE_HOLDS: &[Profile] = &[V2_16, V2_18];

pub(super) const KINDS: [Kind; 15] = [
    both("pmm_simple", &PROFILES, pmm_simple),
    both("pmm_simple", SINCE_HOLDS, pmm_simple_on_spot),
    both("pmm_dynamic", &PROFILES, pmm_dynamic),
    both("pmm_dynamic_2", &PROFILES, pmm_dynamic_2),
    both("dman_maker_v2", &PROFILES, dman_maker_v2),
    both("bollinger_v1", &PROFILES, bollinger_v1),
    both("bollinger_v2", &PROFILES, bollinger_v2),
    both("macd_bb_v1", &PROFILES, macd_bb_v1),
    both("dman_v3", &PROFILES, dman_v3),
    both("grid_strike", SINCE_HOLDS, grid_strike),
    both("multi_grid_strike", SINCE_HOLDS, multi_grid_strike),
    both("pmm_v1", SINCE_HOLDS, pmm_v1),
    both("pmm_mister", SINCE_HOLDS, pmm_mister),
    causal("supertrend_v1", supertrend_v1),
    causal("bollingrid", bollingrid),
];

/// Generates configurations for the prices of a walk.
type Configuration = fn(&Walk) -> BoxedStrategy<Value>;

const fn both(controller: &'static str, profiles: &'static [Profile], configuration: Configuration) -> Kind {
    Kind { controller, profiles, configuration, is_causal_only: false }
}

const fn causal(controller: &'static str, configuration: Configuration) -> Kind {
    Kind { controller, profiles: SINCE_HOLDS, configuration, is_causal_only: true }
}

/// Barriers of which each may be missing.
fn any_barriers() -> impl Strategy<Value = Value> + Clone {
    (barriers(), any::<bool>()).prop_map(
        |(barriers, stops)| {
            if stops { barriers } else { with(barriers, &json!({ "stop_loss": "" })) }
        },
    )
}

fn spreads() -> impl Strategy<Value = String> + Clone {
    prop::collection::vec(fraction(), 1..4).prop_map(|spreads| spreads.join(","))
}

/// What all market makers have, with the keys of one of them.
fn making(
    name: &'static str,
    barriers: impl Strategy<Value = Value> + 'static,
    own: impl Strategy<Value = Value> + 'static,
) -> BoxedStrategy<Value> {
    (spreads(), spreads(), 0i64..1500, 0i64..4000, barriers, own)
        .prop_map(move |(buys, sells, refresh, cooldown, barriers, own)| {
            let base = json!({
                "controller_type": "market_making", "controller_name": name, "connector_name": "x_perpetual",
                "trading_pair": "A-B", "total_amount_quote": 1000, "buy_spreads": buys, "sell_spreads": sells,
                "buy_amounts_pct": "", "sell_amounts_pct": "", "executor_refresh_time": refresh,
                "cooldown_time": cooldown,
            });
            with(with(base, &barriers), &own)
        })
        .boxed()
}

/// What all followers of a signal have, with the keys of one of them.
fn directional(
    name: &'static str,
    barriers: impl Strategy<Value = Value> + 'static,
    own: impl Strategy<Value = Value> + 'static,
) -> BoxedStrategy<Value> {
    (barriers, interval(), 1i64..4, 0i64..900, own)
        .prop_map(move |(barriers, interval, count, cooldown, own)| {
            let base = json!({
                "controller_type": "directional_trading", "controller_name": name, "connector_name": "x_perpetual",
                "trading_pair": "A-B", "total_amount_quote": 1000, "max_executors_per_side": count,
                "cooldown_time": cooldown, "candles_connector": "", "candles_trading_pair": "", "interval": interval,
            });
            with(with(base, &barriers), &own)
        })
        .boxed()
}

fn interval() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("1m"), Just("3m")]
}

/// Bands with the keys of one of their followers; the thresholds are far inside, so that there is a signal.
fn bands(own: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    own.prop_map(|own| with(json!({ "bb_length": 20, "bb_long_threshold": 0.2, "bb_short_threshold": 0.8 }), &own))
}

fn nothing() -> Just<Value> {
    Just(json!({}))
}

fn pmm_simple(_: &Walk) -> BoxedStrategy<Value> {
    making("pmm_simple", any_barriers(), nothing())
}

/// On spot markets a market maker first buys what it is going to sell, and keeps it.
fn pmm_simple_on_spot(_: &Walk) -> BoxedStrategy<Value> {
    let own = any::<bool>().prop_map(|skips| json!({ "connector_name": "x", "skip_rebalance": skips }));
    making("pmm_simple", any_barriers(), own)
}

/// Its spreads are in units of the range of a candle.
fn pmm_dynamic(_: &Walk) -> BoxedStrategy<Value> {
    let own = (interval(), 1u32..30, 1u32..30).prop_map(|(interval, buy, sell)| {
        json!({
            "candles_connector": "", "candles_trading_pair": "", "interval": interval, "macd_slow": 26,
            "macd_fast": 12, "buy_spreads": [f64::from(buy) / 10.0, 4.0], "sell_spreads": [f64::from(sell) / 10.0],
        })
    });
    making("pmm_dynamic", any_barriers(), own)
}

fn pmm_dynamic_2(_: &Walk) -> BoxedStrategy<Value> {
    let own = (interval(), 0u32..50).prop_map(|(interval, adjustment)| {
        json!({
            "interval": interval, "price_adjustment_factor": 0.00001, "spread_adjustment": f64::from(adjustment) / 100.0,
        })
    });
    making("pmm_dynamic_2", any_barriers(), own)
}

fn dman_maker_v2(_: &Walk) -> BoxedStrategy<Value> {
    let own = prop::option::of(0u32..3000).prop_map(|top_level| {
        json!({
            "dca_spreads": "0.0005,0.0015,0.004", "dca_amounts": "1,2,3",
            "top_executor_refresh_time": top_level.map(|half_seconds| f64::from(half_seconds) / 2.0),
        })
    });
    making("dman_maker_v2", barriers(), own)
}

fn bollinger_v1(_: &Walk) -> BoxedStrategy<Value> {
    directional("bollinger_v1", any_barriers(), bands(nothing()))
}

fn bollinger_v2(_: &Walk) -> BoxedStrategy<Value> {
    directional("bollinger_v2", any_barriers(), bands(nothing()))
}

fn macd_bb_v1(_: &Walk) -> BoxedStrategy<Value> {
    let own = Just(json!({ "macd_fast": 6, "macd_slow": 13, "macd_signal": 5 }));
    directional("macd_bb_v1", any_barriers(), bands(own))
}

fn dman_v3(_: &Walk) -> BoxedStrategy<Value> {
    let own = any::<[bool; 2]>().prop_map(|[spread, target]| {
        json!({
            "dca_spreads": "0.0005,0.0015", "dca_amounts_pct": "", "dynamic_order_spread": spread,
            "dynamic_target": target,
        })
    });
    directional("dman_v3", barriers(), bands(own))
}

fn supertrend_v1(_: &Walk) -> BoxedStrategy<Value> {
    let own = Just(json!({ "length": 10, "multiplier": 2, "percentage_threshold": 0.02 }));
    directional("supertrend_v1", any_barriers(), own)
}

/// Its barriers are those of its grids: a profit to take, and no trailing stop.
fn bollingrid(_: &Walk) -> BoxedStrategy<Value> {
    let barriers = (any_barriers(), fraction())
        .prop_map(|(barriers, profit)| with(barriers, &json!({ "take_profit": profit, "trailing_stop": "" })));
    directional("bollingrid", barriers, bands(nothing()))
}

/// What all controllers of the type `generic` have, with the keys of one of them.
fn generic(name: &'static str, own: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    own.prop_map(move |own| {
        let base = json!({
            "controller_type": "generic", "controller_name": name, "connector_name": "x", "trading_pair": "A-B",
            "total_amount_quote": 1000,
        });
        with(base, &own)
    })
    .boxed()
}

/// A grid around a price; its limit lies beyond the start of a buying one, and beyond the end of a selling one.
fn grid(price: f64) -> impl Strategy<Value = Value> {
    (-20i32..10, 5i32..40, 1i32..20, any::<bool>(), any::<bool>()).prop_map(
        move |(start, length, distance, has_limit, buys)| {
            let at = |parts: i32| format!("{}", price * (1.0 + f64::from(parts) / 1_000.0));
            let limit = if buys { start - distance } else { start + length + distance };
            json!({
                "start_price": at(start), "end_price": at(start + length), "side": if buys { 1 } else { 2 },
                "limit_price": if has_limit { json!(at(limit)) } else { json!(0) },
            })
        },
    )
}

/// What the grids of a controller share.
fn grids() -> impl Strategy<Value = Value> {
    (fraction(), fraction(), 60i64..9000, any::<[bool; 3]>()).prop_map(|(profit, stop, limit, [stops, ends, keeps])| {
        json!({
            "keep_position": keeps, "min_spread_between_orders": "0.002", "min_order_amount_quote": "6",
            "triple_barrier_config": {
                "take_profit": profit, "open_order_type": 3, "take_profit_order_type": 3,
                "stop_loss": if stops { json!(stop) } else { Value::Null },
                "time_limit": if ends { json!(limit) } else { Value::Null },
            },
        })
    })
}

fn grid_strike(walk: &Walk) -> BoxedStrategy<Value> {
    generic("grid_strike", (grids(), grid(walk.price)).prop_map(|(shared, grid)| with(shared, &grid)))
}

/// Its grids are named after their sides, so that level names can be held against sides.
fn multi_grid_strike(walk: &Walk) -> BoxedStrategy<Value> {
    let named = grid(walk.price).prop_map(|grid| {
        let name = if grid["side"] == 1 { "buy_grid" } else { "sell_grid" };
        with(grid, &json!({ "grid_id": name, "amount_quote_pct": "0.5" }))
    });
    let own = (grids(), prop::collection::vec(named, 1..3))
        .prop_map(|(shared, grids)| with(shared, &json!({ "grids": grids })));
    generic("multi_grid_strike", own)
}

fn pmm_v1(walk: &Walk) -> BoxedStrategy<Value> {
    let price = walk.price;
    let own = (spreads(), spreads(), 0i64..1500, any::<[bool; 3]>()).prop_map(
        move |(buys, sells, refresh, [tolerates, has_ceiling, has_floor])| {
            json!({
                "order_amount": format!("{}", 100.0 / price), "buy_spreads": buys, "sell_spreads": sells,
                "order_refresh_time": refresh,
                "order_refresh_tolerance_pct": if tolerates { "0.001" } else { "-1" },
                "price_ceiling": if has_ceiling { format!("{}", price * 1.01) } else { "-1".to_owned() },
                "price_floor": if has_floor { format!("{}", price * 0.99) } else { "-1".to_owned() },
            })
        },
    );
    generic("pmm_v1", own)
}

fn pmm_mister(_: &Walk) -> BoxedStrategy<Value> {
    let own = (spreads(), spreads(), fraction(), 1i64..600, any::<[bool; 5]>()).prop_map(
        |(buys, sells, profit, refresh, [on_spot, protects, takes, stops, of_portfolio])| {
            json!({
                "connector_name": if on_spot { "x" } else { "x_perpetual" },
                "buy_spreads": buys, "sell_spreads": sells, "buy_amounts_pct": "", "sell_amounts_pct": "",
                "executor_refresh_time": refresh, "take_profit": profit, "portfolio_allocation": "0.1",
                "position_mode": "ONEWAY", "position_profit_protection": protects, "global_tp_enabled": takes,
                "global_sl_enabled": stops, "global_take_profit": "0.002", "global_stop_loss": "0.004",
                "global_pnl_reference": if of_portfolio { "portfolio" } else { "position" },
            })
        },
    );
    generic("pmm_mister", own)
}
