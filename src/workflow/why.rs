//! Why is a result not what its golden says: what differs first, what the engine saw then, and what followed?

pub mod again;
pub mod barrier;
pub mod field;
pub mod sight;
pub mod trace;

use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::golden::Golden;
use crate::golden::Ledger;
use crate::golden::compare::Comparison;
use crate::golden::compare::Verdict;
use crate::golden::divergence;
use crate::golden::divergence::Event;
use crate::golden::divergence::Parting;
use crate::golden::divergence::Rows;
pub use crate::golden::divergence::Share;
use crate::io::files;
use crate::io::progress::Progress;
use crate::market::Candles;
use crate::recipe::resolve::Mode;
use crate::recipe::resolve::Scenario;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::golden;
use crate::workflow::played::Played;
use crate::workflow::played::Session;
use crate::workflow::project::Loaded;
use crate::workflow::scenario::CandleCache;
use crate::workflow::scenario::Ran;
use crate::workflow::upstream_engine::UpstreamEngine;
use crate::workflow::why::again::Given;
use crate::workflow::why::barrier::Barriers;
use crate::workflow::why::field::Field;
use crate::workflow::why::sight::Row;

/// How many candles are shown before and after the first event, where nobody says.
pub const AROUND: usize = 3;

/// A scenario's result beside its golden.
#[derive(Debug)]
pub struct Why {
    /// The recipe.
    pub recipe: String,
    /// The scenario.
    pub scenario: String,
    /// The engine that replayed it.
    pub engine: &'static str,
    /// The profile that it was replayed under; `None` for upstream's engine.
    pub profile: Option<String>,
    /// The mode that it was replayed in.
    pub mode: &'static str,
    /// The length of a replayed candle, in seconds.
    pub resolution: i64,
    /// The candles that were replayed, those aside that a controller had no figures for.
    pub candles: Candles,
    /// The result.
    pub result: Golden,
    /// What it differs in; `None` where nobody has accepted a golden yet.
    pub compared: Option<Compared>,
}

/// How a result differs from its golden.
#[derive(Debug)]
pub struct Compared {
    /// The golden.
    pub golden: Golden,
    /// Both by rule.
    pub comparison: Comparison,
    /// What the two were made with otherwise: name, then, now.
    pub made_differently: Vec<(String, String, String)>,
    /// Executor by executor.
    pub parting: Parting,
    /// The first event that differs; `None` where what happened is the same.
    pub first: Option<First>,
}

/// The first event that differs.
#[derive(Debug)]
pub struct First {
    /// What happens, to whom.
    pub told: Told,
    /// The candle in which it shows and those around it; none where its time is not one of the candles.
    pub rows: Vec<Row>,
    /// Which of reference price, spread multiplier and signal the controller computes.
    pub computes: [bool; 3],
    /// What ends the golden's executor, at which prices.
    pub golden_barriers: Option<Barriers>,
    /// What ends the result's executor, at which prices.
    pub now_barriers: Option<Barriers>,
    /// Why the golden's side of what was seen and of the barriers is not known; `None` where it is.
    pub golden_unknown: Option<String>,
    /// The same of the result's side.
    pub now_unknown: Option<String>,
    /// All that upstream's engine reports of the executor; `None` for the native one.
    pub answer: Option<Value>,
}

/// An event, as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// When, epoch seconds.
    pub time: i64,
    /// What happens: `created`, `filled` or `closed`.
    pub event: &'static str,
    /// Who has the executor: `missing` is the golden alone, `new` the result alone, `changed` are both.
    pub change: &'static str,
    /// The executor's level; `None` for one without.
    pub level: Option<String>,
    /// The way it trades.
    pub side: Option<String>,
    /// Its row in the golden, from one.
    pub golden_row: Option<usize>,
    /// Its row in the result, from one.
    pub now_row: Option<usize>,
    /// What is known of it, the fields that differ marked.
    pub fields: Vec<Field>,
}

impl Why {
    /// Returns whether the result is the accepted one, as far as its rules allow.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.compared.as_ref().is_some_and(|compared| compared.comparison.verdict() != Verdict::Drift)
    }

    /// Returns whether the two ledgers have the same columns: only what both have is compared event by event.
    #[must_use]
    pub fn has_same_columns(&self) -> bool {
        let compared = self.compared.as_ref();
        compared.is_none_or(|compared| compared.golden.ledger.columns == self.result.ledger.columns)
    }

    /// Tells an event that differs.
    ///
    /// # Panics
    ///
    /// Panics where there is no golden, since no event differs then.
    #[must_use]
    pub fn told(&self, event: &Event) -> Told {
        let compared = self.compared.as_ref().expect("an event differs from a golden");
        told(&compared.golden, &self.result, event)
    }
}

/// What is asked of an explanation.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// How many candles are shown before the first event, and after it.
    pub around: usize,
    /// Whether the result that waits for a decision is meant, instead of a new one.
    pub is_pending: bool,
}

impl Default for Wish {
    fn default() -> Self {
        Self { around: AROUND, is_pending: false }
    }
}

/// Replays a scenario, or takes the result that waits, and explains how it differs from the golden.
///
/// # Errors
///
/// Says why the scenario cannot be replayed, that the golden cannot be read, and that nothing waits.
pub fn why(
    project: &Project,
    file: &str,
    scenario: Option<&str>,
    wish: Wish,
    options: Options,
    progress: &dyn Progress,
) -> Result<Why, Error> {
    let loaded = project.load(file)?;
    let recipe = &loaded.recipe;
    let name = scenario.ok_or_else(|| Error::WhichScenario {
        recipe: recipe.name.clone(),
        known: recipe.scenarios.keys().cloned().collect(),
    })?;
    let found = recipe.scenarios.get(name).ok_or_else(|| Error::unknown_scenario(recipe, name))?;
    if wish.is_pending {
        let asked = Asked { project, loaded: &loaded, scenario: found, around: wish.around };
        return pending(&asked);
    }
    let engine = UpstreamEngine::new(project, &loaded, options, progress);
    let mut session = Session::new(project, &loaded, engine);
    let played = session.play(found)?;
    explain(project, &loaded, found, &mut session, &played, wish.around)
}

/// Explains how what came of a scenario differs from the golden.
///
/// # Errors
///
/// Says that the golden or the candles cannot be read, and why a scenario cannot be replayed once more.
pub fn explain(
    project: &Project,
    loaded: &Loaded,
    scenario: &Scenario,
    session: &mut Session<'_>,
    played: &Played,
    around: usize,
) -> Result<Why, Error> {
    let asked = Asked { project, loaded, scenario, around };
    let result = session.golden(scenario, played);
    let read = session.candles.get(project, &loaded.recipe, &scenario.candles)?;
    let candles = again::window(scenario, &read.0)?;
    let before = golden::read(project, &loaded.recipe.name, &scenario.name)?;
    let compared = match before {
        None => None,
        Some(before) => {
            let now = match played {
                Played::Native(ran) => Now::Native(&Given::now(loaded, scenario, ran.profile, read.clone()), ran),
                Played::Upstream(_) => Now::Upstream(played),
            };
            Some(compare(&asked, before, &result, &candles, &now)?)
        }
    };
    Ok(Why {
        recipe: loaded.recipe.name.clone(),
        scenario: scenario.name.clone(),
        engine: played.engine(),
        profile: played.profile().map(str::to_owned),
        mode: played.mode().name(),
        resolution: scenario.resolution,
        candles,
        result,
        compared,
    })
}

/// Explains the result that waits.
fn pending(asked: &Asked<'_>) -> Result<Why, Error> {
    let Asked { project, loaded, scenario, .. } = *asked;
    let recipe = &loaded.recipe;
    let waiting = golden::pending::all(project, Some(&recipe.name), Some(&scenario.name))?.pop();
    let result = match waiting {
        Some(waiting) => waiting.result,
        None => return Err(Error::NothingWaits { recipe: recipe.name.clone(), scenario: scenario.name.clone() }),
    };
    let made = again::golden(project, loaded, scenario, &result);
    let candles = match &made {
        Ok((given, _)) => given.candles()?,
        Err(_) => again::window(scenario, &CandleCache::default().get(project, recipe, &scenario.candles)?.0)?,
    };
    let before = golden::read(project, &recipe.name, &scenario.name)?;
    let compared = match before {
        None => None,
        Some(before) => {
            let now = match &made {
                Ok((given, ran)) => Now::Native(given, ran),
                Err(reason) => Now::Unknown(reason),
            };
            Some(compare(asked, before, &result, &candles, &now)?)
        }
    };
    let input = |name: &str| result.inputs.get(name).cloned();
    let is_upstream = input("engine").is_some_and(|engine| engine == "upstream");
    let is_causal = input("mode").is_some_and(|mode| mode == Mode::Causal.name());
    Ok(Why {
        recipe: recipe.name.clone(),
        scenario: scenario.name.clone(),
        engine: if is_upstream { "upstream" } else { "native" },
        profile: input("profile"),
        mode: if is_causal { Mode::Causal } else { Mode::Parity }.name(),
        resolution: input("resolution").and_then(|text| text.parse().ok()).unwrap_or(scenario.resolution),
        candles,
        result,
        compared,
    })
}

/// What is explained.
struct Asked<'a> {
    project: &'a Project,
    loaded: &'a Loaded,
    scenario: &'a Scenario,
    around: usize,
}

/// What is known of the result's run, beside the result.
enum Now<'a> {
    /// The native engine can be looked at again.
    Native(&'a Given, &'a Ran),
    /// Upstream's engine has answered.
    Upstream(&'a Played),
    /// The run cannot be made again, for a reason.
    Unknown(&'a str),
}

fn compare(
    asked: &Asked<'_>,
    before: Golden,
    result: &Golden,
    candles: &Candles,
    now: &Now<'_>,
) -> Result<Compared, Error> {
    let comparison = golden::compared(asked.loaded, &before, result);
    let made_differently = golden::made_differently(&before, result);
    let parting = divergence::part(&before, result);
    let first = match parting.first() {
        None => None,
        Some(event) => Some(first(asked, &before, event, told(&before, result, event), candles, now)?),
    };
    Ok(Compared { golden: before, comparison, made_differently, parting, first })
}

/// Explains the first event: replays both runs once more where they can be made again, and looks on.
fn first(
    asked: &Asked<'_>,
    before: &Golden,
    event: &Event,
    told: Told,
    candles: &Candles,
    now: &Now<'_>,
) -> Result<First, Error> {
    let Asked { project, loaded, scenario, around } = *asked;
    let is_causal = matches!(now, Now::Native(given, _) if given.mode() == Mode::Causal);
    let mut first = First {
        told,
        rows: sight::rows(candles, scenario.resolution, event.time, is_causal, around),
        computes: [false; 3],
        golden_barriers: None,
        now_barriers: None,
        golden_unknown: None,
        now_unknown: None,
        answer: None,
    };
    match now {
        Now::Native(given, ran) => {
            let seen = sight::look(given, &first.rows)?;
            first.computes = seen.computes;
            sight::put(&mut first.rows, seen, |row| &mut row.now);
            first.now_barriers = event.rows.actual().and_then(|row| barriers(given, ran, row));
        }
        Now::Upstream(played) => {
            let executors = played.json(loaded, scenario);
            first.answer = event.rows.actual().map(|row| executors["executors"][row].clone());
        }
        Now::Unknown(reason) => first.now_unknown = Some((*reason).to_owned()),
    }
    match again::golden(project, loaded, scenario, before) {
        Err(reason) => first.golden_unknown = Some(reason),
        Ok((given, ran)) => {
            let seen = sight::look(&given, &first.rows)?;
            for (computes, golden) in first.computes.iter_mut().zip(seen.computes) {
                *computes |= golden;
            }
            sight::put(&mut first.rows, seen, |row| &mut row.golden);
            first.golden_barriers = event.rows.expected().and_then(|row| barriers(&given, &ran, row));
        }
    }
    Ok(first)
}

/// Returns the barriers of the executor that stands in a row of the ledger.
fn barriers(given: &Given, ran: &Ran, row: usize) -> Option<Barriers> {
    let (ended, open) = (&ran.replay.executors, &ran.replay.open);
    if let Some(ended) = ended.get(row) {
        let is_filled = ended.figures.filled_amount_quote > 0.0;
        let filled = is_filled.then_some(ended.order_update_time);
        return Some(barrier::of(given, &ended.config, filled, &ended.figures));
    }
    let open = open.get(row - ended.len())?;
    Some(barrier::of(given, &open.config, open.fill_time, &open.figures))
}

/// Writes a page about it.
///
/// # Errors
///
/// Says what the disk refused.
pub fn publish(path: &Path, page: &str) -> Result<(), Error> {
    Ok(files::write_atomic(path, page.as_bytes())?)
}

/// Returns what a page's policy calls a script or a style that may run.
#[must_use]
pub fn policy_hash(text: &str) -> String {
    files::sha256_base64(text.as_bytes())
}

/// Tells an event.
fn told(golden: &Golden, result: &Golden, event: &Event) -> Told {
    let (expected, actual) = (event.rows.expected(), event.rows.actual());
    let text = |column: &str| {
        let of = |ledger: &Ledger, row: Option<usize>| ledger.field(row?, column).map(str::to_owned);
        of(&result.ledger, actual).or_else(|| of(&golden.ledger, expected))
    };
    Told {
        time: event.time,
        event: event.kind.name(),
        change: match event.rows {
            Rows::Missing(_) => "missing",
            Rows::New(_) => "new",
            Rows::Changed(..) => "changed",
        },
        level: text("level"),
        side: text("side"),
        golden_row: expected.map(|row| row + 1),
        now_row: actual.map(|row| row + 1),
        fields: field::fields((&golden.ledger, expected), (&result.ledger, actual)),
    }
}
