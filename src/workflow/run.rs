//! One scenario, whole: every executor, every figure, every value of the series.

use serde_json::Value;
use serde_json::json;

use crate::recipe::resolve::Costs;
use crate::recipe::resolve::Mode;
use crate::workflow::Error;
use crate::workflow::Project;
use crate::workflow::report;
use crate::workflow::scenario;
use crate::workflow::scenario::CandleCache;
use crate::workflow::scenario::Ran;
use crate::workflow::upstream;

/// A replayed scenario with its recipe's words for it.
pub struct Run {
    /// What came of it.
    pub ran: Ran,
    /// The whole result as one object.
    pub json: Value,
}

/// Replays a scenario; needs neither the network nor a fetched release.
///
/// # Errors
///
/// Says what is wrong with the recipe, the candles, the configuration or the version.
pub fn run(project: &Project, file: &str, scenario: &str) -> Result<Run, Error> {
    let loaded = project.load(file)?;
    let recipe = &loaded.recipe;
    let found = recipe.scenarios.get(scenario).ok_or_else(|| Error::unknown_scenario(recipe, scenario))?;
    let ran = scenario::run(project, &loaded, found, &mut CandleCache::default())?;
    let missing: i64 = ran.gaps.iter().map(|gap| gap.missing).sum();
    let mut json = json!({
        "recipe": recipe.name,
        "scenario": scenario,
        "upstream": upstream::label(recipe),
        "profile": ran.profile.name,
        "mode": ran.mode.name(),
        "engine": "native",
        "candles": {
            "name": found.candles,
            "checksum": ran.candles_checksum,
            "count": ran.candle_count,
            "gap_count": ran.gaps.len(),
            "missing_count": missing,
        },
        "start": found.start,
        "end": found.end,
        "resolution_s": found.resolution,
        "trade_cost": found.trade_cost,
    });
    if ran.mode == Mode::Causal {
        let Costs { maker_fee, taker_fee, slippage_bps } = found.costs;
        json["costs"] = json!({ "maker_fee": maker_fee, "taker_fee": taker_fee, "slippage_bps": slippage_bps });
    }
    let market = &recipe.candles[&found.candles];
    let text =
        |key: &str, default: &str| found.controller.get(key).and_then(Value::as_str).unwrap_or(default).to_owned();
    let (connector, pair) = (text("connector_name", &market.connector), text("trading_pair", &market.pair));
    if let (Some(into), Value::Object(result)) =
        (json.as_object_mut(), report::replay_json(&ran.subject(), &connector, &pair))
    {
        into.extend(result);
    }
    Ok(Run { ran, json })
}
