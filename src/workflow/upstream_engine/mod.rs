//! How does a scenario run on Hummingbot's own backtester, inside the recipe's environment?
//!
//! A small program of ours, `runner.py`, is handed the scenario and its candles, drives upstream's engine as its own service
//! does, and answers with everything that upstream reports. What comes back has the shape of a native result, so that the
//! two can be laid side by side.

pub mod answer;
pub mod error;
pub mod place;

use std::cell::OnceCell;

use serde_json::json;

use crate::controller::Setting;
use crate::io::files;
use crate::io::progress::Progress;
use crate::io::script::Ended;
use crate::io::script::Output;
use crate::io::script::Script;
use crate::market::Candles;
use crate::market::candles::Gap;
use crate::recipe::resolve::Scenario;
use crate::recipe::resolve::TradingRules;
use crate::recipe::resolve::WallClock;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::closure::Closure;
use crate::workflow::install::Planned;
use crate::workflow::install::Variant;
use crate::workflow::project::Loaded;
use crate::workflow::scenario::CandleCache;
use crate::workflow::upstream_engine::answer::Answer;
use crate::workflow::upstream_engine::place::Environment;

/// The program that drives upstream's engine.
const RUNNER: &str = include_str!("runner.py");

/// Its name among the script's files.
const RUNNER_NAME: &str = "runner.py";

/// What begins a line of the runner's that says how many rows are done, and of how many.
const PROGRESS: &str = "hive-progress ";

/// A scenario that upstream's engine replayed.
#[derive(Debug)]
pub struct Ran {
    /// What upstream reported.
    pub answer: Answer,
    /// What identifies the environment that it ran in.
    pub environment: String,
    /// The patches that the environment was made with, each with the SHA-256 of its file, in the series' order.
    pub patches: Vec<(String, String)>,
    /// The files of registered controllers, each with its SHA-256.
    pub controllers: Vec<(String, String)>,
    /// The checksum of the candles, `sha256:…`.
    pub candles_checksum: String,
    /// How many candles were replayed.
    pub candle_count: usize,
    /// Where the file's candles are missing in the window, at their own interval.
    pub gaps: Vec<Gap>,
}

/// Upstream's engine for the scenarios of one recipe: its environment is looked for when the first of them needs it.
pub struct UpstreamEngine<'a> {
    project: &'a Project,
    loaded: &'a Loaded,
    options: Options,
    progress: &'a dyn Progress,
    mixture: Option<(&'a Closure, &'a Planned)>,
    environment: OnceCell<Environment>,
}

impl<'a> UpstreamEngine<'a> {
    /// Names a recipe's engine without looking for it.
    #[must_use]
    pub fn new(project: &'a Project, loaded: &'a Loaded, options: Options, progress: &'a dyn Progress) -> Self {
        Self { project, loaded, options, progress, mixture: None, environment: OnceCell::new() }
    }

    /// Returns the engine in an environment of this machine that stands on these packages, whatever the lock says, and was
    /// planned so.
    #[must_use]
    pub fn on(self, closure: &'a Closure, planned: &'a Planned) -> Self {
        Self { mixture: Some((closure, planned)), ..self }
    }

    /// Replays a scenario.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the candles or the environment, and what upstream raised.
    pub fn run(&self, scenario: &Scenario, candles: &mut CandleCache) -> Result<Ran, Error> {
        let (given, checksum) = candles.get(self.project, &self.loaded.recipe, &scenario.candles)?;
        let interval = given.interval().unwrap_or(scenario.resolution);
        let file = scenario.candles.clone();
        let rows = given.resampled(scenario.resolution).map_err(|source| Error::Candles { file, source })?;
        let row_count = rows.window(scenario.start, scenario.end).len();
        let window = given.window(scenario.start, scenario.end.saturating_add(scenario.resolution - 1));
        let script = self.script(scenario, given, interval);
        let environment = self.environment()?;
        let first = self.answered(scenario, &script, environment)?;
        let answer = Answer::read(&scenario.name, &first)?;
        for _ in 1..scenario.repeat.max(1) {
            if self.answered(scenario, &script, environment)? != first {
                return Err(error::Error::NotDeterministic { scenario: scenario.name.clone() }.into());
            }
        }
        let candle_count = answer.series.as_ref().map_or(row_count, |series| series.count);
        let summed = |file: &String| Ok::<_, Error>((file.clone(), files::sha256_of_file(&self.project.path(file))?));
        let recipe = &self.loaded.recipe;
        Ok(Ran {
            answer,
            patches: recipe.patches.iter().map(|patch| summed(&patch.file)).collect::<Result<_, _>>()?,
            controllers: recipe.controllers.iter().map(|it| summed(&it.source)).collect::<Result<_, _>>()?,
            environment: environment.key.clone(),
            candles_checksum: checksum.clone(),
            candle_count,
            gaps: window.gaps(interval),
        })
    }

    fn environment(&self) -> Result<&Environment, Error> {
        if let Some(known) = self.environment.get() {
            return Ok(known);
        }
        let (project, loaded, options, progress) = (self.project, self.loaded, self.options, self.progress);
        let found = match self.mixture {
            None => Environment::of(project, loaded, Variant::Patched, options, progress)?,
            Some((closure, planned)) => Environment::mixed(project, loaded, closure, planned, options, progress)?,
        };
        Ok(self.environment.get_or_init(|| found))
    }

    fn script(&self, scenario: &Scenario, candles: &Candles, interval: i64) -> Script {
        let wall_clock = match scenario.wall_clock {
            WallClock::After => Setting::clock_after(scenario.end),
            WallClock::At(time) => time,
        };
        let TradingRules { min_price_increment, min_base_amount_increment, min_notional_size, min_order_size } =
            &scenario.trading_rules;
        let asked = json!({
            "controller": scenario.controller,
            "start": scenario.start,
            "end": scenario.end,
            "resolution": scenario.resolution,
            "interval": interval,
            "trade_cost": scenario.trade_cost,
            "pair": self.loaded.recipe.candles[&scenario.candles].pair,
            "wall_clock": wall_clock,
            "trading_rules": {
                "min_price_increment": min_price_increment,
                "min_base_amount_increment": min_base_amount_increment,
                "min_notional_size": min_notional_size,
                "min_order_size": min_order_size,
            },
        });
        let files = [
            (RUNNER_NAME.to_owned(), RUNNER.as_bytes().to_vec()),
            ("scenario.json".to_owned(), asked.to_string().into_bytes()),
            ("candles.f64".to_owned(), columns(candles)),
        ];
        Script { files: files.into(), entry: RUNNER_NAME.to_owned(), arguments: Vec::new(), limits: scenario.limits }
    }

    /// Runs the runner, shows how far it is, and returns what it answered.
    fn answered(&self, scenario: &Scenario, script: &Script, environment: &Environment) -> Result<Vec<u8>, Error> {
        let mut done = None;
        let output = environment.run(script, &mut |line| {
            if let Some((now, all)) = rows_done(line) {
                let before = *done.get_or_insert_with(|| {
                    self.progress.begin_steps(&format!("{} on upstream's engine", scenario.name), all);
                    0
                });
                self.progress.advance(now.saturating_sub(before));
                done = Some(now);
            }
        });
        if done.is_some() {
            self.progress.end();
        }
        let Output { ended, stdout, talk } = output?;
        let (name, limits) = (scenario.name.clone(), scenario.limits);
        let ended = match ended {
            Ended::Exit(0) => return Ok(stdout),
            Ended::TimedOut => error::Error::TimedOut { scenario: name, timeout_s: limits.timeout_s },
            Ended::OutOfMemory => error::Error::OutOfMemory { scenario: name, memory_mb: limits.memory_mb },
            ended => error::Error::Died { scenario: name, how: error::how(ended), last: error::last_words(&talk) },
        };
        Err(ended.into())
    }
}

/// Reads a line that says how many rows are done, and of how many.
fn rows_done(line: &str) -> Option<(u64, u64)> {
    let (done, all) = line.strip_prefix(PROGRESS)?.split_once(' ')?;
    Some((done.parse().ok()?, all.parse().ok()?))
}

/// Returns candles as the runner reads them: six columns one after the other, each value eight bytes, the lowest first.
fn columns(candles: &Candles) -> Vec<u8> {
    let times = candles.time.iter().map(|&time| time as f64);
    let columns = [&candles.open, &candles.high, &candles.low, &candles.close, &candles.volume];
    times.chain(columns.into_iter().flatten().copied()).flat_map(f64::to_le_bytes).collect()
}
