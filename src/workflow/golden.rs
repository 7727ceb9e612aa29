//! Goldens of scenarios: made from a replay, read, compared, accepted.

use std::fs;

use serde_json::json;

use crate::executor::ExecutorConfig;
use crate::executor::ExecutorInfo;
use crate::executor::dca::DcaOrder;
use crate::golden::Golden;
use crate::golden::Ledger;
use crate::golden::Metric;
use crate::golden::compare;
use crate::golden::compare::Comparison;
use crate::golden::compare::Rule;
use crate::io::files;
use crate::io::progress::Progress;
use crate::market::Decimal;
use crate::metric::Value as Measured;
use crate::recipe::resolve;
use crate::recipe::resolve::Mode;
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
use crate::workflow::upstream;
use crate::workflow::upstream_engine::UpstreamEngine;

/// The columns of a ledger.
const COLUMNS: [&str; 12] = [
    "level",
    "side",
    "opened",
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
    let mut parameters = json!({
        "start": scenario.start,
        "end": scenario.end,
        "resolution": scenario.resolution,
        "trade_cost": scenario.trade_cost,
        "controller": scenario.controller,
    });
    if scenario.mode == Mode::Causal {
        let resolve::Costs { maker_fee, taker_fee, slippage_bps } = scenario.costs;
        parameters["costs"] = json!({ "maker_fee": maker_fee, "taker_fee": taker_fee, "slippage_bps": slippage_bps });
    }
    let metric = |measured| match measured {
        Measured::Count(count) => Metric::Count(count),
        Measured::Figure(figure) => Metric::Figure(figure),
        Measured::Counts(counts) => Metric::Counts(counts),
    };
    let (by, metrics, rows) = match played {
        Played::Native(ran) => {
            let measured = report::measured(&ran.subject());
            let metrics = measured.into_iter().map(|(name, value)| (name.to_owned(), metric(value))).collect();
            let rows = ran.replay.executors.iter().map(|executor| row(executor, ran)).collect();
            let mode = scenario.mode.name().to_owned();
            let by = [("profile", ran.profile.name.to_owned()), ("mode", mode), ("engine", lock::engine())];
            (by, metrics, rows)
        }
        Played::Upstream(ran) => {
            let mode = scenario.mode.name().to_owned();
            let by = [("mode", mode), ("engine", "upstream".to_owned()), ("environment", ran.environment.clone())];
            (by, ran.answer.metrics(), ran.answer.rows())
        }
    };
    let upstream = [("upstream", upstream::label(&loaded.recipe))];
    let given = [
        ("candles", played.candles_checksum().to_owned()),
        ("candle_count", played.candle_count().to_string()),
        ("missing_count", played.missing_count().to_string()),
        ("parameters", format!("sha256:{}", files::sha256_hex(parameters.to_string().as_bytes()))),
    ];
    let made = upstream.into_iter().chain(by).chain(given);
    Golden {
        made: made.map(|(name, value)| (name.to_owned(), value)).collect(),
        reasons: Vec::new(),
        metrics,
        ledger: Ledger { columns: COLUMNS.map(str::to_owned).into(), rows },
    }
}

fn row(executor: &ExecutorInfo, ran: &Ran) -> Vec<String> {
    let float = |value: f64| format!("{value:?}");
    let (config, figures) = (&executor.config, &executor.figures);
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
        config.level().map_or_else(|| "-".to_owned(), |level| ran.controller.level_name(level)),
        config.side().to_string(),
        config.time().to_string(),
        executor.close_time.to_string(),
        executor.close_type.to_string(),
        price,
        amount,
        float(executor.close_price),
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
fn reasons(project: &Project, file: &str, before: Option<&Golden>) -> Result<Vec<String>, Error> {
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
    let belongs =
        |name: &str| name.strip_suffix(".golden.toml").is_some_and(|name| recipe.scenarios.contains_key(name));
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
        results.push((file, before, Golden { reasons, ..of(&loaded, scenario, &played) }));
    }
    let mut accepted = Vec::new();
    for (file, before, mut result) in results {
        let comparison = before.as_ref().map(|before| compared(&loaded, before, &result));
        let same = before.as_ref().is_some_and(|before| {
            before.made == result.made && before.metrics == result.metrics && before.ledger == result.ledger
        });
        if !same {
            result.reasons.push(reason.to_owned());
            files::write_atomic(&project.path(&file), result.render().as_bytes())?;
        }
        accepted.push(Accepted { file, comparison, written: !same });
    }
    Ok(accepted)
}
