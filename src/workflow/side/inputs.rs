//! The side that a golden was made of, as far as its inputs say and its files are still to be found.

use indexmap::IndexMap;
use serde_json::Value;

use super::Maker;
use super::Side;
use super::profile_named;
use crate::golden::Golden;
use crate::recipe::resolve::CandleSource;
use crate::recipe::resolve::Engine;
use crate::recipe::resolve::Mode;
use crate::recipe::resolve::Scenario;
use crate::recipe::resolve::Synthetic;
use crate::recipe::resolve::Upstream;
use crate::recipe::resolve::WallClock;
use crate::workflow::Error;
use crate::workflow::bisect::Refusal;
use crate::workflow::found;
use crate::workflow::golden::inputs;
use crate::workflow::lock;
use crate::workflow::project::Loaded;
use crate::workflow::scenario::CandleCache;

impl Maker<'_> {
    /// Returns the side that a golden was made of. What cannot be had any more is taken as the recipe is now, with a note, so
    /// that everything else can still be told apart.
    ///
    /// # Errors
    ///
    /// Refuses a golden that does not name its inputs, and says what is missing of the recipe.
    pub fn of_golden(&self, loaded: &Loaded, scenario: &str, file: &str, golden: &Golden) -> Result<Side, Error> {
        let given = Given { inputs: &golden.inputs };
        let engine = match given.text("engine") {
            None => {
                return Err(
                    Refusal::NoInputs { what: format!("golden `{file}` does not say what it was made of") }.into()
                );
            }
            Some("upstream") => Engine::Upstream,
            Some(_) => Engine::Native,
        };
        let mut notes = Vec::new();
        let now = loaded.recipe.scenarios.get(scenario);
        let now = now.ok_or_else(|| Error::unknown_scenario(&loaded.recipe, scenario))?;
        let is_local = matches!(loaded.recipe.upstream, Upstream::Path { .. });
        let mut side = match (engine, given.version()) {
            (Engine::Upstream, Some(version)) if !is_local => self.at_version(loaded, scenario, version)?,
            _ => self.of("", loaded, scenario)?,
        };
        "the golden".clone_into(&mut side.name);
        side.expected = Some(golden.ledger.identity());
        side.scenario = given.scenario(now, engine);
        side.scenario.repeat = 1;
        if engine == Engine::Native {
            let recipe = &mut side.loaded.recipe;
            if let (Upstream::Pypi { version: of, .. } | Upstream::Git { tag: of, .. }, Some(was)) =
                (&mut recipe.upstream, given.version())
            {
                was.clone_into(of);
            }
            let (version, name) =
                (given.text("version").unwrap_or_default(), given.text("profile").unwrap_or_default());
            let profile = profile_named(version, name);
            let profile = profile.map_err(|source| Error::Profile {
                scenario: scenario.to_owned(),
                help: source.help(),
                source,
            })?;
            // What the profile has anyway is nothing that the scenario insists on.
            let indicators = given.text("indicators").filter(|name| *name != profile.indicators.name());
            side.scenario.indicators = indicators.map(str::to_owned);
            side.profile = Some(profile);
            (side.patches, side.controllers, side.closure) = (Vec::new(), Vec::new(), None);
            if let Some(engine) = given.text("engine").filter(|engine| *engine != lock::engine()) {
                notes.push(format!("the golden was made by {engine}, and all mixtures are run by {}", lock::engine()));
            }
        } else {
            side.profile = None;
            self.take_series(&mut side, &given, &mut notes)?;
            packages(&side, &given, &mut notes);
        }
        self.take_candles(&mut side, &given, &mut notes)?;
        side.notes = notes;
        Ok(side)
    }

    /// Takes the candles that the golden names, where they are still to be found.
    fn take_candles(&self, side: &mut Side, given: &Given<'_>, notes: &mut Vec<String>) -> Result<(), Error> {
        let (Some(checksum), Some(from)) = (given.text("candles"), given.text("candles-from")) else { return Ok(()) };
        if side.candles == checksum {
            return Ok(());
        }
        let recipe = &mut side.loaded.recipe;
        let name = side.scenario.candles.clone();
        let now = recipe.candles[&name].clone();
        let set = recipe.candles.get_mut(&name).expect("a scenario's candles are in its recipe");
        for (key, value) in [("pair", &mut set.pair), ("connector", &mut set.connector)] {
            if let Some(text) = given.text(key) {
                text.clone_into(value);
            }
        }
        let source = match serde_json::from_str::<Value>(from) {
            Ok(walk) if walk["synthetic"].is_object() => synthetic(&walk["synthetic"]).map(CandleSource::Synthetic),
            _ => match found::by_hash(self.project, from, checksum.trim_start_matches("sha256:")) {
                Some(bytes) => Some(CandleSource::File(self.keep(from, &bytes)?)),
                None => None,
            },
        };
        if let Some(source) = source {
            set.source = source;
            let found = CandleCache::default().get(self.project, recipe, &name)?.1.clone();
            if found == checksum {
                found.clone_into(&mut side.candles);
                return Ok(());
            }
        }
        notes.push(format!(
            "the candles of the golden, {from} with {checksum}, are nowhere to be found: both sides are run on those of now, \
             and what the candles changed is not seen"
        ));
        recipe.candles.insert(name.clone(), now);
        side.candles = CandleCache::default().get(self.project, recipe, &name)?.1.clone();
        Ok(())
    }

    /// Takes the series and the controllers that the golden names, as far as their files are still to be found.
    fn take_series(&self, side: &mut Side, given: &Given<'_>, notes: &mut Vec<String>) -> Result<(), Error> {
        let recipe = &mut side.loaded.recipe;
        let now = std::mem::take(&mut recipe.patches);
        for (file, sha256) in given.files(inputs::PATCH) {
            let file = super::named(file);
            let Some(bytes) = found::by_hash(self.project, file, sha256) else {
                notes.push(lost("patch", file, sha256));
                recipe.patches.extend(now.iter().find(|patch| patch.file == file).cloned());
                continue;
            };
            let mut patch = now.iter().find(|patch| patch.file == file).cloned().unwrap_or_else(|| gone(file));
            patch.file = self.keep(file, &bytes)?;
            recipe.patches.push(patch);
        }
        let were: IndexMap<&str, &str> = given.files(inputs::CONTROLLER_FILE).collect();
        recipe.controllers.retain(|controller| were.contains_key(controller.source.as_str()));
        for controller in &mut recipe.controllers {
            let (file, sha256) = (controller.source.clone(), were[controller.source.as_str()]);
            match found::by_hash(self.project, &file, sha256) {
                Some(bytes) => controller.source = self.keep(&file, &bytes)?,
                None => notes.push(lost("controller", &file, sha256)),
            }
        }
        (side.patches, side.controllers) = self.pieces(&side.loaded.recipe)?;
        Ok(())
    }
}

/// The inputs that a golden names.
struct Given<'g> {
    inputs: &'g IndexMap<String, String>,
}

impl<'g> Given<'g> {
    fn text(&self, key: &str) -> Option<&'g str> {
        self.inputs.get(key).map(String::as_str)
    }

    fn number<N: std::str::FromStr>(&self, key: &str) -> Option<N> {
        self.text(key)?.parse().ok()
    }

    /// Returns the release: what the profile was chosen by, else what the label says, `hummingbot 20250609 sdist`.
    fn version(&self) -> Option<&'g str> {
        self.text("version").or_else(|| self.text("upstream")?.split(' ').nth(1))
    }

    /// Returns the files under a prefix, each with its SHA-256 in hex.
    fn files(&self, prefix: &'static str) -> impl Iterator<Item = (&'g str, &'g str)> + use<'g> {
        let of = move |(key, value): (&'g String, &'g String)| {
            Some((key.strip_prefix(prefix)?, value.strip_prefix("sha256:").unwrap_or(value)))
        };
        self.inputs.iter().filter_map(of)
    }

    /// Returns the scenario as the golden has it; what it does not say is as it is now.
    fn scenario(&self, now: &Scenario, engine: Engine) -> Scenario {
        let mut was = now.clone();
        was.engine = engine;
        was.mode = if self.text("mode") == Some("causal") { Mode::Causal } else { Mode::Parity };
        was.start = self.number("start").unwrap_or(now.start);
        was.end = self.number("end").unwrap_or(now.end);
        was.resolution = self.number("resolution").unwrap_or(now.resolution);
        was.trade_cost = self.number("trade-cost").unwrap_or(now.trade_cost);
        let (costs, rules) = (&mut was.costs, &mut was.trading_rules);
        let numbers = [
            ("maker-fee", &mut costs.maker_fee),
            ("taker-fee", &mut costs.taker_fee),
            ("slippage-bps", &mut costs.slippage_bps),
        ];
        for (key, value) in numbers {
            *value = self.number(key).unwrap_or(*value);
        }
        let texts = [
            ("trading-rules.min_price_increment", &mut rules.min_price_increment),
            ("trading-rules.min_base_amount_increment", &mut rules.min_base_amount_increment),
            ("trading-rules.min_notional_size", &mut rules.min_notional_size),
            ("trading-rules.min_order_size", &mut rules.min_order_size),
        ];
        for (key, value) in texts {
            if let Some(text) = self.text(key) {
                text.clone_into(value);
            }
        }
        was.wall_clock = self.number("wall-clock").map_or(WallClock::After, WallClock::At);
        let parameter = |(key, value): (&String, &String)| {
            Some((key.strip_prefix(inputs::CONTROLLER)?.to_owned(), inputs::value(value)))
        };
        was.controller = self.inputs.iter().filter_map(parameter).collect();
        was
    }
}

/// Returns the generator that a golden describes.
fn synthetic(walk: &Value) -> Option<Synthetic> {
    let text = |key: &str| walk[key].as_str().map(str::to_owned);
    Some(Synthetic {
        seed: walk["seed"].as_u64()?,
        rows: walk["rows"].as_u64()?.try_into().ok()?,
        start: walk["start"].as_i64()?,
        interval: walk["interval"].as_i64()?,
        price: text("price")?,
        tick: text("tick")?,
        volume: text("volume")?,
        volatility_bps: walk["volatility-bps"].as_u64()?.try_into().ok()?,
    })
}

/// Notes where the packages that move results had other versions than the closure has that is taken for them.
fn packages(side: &Side, given: &Given<'_>, notes: &mut Vec<String>) {
    let Some(closure) = &side.closure else { return };
    for (package, was) in given.files(inputs::PACKAGE) {
        let now = closure.pins.run.iter().find(|pin| pin.name == package.to_ascii_lowercase().replace('_', "-"));
        if let Some(now) = now.filter(|pin| pin.version != was) {
            notes.push(format!(
                "package {package} was {was} for the golden and is {} in the closure that is known: what it changed is not seen",
                now.version
            ));
        }
    }
}

fn lost(what: &str, file: &str, sha256: &str) -> String {
    format!("the {what} of the golden, {file} with sha256:{sha256}, is nowhere to be found: it is taken as it is now")
}

/// Returns a patch that no recipe names any more.
fn gone(file: &str) -> crate::recipe::resolve::Patch {
    crate::recipe::resolve::Patch {
        file: file.to_owned(),
        why: String::new(),
        touches: Vec::new(),
        applies: None,
        expires: None,
        probe: None,
        after: Vec::new(),
        allow: Vec::new(),
    }
}
