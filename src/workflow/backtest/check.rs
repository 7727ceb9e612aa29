//! Is a request for a backtest right, and if not, where and why?

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::controller;
use crate::controller::Controller;
use crate::controller::Setting;
use crate::engine::Profile;
use crate::engine::profile;
use crate::io::files;
use crate::recipe::resolve::INTERVALS;
use crate::recipe::schema::nearest;
use crate::workflow::backtest::Desk;
use crate::workflow::backtest::LIST_LENGTH_MAX;
use crate::workflow::backtest::ROWS_MAX;
use crate::workflow::backtest::named::shown;
use crate::workflow::candles::Found;

/// Where Hummingbot's own API begins when nobody says, 2025-01-01.
const START: i64 = 1_735_689_600;

/// Where it ends when nobody says, 2025-01-31T13:46:40.
const END: i64 = 1_738_368_000;

/// What one side of a trade costs when nobody says, as a fraction.
const TRADE_COST: f64 = 0.0006;

/// Times after this are not seconds, 2100-01-01.
const TIME_MAX: i64 = 4_102_444_800;

/// The keys of a request.
const KEYS: [&str; 8] =
    ["start_time", "end_time", "backtesting_resolution", "trade_cost", "config", "mode", "profile", "costs"];

/// What an order without candles is cached by: nothing.
const NO_KEY: &str = "";

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where it is: keys from the outside in. What is below `config` is the controller's.
    pub loc: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// The code that `hive explain` knows.
    pub code: &'static str,
    /// The kind of problem, as Pydantic names it.
    pub kind: &'static str,
    /// What to do.
    pub hint: Option<String>,
}

/// Everything that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invalid {
    /// One or more.
    pub problems: Vec<Problem>,
}

impl Invalid {
    /// Tells whether the request itself is right, and only the controller or the candles are not to be had: what
    /// Hummingbot's own API accepts, and fails at.
    #[must_use]
    pub fn is_of_the_engine(&self) -> bool {
        let is_inside = |problem: &Problem| problem.code != "HV0820" && problem.code != "HV0821";
        self.problems.iter().all(is_inside)
    }

    /// Returns all messages as one text.
    #[must_use]
    pub fn text(&self) -> String {
        let line = |problem: &Problem| match &problem.hint {
            Some(hint) => format!("{}; {hint}", problem.message),
            None => problem.message.clone(),
        };
        self.problems.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// A request that is right.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// What the work is told: everything that the result is a function of, in one order.
    pub request: Value,
    /// The hash of the request, the candles and the engine; empty where the candles are still to be fetched.
    pub key: String,
    /// What people see in lists.
    pub title: String,
}

/// What an order says: all that is to be done, with nothing left to default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) start_time: i64,
    pub(super) end_time: i64,
    pub(super) backtesting_resolution: String,
    pub(super) trade_cost: f64,
    pub(super) mode: Mode,
    pub(super) profile: String,
    /// The version that chose the profile; empty for a profile that was named.
    pub(super) upstream: String,
    pub(super) costs: Costs,
    pub(super) config: Map<String, Value>,
    /// The checksum of the candles; empty where they are still to be fetched.
    pub(super) candles: String,
}

/// Which of the two kinds of replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    Parity,
    Causal,
}

/// What trading costs in a causal replay.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Costs {
    #[serde(default)]
    pub(super) maker_fee: Option<f64>,
    #[serde(default)]
    pub(super) taker_fee: Option<f64>,
    #[serde(default)]
    pub(super) slippage_bps: f64,
}

impl Written {
    pub(super) fn resolution_s(&self) -> i64 {
        seconds(&self.backtesting_resolution).unwrap_or(60)
    }

    pub(super) fn profile(&self) -> Result<Profile, profile::Error> {
        if self.upstream.is_empty() { profile::named(&self.profile) } else { profile::of_version(&self.upstream) }
    }

    /// Builds the controller.
    pub(super) fn controller(&self, profile: &Profile) -> Result<Box<dyn Controller>, controller::config::Error> {
        let mode = match self.mode {
            Mode::Parity => controller::Mode::Parity,
            Mode::Causal => controller::Mode::Causal,
        };
        let wall_clock = Setting::clock_after(self.end_time);
        controller::registry::build(&self.config, &Setting { mode, wall_clock, ..profile.setting(None) })
    }

    /// Returns the venue and the pair.
    pub(super) fn market(&self) -> (&str, &str) {
        let text = |key: &str, default: &'static str| self.config.get(key).and_then(Value::as_str).unwrap_or(default);
        (text("connector_name", "binance_perpetual"), text("trading_pair", "WLD-USDT"))
    }

    /// Returns the longest candles that both the replay and the controller's own figures can be made from, in seconds.
    pub(super) fn interval_s(&self, controller: &dyn Controller) -> i64 {
        let own = controller.feed().map_or(self.resolution_s(), |feed| feed.interval);
        greatest_common_divisor(self.resolution_s(), own)
    }
}

/// Checks a request: what Hummingbot's API is asked with, `start_time`, `end_time`, `backtesting_resolution`, `trade_cost`
/// and `config`, and of hive's own `mode`, `profile` and `costs`. Times are epoch seconds, both inclusive.
///
/// # Errors
///
/// Tells everything that is wrong, each with its place.
pub fn check(desk: &Desk, body: &Value) -> Result<Checked, Invalid> {
    let mut problems = Vec::new();
    let written = if let Value::Object(body) = body {
        Reading { desk, body, problems: &mut problems }.read()
    } else {
        problems.push(problem(&[], "HV0820", "dict_type", "the request is not an object of keys and values"));
        None
    };
    match written {
        Some(written) if problems.is_empty() => finish(desk, written),
        _ => Err(Invalid { problems }),
    }
}

/// Finds the controller and the candles of a request that is right in itself.
fn finish(desk: &Desk, mut written: Written) -> Result<Checked, Invalid> {
    let refuse = |problem| Err(Invalid { problems: vec![problem] });
    let profile = match written.profile() {
        Ok(profile) => profile,
        Err(error) => return refuse(unknown_profile(&error)),
    };
    let controller = match written.controller(&profile) {
        Ok(controller) => controller,
        Err(error) => return refuse(refused(&error)),
    };
    let (connector, pair) = written.market();
    let interval = written.interval_s(controller.as_ref());
    let found = desk.store.find_in(connector, pair, interval, written.start_time, written.end_time);
    let title = format!(
        "{} {pair} {}",
        written.config.get("controller_name").and_then(Value::as_str).unwrap_or_default(),
        stretch(written.start_time, written.end_time)
    );
    written.candles = found.as_ref().map(|Found { checksum, .. }| checksum.clone()).unwrap_or_default();
    let request = serde_json::to_value(&written).expect("texts and finite numbers can be written as JSON");
    let text = format!("{} {request}", env!("CARGO_PKG_VERSION"));
    let key = if found.is_some() { files::sha256_hex(text.as_bytes()) } else { NO_KEY.to_owned() };
    Ok(Checked { request, key, title })
}

/// Returns a window as people read it.
fn stretch(start: i64, end: i64) -> String {
    let date = |time: i64| jiff::Timestamp::from_second(time).map(|time| time.strftime("%Y-%m-%d").to_string());
    match (date(start), date(end)) {
        (Ok(start), Ok(end)) if start == end => start,
        (Ok(start), Ok(end)) => format!("{start}..{end}"),
        _ => format!("{start}..{end}"),
    }
}

/// A request that is being read.
struct Reading<'a> {
    desk: &'a Desk,
    body: &'a Map<String, Value>,
    problems: &'a mut Vec<Problem>,
}

impl Reading<'_> {
    /// Reads the request; `None` where something that all else hangs on is wrong.
    fn read(&mut self) -> Option<Written> {
        self.check_keys();
        let (start_time, end_time) = (self.time("start_time", START), self.time("end_time", END));
        let resolution = self.resolution();
        if let (Some(start), Some(end)) = (start_time, end_time) {
            self.check_window(start, end, resolution.as_deref());
        }
        let trade_cost = self.trade_cost();
        let mode = self.mode();
        let (profile, upstream) = self.profile();
        let costs = self.costs();
        let config = self.config();
        Some(Written {
            start_time: start_time?,
            end_time: end_time?,
            backtesting_resolution: resolution?,
            trade_cost: trade_cost?,
            mode: mode?,
            profile,
            upstream,
            costs: costs?,
            config: config?,
            candles: String::new(),
        })
    }

    fn tell(&mut self, loc: &[&str], kind: &'static str, message: impl Into<String>, hint: Option<&str>) {
        let told = problem(loc, "HV0820", kind, message);
        self.problems.push(Problem { hint: hint.map(str::to_owned), ..told });
    }

    /// Refuses a key that is nearly one of a request's: what is misspelt would be left at its default in silence.
    fn check_keys(&mut self) {
        for key in self.body.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            if let Some(near) = nearest(key, KEYS) {
                let told = problem(&[key], "HV0820", "extra_forbidden", format!("a request has no `{}`", shown(key)));
                self.problems.push(Problem { hint: Some(format!("did you mean `{near}`?")), ..told });
            }
        }
    }

    /// Reads epoch seconds, as Pydantic reads a whole number: also `"1767225600"` and `1767225600.0`.
    fn time(&mut self, key: &str, default: i64) -> Option<i64> {
        let Some(found) = self.body.get(key) else { return Some(default) };
        let whole = match found {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole_of)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let Some(time) = whole else {
            let message = format!("`{key}` is {}, but whole epoch seconds were expected", brief(found));
            self.tell(&[key], "int_parsing", message, Some("1767225600 is 2026-01-01T00:00:00Z"));
            return None;
        };
        if !(0..=TIME_MAX).contains(&time) {
            let hint = (time > TIME_MAX).then_some("times are seconds, not milliseconds: divide by 1000");
            let message = format!("`{key}` is {time}, but epoch seconds from 0 to {TIME_MAX} were expected");
            self.tell(&[key], "value_error", message, hint);
            return None;
        }
        Some(time)
    }

    fn resolution(&mut self) -> Option<String> {
        let key = "backtesting_resolution";
        let found = match self.body.get(key) {
            None => return Some("1m".to_owned()),
            Some(Value::String(text)) if seconds(text).is_some() => return Some(text.clone()),
            Some(found) => found,
        };
        let names: Vec<&str> = INTERVALS.iter().map(|(name, _)| *name).collect();
        let message = format!("`{key}` is {}, but one of {} was expected", brief(found), names.join(", "));
        let kind = if found.is_string() { "value_error" } else { "string_type" };
        self.tell(&[key], kind, message, None);
        None
    }

    fn check_window(&mut self, start: i64, end: i64, resolution: Option<&str>) {
        if start >= end {
            let message = format!("`end_time` {end} is not after `start_time` {start}");
            self.tell(&["end_time"], "value_error", message, None);
        }
        let step = resolution.and_then(seconds).unwrap_or(60);
        let rows = (end - start) / step;
        if rows > ROWS_MAX {
            let message = format!("the window has {rows} rows, and no more than {ROWS_MAX} are replayed");
            self.tell(&["end_time"], "value_error", message, Some("take a shorter window or a longer resolution"));
        }
    }

    fn trade_cost(&mut self) -> Option<f64> {
        let Some(found) = self.body.get("trade_cost") else { return Some(TRADE_COST) };
        let number = found.as_f64().or_else(|| found.as_str()?.trim().parse().ok());
        match number {
            Some(cost) if (0.0..1.0).contains(&cost) => Some(cost),
            Some(cost) => {
                let message = format!("`trade_cost` is {cost}, but a fraction from 0 to below 1 was expected");
                self.tell(&["trade_cost"], "value_error", message, Some("0.0006 is 0.06 %"));
                None
            }
            None => {
                let message = format!("`trade_cost` is {}, but a fraction such as 0.0006 was expected", brief(found));
                self.tell(&["trade_cost"], "float_parsing", message, None);
                None
            }
        }
    }

    fn mode(&mut self) -> Option<Mode> {
        match self.body.get("mode") {
            None | Some(Value::Null) => Some(Mode::Parity),
            Some(Value::String(text)) if text == "parity" => Some(Mode::Parity),
            Some(Value::String(text)) if text == "causal" => Some(Mode::Causal),
            Some(found) => {
                let message = format!("`mode` is {}, but `parity` or `causal` was expected", brief(found));
                self.tell(&["mode"], "literal_error", message, None);
                None
            }
        }
    }

    /// Returns the name of the profile, and the version that it was chosen by.
    fn profile(&mut self) -> (String, String) {
        let default = (self.desk.profile.name.to_owned(), String::new());
        let name = match self.body.get("profile") {
            None | Some(Value::Null) => return default,
            Some(Value::String(name)) => name,
            Some(found) => {
                let message =
                    format!("`profile` is {}, but a profile or an upstream version was expected", brief(found));
                self.tell(&["profile"], "string_type", message, None);
                return default;
            }
        };
        match profile::named(name).map(|found| (found, "")).or_else(|_| Ok((profile::of_version(name)?, name.as_str())))
        {
            Ok((found, version)) => (found.name.to_owned(), version.to_owned()),
            Err(error) => {
                self.problems.push(unknown_profile(&error));
                default
            }
        }
    }

    fn costs(&mut self) -> Option<Costs> {
        let none = Costs { maker_fee: None, taker_fee: None, slippage_bps: 0.0 };
        let found = match self.body.get("costs") {
            None | Some(Value::Null) => return Some(none),
            Some(found) => found,
        };
        let in_range = |costs: &Costs| {
            let fee = |fee: Option<f64>, least: f64| fee.is_none_or(|fee| (least..1.0).contains(&fee));
            fee(costs.maker_fee, -0.01) && fee(costs.taker_fee, 0.0) && (0.0..=1_000.0).contains(&costs.slippage_bps)
        };
        match Costs::deserialize(found) {
            Ok(costs) if in_range(&costs) => Some(costs),
            Ok(_) => {
                let message = "`costs` are out of range: `maker_fee` from -0.01, `taker_fee` from 0, both below 1, and \
                               `slippage_bps` from 0 to 1000 were expected";
                self.tell(&["costs"], "value_error", message, None);
                None
            }
            Err(error) => {
                self.tell(&["costs"], "value_error", format!("`costs` cannot be read: {error}"), None);
                None
            }
        }
    }

    fn config(&mut self) -> Option<Map<String, Value>> {
        let config = match self.body.get("config") {
            Some(Value::Object(config)) => config.clone(),
            Some(Value::String(name)) => match self.desk.config(name) {
                Ok(config) => config,
                Err(problem) => {
                    self.problems.push(problem);
                    return None;
                }
            },
            None => {
                self.tell(&["config"], "missing", "`config` is missing", Some(CONFIG_HINT));
                return None;
            }
            Some(found) => {
                let message = format!("`config` is {}, but an object or a name was expected", brief(found));
                self.tell(&["config"], "dict_type", message, Some(CONFIG_HINT));
                return None;
            }
        };
        if let Some((key, count)) =
            config.iter().map(|(key, value)| (key, length(value))).find(|(_, n)| *n > LIST_LENGTH_MAX)
        {
            let message = format!("`{}` has {count} entries, and no more than {LIST_LENGTH_MAX} are taken", shown(key));
            self.problems.push(problem(&["config", key], "HV0820", "too_long", message));
            return None;
        }
        Some(config)
    }
}

const CONFIG_HINT: &str = "give a controller's configuration, or the name of a file in the folder of configurations";

/// Returns how many entries a value lists, as an array or as text with commas.
fn length(value: &Value) -> usize {
    match value {
        Value::Array(list) => list.iter().map(length).sum::<usize>().max(list.len()),
        Value::Object(map) => map.values().map(length).sum::<usize>().max(map.len()),
        Value::String(text) => text.split(',').count(),
        _ => 1,
    }
}

fn problem(loc: &[&str], code: &'static str, kind: &'static str, message: impl Into<String>) -> Problem {
    let loc = loc.iter().map(|part| (*part).to_owned()).collect();
    Problem { loc, message: message.into(), code, kind, hint: None }
}

fn unknown_profile(error: &profile::Error) -> Problem {
    Problem { hint: Some(Desk::profile_hint()), ..problem(&["profile"], "HV0821", "value_error", error.to_string()) }
}

/// Tells why a controller refuses its configuration.
fn refused(error: &controller::config::Error) -> Problem {
    let key = error.key().unwrap_or_default();
    let loc: Vec<&str> = ["config", key].into_iter().filter(|part| !part.is_empty()).collect();
    Problem { hint: error.help(), ..problem(&loc, "HV0823", "value_error", error.to_string()) }
}

/// Returns the seconds of a resolution's name.
pub(super) fn seconds(name: &str) -> Option<i64> {
    INTERVALS.iter().find(|(known, _)| *known == name).map(|(_, seconds)| *seconds)
}

fn greatest_common_divisor(one: i64, other: i64) -> i64 {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}

/// Returns a whole number that was written with a point.
fn whole_of(value: f64) -> Option<i64> {
    format!("{value:.0}").parse().ok().filter(|_| value.fract() == 0.0)
}

/// Returns a value as messages show it.
fn brief(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::String(text) => format!("`{}`", shown(text)),
        other => format!("`{}`", shown(&other.to_string())),
    }
}
