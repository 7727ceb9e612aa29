//! `hive why`: how a result differs from its golden, and how that reads.

pub(super) mod page;
mod written;

use std::fmt::Write as _;

use miette::MietteDiagnostic;

use crate::cli::arguments::Global;
use crate::cli::arguments::Why as Options;
use crate::cli::drift::signed;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::drawn_table;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Verdict;
use crate::workflow::figure;
use crate::workflow::why;
use crate::workflow::why::Compared;
use crate::workflow::why::First;
use crate::workflow::why::Told;
use crate::workflow::why::Why;
use crate::workflow::why::Wish;
use crate::workflow::why::barrier::Barriers;
use crate::workflow::why::field::Field;
use crate::workflow::why::sight::Row;
use crate::workflow::why::sight::Seen;

/// More floats than these between two are not told to people.
const ULPS_TOLD: u64 = 1_000_000;

/// How many events after the first one people are told.
const NEXT_SHOWN: usize = 5;

pub(crate) fn run(options: &Options, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let (project, file, scenario) = place::scenario(&options.scenario, printer)?;
    let (told, progress) = (options.inside.options(global), printer.progress());
    let wish = Wish { around: options.around.into(), is_pending: options.pending };
    let why = why::why(&project, &file, scenario.as_deref(), wish, told, &progress)?;
    if let Some(path) = &options.html {
        page::write(&why, &place::here().join(path))?;
        printer.note(&format!("wrote {}", path.display()));
    }
    let exit = if why.is_accepted() { Exit::Fine } else { Exit::Drift };
    if printer.is_json() {
        printer.json(&written::json(&why));
        return Ok(exit);
    }
    match &why.compared {
        Some(compared) => printer.result(&explained(&why, compared)),
        None => printer.error(&no_golden(&why)),
    }
    Ok(exit)
}

fn no_golden(why: &Why) -> MietteDiagnostic {
    let Why { recipe, scenario, .. } = why;
    let accept = format!("`hive golden accept {recipe}/{scenario} --reason \"…\"`");
    let missing = MietteDiagnostic::new(format!("scenario `{scenario}` has no golden")).with_code("HV0502");
    missing.with_help(format!("look at `hive run {recipe} {scenario}`; if it is right, {accept}"))
}

fn explained(why: &Why, compared: &Compared) -> String {
    let verdict = match compared.comparison.verdict() {
        Verdict::Identical => toned(Tone::Good, "identical"),
        Verdict::WithinTolerance => toned(Tone::Doubtful, "within tolerance"),
        Verdict::Drift => toned(Tone::Bad, "drift"),
    };
    let title = format!("{}/{}", why.recipe, why.scenario);
    let by =
        why.profile.as_ref().map_or_else(|| "upstream's engine".to_owned(), |profile| format!("profile {profile}"));
    let mode = if why.mode == "causal" { ", causal" } else { "" };
    let mut page = format!("{}  {verdict}  {by}{mode}\n", toned(Tone::Strong, &title));
    for (name, then, now) in &compared.made_differently {
        let _ = writeln!(page, "  made with: {name} was `{then}`, is `{now}`");
    }
    if let Some(first) = &compared.first {
        page.push_str(&first_event(first));
    }
    if !why.has_same_columns() {
        page.push_str("  the golden's ledger has other columns; what only one of the two has is not compared\n");
    }
    page.push_str(&followed(compared));
    let next = compared.parting.events.iter().skip(1).take(NEXT_SHOWN);
    let next: Vec<String> = next.map(|event| line(&why.told(event))).collect();
    if !next.is_empty() {
        let rest_count = compared.parting.events.len() - 1 - next.len();
        let _ = writeln!(page, "\n{}\n{}", heading("the next events"), next.join("\n"));
        if rest_count > 0 {
            let _ = writeln!(page, "  and {rest_count} more");
        }
    }
    if compared.comparison.verdict() == Verdict::Drift {
        let accept = format!("if the new result is right, `hive golden accept {title} --reason \"…\"`");
        let _ = writeln!(page, "\n  {}: {accept}", toned(Tone::Hint, "hint"));
    }
    page
}

fn heading(text: &str) -> String {
    format!("  {}", toned(Tone::Strong, text))
}

fn first_event(first: &First) -> String {
    let told = &first.told;
    let mut page = format!("\n{}\n{}\n", heading("the first event that differs"), line(told));
    let rows = [("the golden", told.golden_row), ("the result", told.now_row)];
    let rows: Vec<String> =
        rows.iter().filter_map(|(of, row)| row.map(|row| format!("executor {row} of {of}"))).collect();
    let _ = writeln!(page, "  {}\n", rows.join(", "));
    page.push_str(&drawn_table(&fields(first)));
    if !first.rows.is_empty() {
        let _ = write!(page, "\n{}\n{}", heading("the candles around it"), drawn_table(&candles(first)));
        page.push_str(&actions(first));
    }
    if let Some(reason) = &first.golden_unknown {
        let _ = writeln!(page, "  of the golden's side only the ledger is known: {reason}");
    }
    if let Some(reason) = &first.now_unknown {
        let _ = writeln!(page, "  of the result's side only the ledger is known: {reason}");
    }
    if let Some(answer) = &first.answer {
        let _ = writeln!(page, "  upstream reports of it now: {answer}");
    }
    page
}

/// Returns what is known of the executor in both runs, with its barriers.
fn fields(first: &First) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["  field", "golden", "now", "difference"]);
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    for field in &first.told.fields {
        let [golden, now] = [&field.golden, &field.now].map(|value| match value {
            Some(seconds) if is_time(&field.field) => seconds.parse().map_or_else(|_| seconds.clone(), time),
            value => text(value),
        });
        table.add_row([format!("  {}", field.field), golden, now, distance(field)]);
    }
    let mut names: Vec<&str> = Vec::new();
    let sides = [&first.golden_barriers, &first.now_barriers];
    for (name, _) in sides.into_iter().flatten().flat_map(Barriers::told) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for name in names {
        let [golden, now] = sides.map(|barriers| {
            let told = barriers.as_ref().map(Barriers::told).unwrap_or_default();
            let text = told.into_iter().find(|(known, _)| *known == name).map(|(_, text)| text);
            text.map(|text| if name == "time limit" { text.parse().map_or(text.clone(), time) } else { text })
        });
        let mark = if golden.is_some() && now.is_some() && golden != now { "differs" } else { "" };
        table.add_row([format!("  {name}"), text(&golden), text(&now), mark.to_owned()]);
    }
    table
}

/// Returns how far a field is from its golden.
fn distance(field: &Field) -> String {
    let is_in_both = field.golden.is_some() && field.now.is_some();
    let with_sign = |text: &str| if text.starts_with('-') { text.to_owned() } else { format!("+{text}") };
    match (&field.difference, field.ulps) {
        (Some(difference), Some(ulps)) => {
            let short = difference.parse::<f64>().map_or_else(|_| difference.clone(), amount);
            // Far apart, the number of floats between the two says nothing.
            if ulps > ULPS_TOLD { short } else { format!("{short}, {ulps} ULP{}", if ulps == 1 { "" } else { "s" }) }
        }
        (Some(difference), None) if is_time(&field.field) => format!("{} s", with_sign(difference)),
        (Some(difference), None) => with_sign(difference),
        (None, _) if field.differs && is_in_both => "differs".to_owned(),
        (None, _) => String::new(),
    }
}

fn candles(first: &First) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let computed = ["reference price", "spread multiplier", "signal"];
    let shown: Vec<usize> = (0..computed.len()).filter(|&index| first.computes[index]).collect();
    let header = ["  time", "open", "high", "low", "close", "volume"].map(str::to_owned);
    let figures = shown.iter().map(|&index| computed[index].to_owned());
    table.set_header(header.into_iter().chain(figures));
    for row in &first.rows {
        let mark = if row.is_event { ">" } else { " " };
        let mut cells = vec![format!("{mark} {}", time(row.time))];
        cells.extend([row.open, row.high, row.low, row.close, row.volume].map(|value| format!("{value:?}")));
        cells.extend(shown.iter().map(|&index| seen(row, index)));
        table.add_row(cells);
    }
    table
}

/// Returns a figure that controllers saw: once where both saw the same, else the golden's and that of now.
fn seen(row: &Row, index: usize) -> String {
    let of = |seen: &Option<Seen>| {
        seen.as_ref().map(|seen| format!("{:?}", [seen.reference_price, seen.spread_multiplier, seen.signal][index]))
    };
    match (of(&row.golden), of(&row.now)) {
        (Some(golden), Some(now)) if golden != now => format!("golden {golden}, now {now}"),
        (golden, now) => now.or(golden).unwrap_or_else(|| "-".to_owned()),
    }
}

/// Returns what the controllers did at the candle of the event: what only one of them did, and how much both did.
fn actions(first: &First) -> String {
    let mut page = String::new();
    let Some(row) = first.rows.iter().find(|row| row.is_event) else { return page };
    let did = [&row.golden, &row.now].map(|seen| seen.as_ref().map_or(&[][..], |seen| seen.actions.as_slice()));
    if row.golden.is_none() && row.now.is_none() {
        return page;
    }
    for (side, these, those) in [("golden", did[0], did[1]), ("now", did[1], did[0])] {
        for action in these.iter().filter(|action| !those.contains(action)) {
            let _ = writeln!(page, "  the controller then, {side}: {action}");
        }
    }
    let same_count = did[0].iter().filter(|action| did[1].contains(action)).count();
    if same_count > 0 {
        let _ = writeln!(page, "  the controller then, both: {} the same", counted(same_count, "action"));
    } else if page.is_empty() {
        page.push_str("  the controller then: does nothing\n");
    }
    page
}

/// Returns how many executors differ, and how much of each metric's change they make.
fn followed(compared: &Compared) -> String {
    let mut page = String::new();
    let [missing, new, changed] = compared.parting.counts();
    if compared.parting.events.is_empty() {
        let _ = writeln!(page, "  all {} are the same", counted(compared.parting.same_count, "executor"));
    } else {
        let same = compared.parting.same_count;
        let _ = writeln!(page, "\n{}", heading("what followed"));
        let _ = writeln!(page, "  executors: {missing} missing, {new} new, {changed} changed, {same} the same");
    }
    if compared.comparison.metrics.is_empty() {
        return page;
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["  metric", "golden", "now", "difference", "missing", "new", "changed", "fees"]);
    for difference in &compared.comparison.metrics {
        let mut row = vec![
            format!("  {}", difference.name),
            figure::text(difference.expected.as_ref()),
            figure::text(difference.actual.as_ref()),
        ];
        let share = compared.parting.shares.iter().find(|share| share.metric == difference.name);
        row.push(share.map_or_else(String::new, |share| amount(share.actual - share.expected)));
        match share.and_then(|share| share.parts) {
            Some(parts) => {
                row.extend([parts.missing, parts.new, parts.changed, parts.fees].map(amount));
            }
            None if share.is_some() => row.push("not split".to_owned()),
            None => {}
        }
        table.add_row(row);
    }
    page.push_str(&drawn_table(&table));
    page
}

/// Writes a difference: whole ones without decimals.
fn amount(difference: f64) -> String {
    match difference {
        0.0 => "0".to_owned(),
        whole if whole.fract() == 0.0 && whole.abs() < 1e15 => format!("{whole:+.0}"),
        other => signed(other),
    }
}

fn is_time(field: &str) -> bool {
    ["opened", "filled", "closed"].contains(&field)
}

/// Returns an event on one line.
fn line(told: &Told) -> String {
    let who = [told.level.as_deref(), told.side.as_deref()];
    let who: Vec<&str> = who.into_iter().flatten().collect();
    let what = match told.change {
        "missing" => "is missing: only the golden has it".to_owned(),
        "new" => "is new: only the result has it".to_owned(),
        _ => {
            let fields = told.fields.iter().filter(|field| field.differs).map(|field| field.field.as_str());
            format!("differs in {}", fields.collect::<Vec<_>>().join(", "))
        }
    };
    format!("  {}  {}  {}  {what}", time(told.time), told.event, who.join(" "))
}

/// Writes a time, UTC.
fn time(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds);
    time.map_or_else(|_| seconds.to_string(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}
