//! What came of a scenario, whichever engine replayed it?

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::rc::Rc;

use indexmap::IndexMap;
use serde_json::Map;
use serde_json::Value;

use crate::golden::Golden;
use crate::recipe::resolve::Engine;
use crate::recipe::resolve::Mode;
use crate::recipe::resolve::Scenario;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Project;
use crate::workflow::against;
use crate::workflow::against::Parity;
use crate::workflow::golden;
use crate::workflow::project::Loaded;
use crate::workflow::report;
use crate::workflow::scenario;
use crate::workflow::scenario::CandleCache;
use crate::workflow::upstream_engine;
use crate::workflow::upstream_engine::UpstreamEngine;

/// A replayed scenario.
pub enum Played {
    /// By the bundled engine.
    Native(Box<scenario::Ran>),
    /// By Hummingbot's own.
    Upstream(Box<upstream_engine::Ran>),
}

impl Played {
    /// Returns the engine's name, as recipes have it.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Native(_) => "native",
            Self::Upstream(_) => "upstream",
        }
    }

    /// Returns the profile that it was replayed under; `None` for upstream's engine, which needs none.
    #[must_use]
    pub fn profile(&self) -> Option<&'static str> {
        match self {
            Self::Native(ran) => Some(ran.profile.name),
            Self::Upstream(_) => None,
        }
    }

    /// Returns the mode that it was replayed in.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match self {
            Self::Native(ran) => ran.mode,
            Self::Upstream(_) => Mode::Parity,
        }
    }

    /// Returns the checksum of the candles.
    #[must_use]
    pub fn candles_checksum(&self) -> &str {
        match self {
            Self::Native(ran) => &ran.candles_checksum,
            Self::Upstream(ran) => &ran.candles_checksum,
        }
    }

    /// Returns how many candles were replayed.
    #[must_use]
    pub fn candle_count(&self) -> usize {
        match self {
            Self::Native(ran) => ran.candle_count,
            Self::Upstream(ran) => ran.candle_count,
        }
    }

    /// Returns how many gaps the candles have in the window.
    #[must_use]
    pub fn gap_count(&self) -> usize {
        self.gaps().len()
    }

    /// Returns how many candles are missing in them.
    #[must_use]
    pub fn missing_count(&self) -> i64 {
        self.gaps().iter().map(|gap| gap.missing).sum()
    }

    fn gaps(&self) -> &[crate::market::candles::Gap] {
        match self {
            Self::Native(ran) => &ran.gaps,
            Self::Upstream(ran) => &ran.gaps,
        }
    }

    /// Returns the metrics as an object.
    #[must_use]
    pub fn results(&self) -> Map<String, Value> {
        match self {
            Self::Native(ran) => report::results(&ran.subject()),
            Self::Upstream(ran) => ran.answer.results(),
        }
    }

    /// Returns the whole replay as one object.
    #[must_use]
    pub fn json(&self, loaded: &Loaded, scenario: &Scenario) -> Value {
        let market = &loaded.recipe.candles[&scenario.candles];
        let text = |key: &str, default: &str| {
            scenario.controller.get(key).and_then(Value::as_str).unwrap_or(default).to_owned()
        };
        match self {
            Self::Native(ran) => {
                let (connector, pair) = (text("connector_name", &market.connector), text("trading_pair", &market.pair));
                report::replay_json(&ran.subject(), &connector, &pair)
            }
            Self::Upstream(ran) => ran.answer.replay_json(),
        }
    }
}

/// The scenarios of one recipe, as one verb replays them.
pub struct Session<'a> {
    project: &'a Project,
    loaded: &'a Loaded,
    engine: UpstreamEngine<'a>,
    /// The candles that were read so far.
    pub candles: CandleCache,
    /// The scenarios that take part in a comparison: their results are kept.
    compared: BTreeSet<String>,
    kept: IndexMap<String, Rc<Played>>,
    failed: BTreeMap<String, Error>,
}

impl<'a> Session<'a> {
    /// Begins with nothing replayed.
    #[must_use]
    pub fn new(project: &'a Project, loaded: &'a Loaded, engine: UpstreamEngine<'a>) -> Self {
        let pair = |scenario: &Scenario| Some([scenario.name.clone(), scenario.against.clone()?]);
        let compared = loaded.recipe.scenarios.values().filter_map(pair).flatten().collect();
        let (kept, failed) = (IndexMap::new(), BTreeMap::new());
        Self { project, loaded, engine, candles: CandleCache::default(), compared, kept, failed }
    }

    /// Replays a scenario, or returns what came of it before.
    ///
    /// # Errors
    ///
    /// Says why it cannot be replayed.
    pub fn play(&mut self, scenario: &Scenario) -> Result<Rc<Played>, Error> {
        if let Some(known) = self.kept.get(&scenario.name) {
            return Ok(Rc::clone(known));
        }
        if let Some(error) = self.failed.remove(&scenario.name) {
            return Err(error);
        }
        let played = Rc::new(match scenario.engine {
            Engine::Native => {
                Played::Native(Box::new(scenario::run(self.project, self.loaded, scenario, &mut self.candles)?))
            }
            Engine::Upstream => Played::Upstream(Box::new(self.engine.run(scenario, &mut self.candles)?)),
        });
        if self.compared.contains(&scenario.name) {
            self.kept.insert(scenario.name.clone(), Rc::clone(&played));
        }
        Ok(played)
    }

    /// Lays a result beside that of the scenario which its own names; `None` where it names none.
    ///
    /// # Errors
    ///
    /// Returns an error when the other scenario cannot be replayed; the reason is told where that one is asked for.
    pub fn parity(&mut self, scenario: &Scenario, played: &Played) -> Result<Option<Parity>, Error> {
        let Some(name) = &scenario.against else { return Ok(None) };
        let other = &self.loaded.recipe.scenarios[name];
        match self.play(other) {
            Ok(beside) => {
                let sides = [(scenario, played), (other, beside.as_ref())];
                Ok(Some(against::compare(self.loaded, sides)))
            }
            Err(error) if error.exit() == Exit::Interrupted => Err(error),
            Err(error) => {
                self.failed.insert(name.clone(), error);
                Err(upstream_engine::error::Error::NoOther {
                    recipe: self.loaded.recipe.name.clone(),
                    scenario: scenario.name.clone(),
                    other: name.clone(),
                }
                .into())
            }
        }
    }

    /// Makes the golden that a result would be accepted as.
    #[must_use]
    pub fn golden(&self, scenario: &Scenario, played: &Played) -> Golden {
        golden::of(self.loaded, scenario, played)
    }
}
