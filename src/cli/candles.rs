//! `hive candles`: which candles there are, what they lack, and more of them.

use std::fmt::Write as _;
use std::sync::Mutex;

use serde_json::Value;
use serde_json::json;

use crate::cli::arguments::Candles;
use crate::cli::arguments::Download;
use crate::cli::arguments::Global;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::drawn_table;
use crate::cli::print::toned;
use crate::cli::progress::Bar;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Progress as _;
use crate::workflow::candles::Coverage;
use crate::workflow::candles::Interrupt;
use crate::workflow::candles::Store;
use crate::workflow::candles::Wanted;
use crate::workflow::candles::download::Pace;
use crate::workflow::candles::download::fetched;
use crate::workflow::jobs::Stage;
use crate::workflow::jobs::Watch;

/// The most gaps of a source that people are shown.
const GAPS_SHOWN_MAX: usize = 10;

pub(crate) fn run(verb: &Candles, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    match verb {
        Candles::List => list(printer),
        Candles::Coverage => coverage(printer),
        Candles::Download(options) => download(options, global, printer),
    }
}

fn list(printer: &Printer) -> Result<Exit, Error> {
    let store = Store::open(&place::project(&[], printer)?);
    let all = store.coverage()?;
    if printer.is_json() {
        printer.json(&json!({ "candles": all }));
    } else if all.is_empty() {
        printer.result("there are no candles\n");
    } else {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_header(["connector", "pair", "interval", "first", "last", "candles", "missing", "source"]);
        for source in &all {
            let figures = match source.problem {
                None => [source.rows.to_string(), source.missing.to_string()],
                Some(_) => ["damaged".to_owned(), String::new()],
            };
            let interval = source.interval.clone().unwrap_or_default();
            let name = [source.connector.clone(), source.pair.clone(), interval];
            let times = [source.start, source.end].map(|time| time.map_or_else(String::new, moment));
            table.add_row(name.into_iter().chain(times).chain(figures).chain([source.source.clone()]));
        }
        printer.result(&drawn_table(&table));
    }
    Ok(Exit::Fine)
}

fn coverage(printer: &Printer) -> Result<Exit, Error> {
    let store = Store::open(&place::project(&[], printer)?);
    let all = store.coverage()?;
    let is_damaged = all.iter().any(|source| source.problem.is_some());
    if printer.is_json() {
        printer.json(&json!({ "candles": all }));
    } else if all.is_empty() {
        printer.result("there are no candles\n");
    } else {
        printer.result(&all.iter().map(drawn).collect::<String>());
    }
    Ok(if is_damaged { Exit::Findings } else { Exit::Fine })
}

fn download(options: &Download, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    if global.options().offline {
        printer.note_always(
            "error: nothing is downloaded with `--offline`\n  hint: `hive candles list` shows what is there",
        );
        return Ok(Exit::Usage);
    }
    let store = Store::open(&place::project(&[], printer)?);
    let wanted = Wanted {
        connector: options.connector.clone(),
        pair: options.pair.clone(),
        interval: options.interval.clone(),
        start: options.start,
        end: options.end,
        base_url: options.base_url.clone(),
        allow_private: options.allow_private,
    };
    let watch = OnTerminal {
        label: wanted.title(),
        bar: printer.progress(),
        shown: Mutex::new(None),
        interrupt: Interrupt::begin(),
        printer,
    };
    let outcome = fetched(&store, &wanted, &watch, Pace::default());
    watch.bar.end();
    let (fetched, coverage) = outcome?;
    let is_damaged = coverage.problem.is_some();
    if printer.is_json() {
        printer.json(&json!({ "new_rows": fetched.new_count, "coverage": coverage }));
    } else {
        let new = usize::try_from(fetched.new_count).unwrap_or(usize::MAX);
        printer.result(&format!("{}\n{}", counted(new, "new candle"), drawn(&coverage)));
    }
    Ok(if is_damaged { Exit::Findings } else { Exit::Fine })
}

/// Tells what a source holds, and what it lacks.
fn drawn(source: &Coverage) -> String {
    let mut text = String::new();
    let title = toned(Tone::Strong, &source.source);
    if let Some(problem) = &source.problem {
        let _ = writeln!(text, "{title}  {}: {}", toned(Tone::Bad, "damaged"), problem.message);
        for cause in &problem.causes {
            let _ = writeln!(text, "  cause: {cause}");
        }
        if let Some(help) = &problem.help {
            let _ = writeln!(text, "  {}: {help}", toned(Tone::Hint, "hint"));
        }
        return text;
    }
    let interval = source.interval.as_deref().unwrap_or("of unknown length");
    let _ = writeln!(text, "{title}  {} {} {interval}", source.connector, source.pair);
    if let (Some(start), Some(end)) = (source.start, source.end) {
        let rows = counted(usize::try_from(source.rows).unwrap_or(usize::MAX), "candle");
        let _ = writeln!(text, "  {rows} from {} to {}", moment(start), moment(end));
    }
    for gap in source.gaps.iter().take(GAPS_SHOWN_MAX) {
        let missing = toned(Tone::Doubtful, &format!("{} missing", gap.missing));
        let _ = if gap.start == gap.end {
            writeln!(text, "  {missing} at {}", moment(gap.start))
        } else {
            writeln!(text, "  {missing} from {} to {}", moment(gap.start), moment(gap.end))
        };
    }
    let more = source.gap_count.saturating_sub(GAPS_SHOWN_MAX as u64);
    if more > 0 {
        let more = counted(usize::try_from(more).unwrap_or(usize::MAX), "more gap");
        let _ = writeln!(text, "  and {more}, {} missing in all", source.missing);
    }
    text
}

fn moment(time: i64) -> String {
    let time = jiff::Timestamp::from_second(time);
    time.map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

/// Shows a download as a bar, and ends it at Ctrl-C.
struct OnTerminal<'p> {
    label: String,
    bar: Bar,
    /// How many candles the bar shows; `None` where it is not there yet.
    shown: Mutex<Option<u64>>,
    interrupt: Interrupt,
    printer: &'p Printer,
}

impl Watch for OnTerminal<'_> {
    fn stage(&self, _stage: Stage, _message: &str) {}

    fn progress(&self, done: u64, total: u64) {
        let Ok(mut shown) = self.shown.lock() else { return };
        let before = shown.unwrap_or_else(|| {
            self.bar.begin_steps(&self.label, total);
            0
        });
        self.bar.advance(done.saturating_sub(before));
        *shown = Some(done);
    }

    fn step(&self, step: Value) {
        if let Some(message) = step["message"].as_str() {
            self.printer.note(message);
        }
    }

    fn is_cancelled(&self) -> bool {
        self.interrupt.is_asked_to_stop()
    }
}
