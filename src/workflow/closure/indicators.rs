//! Do scenarios replay the indicators that their environment would compute?

use miette::Diagnostic;
use miette::NamedSource;
use miette::SourceSpan;
use thiserror::Error;

use crate::indicator::Generation;
use crate::recipe::located::locate;
use crate::recipe::lock::Lock;
use crate::recipe::resolve::Scenario;
use crate::workflow::Project;
use crate::workflow::closure;
use crate::workflow::finding::Finding;
use crate::workflow::project::Loaded;
use crate::workflow::scenario;

/// Upstream's controllers that look at prices alone.
const WITHOUT_INDICATORS: [&str; 6] =
    ["pmm_simple", "dman_maker_v2", "grid_strike", "multi_grid_strike", "pmm_mister", "pmm_v1"];

/// A scenario that computes with another library than its environment.
#[derive(Debug, Error, Diagnostic)]
#[error("scenario `{scenario}` replays the indicators of {replayed}, and its closure {installed}")]
#[diagnostic(
    severity(Warning),
    code("HV0388"),
    help(
        "the last bits differ: write `indicators = \"…\"` in the scenario, or pin TA-Lib in `requires` of `[python]`"
    )
)]
struct OtherIndicators {
    scenario: String,
    replayed: &'static str,
    installed: String,
    #[source_code]
    text: NamedSource<String>,
    #[label("replayed with {replayed}")]
    place: Option<SourceSpan>,
}

/// Returns the scenarios that replay other indicators than the locked closure would compute; nothing where the lock has no
/// closure for the recipe as it is now.
#[must_use]
pub fn doubts(project: &Project, loaded: &Loaded, lock: Option<&Lock>) -> Vec<Finding> {
    let recipe = &loaded.recipe;
    let Some(pins) = closure::checksum(recipe).ok().and_then(|checksum| closure::locked(recipe, lock, &checksum))
    else {
        return Vec::new();
    };
    let Some(computed) = generation(pins.ta_lib()) else {
        return Vec::new();
    };
    let installed = pins.ta_lib().map_or_else(|| "has no TA-Lib".to_owned(), |version| format!("has TA-Lib {version}"));
    let mut doubts: Vec<Finding> = Vec::new();
    for scenario in recipe.scenarios.values() {
        let Some(replayed) = replayed(project, loaded, scenario).filter(|replayed| *replayed != computed) else {
            continue;
        };
        let table = ["scenario", scenario.name.as_str(), "indicators"];
        let place = locate(&loaded.text, &table).or_else(|| locate(&loaded.text, &table[..2]));
        doubts.push(Box::new(OtherIndicators {
            scenario: scenario.name.clone(),
            replayed: name(replayed),
            installed: installed.clone(),
            text: NamedSource::new(&recipe.file, loaded.text.clone()),
            place: place.map(|range| first_line(&loaded.text, range).into()),
        }));
    }
    doubts
}

/// Returns the generation that a scenario is replayed with; `None` for one without indicators, or without a profile.
fn replayed(project: &Project, loaded: &Loaded, scenario: &Scenario) -> Option<Generation> {
    if let Some(chosen) = scenario::chosen_indicators(scenario) {
        return Some(chosen);
    }
    let controller = scenario.controller.get("controller_name")?.as_str()?;
    if WITHOUT_INDICATORS.contains(&controller) {
        return None;
    }
    Some(scenario::profile_of(project, &loaded.recipe, scenario).ok()?.indicators)
}

/// Returns what pandas-ta computes with a version of Python's TA-Lib; `None` for one that nobody has measured.
fn generation(ta_lib: Option<&str>) -> Option<Generation> {
    match ta_lib {
        None => Some(Generation::Classic),
        Some(version) if version.starts_with("0.6.") => Some(Generation::TaLib06),
        Some(version) if version.starts_with("0.8.") => Some(Generation::TaLib08),
        Some(_) => None,
    }
}

fn name(generation: Generation) -> &'static str {
    match generation {
        Generation::TaLib06 => "TA-Lib 0.6",
        Generation::TaLib08 => "TA-Lib 0.8",
        Generation::Classic => "pandas-ta without TA-Lib",
    }
}

/// Cuts a range that goes over several lines down to its first.
fn first_line(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let line = text[range.clone()].find('\n').map_or(range.end, |end| range.start + end);
    range.start..line
}
