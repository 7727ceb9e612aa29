//! How does an explanation read for scripts?

use serde_json::Value;
use serde_json::json;

use crate::cli::drift::written_inputs;
use crate::cli::drift::written_metric;
use crate::workflow::MetricDifference;
use crate::workflow::why::Compared;
use crate::workflow::why::First;
use crate::workflow::why::Why;

/// How many of the events that differ are told.
const EVENTS_MAX: usize = 200;

/// Returns an explanation as one object.
pub(super) fn json(why: &Why) -> Value {
    let mut json = json!({
        "recipe": why.recipe,
        "scenario": why.scenario,
        "verdict": "no-golden",
        "engine": why.engine,
        "profile": why.profile,
        "mode": why.mode,
        "resolution_s": why.resolution,
        "candle_count": why.candles.len(),
    });
    if let (Some(compared), Some(object)) = (&why.compared, json.as_object_mut())
        && let Value::Object(difference) = difference(why, compared)
    {
        object.extend(difference);
    }
    json
}

fn difference(why: &Why, compared: &Compared) -> Value {
    let parting = &compared.parting;
    let [missing, new, changed] = parting.counts();
    json!({
        "verdict": compared.comparison.verdict().to_string(),
        "made_differently": written_inputs(&compared.made_differently),
        "has_same_columns": why.has_same_columns(),
        "first_divergence": compared.first.as_ref().map(first),
        "executors": {
            "missing": missing, "new": new, "changed": changed, "same": parting.same_count,
            "golden": compared.golden.ledger.rows.len(), "now": why.result.ledger.rows.len(),
        },
        "metrics": metrics(compared),
        "event_count": parting.events.len(),
        "events": parting.events.iter().take(EVENTS_MAX).map(|event| {
            let mut told = why.told(event);
            told.fields.retain(|field| field.differs);
            told
        }).collect::<Vec<_>>(),
    })
}

fn first(first: &First) -> Value {
    let mut json = json!(first.told);
    let [reference_price, spread_multiplier, signal] = first.computes;
    json["candles"] = json!(first.rows);
    json["computes"] = json!({
        "reference_price": reference_price, "spread_multiplier": spread_multiplier, "signal": signal,
    });
    json["barriers"] = json!({ "golden": first.golden_barriers, "now": first.now_barriers });
    json["golden_unknown"] = json!(first.golden_unknown);
    json["now_unknown"] = json!(first.now_unknown);
    json["answer"] = json!(first.answer);
    json
}

/// Returns the metrics that moved; `parts` is null for one that is not split, because the ledger alone does not decide it.
fn metrics(compared: &Compared) -> Vec<Value> {
    let metric = |difference: &MetricDifference| {
        let share = compared.parting.shares.iter().find(|share| share.metric == difference.name);
        json!({
            "metric": difference.name,
            "golden": difference.expected.as_ref().map(written_metric),
            "now": difference.actual.as_ref().map(written_metric),
            "difference": share.map(|share| share.actual - share.expected),
            "within_tolerance": difference.within,
            "budget_share": difference.budget_share,
            "parts": share.and_then(|share| share.parts).map(|parts| json!({
                "missing": parts.missing, "new": parts.new, "changed": parts.changed, "fees": parts.fees,
            })),
        })
    };
    compared.comparison.metrics.iter().map(metric).collect()
}
