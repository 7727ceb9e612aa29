//! In what do two sides differ, one thing at a time, and what is a mixture of them?

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use crate::cause::Taken;
use crate::engine::profile::switch;
use crate::engine::profile::switch::Switch;
use crate::recipe::closure::Pin;
use crate::recipe::resolve::CandleSource;
use crate::recipe::resolve::Engine;
use crate::recipe::resolve::Mode;
use crate::recipe::resolve::Scenario;
use crate::recipe::resolve::WallClock;
use crate::workflow::closure::Closure;
use crate::workflow::side::Piece;
use crate::workflow::side::Side;

/// How many packages are taken apart one by one: each mixture of them is an environment of its own.
const PACKAGES_MAX: usize = 4;

/// How many characters of a file's hash are shown.
const SHOWN_HASH: usize = 12;

/// One thing in which two sides differ.
#[derive(Debug, Clone, Serialize)]
pub struct Axis {
    /// Its name.
    pub name: String,
    /// What kind of thing it is.
    pub group: Group,
    /// What the old side has, in words.
    pub old: String,
    /// What the new side has, in words.
    pub new: String,
    #[serde(skip)]
    kind: Kind,
}

/// A kind of things in which sides differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// A switch of the replay profile.
    Profile,
    /// The upstream release.
    Upstream,
    /// A patch of the series, or its order.
    Patch,
    /// A controller's file.
    ControllerFile,
    /// The Python closure.
    Closure,
    /// The candles.
    Candles,
    /// A key of the scenario.
    Scenario,
    /// A key of the controller's configuration.
    Controller,
}

/// What is taken from the new side.
#[derive(Debug, Clone)]
enum Kind {
    Switch(&'static Switch),
    Upstream,
    Patch(String),
    PatchOrder,
    ControllerFile(String),
    Closure,
    Package(String),
    Candles,
    Setting(&'static Setting),
    Parameter(String),
}

/// A key of a scenario.
#[derive(Debug)]
struct Setting {
    name: &'static str,
    /// Returns its value as text; `None` where it does nothing.
    text: fn(&Scenario) -> Option<String>,
    take: fn(&mut Scenario, &Scenario),
}

/// A setting of a field, by a function from the scenario and its field to text.
macro_rules! setting {
    ($name:literal, $($field:ident).+, $text:expr) => {
        Setting { name: $name, text: $text, take: |scenario, other| scenario.$($field).+.clone_from(&other.$($field).+) }
    };
}

/// Every key of a scenario that decides its result, the controller's configuration and the candles aside.
const SETTINGS: [Setting; 14] = [
    setting!("mode", mode, |scenario| Some(scenario.mode.name().to_owned())),
    setting!("start", start, |scenario| Some(moment(scenario.start))),
    setting!("end", end, |scenario| Some(moment(scenario.end))),
    setting!("resolution", resolution, |scenario| Some(format!("{} s", scenario.resolution))),
    setting!("trade-cost", trade_cost, |scenario| Some(scenario.trade_cost.to_string())),
    setting!("maker-fee", costs.maker_fee, |scenario| causal(scenario, scenario.costs.maker_fee)),
    setting!("taker-fee", costs.taker_fee, |scenario| causal(scenario, scenario.costs.taker_fee)),
    setting!("slippage-bps", costs.slippage_bps, |scenario| causal(scenario, scenario.costs.slippage_bps)),
    setting!("trading-rules.min_price_increment", trading_rules.min_price_increment, |scenario| Some(
        scenario.trading_rules.min_price_increment.clone()
    )),
    setting!("trading-rules.min_base_amount_increment", trading_rules.min_base_amount_increment, |scenario| Some(
        scenario.trading_rules.min_base_amount_increment.clone()
    )),
    setting!("trading-rules.min_notional_size", trading_rules.min_notional_size, |scenario| Some(
        scenario.trading_rules.min_notional_size.clone()
    )),
    setting!("trading-rules.min_order_size", trading_rules.min_order_size, |scenario| Some(
        scenario.trading_rules.min_order_size.clone()
    )),
    setting!("wall-clock", wall_clock, |scenario| Some(match scenario.wall_clock {
        WallClock::After => "after".to_owned(),
        WallClock::At(time) => moment(time),
    })),
    setting!("indicators", indicators, |scenario| match scenario.engine {
        Engine::Native => Some(scenario.indicators.clone().unwrap_or_else(|| "the profile's".to_owned())),
        Engine::Upstream => None,
    }),
];

/// Returns everything in which two sides of one engine differ, in an order that is always the same: what upstream decides,
/// then the candles, then the parameters.
#[must_use]
pub fn between(old: &Side, new: &Side) -> Vec<Axis> {
    let mut axes = Vec::new();
    let mut put = |kind: Kind, group: Group, name: &str, old: String, new: String| {
        axes.push(Axis { name: name.to_owned(), group, old, new, kind });
    };
    if let (Some(before), Some(after)) = (&old.profile, &new.profile) {
        for switch in switch::differing(before, after) {
            put(Kind::Switch(switch), Group::Profile, switch.name, (switch.words)(before), (switch.words)(after));
        }
    } else {
        if old.loaded.recipe.upstream != new.loaded.recipe.upstream {
            put(Kind::Upstream, Group::Upstream, "upstream", old.upstream(), new.upstream());
        }
        for name in in_order(&old.patches, &new.patches) {
            let [before, after] = [old, new].map(|side| piece(&side.patches, &name));
            if before != after {
                let (kind, name) = (Kind::Patch(name.clone()), format!("patch {name}"));
                put(kind, Group::Patch, &name, present(before), present(after));
            }
        }
        if let Some((before, after)) = other_order(&old.patches, &new.patches) {
            put(Kind::PatchOrder, Group::Patch, "order of the patches", before, after);
        }
        for name in in_order(&old.controllers, &new.controllers) {
            let [before, after] = [old, new].map(|side| piece(&side.controllers, &name));
            if before != after {
                let (kind, name) = (Kind::ControllerFile(name.clone()), format!("controller-file {name}"));
                put(kind, Group::ControllerFile, &name, present(before), present(after));
            }
        }
        closure_axes(old, new, &mut put);
    }
    let [had, has] = [old, new].map(|side| (&side.candles, pair(side)));
    if had != has {
        let words = |side: &Side| format!("{} of {}, {}", candles_from(side), pair(side), short(&side.candles));
        put(Kind::Candles, Group::Candles, "candles", words(old), words(new));
    }
    for setting in &SETTINGS {
        let [before, after] = [old, new].map(|side| (setting.text)(&side.scenario));
        if before != after {
            let text = |text: Option<String>| text.unwrap_or_else(|| "without effect".to_owned());
            put(Kind::Setting(setting), Group::Scenario, setting.name, text(before), text(after));
        }
    }
    let (before, after) = (&old.scenario.controller, &new.scenario.controller);
    for key in before.keys().chain(after.keys().filter(|key| !before.contains_key(*key))) {
        if before.get(key) != after.get(key) {
            let text = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), Value::to_string);
            let (old, new) = (text(before.get(key)), text(after.get(key)));
            put(Kind::Parameter(key.clone()), Group::Controller, &format!("controller.{key}"), old, new);
        }
    }
    axes
}

/// Returns the old side with some axes from the new one.
#[must_use]
pub fn mixed(old: &Side, new: &Side, axes: &[Axis], taken: &Taken) -> Side {
    let mut side = old.clone();
    let mut patches = BTreeSet::new();
    let mut is_reordered = false;
    for axis in taken.iter().map(|axis| &axes[axis]) {
        match &axis.kind {
            Kind::Switch(switch) => {
                if let (Some(profile), Some(other)) = (&mut side.profile, &new.profile) {
                    (switch.take)(profile, other);
                }
            }
            Kind::Upstream => {
                side.loaded.recipe.upstream.clone_from(&new.loaded.recipe.upstream);
                if let (Some(closure), Some(other)) = (&mut side.closure, &new.closure) {
                    closure.pins.source.clone_from(&other.pins.source);
                }
            }
            Kind::Patch(name) => drop(patches.insert(name.as_str())),
            Kind::PatchOrder => is_reordered = true,
            Kind::ControllerFile(name) => take_controller(&mut side, new, name),
            Kind::Closure => {
                side.loaded.recipe.python.clone_from(&new.loaded.recipe.python);
                if let (Some(closure), Some(other)) = (&mut side.closure, &new.closure) {
                    let source = closure.pins.source.clone();
                    closure.clone_from(other);
                    closure.pins.source = source;
                }
            }
            Kind::Package(name) => take_package(&mut side, new, name),
            Kind::Candles => {
                let name = new.scenario.candles.clone();
                let candles = new.loaded.recipe.candles[&name].clone();
                side.loaded.recipe.candles.insert(name.clone(), candles);
                side.scenario.candles = name;
                side.candles.clone_from(&new.candles);
            }
            Kind::Setting(setting) => (setting.take)(&mut side.scenario, &new.scenario),
            Kind::Parameter(key) => {
                let controller = &mut side.scenario.controller;
                match new.scenario.controller.get(key) {
                    Some(value) => drop(controller.insert(key.clone(), value.clone())),
                    None => drop(controller.shift_remove(key)),
                }
            }
        }
    }
    mix_series(&mut side, old, new, &patches, is_reordered);
    side
}

/// Puts a series together: the patches that are taken from the new side, and all others from the old one.
fn mix_series(side: &mut Side, old: &Side, new: &Side, taken: &BTreeSet<&str>, is_reordered: bool) {
    let (leading, following) = if is_reordered { (new, old) } else { (old, new) };
    let (mut recipes, mut pieces) = (Vec::new(), Vec::new());
    for name in in_order(&leading.patches, &following.patches) {
        let from = if taken.contains(name.as_str()) { new } else { old };
        if let Some(place) = from.patches.iter().position(|piece| piece.name == name) {
            recipes.push(from.loaded.recipe.patches[place].clone());
            pieces.push(from.patches[place].clone());
        }
    }
    if !pieces.is_empty() || !old.patches.is_empty() {
        side.loaded.recipe.patches = recipes;
        side.patches = pieces;
    }
}

fn take_controller(side: &mut Side, new: &Side, name: &str) {
    let [place, other] = [&*side, new].map(|side| side.controllers.iter().position(|piece| piece.name == name));
    match (place, other) {
        (Some(place), Some(other)) => {
            side.loaded.recipe.controllers[place] = new.loaded.recipe.controllers[other].clone();
            side.controllers[place] = new.controllers[other].clone();
        }
        (Some(place), None) => {
            side.loaded.recipe.controllers.remove(place);
            side.controllers.remove(place);
        }
        (None, Some(other)) => {
            side.loaded.recipe.controllers.push(new.loaded.recipe.controllers[other].clone());
            side.controllers.push(new.controllers[other].clone());
        }
        (None, None) => {}
    }
}

fn take_package(side: &mut Side, new: &Side, name: &str) {
    let (Some(closure), Some(other)) = (&mut side.closure, &new.closure) else { return };
    closure.pins.run.retain(|pin| pin.name != name);
    closure.pins.run.extend(other.pins.run.iter().filter(|pin| pin.name == name).cloned());
    closure.pins.run.sort();
    // A package that is newer than the old cut-off has to be seen.
    let newer = new.loaded.recipe.python.as_ref().and_then(|python| python.cut_off);
    if let Some(python) = &mut side.loaded.recipe.python {
        python.cut_off = python.cut_off.and_then(|cut_off| newer.map(|newer| newer.max(cut_off)));
    }
}

/// Adds what the closures differ in: package by package where these are few, else as one.
fn closure_axes(old: &Side, new: &Side, put: &mut dyn FnMut(Kind, Group, &str, String, String)) {
    let (Some(before), Some(after)) = (&old.closure, &new.closure) else { return };
    let [old_python, new_python] = [old, new].map(|side| side.loaded.recipe.python.as_ref());
    let versions = [old_python, new_python].map(|python| python.map(|python| python.version.as_str()));
    let extensions = [old_python, new_python].map(|python| python.map(|python| python.extensions));
    let [had, has] = [before, after].map(pins);
    let names: BTreeSet<&str> = had.keys().chain(has.keys()).copied().collect();
    let differing: Vec<&str> = names.into_iter().filter(|name| had.get(name) != has.get(name)).collect();
    let is_whole = versions[0] != versions[1]
        || extensions[0] != extensions[1]
        || before.pins.build != after.pins.build
        || differing.len() > PACKAGES_MAX;
    let version = |pin: Option<&&Pin>| pin.map_or_else(|| "absent".to_owned(), |pin| pin.version.clone());
    if !is_whole {
        for name in differing {
            let (old, new) = (version(had.get(name)), version(has.get(name)));
            put(Kind::Package(name.to_owned()), Group::Closure, &format!("package {name}"), old, new);
        }
        return;
    }
    let words = |closure: &Closure, python: Option<&str>| {
        let count = closure.pins.run.len();
        format!("Python {}, {count} packages, {}", python.unwrap_or("unknown"), short(&closure.content()))
    };
    put(Kind::Closure, Group::Closure, "closure", words(before, versions[0]), words(after, versions[1]));
}

fn pins(closure: &Closure) -> BTreeMap<&str, &Pin> {
    closure.pins.run.iter().map(|pin| (pin.name.as_str(), pin)).collect()
}

/// Returns the names of pieces, those of the first list in its order and each of the others behind the one before it.
fn in_order(leading: &[Piece], following: &[Piece]) -> Vec<String> {
    let mut names: Vec<String> = leading.iter().map(|piece| piece.name.clone()).collect();
    let mut place = 0;
    for piece in following {
        place = names.iter().position(|name| *name == piece.name).unwrap_or_else(|| {
            names.insert(place, piece.name.clone());
            place
        });
        place += 1;
    }
    names
}

/// Returns the orders of the pieces that both lists have, in words, where they differ.
fn other_order(old: &[Piece], new: &[Piece]) -> Option<(String, String)> {
    let common = |of: &[Piece], other: &[Piece]| -> Vec<String> {
        of.iter().filter(|piece| other.iter().any(|it| it.name == piece.name)).map(|piece| piece.name.clone()).collect()
    };
    let (before, after) = (common(old, new), common(new, old));
    (before != after).then(|| (before.join(", "), after.join(", ")))
}

fn piece<'p>(pieces: &'p [Piece], name: &str) -> Option<&'p Piece> {
    pieces.iter().find(|piece| piece.name == name)
}

fn present(piece: Option<&Piece>) -> String {
    piece.map_or_else(|| "absent".to_owned(), |piece| short(&piece.sha256))
}

/// Returns the start of a checksum, which is enough to tell two apart.
fn short(checksum: &str) -> String {
    let hex = checksum.strip_prefix("sha256:").unwrap_or(checksum);
    format!("sha256:{}…", &hex[..hex.len().min(SHOWN_HASH)])
}

fn pair(side: &Side) -> &str {
    &side.loaded.recipe.candles[&side.scenario.candles].pair
}

fn candles_from(side: &Side) -> String {
    match &side.loaded.recipe.candles[&side.scenario.candles].source {
        CandleSource::File(file) => crate::workflow::side::named(file).to_owned(),
        CandleSource::Synthetic(synthetic) => format!("synthetic, seed {}", synthetic.seed),
    }
}

fn causal(scenario: &Scenario, cost: f64) -> Option<String> {
    (scenario.mode == Mode::Causal).then(|| cost.to_string())
}

fn moment(time: i64) -> String {
    jiff::Timestamp::from_second(time).map_or_else(|_| time.to_string(), |moment| moment.to_string())
}
