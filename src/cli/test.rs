//! `hive test`: the main job, and how its report reads.

use std::fmt::Write as _;

use serde_json::Value;
use serde_json::json;

use crate::cli::arguments::Global;
use crate::cli::arguments::Recipes;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::toned;
use crate::workflow::Comparison;
use crate::workflow::Divergence;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Metric;
use crate::workflow::Verdict;
use crate::workflow::finding;
use crate::workflow::test;
use crate::workflow::test::LockState;
use crate::workflow::test::Outcome;
use crate::workflow::test::Replayed;
use crate::workflow::test::Tested;
use crate::workflow::test::TestedPatch;
use crate::workflow::test::TestedRecipe;

pub(crate) fn run(options: &Recipes, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let project = place::project(&options.recipes);
    let files = project.select(&options.recipes, &place::here())?;
    let all = options.recipes.is_empty();
    let tested = test::test(&project, &files, all, place::today(), global.options(), &printer.progress())?;
    let exit = tested.exit();
    if printer.is_json() {
        printer.json(&written(&tested, exit));
        return Ok(exit);
    }
    for recipe in &tested.recipes {
        printer.result(&report(recipe, printer));
    }
    for folder in &tested.extra_goldens {
        printer.result(&format!("{} {folder} belongs to no recipe\n", toned(Tone::Bad, "extra")));
    }
    let scenario_count: usize = tested.recipes.iter().map(|recipe| recipe.scenarios.len()).sum();
    let word = if exit == Exit::Fine { toned(Tone::Good, "ok") } else { toned(Tone::Bad, "failed") };
    printer.result(&format!("{word}: {} recipes, {scenario_count} scenarios\n", tested.recipes.len()));
    Ok(exit)
}

/// Returns the report of a recipe.
fn report(recipe: &TestedRecipe, printer: &Printer) -> String {
    let mut page = format!("{}\n", toned(Tone::Strong, &recipe.name));
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(page, "  {name:<12} {text}");
    };
    if let Some(upstream) = &recipe.upstream {
        let how = if upstream.from_cache { "from the cache" } else { "downloaded" };
        line("upstream", &format!("{}, {how}", upstream.label));
        if let Some(oddity) = &upstream.oddity {
            line("", &toned(Tone::Doubtful, oddity));
        }
    }
    for (index, patch) in recipe.patches.iter().enumerate() {
        let state = state_name(patch);
        let tone = if patch.state.is_fine() { Tone::Good } else { Tone::Bad };
        line(if index == 0 { "series" } else { "" }, &format!("{} {}", toned(tone, &state), patch.file));
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
    let mut drifts = String::new();
    for (index, scenario) in recipe.scenarios.iter().enumerate() {
        let text = match &scenario.outcome {
            Outcome::Failed(error) => {
                drifts.push_str(&printer.drawn(error.as_ref()));
                toned(Tone::Bad, "failed")
            }
            Outcome::Replayed(replayed) => {
                drifts.push_str(&drift(&recipe.name, &scenario.name, replayed));
                summary(replayed)
            }
        };
        line(if index == 0 { "scenarios" } else { "" }, &format!("{:<16} {text}", scenario.name));
    }
    for file in &recipe.extra_goldens {
        line("goldens", &format!("{} {file} belongs to no scenario", toned(Tone::Bad, "extra")));
    }
    for finding in &recipe.findings {
        page.push_str(&printer.drawn(finding.as_ref()));
    }
    page.push_str(&drifts);
    if let Some(error) = &recipe.error {
        page.push_str(&printer.drawn(error));
    }
    page.push('\n');
    page
}

fn more(count: usize) -> String {
    if count > 1 { format!(", and {} more", count - 1) } else { String::new() }
}

/// Returns a patch state's name, as JSON has it.
fn state_name(patch: &TestedPatch) -> String {
    let value = serde_json::to_value(patch.state).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Returns one line about a replayed scenario.
fn summary(replayed: &Replayed) -> String {
    let verdict = match &replayed.comparison {
        None => toned(Tone::Bad, "no golden"),
        Some(comparison) => match comparison.verdict() {
            Verdict::Identical => toned(Tone::Good, "identical"),
            Verdict::WithinTolerance => toned(Tone::Doubtful, "within tolerance"),
            Verdict::Drift => toned(Tone::Bad, "drift"),
        },
    };
    let gaps = match replayed.missing_count {
        0 => String::new(),
        count => format!(", {count} missing"),
    };
    let executors = &replayed.results["total_executors"];
    let pnl = replayed.results["net_pnl_quote"].as_f64().unwrap_or_default();
    format!(
        "{verdict}  profile {}, {} candles{gaps}, {executors} executors, net {pnl:.4}",
        replayed.profile, replayed.candle_count
    )
}

/// Explains a drift: what made the golden otherwise, which metrics moved, and the first event that differs.
fn drift(recipe: &str, scenario: &str, replayed: &Replayed) -> String {
    let Some(comparison) = &replayed.comparison else {
        return format!(
            "error[HV0502]: scenario `{scenario}` has no golden\n  hint: look at `hive run {recipe} {scenario}`, then `hive golden accept {recipe}/{scenario} --reason …`\n"
        );
    };
    if comparison.verdict() != Verdict::Drift {
        return String::new();
    }
    let mut page = format!("error[HV0503]: scenario `{scenario}` is not what its golden says\n");
    for (name, then, now) in &replayed.made_differently {
        let _ = writeln!(page, "  made with: {name} was `{then}`, is `{now}`");
    }
    if !comparison.metrics.is_empty() {
        let _ = writeln!(page, "{}", metric_table(comparison));
    }
    if let Some(divergence) = &comparison.divergence {
        page.push_str(&first_event(divergence));
    }
    let _ = writeln!(page, "  hint: if the new result is right, `hive golden accept {recipe}/{scenario} --reason …`");
    page
}

fn metric_table(comparison: &Comparison) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["  metric", "golden", "now", "difference"]);
    for difference in &comparison.metrics {
        let distance = match (&difference.expected, &difference.actual) {
            (Some(Metric::Figure(Some(then))), Some(Metric::Figure(Some(now)))) => format!("{:+e}", now - then),
            (Some(Metric::Count(then)), Some(Metric::Count(now))) => {
                format!("{:+}", i128::from(*now) - i128::from(*then))
            }
            _ => String::new(),
        };
        let within = if difference.within { " (within tolerance)" } else { "" };
        table.add_row([
            format!("  {}", difference.name),
            metric(difference.expected.as_ref()),
            metric(difference.actual.as_ref()),
            format!("{distance}{within}"),
        ]);
    }
    table
}

fn metric(metric: Option<&Metric>) -> String {
    match metric {
        None => "missing".to_owned(),
        Some(Metric::Count(count)) => count.to_string(),
        Some(Metric::Figure(None)) => "none".to_owned(),
        Some(Metric::Figure(Some(figure))) => format!("{figure:?}"),
        Some(Metric::Counts(counts)) => {
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        }
    }
}

fn first_event(divergence: &Divergence) -> String {
    let mut page = format!(
        "  first event that differs: executor {} of {} in the golden, of {} now; {}\n",
        divergence.row + 1,
        divergence.expected_count,
        divergence.actual_count,
        if divergence.fields.is_empty() { "one of them is missing".to_owned() } else { divergence.fields.join(", ") },
    );
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["  field", "golden", "now", ""]);
    let field = |row: &Option<Vec<String>>, index: usize| {
        row.as_ref().and_then(|row| row.get(index)).cloned().unwrap_or_else(|| "-".to_owned())
    };
    for (index, name) in divergence.columns.iter().enumerate() {
        let (then, now) = (field(&divergence.expected, index), field(&divergence.actual, index));
        let mark = if then == now { "" } else { "differs" };
        table.add_row([format!("  {name}"), then, now, mark.to_owned()]);
    }
    let _ = writeln!(page, "{table}");
    page
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
    let metric = |metric: &Metric| match metric {
        Metric::Count(count) => json!(count),
        Metric::Figure(figure) => json!(figure),
        Metric::Counts(counts) => json!(counts),
    };
    let comparison = replayed.comparison.as_ref();
    json!({
        "scenario": name,
        "verdict": comparison.map_or_else(|| "no-golden".to_owned(), |comparison| comparison.verdict().to_string()),
        "profile": replayed.profile,
        "candle_count": replayed.candle_count,
        "missing_count": replayed.missing_count,
        "results": replayed.results,
        "metrics": comparison.map(|comparison| comparison.metrics.iter().map(|difference| json!({
            "metric": difference.name,
            "golden": difference.expected.as_ref().map(metric),
            "now": difference.actual.as_ref().map(metric),
            "within_tolerance": difference.within,
        })).collect::<Vec<_>>()),
        "first_divergence": comparison.and_then(|comparison| comparison.divergence.as_ref()).map(|divergence| json!({
            "row": divergence.row,
            "columns": divergence.columns,
            "golden": divergence.expected,
            "now": divergence.actual,
            "fields": divergence.fields,
            "golden_count": divergence.expected_count,
            "now_count": divergence.actual_count,
        })),
        "made_differently": replayed.made_differently.iter().map(|(name, then, now)| json!({
            "name": name, "golden": then, "now": now,
        })).collect::<Vec<_>>(),
    })
}
