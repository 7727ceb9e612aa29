//! What has turned red, or green again?

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use crate::golden::compare::Comparison;
use crate::golden::compare::Verdict;
use crate::workflow::Exit;
use crate::workflow::figure;
use crate::workflow::test::Outcome;
use crate::workflow::test::Replayed;
use crate::workflow::test::Tested;

/// How many metrics a change names.
const METRIC_COUNT_MAX: usize = 5;

/// How a scenario stands to what was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// Its result is not what was accepted, or there is none.
    Red,
    /// Its result is what was accepted.
    Green,
}

/// A scenario as a run has seen it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// The recipe.
    pub recipe: String,
    /// The scenario.
    pub scenario: String,
    /// How it stands.
    pub colour: Colour,
    /// The same in a word or two.
    pub verdict: String,
    /// What it shows of itself, a line each: the metrics that moved, the first event that differs.
    pub lines: Vec<String>,
}

impl Seen {
    /// Returns the scenario behind its recipe.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.recipe, self.scenario)
    }
}

/// Returns the scenarios that a run has an opinion of. What could not be replayed for want of a network, an engine or a fresh
/// lock says nothing about its golden.
#[must_use]
pub fn seen(tested: &Tested) -> Vec<Seen> {
    let mut all = Vec::new();
    for recipe in &tested.recipes {
        for scenario in &recipe.scenarios {
            let (colour, verdict, lines) = match &scenario.outcome {
                Outcome::Failed(error) => match error.exit() {
                    Exit::NoDockerEngine | Exit::Fetch | Exit::StaleLock | Exit::Interrupted | Exit::Bug => continue,
                    _ => (Colour::Red, "failed", vec![error.to_string()]),
                },
                Outcome::Replayed(replayed) if replayed.is_accepted() => {
                    (Colour::Green, accepted(replayed), Vec::new())
                }
                Outcome::Replayed(replayed) => refused(replayed),
            };
            all.push(Seen {
                recipe: recipe.name.clone(),
                scenario: scenario.name.clone(),
                colour,
                verdict: verdict.to_owned(),
                lines,
            });
        }
    }
    all
}

/// Forgets scenarios that their recipe does not have any more.
pub(super) fn forget(known: &mut BTreeMap<String, Colour>, tested: &Tested) {
    let whole: Vec<_> = tested.recipes.iter().filter(|recipe| recipe.error.is_none()).collect();
    known.retain(|name, _| {
        let Some((recipe, scenario)) = name.split_once('/') else { return false };
        let found = whole.iter().find(|tested| tested.name == recipe);
        found.is_none_or(|tested| tested.scenarios.iter().any(|tested| tested.name == scenario))
    });
}

fn accepted(replayed: &Replayed) -> &'static str {
    match replayed.comparison.as_ref().map(Comparison::verdict) {
        Some(Verdict::WithinTolerance) => "within tolerance",
        Some(_) => "identical",
        None => "parity",
    }
}

fn refused(replayed: &Replayed) -> (Colour, &'static str, Vec<String>) {
    if let Some(parity) = replayed.parity.as_ref().filter(|parity| !parity.is_exact()) {
        return (Colour::Red, "no parity", vec![format!("not equal to `{}`", parity.other)]);
    }
    let Some(comparison) = &replayed.comparison else { return (Colour::Red, "no golden", Vec::new()) };
    if let Some((metric, share)) = &replayed.strained {
        let line = format!("{metric}: {:.0} % of its tolerance", (share * 100.0).floor());
        return (Colour::Red, "strained", vec![line]);
    }
    let moved: Vec<_> = comparison.metrics.iter().filter(|difference| !difference.within).collect();
    let shown = moved.iter().take(METRIC_COUNT_MAX).map(|difference| {
        let [then, now] = [&difference.expected, &difference.actual].map(|value| figure::text(value.as_ref()));
        format!("{}: {then} → {now}", difference.name)
    });
    let mut lines: Vec<String> = shown.collect();
    if moved.len() > METRIC_COUNT_MAX {
        lines.push(format!("and {} more metrics", moved.len() - METRIC_COUNT_MAX));
    }
    if let Some(parted) = &replayed.parted {
        let level = parted.columns.iter().find(|(name, ..)| name == "level");
        let level = level.and_then(|(_, then, now)| now.as_deref().or(then.as_deref())).unwrap_or("-");
        let moment =
            jiff::Timestamp::from_second(parted.event.time).map_or_else(|_| "-".to_owned(), |it| it.to_string());
        lines.push(format!("first event that differs: {level} {} at {moment}", parted.event.kind.name()));
    }
    (Colour::Red, "drift", lines)
}
