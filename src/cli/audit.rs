//! `hive audit`: a scenario in both modes, and how much of the parity replay is look-ahead.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Map;
use serde_json::Value;

use crate::cli::arguments::Audit;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::drawn_table;
use crate::cli::print::toned;
use crate::cli::run::figure;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::audit;
use crate::workflow::audit::Example;
use crate::workflow::audit::LookAhead;
use crate::workflow::audit::Outcome;
use crate::workflow::audit::Refusal;

pub(crate) fn run(options: &Audit, printer: &Printer) -> Result<Exit, Error> {
    let selectors = [options.recipe.clone()];
    let project = place::project(&selectors, printer)?;
    let file = project.one(&options.recipe, &place::here())?;
    let audited = audit::audit(&project, &file, &options.scenario, options.cuts, &printer.progress())?;
    if printer.is_json() {
        printer.json(&audited);
        return Ok(Exit::Fine);
    }
    let title = format!("{}/{}", audited.recipe, audited.scenario);
    let mut page = String::new();
    let _ = writeln!(page, "{}  {}, profile {}\n", toned(Tone::Strong, &title), audited.upstream, audited.profile);
    page += &drawn_table(&table(&audited));
    let _ = writeln!(page, "\nlook-ahead, by decisions that change where the candles end earlier");
    let modes = [("parity", &audited.parity), ("causal", &audited.causal)];
    for (mode, outcome) in modes {
        let found = match outcome {
            Outcome::Replayed(side) => cuts(&side.look_ahead),
            Outcome::Refused(refusal) => refused(refusal),
        };
        let _ = writeln!(page, "  {mode}  {found}");
    }
    page += &audited.parity.side().map(|side| unclosed(&side.look_ahead)).unwrap_or_default();
    for (mode, outcome) in modes {
        if let Some(example) = outcome.side().and_then(|side| side.look_ahead.first.as_ref()) {
            page += &drawn(mode, example);
        }
    }
    printer.result(&page);
    Ok(Exit::Fine)
}

/// Lays the two modes side by side, measured alike; a mode that was refused has no figures.
fn table(audited: &audit::Audit) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["", "parity", "causal", "causal less parity"]);
    let (none, zero) = (Map::new(), Value::from(0));
    let [parity, causal] =
        [&audited.parity, &audited.causal].map(|outcome| outcome.side().map_or(&none, |side| &side.figures));
    for name in if causal.is_empty() { parity } else { causal }.keys() {
        let sides = [parity, causal].map(|figures| figures.get(name));
        let counts: Vec<&Map<String, Value>> = sides.iter().flatten().filter_map(|value| value.as_object()).collect();
        if counts.is_empty() {
            table.add_row(row(name, sides));
            continue;
        }
        // Counts by name take a row each.
        let names: BTreeSet<&String> = counts.into_iter().flat_map(Map::keys).collect();
        for name in names {
            let count = |side: Option<&Value>| side.map(|counts| counts.get(name).unwrap_or(&zero).clone());
            let counts = sides.map(count);
            table.add_row(row(&format!("  {name}"), counts.each_ref().map(Option::as_ref)));
        }
    }
    table
}

/// Lays out a figure of both modes; that of a mode that was refused stays empty.
fn row(name: &str, [parity, causal]: [Option<&Value>; 2]) -> [String; 4] {
    let float = |side: Option<&Value>| side.and_then(Value::as_f64);
    let shown = |value: &Value| value.as_f64().filter(|_| !value.is_u64()).map_or_else(|| figure(value), rounded);
    let difference = float(causal).zip(float(parity)).map(|(causal, parity)| causal - parity);
    let of = |side: Option<&Value>| side.map_or_else(String::new, shown);
    [name.to_owned(), of(parity), of(causal), difference.map_or_else(String::new, rounded)]
}

/// Tells why a mode has no replay.
fn refused(refusal: &Refusal) -> String {
    let help = refusal.help.as_ref().map_or_else(String::new, |help| format!("\n          hint: {help}"));
    format!("{}: {}{help}", toned(Tone::Bad, "not replayed"), refusal.refused)
}

/// Writes a figure with as many digits as are looked at; results as JSON have them all.
fn rounded(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.6}") }
}

fn cuts(found: &LookAhead) -> String {
    let cut = counted(found.cut_count, "cut");
    if found.changed_cut_count == 0 {
        let verdict = toned(Tone::Good, "none changes an earlier decision");
        return format!("{cut}, {verdict} ({} compared)", counted(found.decision_count, "decision"));
    }
    let share = 100.0 * found.changed_count as f64 / found.decision_count.max(1) as f64;
    let causes: Vec<String> =
        found.causes.iter().filter(|(_, count)| **count > 0).map(|(name, count)| format!("{name} {count}")).collect();
    let verdict = format!("{} of them change earlier decisions", found.changed_cut_count);
    format!(
        "{cut}, {}: {} of {} compared, {share:.1} %; by cause: {}",
        toned(Tone::Bad, &verdict),
        found.changed_count,
        found.decision_count,
        causes.join(", "),
    )
}

/// Tells how often the controller saw a candle that had not closed; nothing where it never did.
fn unclosed(found: &LookAhead) -> String {
    let Some(mean) = found.unclosed_seconds_mean else { return String::new() };
    let share = 100.0 * found.unclosed_count as f64 / found.moment_count.max(1) as f64;
    format!(
        "  at {share:.1} % of the moments in parity the controller saw a candle of its own that had {mean:.0} s to go on average\n"
    )
}

/// Tells of a decision that depends on what came after it.
fn drawn(mode: &str, example: &Example) -> String {
    let mut text = format!("\nfirst example in {mode}, at {}\n", moment(example.time));
    let cut = format!("up to {}", moment(example.cut_after));
    let mut line = |name: &str, words: &str| {
        let _ = writeln!(text, "  {name:<width$}  {words}", width = cut.len());
    };
    for (name, decision) in [("all candles", &example.whole), (cut.as_str(), &example.cut)] {
        line(name, &saw(decision));
        line("", &did(decision));
    }
    line("cause", &format!("{}: {}", example.cause, example.explanation));
    text
}

/// Writes what a controller saw.
fn saw(decision: &Value) -> String {
    if decision.is_null() {
        return "saw nothing: there were no figures at this moment".to_owned();
    }
    format!(
        "saw reference price {}, spread multiplier {}, signal {}",
        decision["reference_price"], decision["spread_multiplier"], decision["signal"],
    )
}

/// Writes what a controller did.
fn did(decision: &Value) -> String {
    let actions: Vec<String> = decision["actions"].as_array().into_iter().flatten().map(action).collect();
    format!("did {}", if actions.is_empty() { "nothing".to_owned() } else { actions.join(", ") })
}

fn action(action: &Value) -> String {
    if let Some(stop) = action.get("stop") {
        return format!("stop #{}", stop["seq"]);
    }
    let created = &action["create"];
    let text = |key: &str| created[key].as_str().unwrap_or_default();
    let name = if text("level_id").is_empty() { text("type") } else { text("level_id") };
    let price = ["entry_price", "price", "start_price"].into_iter().find_map(|key| created[key].as_str());
    let price = price.or_else(|| created["prices"][0].as_str()).and_then(|price| price.parse::<f64>().ok());
    format!("{name} {} at {}", text("side"), price.map_or_else(String::new, |price| format!("{price:.6}")))
}

fn moment(time: i64) -> String {
    let time = jiff::Timestamp::from_second(time);
    time.map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}
