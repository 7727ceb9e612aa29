//! `hive run`: replay one scenario and show the full result.

use std::fmt::Write as _;

use serde_json::Value;

use crate::cli::arguments::Global;
use crate::cli::arguments::Run;
use crate::cli::parity;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::drawn_table;
use crate::cli::print::toned;
use crate::cli::why::page;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::against::Parity;
use crate::workflow::run;

pub(crate) fn run(options: &Run, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let selectors = [options.recipe.clone()];
    let project = place::project(&selectors, printer)?;
    let file = project.one(&options.recipe, &place::here())?;
    let told = options.inside.options(global);
    let is_reported = options.report.is_some();
    let run = run::run(&project, &file, &options.scenario, is_reported, told, &printer.progress())?;
    if let (Some(path), Some(why)) = (&options.report, &run.why) {
        page::write(why, &place::here().join(path))?;
        printer.note(&format!("wrote {}", path.display()));
    }
    let exit = if run.parity.as_ref().is_none_or(Parity::is_exact) { Exit::Fine } else { Exit::Drift };
    if printer.is_json() {
        printer.json(&run.json);
        return Ok(exit);
    }
    let text = |key: &str| run.json[key].as_str().unwrap_or_default().to_owned();
    let count =
        |value: &Value, noun| counted(value.as_u64().and_then(|count| count.try_into().ok()).unwrap_or(0), noun);
    let mut page = String::new();
    let title = format!("{}/{}", text("recipe"), text("scenario"));
    let by = match run.json["profile"].as_str() {
        Some(profile) => format!("profile {profile}"),
        None => "its own engine".to_owned(),
    };
    let _ = write!(page, "{}  {}, {by}", toned(Tone::Strong, &title), text("upstream"));
    let is_causal = text("mode") == "causal";
    let _ = writeln!(page, "{}", if is_causal { ", causal" } else { "" });
    let candles = &run.json["candles"];
    let _ = write!(page, "  {} of {} s", count(&candles["count"], "candle"), run.json["resolution_s"]);
    if candles["missing_count"] != 0 {
        let _ = write!(page, ", {} missing in {}", candles["missing_count"], count(&candles["gap_count"], "gap"));
    }
    let _ = write!(page, ", {}", count(&run.json["n_executors"], "executor"));
    if let Some(open) = run.json["open_executors"].as_array().filter(|open| !open.is_empty()) {
        let _ = write!(page, ", {} still open", open.len());
    }
    if let Some(unstarted) = run.json["unstarted_count"].as_u64().filter(|&count| count > 0) {
        let _ = write!(page, ", {unstarted} could not start");
    }
    let _ = writeln!(page);
    for (name, value) in run.json["results"].as_object().into_iter().flatten() {
        let _ = writeln!(page, "  {name:<30} {}", figure(value));
    }
    let executors = run.json["executors"].as_array().map_or(&[][..], Vec::as_slice);
    if !executors.is_empty() {
        let _ = write!(page, "\n{}", drawn_table(&table(executors)));
    }
    if let Some(parity) = &run.parity {
        let _ = writeln!(page, "\nagainst `{}`: {}", parity.other, parity_word(parity));
        page.push_str(&parity::explained(&options.scenario, parity));
    }
    printer.result(&page);
    Ok(exit)
}

/// Returns how two scenarios stand to each other, in a word.
fn parity_word(parity: &Parity) -> String {
    if parity.is_exact() { toned(Tone::Good, "exact") } else { toned(Tone::Bad, "drift") }
}

/// Writes a metric for people.
pub(crate) fn figure(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Object(counts) if counts.is_empty() => "none".to_owned(),
        Value::Object(counts) => {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// Draws executors as a table: the first and the last ones of many.
fn table(executors: &[Value]) -> comfy_table::Table {
    const SHOWN: usize = 12;
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["#", "level", "opened", "closed", "close type", "entry price", "pnl quote"]);
    let cells = |executor: &Value| {
        let text = |key: &str| executor[key].as_str().unwrap_or_default().to_owned();
        let time = |key: &str| {
            #[allow(clippy::cast_possible_truncation, reason = "times are whole seconds")]
            let time = jiff::Timestamp::from_second(executor[key].as_f64().unwrap_or_default() as i64);
            time.map(|time| time.strftime("%m-%d %H:%M").to_string()).unwrap_or_default()
        };
        [
            executor["seq"].to_string(),
            text("level_id"),
            time("timestamp"),
            time("close_timestamp"),
            text("close_type"),
            format!("{:.6}", text("entry_price").parse::<f64>().unwrap_or_default()),
            format!("{:.6}", executor["net_pnl_quote_f"].as_f64().unwrap_or_default()),
        ]
    };
    if executors.len() <= 2 * SHOWN {
        table.add_rows(executors.iter().map(cells));
        return table;
    }
    table.add_rows(executors[..SHOWN].iter().map(cells));
    table.add_row(["…".to_owned(), format!("{} more", executors.len() - 2 * SHOWN)]);
    table.add_rows(executors[executors.len() - SHOWN..].iter().map(cells));
    table
}
