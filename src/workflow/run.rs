//! One scenario, whole: every executor, every figure, every value of the series.

use std::rc::Rc;

use serde_json::Value;
use serde_json::json;

use crate::io::progress::Progress;
use crate::recipe::resolve::Costs;
use crate::recipe::resolve::Mode;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::against::Parity;
use crate::workflow::played::Played;
use crate::workflow::played::Session;
use crate::workflow::upstream;
use crate::workflow::upstream_engine::UpstreamEngine;
use crate::workflow::why;
use crate::workflow::why::Why;

/// A replayed scenario with its recipe's words for it.
pub struct Run {
    /// What came of it.
    pub played: Rc<Played>,
    /// How it stands to the scenario that it is compared with; `None` where it is with none.
    pub parity: Option<Parity>,
    /// The whole result as one object.
    pub json: Value,
    /// The same beside its golden, where a report was asked for.
    pub why: Option<Why>,
}

/// Replays a scenario, and lays it beside its golden where `is_reported`. On the native engine that needs neither the network nor a fetched release; on upstream's it needs the
/// recipe's environment, which is looked for where `options` say.
///
/// # Errors
///
/// Says what is wrong with the recipe, the candles, the configuration, the version or the environment.
pub fn run(
    project: &Project,
    file: &str,
    scenario: &str,
    is_reported: bool,
    options: Options,
    progress: &dyn Progress,
) -> Result<Run, Error> {
    let loaded = project.load(file)?;
    let recipe = &loaded.recipe;
    let found = recipe.scenarios.get(scenario).ok_or_else(|| Error::unknown_scenario(recipe, scenario))?;
    let engine = UpstreamEngine::new(project, &loaded, options, progress);
    let mut session = Session::new(project, &loaded, engine);
    let played = session.play(found)?;
    let parity = session.parity(found, &played)?;
    let mut json = json!({
        "recipe": recipe.name,
        "scenario": scenario,
        "upstream": upstream::label(recipe),
        "profile": played.profile(),
        "mode": played.mode().name(),
        "engine": played.engine(),
        "candles": {
            "name": found.candles,
            "checksum": played.candles_checksum(),
            "count": played.candle_count(),
            "gap_count": played.gap_count(),
            "missing_count": played.missing_count(),
        },
        "start": found.start,
        "end": found.end,
        "resolution_s": found.resolution,
        "trade_cost": found.trade_cost,
    });
    if let Played::Upstream(ran) = &*played {
        json["environment"] = json!({ "key": ran.environment, "versions": ran.answer.versions });
    }
    if played.mode() == Mode::Causal {
        let Costs { maker_fee, taker_fee, slippage_bps } = found.costs;
        json["costs"] = json!({ "maker_fee": maker_fee, "taker_fee": taker_fee, "slippage_bps": slippage_bps });
    }
    if let (Some(into), Value::Object(result)) = (json.as_object_mut(), played.json(&loaded, found)) {
        into.extend(result);
    }
    if let Some(parity) = &parity {
        json["against"] = parity.json();
    }
    let around = why::AROUND;
    let why = is_reported.then(|| why::explain(project, &loaded, found, &mut session, &played, around)).transpose()?;
    Ok(Run { played, parity, json, why })
}
