//! Goldens of scenarios: made from a replay, read, compared, accepted.

pub mod blame;
pub mod inputs;
pub mod pending;

use std::fs;

use indexmap::IndexMap;

use crate::executor::ExecutorConfig;
use crate::executor::ExecutorInfo;
use crate::executor::OpenExecutor;
use crate::executor::Snapshot;
use crate::executor::dca::DcaOrder;
use crate::golden::Golden;
use crate::golden::Ledger;
use crate::golden::Metric;
use crate::golden::Reason;
use crate::golden::compare;
use crate::golden::compare::Comparison;
use crate::golden::compare::Rule;
use crate::golden::divergence;
use crate::golden::divergence::Event;
use crate::golden::ledger::NOTHING;
use crate::io::files;
use crate::io::progress::Progress;
use crate::io::transaction::Change;
use crate::market::Decimal;
use crate::metric::Value as Measured;
use crate::recipe::resolve;
use crate::recipe::resolve::Scenario;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::lock;
use crate::workflow::played::Played;
use crate::workflow::played::Session;
use crate::workflow::project::Loaded;
use crate::workflow::report;
use crate::workflow::scenario::Ran;
use crate::workflow::upstream_engine::UpstreamEngine;

/// The columns of a ledger.
const COLUMNS: [&str; 13] = [
    "level",
    "side",
    "opened",
    "filled",
    "closed",
    "close_type",
    "entry_price",
    "amount",
    "close_price",
    "filled_quote",
    "fees_quote",
    "pnl_pct",
    "pnl_quote",
];

/// Makes the golden that a result would be accepted as.
#[must_use]
pub fn of(loaded: &Loaded, scenario: &Scenario, played: &Played) -> Golden {
    let metric = |measured| match measured {
        Measured::Count(count) => Metric::Count(count),
        Measured::Figure(figure) => Metric::Figure(figure),
        Measured::Counts(counts) => Metric::Counts(counts),
    };
    let (metrics, ledger) = match played {
        Played::Native(ran) => {
            let measured = report::measured(&ran.subject());
            let metrics = measured.into_iter().map(|(name, value)| (name.to_owned(), metric(value))).collect();
            let ended = ran.replay.executors.iter().map(|executor| row(executor, ran));
            let open = ran.replay.open.iter().map(|executor| open_row(executor, ran));
            (metrics, Ledger::of(&COLUMNS, ended.chain(open)))
        }
        Played::Upstream(ran) => {
            // Upstream does not report when an executor's order filled.
            let columns: Vec<&str> = COLUMNS.into_iter().filter(|column| *column != "filled").collect();
            (ran.answer.metrics(), Ledger::of(&columns, ran.answer.rows()))
        }
    };
    let mut made = IndexMap::new();
    made.insert("candle_count".to_owned(), played.candle_count().to_string());
    made.insert("missing_count".to_owned(), played.missing_count().to_string());
    Golden { inputs: inputs::of(loaded, scenario, played), made, reasons: Vec::new(), metrics, ledger }
}

fn row(executor: &ExecutorInfo, ran: &Ran) -> Vec<String> {
    let is_filled = executor.figures.filled_amount_quote > 0.0;
    let asked = Asked {
        config: &executor.config,
        filled: is_filled.then_some(executor.order_update_time),
        figures: &executor.figures,
    };
    let closed =
        [executor.close_time.to_string(), executor.close_type.to_string(), format!("{:?}", executor.close_price)];
    fields(&asked, closed, ran)
}

fn open_row(executor: &OpenExecutor, ran: &Ran) -> Vec<String> {
    let asked = Asked { config: &executor.config, filled: executor.fill_time, figures: &executor.figures };
    fields(&asked, [NOTHING, "OPEN", NOTHING].map(str::to_owned), ran)
}

/// What a row says of an executor, whether it has ended or not.
struct Asked<'a> {
    config: &'a ExecutorConfig,
    filled: Option<i64>,
    figures: &'a Snapshot,
}

fn fields(asked: &Asked<'_>, [closed, close_type, close_price]: [String; 3], ran: &Ran) -> Vec<String> {
    let float = |value: f64| format!("{value:?}");
    let Asked { config, filled, figures } = *asked;
    let [price, amount] = match config {
        ExecutorConfig::Position(config) => [config.entry_price.to_string(), config.amount_base().to_string()],
        ExecutorConfig::Order(config) => [config.price.to_string(), config.amount.to_string()],
        ExecutorConfig::Dca(config) => {
            let orders = config.orders();
            let joined = |figure: fn(&DcaOrder) -> Decimal| {
                orders.iter().map(|order| figure(order).to_string()).collect::<Vec<_>>().join("/")
            };
            [joined(|order| order.price), joined(|order| order.amount_quote)]
        }
        ExecutorConfig::Grid(config) => {
            [format!("{}/{}", config.start_price, config.end_price), config.total_amount_quote.to_string()]
        }
    };
    vec![
        config.level().map_or_else(|| NOTHING.to_owned(), |level| ran.controller.level_name(level)),
        config.side().to_string(),
        config.time().to_string(),
        filled.map_or_else(|| NOTHING.to_owned(), |time| time.to_string()),
        closed,
        close_type,
        price,
        amount,
        close_price,
        float(figures.filled_amount_quote),
        float(figures.cum_fees_quote),
        float(figures.net_pnl_pct),
        float(figures.net_pnl_quote),
    ]
}

/// Reads the golden of a scenario; `None` where there is none.
///
/// # Errors
///
/// Refuses a file that is not a golden.
pub fn read(project: &Project, recipe: &str, scenario: &str) -> Result<Option<Golden>, Error> {
    let file = Project::golden_file(recipe, scenario);
    if !project.path(&file).is_file() {
        return Ok(None);
    }
    let text = files::read_to_string(&project.path(&file))?;
    Golden::parse(&text).map(Some).map_err(|source| Error::Golden { file, source })
}

/// Returns the reasons that a golden of before was accepted with, as far as its file can be read.
fn reasons(project: &Project, file: &str, before: Option<&Golden>) -> Result<Vec<Reason>, Error> {
    match before {
        Some(before) => Ok(before.reasons.clone()),
        None if project.path(file).is_file() => Ok(Golden::parse_reasons(&files::read_to_string(&project.path(file))?)),
        None => Ok(Vec::new()),
    }
}

/// Compares a result with its golden under the recipe's tolerances.
#[must_use]
pub fn compared(loaded: &Loaded, golden: &Golden, result: &Golden) -> Comparison {
    let tolerance = &loaded.recipe.tolerance;
    let rule = |rule: resolve::Rule| Rule { abs: rule.abs, rel: rule.rel, ulps: rule.ulps };
    compare::compare(golden, result, &|name| rule(*tolerance.metric.get(name).unwrap_or(&tolerance.default)))
}

/// Returns the golden files of a recipe that belong to none of its scenarios, sorted, relative to the root.
#[must_use]
pub fn extra(project: &Project, loaded: &Loaded) -> Vec<String> {
    let recipe = &loaded.recipe;
    let folder = format!("snapshots/{}", recipe.name);
    let belongs = |name: &str| {
        let scenario = name.strip_suffix(".golden.toml").or_else(|| name.strip_suffix(pending::ENDING));
        scenario.is_some_and(|name| recipe.scenarios.contains_key(name))
    };
    let mut extra: Vec<String> = names(project, &folder)
        .into_iter()
        .filter(|name| !belongs(name))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    extra.sort();
    extra
}

/// Returns the folders of goldens that belong to no recipe, sorted, relative to the root.
#[must_use]
pub fn extra_folders(project: &Project, recipes: &[String]) -> Vec<String> {
    let known = |name: &String| recipes.iter().any(|file| lock::recipe_name(file) == name);
    let mut extra: Vec<String> = names(project, "snapshots").into_iter().filter(|name| !known(name)).collect();
    extra.sort();
    extra.into_iter().map(|name| format!("snapshots/{name}")).collect()
}

fn names(project: &Project, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(project.path(folder)).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// A golden that was accepted.
#[derive(Debug)]
pub struct Accepted {
    /// The golden's file, relative to the root.
    pub file: String,
    /// What changed; `None` for the first golden of its scenario.
    pub comparison: Option<Comparison>,
    /// Whether the file was written; `false` when it already said the same.
    pub written: bool,
}

/// Replays scenarios and writes their goldens, each with the reason for it.
///
/// `scenario` is one scenario of the recipe, or all of them for `None`. `in_ci` refuses to write. Of a golden that cannot
/// be read the reasons that are still there are kept, those of both sides of an unfinished merge.
///
/// # Errors
///
/// Returns an error when a scenario cannot be replayed, or the file of a golden is no text; nothing is written then.
pub fn accept(
    project: &Project,
    file: &str,
    scenario: Option<&str>,
    reason: &str,
    in_ci: bool,
    options: Options,
    progress: &dyn Progress,
) -> Result<Vec<Accepted>, Error> {
    if in_ci {
        return Err(Error::InCi { what: "hive golden accept" });
    }
    let loaded = project.load(file)?;
    let recipe = &loaded.recipe;
    let selected: Vec<&Scenario> = match scenario {
        Some(name) => vec![recipe.scenarios.get(name).ok_or_else(|| Error::unknown_scenario(recipe, name))?],
        None => recipe.scenarios.values().collect(),
    };
    let engine = UpstreamEngine::new(project, &loaded, options, progress);
    let mut session = Session::new(project, &loaded, engine);
    let mut results = Vec::new();
    for scenario in selected {
        let played = session.play(scenario)?;
        let before = match read(project, &recipe.name, &scenario.name) {
            Err(Error::Golden { .. }) => None,
            read => read?,
        };
        let file = Project::golden_file(&recipe.name, &scenario.name);
        let reasons = reasons(project, &file, before.as_ref())?;
        results.push((scenario.name.clone(), before, Golden { reasons, ..of(&loaded, scenario, &played) }));
    }
    let mut accepted = Vec::new();
    let mut changes = Vec::new();
    for (scenario, before, mut result) in results {
        let file = Project::golden_file(&recipe.name, &scenario);
        let comparison = before.as_ref().map(|before| compared(&loaded, before, &result));
        let same = before.as_ref().is_some_and(|before| {
            before.inputs == result.inputs
                && before.made == result.made
                && before.metrics == result.metrics
                && before.ledger == result.ledger
        });
        if !same {
            result.reasons.push(Reason { why: reason.to_owned(), moved: moved(comparison.as_ref()) });
            changes.push(Change { path: file.clone(), content: Some(result.render().into_bytes()) });
        }
        // What waited for a decision has one now.
        let waiting = pending::file(&recipe.name, &scenario);
        if project.path(&waiting).is_file() {
            changes.push(Change { path: waiting, content: None });
        }
        accepted.push(Accepted { file, comparison, written: !same });
    }
    if !changes.is_empty() {
        let what = scenario.map_or_else(|| recipe.name.clone(), |scenario| format!("{}/{scenario}", recipe.name));
        project.change(pending::VERB, &format!("accept {what}"), &changes)?;
    }
    Ok(accepted)
}

/// Returns what two results were made with otherwise: name, then, now. What one of them lacks is empty.
#[must_use]
pub fn made_differently(before: &Golden, now: &Golden) -> Vec<(String, String, String)> {
    let tables = [(&before.inputs, &now.inputs), (&before.made, &now.made)];
    let differing = tables.into_iter().flat_map(|(then, now)| {
        let names = now.keys().chain(then.keys().filter(|name| !now.contains_key(*name)));
        names.filter(|name| then.get(*name) != now.get(*name)).map(|name| {
            let value = |table: &IndexMap<String, String>| table.get(name).cloned().unwrap_or_default();
            (name.clone(), value(then), value(now))
        })
    });
    differing.collect()
}

/// Returns what accepting a result does to the golden of before, as its reason keeps it: the verdict and the metrics that move.
#[must_use]
pub fn moved(comparison: Option<&Comparison>) -> IndexMap<String, String> {
    let mut moved = IndexMap::new();
    let Some(comparison) = comparison else { return moved };
    moved.insert("verdict".to_owned(), comparison.verdict().to_string());
    if let Some(divergence) = &comparison.divergence {
        moved.insert("first_row".to_owned(), (divergence.row + 1).to_string());
    }
    let text = |metric: Option<&Metric>| match metric {
        Some(Metric::Count(count)) => count.to_string(),
        Some(Metric::Figure(Some(figure))) => format!("{figure:?}"),
        Some(Metric::Figure(None)) => "none".to_owned(),
        Some(Metric::Counts(counts)) => {
            let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
            counts.join(", ")
        }
        None => "absent".to_owned(),
    };
    for difference in &comparison.metrics {
        let [then, now] = [&difference.expected, &difference.actual].map(|metric| text(metric.as_ref()));
        moved.insert(difference.name.clone(), format!("{then} -> {now}"));
    }
    moved
}

/// Where two results part first in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Parted {
    /// The event.
    pub event: Event,
    /// The executor's columns with what the golden has and what the result has; `None` for what one of them does not know.
    pub columns: Vec<(String, Option<String>, Option<String>)>,
    /// How many executors are missing, new and changed.
    pub counts: [usize; 3],
    /// How many are the same.
    pub same_count: usize,
}

/// Finds where two results part first in time; `None` where their ledgers are equal.
#[must_use]
pub fn parted(golden: &Golden, result: &Golden) -> Option<Parted> {
    let parting = divergence::part(golden, result);
    let event = parting.first()?.clone();
    let (expected, actual) = (&golden.ledger, &result.ledger);
    let new = actual.columns.iter().filter(|column| !expected.columns.contains(column));
    let columns = expected.columns.iter().chain(new).map(|column| {
        let field = |ledger: &Ledger, row: Option<usize>| ledger.field(row?, column).map(str::to_owned);
        (column.clone(), field(expected, event.rows.expected()), field(actual, event.rows.actual()))
    });
    Some(Parted { columns: columns.collect(), counts: parting.counts(), same_count: parting.same_count, event })
}
