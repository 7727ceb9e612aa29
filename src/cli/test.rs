//! `hive test`: the main job, and how its report reads.

use std::fmt::Write as _;

use miette::MietteDiagnostic;
use serde_json::Value;
use serde_json::json;

use crate::cli::arguments::Format;
use crate::cli::arguments::Global;
use crate::cli::arguments::Test;
use crate::cli::drift;
use crate::cli::notify;
use crate::cli::parity;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::toned;
use crate::cli::report;
use crate::cli::report::tested;
use crate::workflow::Comparison;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Verdict;
use crate::workflow::against::Parity;
use crate::workflow::finding;
use crate::workflow::notify::settings;
use crate::workflow::test;
use crate::workflow::test::LockState;
use crate::workflow::test::Outcome;
use crate::workflow::test::Replayed;
use crate::workflow::test::STRICT_SHARE;
use crate::workflow::test::Tested;
use crate::workflow::test::TestedPatch;
use crate::workflow::test::TestedRecipe;
use crate::workflow::test::Wish;

pub(crate) fn run(options: &Test, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let selected = &options.recipes.recipes;
    let project = place::project(selected, printer)?;
    let files = project.select(selected, &place::here())?;
    let (all, told) = (selected.is_empty(), options.inside.options(global));
    // What is wrong with the webhooks is told before anything takes long.
    let webhooks = settings::read(&project)?;
    let wish = Wish { strict: options.strict, keeps_pending: !place::in_ci() };
    let tested = test::test(&project, &files, all, place::today(), wish, told, &printer.progress())?;
    let exit = tested.exit();
    match printer.format() {
        Format::Human => human(&tested, exit, printer),
        Format::Json => printer.json(&written(&tested, exit)),
        format => printer.result(&report::render(&tested::report(&project, &tested), format)),
    }
    options.outputs.write(&project, &tested, &|| written(&tested, exit))?;
    notify::after_test(&project, &webhooks, &tested, global, printer);
    Ok(exit)
}

/// Writes the report for people.
fn human(tested: &Tested, exit: Exit, printer: &Printer) {
    for recipe in &tested.recipes {
        printer.result(&report(recipe, printer));
    }
    for folder in &tested.extra_goldens {
        printer.result(&format!("{} {folder} belongs to no recipe\n", toned(Tone::Bad, "extra")));
    }
    let scenario_count: usize = tested.recipes.iter().map(|recipe| recipe.scenarios.len()).sum();
    let word = if exit == Exit::Fine { toned(Tone::Good, "ok") } else { toned(Tone::Bad, "failed") };
    printer.result(&format!(
        "{word}: {}, {}\n",
        counted(tested.recipes.len(), "recipe"),
        counted(scenario_count, "scenario")
    ));
}

/// Returns the report of a recipe.
fn report(recipe: &TestedRecipe, printer: &Printer) -> String {
    let mut page = format!("{}\n", toned(Tone::Strong, &recipe.name));
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(page, "  {name:<12} {text}");
    };
    if let Some(upstream) = &recipe.upstream {
        let how = match (&upstream.checksum, upstream.from_cache) {
            (None, _) => "",
            (Some(_), true) => ", from the cache",
            (Some(_), false) => ", downloaded",
        };
        line("upstream", &format!("{}{how}", upstream.label));
        if let Some(oddity) = &upstream.oddity {
            line("", &toned(Tone::Doubtful, oddity));
        }
    }
    let width = recipe.patches.iter().map(|patch| state_name(patch).len()).max().unwrap_or_default();
    for (index, patch) in recipe.patches.iter().enumerate() {
        let state = format!("{:<width$}", state_name(patch));
        let tone = if patch.state.is_fine() { Tone::Good } else { Tone::Bad };
        line(
            if index == 0 { "series" } else { "" },
            &format!("{}  {}{}", toned(tone, &state), patch.file, moved(patch)),
        );
    }
    for (index, controller) in recipe.controllers.iter().enumerate() {
        line(if index == 0 { "controllers" } else { "" }, &format!("{} as {}", controller.class, controller.path));
    }
    match &recipe.lock {
        LockState::Unchecked => {}
        LockState::Fresh => line("lock", &toned(Tone::Good, "fresh")),
        LockState::Missing => line("lock", &format!("{}; run `hive lock`", toned(Tone::Doubtful, "missing"))),
        LockState::Stale(changes) => {
            let first = changes.first().map_or("", String::as_str);
            line("lock", &format!("{}: {first}{}", toned(Tone::Doubtful, "stale"), more(changes.len())));
        }
    }
    let mut drifts = Vec::new();
    let verdict_width = recipe.scenarios.iter().map(|scenario| verdict(&scenario.outcome).1.len()).max().unwrap_or(0);
    let width = recipe.scenarios.iter().map(|scenario| scenario.name.len()).max().unwrap_or_default();
    for (index, scenario) in recipe.scenarios.iter().enumerate() {
        let (tone, verdict) = verdict(&scenario.outcome);
        let text = match &scenario.outcome {
            Outcome::Failed(error) => {
                drifts.push(printer.drawn(error.as_ref()));
                toned(tone, verdict)
            }
            Outcome::Replayed(replayed) => {
                drifts.extend(apart(&scenario.name, replayed, printer));
                drifts.extend(drift(&recipe.name, &scenario.name, replayed, printer));
                format!("{}  {}", toned(tone, &format!("{verdict:<verdict_width$}")), summary(replayed))
            }
        };
        line(if index == 0 { "scenarios" } else { "" }, &format!("{:<width$}  {text}", scenario.name));
    }
    for file in &recipe.extra_goldens {
        line("goldens", &format!("{} {file} belongs to no scenario", toned(Tone::Bad, "extra")));
    }
    let findings = recipe.findings.iter().map(|finding| printer.drawn(finding.as_ref()));
    let error = recipe.error.as_ref().map(|error| printer.drawn(error));
    for drawn in findings.chain(drifts).chain(error) {
        page.push('\n');
        page.push_str(&drawn);
    }
    page.push('\n');
    page
}

/// Returns by how many lines the hunks of a patch have moved, each distance once.
fn moved(patch: &TestedPatch) -> String {
    let mut offsets: Vec<isize> = patch.hunks.iter().map(|hunk| hunk.offset).filter(|offset| *offset != 0).collect();
    offsets.dedup();
    if offsets.is_empty() || !patch.state.is_fine() {
        return String::new();
    }
    let offsets: Vec<String> = offsets.iter().map(|offset| format!("{offset:+}")).collect();
    format!(", moved by {} lines", offsets.join(", "))
}

fn more(count: usize) -> String {
    if count > 1 { format!(", and {} more", count - 1) } else { String::new() }
}

/// Returns a patch state's name, as JSON has it.
pub(crate) fn state_name(patch: &TestedPatch) -> String {
    let value = serde_json::to_value(patch.state).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Returns what became of a scenario in a word or two.
pub(crate) fn verdict(outcome: &Outcome) -> (Tone, &'static str) {
    let Outcome::Replayed(replayed) = outcome else {
        return (Tone::Bad, "failed");
    };
    let parity = replayed.parity.as_ref();
    if parity.is_some_and(|parity| !parity.is_exact()) {
        return (Tone::Bad, "no parity");
    }
    match replayed.comparison.as_ref().map(Comparison::verdict) {
        None if parity.is_some() => (Tone::Good, "parity"),
        None => (Tone::Bad, "no golden"),
        Some(Verdict::Identical) => (Tone::Good, "identical"),
        Some(Verdict::WithinTolerance) if replayed.strained.is_some() => (Tone::Bad, "strained"),
        Some(Verdict::WithinTolerance) => (Tone::Doubtful, "within tolerance"),
        Some(Verdict::Drift) => (Tone::Bad, "drift"),
    }
}

/// Returns what was replayed and what came of it, on one line.
pub(crate) fn summary(replayed: &Replayed) -> String {
    let gaps = match replayed.missing_count {
        0 => String::new(),
        count => format!(", {count} missing"),
    };
    let mode = if replayed.mode == "causal" { ", causal" } else { "" };
    let executors = replayed.results["total_executors"].as_u64().and_then(|count| count.try_into().ok()).unwrap_or(0);
    let pnl = replayed.results["net_pnl_quote"].as_f64().unwrap_or_default();
    let by = replayed.profile.map_or_else(|| "upstream's engine".to_owned(), |profile| format!("profile {profile}"));
    let parity = match &replayed.parity {
        Some(parity) if parity.is_exact() => format!(", equal to `{}`", parity.other),
        _ => String::new(),
    };
    format!(
        "{by}{mode}, {}{gaps}, {}, net {pnl:.4}{parity}",
        counted(replayed.candle_count, "candle"),
        counted(executors, "executor"),
    )
}

/// Explains where a result parts from that of the scenario which it is compared with; `None` where it does not.
fn apart(scenario: &str, replayed: &Replayed, printer: &Printer) -> Option<String> {
    let parity = replayed.parity.as_ref()?;
    let told = match parity::diagnostic(scenario, Some(parity)) {
        Some(diagnostic) => printer.drawn(&diagnostic),
        // Equal results of unequal inputs are told as well: the comparison is not what its author meant.
        None if !parity.inputs.is_empty() => format!("scenarios `{scenario}` and `{}` are equal\n", parity.other),
        None => return None,
    };
    Some(told + &parity::explained(scenario, parity))
}

/// Explains a drift: what made the golden otherwise, which metrics moved, and the first event that differs. `None` for a
/// result that is accepted.
fn drift(recipe: &str, scenario: &str, replayed: &Replayed, printer: &Printer) -> Option<String> {
    let mut difference = difference(recipe, scenario, replayed)?;
    let Some(comparison) = &replayed.comparison else {
        return Some(printer.drawn(&difference));
    };
    // The hint comes below the tables.
    let hint = difference.help.take().unwrap_or_default();
    let mut page = printer.drawn(&difference);
    page += &drift::brief(&replayed.made_differently, comparison, replayed.parted.as_ref());
    let _ = writeln!(page, "\n  {}: {hint}", toned(Tone::Hint, "hint"));
    Some(page)
}

/// Returns that a result is not the accepted one, if so, in a sentence.
pub(crate) fn difference(recipe: &str, scenario: &str, replayed: &Replayed) -> Option<MietteDiagnostic> {
    let name = format!("{recipe}/{scenario}");
    let decide = match &replayed.pending {
        Some(_) => format!("`hive golden review {name}`"),
        None => format!("`hive golden accept {name} --reason \"…\"`"),
    };
    let Some(comparison) = &replayed.comparison else {
        if replayed.parity.is_some() {
            return None;
        }
        let missing = MietteDiagnostic::new(format!("scenario `{scenario}` has no golden")).with_code("HV0502");
        return Some(missing.with_help(format!("look at `hive run {recipe} {scenario}`; if it is right, {decide}")));
    };
    if let Some((metric, share)) = &replayed.strained {
        let said =
            format!("metric `{metric}` of scenario `{scenario}` takes {} of its tolerance", drift::percent(*share));
        let most = format!("strict tests accept less than {}", drift::percent(STRICT_SHARE));
        let help = format!("{most}; find out what moves it, or accept where it is: {decide}");
        return Some(MietteDiagnostic::new(said).with_code("HV0506").with_help(help));
    }
    let drift = MietteDiagnostic::new(format!("scenario `{scenario}` is not what its golden says")).with_code("HV0503");
    let help = format!("`hive why {name}` explains it; if the new result is right, {decide}");
    (comparison.verdict() == Verdict::Drift).then(|| drift.with_help(help))
}

/// Returns the report for scripts.
fn written(tested: &Tested, exit: Exit) -> Value {
    json!({
        "exit": exit.code(),
        "recipes": tested.recipes.iter().map(written_recipe).collect::<Vec<_>>(),
        "extra_goldens": tested.extra_goldens,
    })
}

fn written_recipe(recipe: &TestedRecipe) -> Value {
    json!({
        "recipe": recipe.name,
        "exit": recipe.exit().code(),
        "error": recipe.error.as_ref().map(|error| finding::written(error)),
        "upstream": recipe.upstream,
        "patches": recipe.patches,
        "controllers": recipe.controllers,
        "lock": recipe.lock,
        "findings": recipe.findings.iter().map(|found| finding::written(found.as_ref())).collect::<Vec<_>>(),
        "scenarios": recipe.scenarios.iter().map(|scenario| match &scenario.outcome {
            Outcome::Failed(error) => json!({
                "scenario": scenario.name, "verdict": "failed", "error": finding::written(error.as_ref()),
            }),
            Outcome::Replayed(replayed) => written_scenario(&scenario.name, replayed),
        }).collect::<Vec<_>>(),
        "extra_goldens": recipe.extra_goldens,
    })
}

fn written_scenario(name: &str, replayed: &Replayed) -> Value {
    let comparison = replayed.comparison.as_ref();
    json!({
        "scenario": name,
        "verdict": comparison.map_or_else(|| "no-golden".to_owned(), |comparison| comparison.verdict().to_string()),
        "engine": replayed.engine,
        "profile": replayed.profile,
        "mode": replayed.mode,
        "candle_count": replayed.candle_count,
        "missing_count": replayed.missing_count,
        "results": replayed.results,
        "metrics": comparison.map(|comparison| drift::written(comparison)["metrics"].take()),
        "first_divergence": comparison.and_then(|comparison| comparison.divergence.as_ref()).map(|divergence| json!({
            "row": divergence.row,
            "columns": divergence.columns,
            "golden": divergence.expected,
            "now": divergence.actual,
            "fields": divergence.fields,
            "golden_count": divergence.expected_count,
            "now_count": divergence.actual_count,
        })),
        "first_event": replayed.parted.as_ref().map(drift::written_event),
        "strained": replayed.strained.as_ref().map(|(metric, share)| json!({ "metric": metric, "budget_share": share })),
        "pending": replayed.pending,
        "made_differently": drift::written_inputs(&replayed.made_differently),
        "against": replayed.parity.as_ref().map(Parity::json),
    })
}
