//! One scenario, from its recipe to its ledger.

use indexmap::IndexMap;
use miette::NamedSource;
use miette::SourceSpan;

use crate::controller;
use crate::controller::Controller;
use crate::controller::Setting;
use crate::engine::Profile;
use crate::engine::Replay;
use crate::engine::causal;
use crate::engine::causal::Costs;
use crate::engine::profile;
use crate::engine::replay;
use crate::engine::replay::Setup;
use crate::engine::replay::replay;
use crate::indicator::Generation;
use crate::market::Candles;
use crate::market::Decimal;
use crate::market::TradingRules;
use crate::market::candles::Gap;
use crate::metric::Convention;
use crate::recipe::located::locate;
use crate::recipe::resolve;
use crate::recipe::resolve::CandleSource;
use crate::recipe::resolve::Mode;
use crate::recipe::resolve::Recipe;
use crate::recipe::resolve::Scenario;
use crate::recipe::resolve::WallClock;
use crate::workflow::Error;
use crate::workflow::Project;
use crate::workflow::candles::read;
use crate::workflow::project::Loaded;
use crate::workflow::report::Subject;
use crate::workflow::upstream;

/// A replayed scenario.
pub struct Ran {
    /// What came of it.
    pub replay: Replay,
    /// The controller, which knows its levels' names.
    pub controller: Box<dyn Controller>,
    /// The profile that it was replayed under.
    pub profile: Profile,
    /// The mode that it was replayed in.
    pub mode: Mode,
    /// The length of a replayed candle, in seconds.
    pub resolution: i64,
    /// The upstream version that the profile was chosen by, where the scenario insists on none.
    pub version: Option<String>,
    /// The checksum of the candles, `sha256:…`.
    pub candles_checksum: String,
    /// How many candles were replayed.
    pub candle_count: usize,
    /// Where the file's candles are missing in the window, at their own interval.
    pub gaps: Vec<Gap>,
}

/// The candles of a recipe, each file read once.
#[derive(Debug, Default)]
pub struct CandleCache {
    read: IndexMap<String, (Candles, String)>,
}

impl CandleCache {
    /// Returns the candles of a name, with their checksum.
    ///
    /// # Errors
    ///
    /// Names the file and the line that is wrong.
    pub fn get(&mut self, project: &Project, recipe: &Recipe, name: &str) -> Result<&(Candles, String), Error> {
        let source = &recipe.candles[name].source;
        let key = format!("{source:?}");
        if !self.read.contains_key(&key) {
            let read = read::source(project, source)?;
            self.read.insert(key.clone(), read);
        }
        Ok(&self.read[&key])
    }
}

/// Returns the profile that a scenario is replayed under.
///
/// # Errors
///
/// Returns an error when no profile is proven for the upstream version and the scenario names none.
pub fn profile_of(project: &Project, recipe: &Recipe, scenario: &Scenario) -> Result<Profile, Error> {
    let found = match &scenario.replay_profile {
        Some(name) => profile::named(name),
        None => profile::of_version(&upstream::version(project, recipe)?),
    };
    found.map_err(|source| Error::Profile { scenario: scenario.name.clone(), help: source.help(), source })
}

/// Replays a scenario of a recipe on the native engine; needs neither the network nor a fetched release.
///
/// # Errors
///
/// Says what is wrong with the candles, the configuration, or the version.
pub fn run(project: &Project, loaded: &Loaded, scenario: &Scenario, candles: &mut CandleCache) -> Result<Ran, Error> {
    Ready::new(project, loaded, scenario, candles)?.run()
}

/// Replays a scenario under a profile of the caller's choice, whatever the version.
///
/// # Errors
///
/// Says what is wrong with the candles or the configuration.
pub fn run_under(
    project: &Project,
    loaded: &Loaded,
    scenario: &Scenario,
    profile: Profile,
    candles: &mut CandleCache,
) -> Result<Ran, Error> {
    let read = candles.get(project, &loaded.recipe, &scenario.candles)?;
    Ready::under(loaded, scenario, profile, read).run()
}

/// A scenario whose candles are read, ready to be replayed in either mode.
pub struct Ready<'a> {
    loaded: &'a Loaded,
    scenario: &'a Scenario,
    /// The profile that it is replayed under.
    pub profile: Profile,
    /// The upstream version that the profile was chosen by; `None` for a profile of somebody's choice.
    version: Option<String>,
    /// All candles of its file.
    pub candles: &'a Candles,
    candles_checksum: &'a str,
}

impl<'a> Ready<'a> {
    /// Reads a scenario's candles and chooses its profile.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the candles or the version, and that another engine is not there.
    pub fn new(
        project: &Project,
        loaded: &'a Loaded,
        scenario: &'a Scenario,
        candles: &'a mut CandleCache,
    ) -> Result<Self, Error> {
        if scenario.engine == resolve::Engine::Upstream {
            return Err(Error::NotNative { scenario: scenario.name.clone() });
        }
        let profile = profile_of(project, &loaded.recipe, scenario)?;
        let read = candles.get(project, &loaded.recipe, &scenario.candles)?;
        let version = match scenario.replay_profile {
            Some(_) => None,
            None => Some(upstream::version(project, &loaded.recipe)?),
        };
        Ok(Self { version, ..Self::under(loaded, scenario, profile, read) })
    }

    /// Takes a profile and candles with their checksum as they are; the profile was chosen by no version.
    #[must_use]
    pub fn under(
        loaded: &'a Loaded,
        scenario: &'a Scenario,
        profile: Profile,
        (candles, candles_checksum): &'a (Candles, String),
    ) -> Self {
        Self { loaded, scenario, profile, version: None, candles, candles_checksum }
    }

    /// Replays the scenario as often as it says.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the candles or the configuration, and that two replays differ.
    pub fn run(&self) -> Result<Ran, Error> {
        let scenario = self.scenario;
        let (first, controller) = self.replay(scenario.mode)?;
        for _ in 1..scenario.repeat.max(1) {
            if self.replay(scenario.mode)?.0 != first {
                return Err(Error::NotDeterministic { scenario: scenario.name.clone() });
            }
        }
        // A joined candle hides the rows that it lacks, so gaps are looked for in the rows themselves.
        let given = self.candles.window(scenario.start, scenario.end.saturating_add(scenario.resolution - 1));
        Ok(Ran {
            controller,
            profile: self.profile,
            version: self.version.clone(),
            mode: scenario.mode,
            resolution: scenario.resolution,
            candles_checksum: self.candles_checksum.to_owned(),
            candle_count: first.series.time.len(),
            gaps: given.gaps(self.candles.interval().unwrap_or(scenario.resolution)),
            replay: first,
        })
    }

    /// Builds the controller for a mode.
    ///
    /// # Errors
    ///
    /// Points at the line of the recipe that is wrong.
    pub fn controller(&self, mode: Mode) -> Result<Box<dyn Controller>, Error> {
        build(self.loaded, self.scenario, &self.profile, mode)
    }

    /// Replays the scenario in a mode.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the candles or the configuration.
    pub fn replay(&self, mode: Mode) -> Result<(Replay, Box<dyn Controller>), Error> {
        let mut controller = self.controller(mode)?;
        let replay = self.replay_with(mode, self.candles, controller.as_mut())?;
        Ok((replay, controller))
    }

    /// Replays a controller in a mode, over some of the candles.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the candles or the configuration.
    pub fn replay_with(&self, mode: Mode, candles: &Candles, controller: &mut dyn Controller) -> Result<Replay, Error> {
        let scenario = self.scenario;
        let setup = Setup {
            candles,
            start: scenario.start,
            end: scenario.end,
            resolution: scenario.resolution,
            trade_cost: scenario.trade_cost,
            profile: self.profile,
            rules: rules(&scenario.trading_rules),
        };
        let replayed = match mode {
            Mode::Parity => replay(&setup, controller),
            Mode::Causal => causal::replay(&setup, &costs(&scenario.costs), controller),
        };
        replayed.map_err(|error| match error {
            replay::Error::Candles(source) => Error::Candles { file: self.candle_file(), source },
            source => Error::Replay { scenario: scenario.name.clone(), mend: mend(mode), source },
        })
    }

    /// Returns what the candles are known by.
    fn candle_file(&self) -> String {
        match &self.loaded.recipe.candles[&self.scenario.candles].source {
            CandleSource::File(file) => file.clone(),
            CandleSource::Synthetic(_) => self.scenario.candles.clone(),
        }
    }
}

impl Ran {
    /// Returns the replay with what its figures are read by.
    #[must_use]
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            replay: &self.replay,
            controller: self.controller.as_ref(),
            convention: convention(self.mode, &self.profile),
            period: self.resolution,
        }
    }
}

/// Returns what to do about a replay that stopped.
fn mend(mode: Mode) -> &'static str {
    match mode {
        Mode::Parity => "upstream raises an error here, too; change the configuration",
        Mode::Causal => "change the configuration",
    }
}

/// Returns whose definitions the metrics of a mode follow.
#[must_use]
pub fn convention(mode: Mode, profile: &Profile) -> Convention {
    match mode {
        Mode::Parity => profile.convention,
        Mode::Causal => Convention::Causal,
    }
}

fn costs(costs: &resolve::Costs) -> Costs {
    Costs { maker_fee: costs.maker_fee, taker_fee: costs.taker_fee, slippage_bps: costs.slippage_bps }
}

/// Reads the venue's rules, whose texts were checked when the recipe was resolved.
fn rules(rules: &resolve::TradingRules) -> TradingRules {
    let decimal = |text: &str| text.parse().unwrap_or(Decimal::ZERO);
    TradingRules {
        min_price_increment: decimal(&rules.min_price_increment),
        min_base_amount_increment: decimal(&rules.min_base_amount_increment),
        min_notional_size: decimal(&rules.min_notional_size),
        min_order_size: decimal(&rules.min_order_size),
    }
}

/// Returns the generation of the indicator library that a scenario insists on.
#[must_use]
pub fn chosen_indicators(scenario: &Scenario) -> Option<Generation> {
    match scenario.indicators.as_deref() {
        Some("talib-0.6") => Some(Generation::TaLib06),
        Some("talib-0.8") => Some(Generation::TaLib08),
        _ => None,
    }
}

/// Builds a scenario's controller; an error points at the line of the recipe.
fn build(loaded: &Loaded, scenario: &Scenario, profile: &Profile, mode: Mode) -> Result<Box<dyn Controller>, Error> {
    let indicators = chosen_indicators(scenario);
    let wall_clock = match scenario.wall_clock {
        WallClock::After => Setting::clock_after(scenario.end),
        WallClock::At(time) => time,
    };
    let mode = match mode {
        Mode::Parity => controller::Mode::Parity,
        Mode::Causal => controller::Mode::Causal,
    };
    let setting = Setting { mode, rules: rules(&scenario.trading_rules), wall_clock, ..profile.setting(indicators) };
    controller::registry::build(&scenario.controller, &setting).map_err(|source| {
        let table = ["scenario", scenario.name.as_str(), "controller"];
        let value = source.key().and_then(|key| locate(&loaded.text, &[table[0], table[1], table[2], key]));
        let at = value.or_else(|| locate(&loaded.text, &table)).or_else(|| locate(&loaded.text, &table[..2]));
        let help = source.help();
        Error::Controller {
            scenario: scenario.name.clone(),
            source,
            help,
            text: NamedSource::new(&loaded.recipe.file, loaded.text.clone()),
            at: at.map(SourceSpan::from),
        }
    })
}
