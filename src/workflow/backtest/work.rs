//! How is a backtest done that was accepted?

use std::ops::ControlFlow;
use std::sync::Arc;

use serde::Deserialize as _;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::engine::Profile;
use crate::engine::Replay;
use crate::engine::causal;
use crate::engine::replay;
use crate::engine::replay::Setup;
use crate::engine::replay::replay_rows;
use crate::engine::replay::rows;
use crate::engine::rows::Rows;
use crate::engine::watch::Glimpse;
use crate::market::Candles;
use crate::market::TradingRules;
use crate::market::candles;
use crate::metric::Convention;
use crate::workflow::backtest::Desk;
use crate::workflow::backtest::EXECUTORS_MAX;
use crate::workflow::backtest::KIND;
use crate::workflow::backtest::check::Mode;
use crate::workflow::backtest::check::Written;
use crate::workflow::backtest::packet::Packet;
use crate::workflow::candles::Found;
use crate::workflow::jobs::Done;
use crate::workflow::jobs::Failed;
use crate::workflow::jobs::Stage;
use crate::workflow::jobs::Watch;
use crate::workflow::jobs::Work;
use crate::workflow::report;
use crate::workflow::report::Subject;

/// How many steps a backtest tells of: what people can read while it runs.
const STEPS: usize = 100;

impl Work for Desk {
    fn run(&self, kind: &str, request: &Value, watch: &dyn Watch) -> Result<Done, Failed> {
        if kind != KIND {
            return Err(failed("HV0825", format!("there is no work of the kind `{kind}`"), None));
        }
        watch.stage(Stage::Validating, "reading the request");
        let written = Written::deserialize(request)
            .map_err(|error| failed("HV0825", format!("the job's request cannot be read: {error}"), None))?;
        let profile =
            written.profile().map_err(|error| failed("HV0821", error.to_string(), Some(Self::profile_hint())))?;
        let mut controller =
            written.controller(&profile).map_err(|error| failed("HV0823", error.to_string(), error.help()))?;

        watch.stage(Stage::FetchingCandles, "looking for candles");
        let (connector, pair) = written.market();
        let interval = written.interval_s(controller.as_ref());
        let found = self.candles(&written, interval)?;
        let row_count = found.candles.window(written.start_time, written.end_time).len();
        watch.progress(row_count as u64, row_count as u64);

        watch.stage(Stage::Calculating, &format!("replaying {pair} of {connector}"));
        let setup = Setup {
            candles: &found.candles,
            start: written.start_time,
            end: written.end_time,
            resolution: written.resolution_s(),
            trade_cost: written.trade_cost,
            profile,
            rules: TradingRules::default(),
        };
        let mut looking = Looking { watch, told: 0, too_many: false };
        let replayed = match written.mode {
            Mode::Parity => rows(&setup, controller.as_mut()).and_then(|rows| {
                let replay = replay_rows(&setup, &rows, controller.as_mut(), &mut looking)?;
                Ok((rows, replay))
            }),
            Mode::Causal => causal::replay_watched(&setup, &costs(&written), controller.as_mut(), &mut looking)
                .and_then(|replay| Ok((plain_rows(&setup)?, replay))),
        };
        let (rows, replay) = match replayed {
            Ok(replayed) => replayed,
            Err(replay::Error::Stopped { .. }) if looking.too_many => return Err(too_many()),
            Err(error) => return Err(stopped(&error, written.mode)),
        };
        if replay.executors.len() > EXECUTORS_MAX {
            return Err(too_many());
        }
        let subject = Subject {
            replay: &replay,
            controller: controller.as_ref(),
            convention: match written.mode {
                Mode::Parity => profile.convention,
                Mode::Causal => Convention::Causal,
            },
            period: setup.resolution,
        };
        let results = report::results(&subject);
        let summary = summary(&written, &profile, &found, &rows, &replay, &results);
        let config = &written.config;
        let packet = Packet {
            rows: &rows,
            replay: &replay,
            controller: controller.as_ref(),
            config,
            profile: &profile,
            results,
        };
        Ok(Done { result: packet.bytes(), summary })
    }
}

impl Desk {
    /// Returns the candles that a request was accepted with.
    fn candles(&self, written: &Written, interval: i64) -> Result<Found, Failed> {
        let (connector, pair) = written.market();
        let (start, end) = (written.start_time, written.end_time);
        let Some(found) = self.store().find_in(connector, pair, interval, start, end) else {
            return Err(failed(
                "HV0824",
                format!("there are no candles of {connector} {pair} in the window that make candles of {interval} s"),
                Some(self.what_there_is(connector, pair)),
            ));
        };
        if !written.candles.is_empty() && found.checksum != written.candles {
            return Err(failed(
                "HV0826",
                format!("the candles of {connector} {pair} have changed since the request was accepted"),
                Some("ask again".to_owned()),
            ));
        }
        Ok(found)
    }

    /// Tells which candles of a market there are, and how to get more.
    fn what_there_is(&self, connector: &str, pair: &str) -> String {
        let mut there: Vec<String> = (self.store().coverage().unwrap_or_default().iter())
            .filter(|it| it.pair == pair && it.connector == connector && it.problem.is_none())
            .filter_map(|it| Some(format!("{} from {} to {}", it.interval.as_deref()?, it.start?, it.end?)))
            .collect();
        if there.is_empty() {
            return format!(
                "`hive candles download {connector} {pair}` fetches them, `hive candles list` shows what there is"
            );
        }
        there.sort();
        format!("there are {}; `hive candles download` fetches more", there.join(", "))
    }
}

/// Looks on for whoever watches a job.
struct Looking<'a> {
    watch: &'a dyn Watch,
    /// How many steps were told.
    told: usize,
    /// Whether the result would be too large.
    too_many: bool,
}

impl crate::engine::watch::Watch for Looking<'_> {
    fn look(&mut self, glimpse: &Glimpse) -> ControlFlow<()> {
        self.watch.progress(glimpse.row as u64, glimpse.row_count as u64);
        if glimpse.row * STEPS >= self.told * glimpse.row_count.max(1) {
            self.told = glimpse.row * STEPS / glimpse.row_count.max(1) + 1;
            self.watch.step(json!({
                "time": glimpse.time,
                "active_executors": glimpse.active_count,
                "executors": glimpse.ended_count,
                "net_pnl_quote": Some(glimpse.realized_pnl_quote).filter(|pnl| pnl.is_finite()),
            }));
        }
        self.too_many = glimpse.ended_count + glimpse.active_count > EXECUTORS_MAX;
        if self.too_many || self.watch.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Returns the replayed candles of a causal replay, which has no features of a whole window.
fn plain_rows<'a>(setup: &Setup<'a>) -> Result<Rows<'a>, candles::Error> {
    let joined = setup.candles.resampled(setup.resolution)?;
    let window = joined.window(setup.start, setup.end).into_owned();
    Ok(Rows::join(std::borrow::Cow::Owned(window), None))
}

fn costs(written: &Written) -> causal::Costs {
    let default = written.trade_cost;
    causal::Costs {
        maker_fee: written.costs.maker_fee.unwrap_or(default),
        taker_fee: written.costs.taker_fee.unwrap_or(default),
        slippage_bps: written.costs.slippage_bps,
    }
}

/// Returns what lists show of a result.
fn summary(
    written: &Written,
    profile: &Profile,
    found: &Found,
    rows: &Rows<'_>,
    replay: &Replay,
    results: &Map<String, Value>,
) -> Value {
    let (connector, pair) = written.market();
    let own = found.candles.interval().unwrap_or(found.interval_s);
    let asked = (written.start_time, written.end_time.saturating_add(written.resolution_s() - 1));
    let missing: i64 = window_of(&found.candles, asked).gaps(own).iter().map(|gap| gap.missing).sum();
    json!({
        "controller": written.config.get("controller_name"),
        "connector": connector,
        "pair": pair,
        "profile": profile.name,
        "rows": rows.candles.len(),
        "first_row": rows.candles.time.first(),
        "last_row": rows.candles.time.last(),
        "missing_candles": missing,
        "executors": replay.executors.len(),
        "metrics": results,
    })
}

fn window_of(candles: &Arc<Candles>, (start, end): (i64, i64)) -> std::borrow::Cow<'_, Candles> {
    candles.window(start, end)
}

fn failed(code: &'static str, message: impl Into<String>, hint: Option<String>) -> Failed {
    Failed { code, message: message.into(), hint }
}

fn too_many() -> Failed {
    let message = format!("the result has more than {EXECUTORS_MAX} executors");
    failed("HV0827", message, Some("take a shorter window, fewer levels or a longer refresh time".to_owned()))
}

/// Tells why a replay ended early, with all its causes.
fn stopped(error: &replay::Error, mode: Mode) -> Failed {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        message = format!("{message}: {deeper}");
        cause = deeper.source();
    }
    let hint = match mode {
        Mode::Parity => "Hummingbot's own backtester fails here, too; change the configuration",
        Mode::Causal => "change the configuration",
    };
    failed("HV0828", message, Some(hint.to_owned()))
}
