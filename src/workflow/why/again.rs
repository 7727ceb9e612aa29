//! Can the run that a golden was made of be made again, from the golden alone?

use indexmap::IndexMap;
use serde_json::Value;

use crate::engine::Profile;
use crate::engine::profile;
use crate::golden::Golden;
use crate::market::Candles;
use crate::recipe::resolve::CandleSource;
use crate::recipe::resolve::Engine;
use crate::recipe::resolve::Mode;
use crate::recipe::resolve::Scenario;
use crate::recipe::resolve::WallClock;
use crate::workflow::Error;
use crate::workflow::Project;
use crate::workflow::candles::read;
use crate::workflow::found;
use crate::workflow::golden;
use crate::workflow::golden::inputs;
use crate::workflow::played::Played;
use crate::workflow::project::Loaded;
use crate::workflow::scenario::CandleCache;
use crate::workflow::scenario::Ran;
use crate::workflow::scenario::Ready;

/// What a native run is made of.
#[derive(Debug)]
pub struct Given {
    loaded: Loaded,
    scenario: Scenario,
    profile: Profile,
    read: (Candles, String),
}

impl Given {
    /// Returns what the run of now is made of.
    #[must_use]
    pub fn now(loaded: &Loaded, scenario: &Scenario, profile: Profile, read: (Candles, String)) -> Self {
        Self { loaded: loaded.clone(), scenario: scenario.clone(), profile, read }
    }

    /// Returns it ready to be replayed.
    #[must_use]
    pub fn ready(&self) -> Ready<'_> {
        Ready::under(&self.loaded, &self.scenario, self.profile, &self.read)
    }

    /// Returns the mode that it is replayed in.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.scenario.mode
    }

    /// Returns what a position pays, as a fraction: in a causal replay barriers are before fees.
    #[must_use]
    pub fn cost(&self) -> f64 {
        match self.scenario.mode {
            Mode::Parity => self.profile.fee_sides * self.scenario.trade_cost,
            Mode::Causal => 0.0,
        }
    }

    /// Returns the candles that it is replayed over.
    ///
    /// # Errors
    ///
    /// Says that they are not of the resolution.
    pub fn candles(&self) -> Result<Candles, Error> {
        window(&self.scenario, &self.read.0)
    }

    /// Returns the close of the replayed candle that opens at a time, in quote.
    #[must_use]
    pub fn close_at(&self, time: i64) -> Option<f64> {
        let candles = self.read.0.resampled(self.scenario.resolution).ok()?;
        candles.time.binary_search(&time).ok().map(|row| candles.close[row])
    }
}

/// Returns the candles that a scenario is replayed over, of all in its file.
///
/// # Errors
///
/// Says that they are not of the resolution.
pub fn window(scenario: &Scenario, all: &Candles) -> Result<Candles, Error> {
    let Scenario { start, end, resolution, candles, .. } = scenario;
    let unfit = |source| Error::Candles { file: candles.clone(), source };
    Ok(all.resampled(*resolution).map_err(unfit)?.window(*start, *end).into_owned())
}

/// Makes a golden's run again, and proves that it is that run: its ledger is the golden's.
///
/// # Errors
///
/// Says, in a sentence, why the run cannot be made again.
pub fn golden(
    project: &Project,
    loaded: &Loaded,
    scenario: &Scenario,
    golden: &Golden,
) -> Result<(Given, Box<Ran>), String> {
    let given = given(project, loaded, scenario, golden)?;
    let ran = given.ready().run();
    let ran = Box::new(ran.map_err(|error| format!("the golden's run cannot be made again: {error}"))?);
    let played = Played::Native(ran);
    let made = golden::of(&given.loaded, &given.scenario, &played);
    let Played::Native(ran) = played else { return Err(String::new()) };
    if made.ledger != golden.ledger {
        let engine = golden.inputs.get("engine").map_or("another engine", String::as_str);
        return Err(format!("the golden's inputs give another result now than they gave `{engine}`"));
    }
    Ok((given, ran))
}

fn given(project: &Project, loaded: &Loaded, scenario: &Scenario, golden: &Golden) -> Result<Given, String> {
    let inputs = &golden.inputs;
    let text = |key: &str| {
        inputs.get(key).map(String::as_str).ok_or_else(|| {
            let why = if inputs.is_empty() { "older than the list of a golden's inputs" } else { "without the input" };
            format!("the golden is {why}{}", if inputs.is_empty() { String::new() } else { format!(" `{key}`") })
        })
    };
    if text("engine")? == "upstream" || scenario.engine == Engine::Upstream {
        return Err("upstream's engine does not report what its controllers see".to_owned());
    }
    let (mut loaded, mut scenario) = (loaded.clone(), scenario.clone());
    let profile = match inputs.get("version") {
        Some(version) => profile::of_version(version),
        None => profile::named(text("replay-profile")?),
    };
    let profile = profile.map_err(|error| format!("the golden's profile is not known any more: {error}"))?;
    scenario.replay_profile = inputs.get("replay-profile").cloned();
    scenario.mode = if text("mode")? == Mode::Causal.name() { Mode::Causal } else { Mode::Parity };
    scenario.start = number(inputs, "start")?;
    scenario.end = number(inputs, "end")?;
    scenario.resolution = number(inputs, "resolution")?;
    scenario.trade_cost = number(inputs, "trade-cost")?;
    if scenario.mode == Mode::Causal {
        scenario.costs.maker_fee = number(inputs, "maker-fee")?;
        scenario.costs.taker_fee = number(inputs, "taker-fee")?;
        scenario.costs.slippage_bps = number(inputs, "slippage-bps")?;
    }
    let rules = &mut scenario.trading_rules;
    for (key, rule) in [
        ("min_price_increment", &mut rules.min_price_increment),
        ("min_base_amount_increment", &mut rules.min_base_amount_increment),
        ("min_notional_size", &mut rules.min_notional_size),
        ("min_order_size", &mut rules.min_order_size),
    ] {
        text(&format!("trading-rules.{key}"))?.clone_into(rule);
    }
    scenario.wall_clock = match text("wall-clock")? {
        "after" => WallClock::After,
        _ => WallClock::At(number(inputs, "wall-clock")?),
    };
    scenario.indicators = Some(text("indicators")?.to_owned());
    let keys = inputs.iter().filter_map(|(key, text)| Some((key.strip_prefix(inputs::CONTROLLER)?, text)));
    scenario.controller = keys.map(|(key, text)| (key.to_owned(), inputs::value(text))).collect();
    let read = candles(project, &mut loaded, &scenario, text("candles-from")?, text("candles")?)?;
    Ok(Given { loaded, scenario, profile, read })
}

fn number<N: std::str::FromStr>(inputs: &IndexMap<String, String>, key: &str) -> Result<N, String> {
    let found = inputs.get(key).and_then(|text| text.parse().ok());
    found.ok_or_else(|| format!("the golden's input `{key}` is no number"))
}

/// Reads the golden's candles: those of its file, as it is or as a commit has it, or those of its generator.
fn candles(
    project: &Project,
    loaded: &mut Loaded,
    played: &Scenario,
    from: &str,
    checksum: &str,
) -> Result<(Candles, String), String> {
    let market = loaded.recipe.candles.get_mut(&played.candles).ok_or("the recipe has no such candles")?;
    match serde_json::from_str::<Value>(from) {
        Ok(Value::Object(table)) => {
            let walk = table.get("synthetic").ok_or("the golden's candles are of a kind that is not known")?;
            let CandleSource::Synthetic(source) = &mut market.source else {
                return Err("the golden's candles came from a generator, and those of now from a file".to_owned());
            };
            let whole = |key: &str| walk[key].as_i64().unwrap_or_default();
            let text = |key: &str| match &walk[key] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            source.seed = walk["seed"].as_u64().unwrap_or_default();
            source.rows = u32::try_from(whole("rows")).unwrap_or_default();
            (source.start, source.interval) = (whole("start"), whole("interval"));
            (source.price, source.tick, source.volume) = (text("price"), text("tick"), text("volume"));
            source.volatility_bps = u32::try_from(whole("volatility-bps")).unwrap_or_default();
        }
        _ => market.source = CandleSource::File(from.to_owned()),
    }
    let mut cache = CandleCache::default();
    // A file that is gone, or broken now, may be whole in the history.
    let read = cache.get(project, &loaded.recipe, &played.candles).cloned().unwrap_or_default();
    if read.1 == checksum {
        return Ok(read);
    }
    let gone = || format!("the golden's candles are not there any more: `{from}` holds others");
    let sha256 = checksum.strip_prefix("sha256:").ok_or_else(gone)?;
    let bytes = found::by_hash(project, from, sha256).ok_or_else(gone)?;
    let candles = read::parse(bytes, from).map_err(|_| gone())?;
    Ok((candles, checksum.to_owned()))
}
