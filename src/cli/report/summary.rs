//! A test run as a page of Markdown, for the summary of a CI step.
//!
//! What stands in the page comes from recipes and results, and never becomes markup: cells are code or escaped text.

use std::fmt::Write as _;

use crate::cli::drift;
use crate::cli::parity;
use crate::cli::print::counted;
use crate::cli::report::badge::Standing;
use crate::cli::report::words;
use crate::cli::test;
use crate::workflow::Comparison;
use crate::workflow::Verdict;
use crate::workflow::finding;
use crate::workflow::finding::Placed;
use crate::workflow::finding::is_error;
use crate::workflow::test::LockState;
use crate::workflow::test::Outcome;
use crate::workflow::test::Replayed;
use crate::workflow::test::Tested;
use crate::workflow::test::TestedRecipe;
use crate::workflow::test::TestedScenario;

/// How long a page may be, in bytes: GitHub takes 1 MiB for all pages of a step.
const PAGE_BYTES_MAX: usize = 900_000;

/// How many rows of a table are shown.
const ROWS_MAX: usize = 60;

/// Returns how a test run stands, by the worst of what it found.
pub(crate) fn standing(tested: &Tested) -> Standing {
    let recipes = tested.recipes.iter().map(recipe_standing).max().unwrap_or(Standing::Identical);
    if tested.extra_goldens.is_empty() { recipes } else { recipes.max(Standing::Drift) }
}

fn recipe_standing(recipe: &TestedRecipe) -> Standing {
    if recipe.error.is_some() || recipe.findings.iter().any(|finding| is_error(finding.as_ref())) {
        return Standing::Failed;
    }
    let worst = recipe.scenarios.iter().map(scenario_standing).max().unwrap_or(Standing::Identical);
    if recipe.extra_goldens.is_empty() { worst } else { worst.max(Standing::Drift) }
}

fn scenario_standing(scenario: &TestedScenario) -> Standing {
    match &scenario.outcome {
        Outcome::Failed(_) => Standing::Failed,
        Outcome::Replayed(replayed) if !replayed.is_accepted() => Standing::Drift,
        Outcome::Replayed(replayed) => match replayed.comparison.as_ref().map(Comparison::verdict) {
            Some(Verdict::WithinTolerance) => Standing::WithinTolerance,
            _ => Standing::Identical,
        },
    }
}

/// Returns the page. It begins with an empty line, as others may have written before it.
pub(crate) fn page(tested: &Tested) -> String {
    let scenario_count: usize = tested.recipes.iter().map(|recipe| recipe.scenarios.len()).sum();
    let mut page = format!(
        "\n## hive test: {}\n\n{}, {}\n",
        standing(tested).words(),
        counted(tested.recipes.len(), "recipe"),
        counted(scenario_count, "scenario"),
    );
    for recipe in &tested.recipes {
        let part = recipe_part(recipe);
        if page.len() + part.len() > PAGE_BYTES_MAX {
            page.push_str("\nMore recipes were tested than this page has room for; the log has them all.\n");
            break;
        }
        page.push_str(&part);
    }
    for folder in &tested.extra_goldens {
        let _ = writeln!(page, "\n- {} belongs to no recipe", code(folder));
    }
    page.push('\n');
    page
}

fn recipe_part(recipe: &TestedRecipe) -> String {
    let mut part = format!("\n### {}: {}\n\n", code(&recipe.name), recipe_standing(recipe).words());
    if let Some(upstream) = &recipe.upstream {
        let _ = writeln!(part, "- upstream: {}", text(&upstream.label));
    }
    match &recipe.lock {
        LockState::Unchecked => {}
        LockState::Fresh => part.push_str("- lock: fresh\n"),
        LockState::Missing => part.push_str("- lock: missing\n"),
        LockState::Stale(changes) => {
            let first = changes.first().map_or("", String::as_str);
            let _ = writeln!(part, "- lock: stale, {} changed: {}", counted(changes.len(), "fact"), text(first));
        }
    }
    let patches = recipe.patches.iter().map(|patch| vec![code(&test::state_name(patch)), code(&patch.file)]);
    table(&mut part, &["state", "patch"], &patches.collect::<Vec<_>>());
    let scenarios = recipe.scenarios.iter().map(|scenario| {
        let (_, verdict) = test::verdict(&scenario.outcome);
        let summary = match &scenario.outcome {
            Outcome::Failed(error) => error.to_string(),
            Outcome::Replayed(replayed) => test::summary(replayed),
        };
        let is_fine = matches!(scenario_standing(scenario), Standing::Identical | Standing::WithinTolerance);
        let verdict = if is_fine { text(verdict) } else { format!("**{}**", text(verdict)) };
        vec![code(&scenario.name), verdict, text(&summary)]
    });
    table(&mut part, &["scenario", "verdict", "replayed"], &scenarios.collect::<Vec<_>>());
    let mut found: Vec<Placed> = recipe.findings.iter().flat_map(|finding| finding::flat(finding.as_ref())).collect();
    found.extend(recipe.error.iter().flat_map(|error| finding::flat(error)));
    for scenario in &recipe.scenarios {
        match &scenario.outcome {
            Outcome::Failed(error) => found.extend(finding::flat(error.as_ref())),
            Outcome::Replayed(replayed) => told(&mut part, &recipe.name, &scenario.name, replayed),
        }
    }
    if !found.is_empty() && !part.ends_with("\n\n") {
        part.push('\n');
    }
    for finding in &found {
        let place = finding
            .place
            .as_ref()
            .map_or_else(String::new, |it| format!(" {}", code(&format!("{}:{}", it.file, it.line))));
        let tag = finding.code.as_ref().map_or_else(String::new, |code| format!(" {code}"));
        let words = text(&words(finding)).replace('\n', "<br>");
        let _ = writeln!(part, "- **{}**{tag}{place} {words}", finding.severity);
    }
    if !recipe.extra_goldens.is_empty() {
        part.push('\n');
    }
    for file in &recipe.extra_goldens {
        let _ = writeln!(part, "- {} belongs to no scenario", code(file));
    }
    part
}

/// Tells of a scenario whose result is not accepted, or not equal to another's.
fn told(part: &mut String, recipe: &str, name: &str, replayed: &Replayed) {
    if let Some(diagnostic) = parity::diagnostic(name, replayed.parity.as_ref())
        && let Some(parity) = &replayed.parity
    {
        let _ = writeln!(part, "\n#### {}: no parity\n\n{}\n", code(name), text(&diagnostic.message));
        // Its tables are plain text already.
        let fence = "```";
        let _ = writeln!(part, "{fence}text\n{}{fence}", parity::explained(name, parity).replace(fence, "'''"));
        let _ = writeln!(part, "\nhint: {}", text(&diagnostic.help.unwrap_or_default()));
    }
    let Some(difference) = test::difference(recipe, name, replayed) else { return };
    let verdict = match &replayed.comparison {
        Some(_) if replayed.strained.is_some() => "strained",
        Some(_) => "drift",
        None => "no golden",
    };
    let _ = writeln!(part, "\n#### {}: {verdict}\n\n{}", code(name), text(&difference.message));
    if let Some(comparison) = &replayed.comparison {
        let made = replayed.made_differently.iter();
        let made = made.map(|(name, then, now)| vec![code(name), code(then), code(now)]);
        table(part, &["made with", "golden", "now"], &made.collect::<Vec<_>>());
        let metrics = drift::metric_rows(comparison).into_iter();
        let metrics = metrics.map(|[name, then, now, by]| vec![code(&name), text(&then), text(&now), text(&by)]);
        table(part, &["metric", "golden", "now", "difference"], &metrics.collect::<Vec<_>>());
        if let Some(parted) = &replayed.parted {
            let _ = writeln!(part, "\n{}<br>{}", text(&drift::event_sentence(parted)), drift::counts_sentence(parted));
            let fields = drift::event_rows(parted).into_iter();
            let fields = fields.map(|[name, then, now, mark]| {
                let now = if mark.is_empty() { text(&now) } else { format!("**{}**", text(&now)) };
                vec![code(&name), text(&then), now]
            });
            table(part, &["field", "golden", "now"], &fields.collect::<Vec<_>>());
        }
    }
    let _ = writeln!(part, "\nhint: {}", text(&difference.help.unwrap_or_default()));
}

/// Writes a table, unless it has no rows.
fn table(part: &mut String, head: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(part, "\n| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
    for row in rows.iter().take(ROWS_MAX) {
        let _ = writeln!(part, "| {} |", row.join(" | "));
    }
    if rows.len() > ROWS_MAX {
        let _ = writeln!(part, "\nand {} more rows", rows.len() - ROWS_MAX);
    }
}

/// Returns a text as it is read: nothing in it is markup, a mention, or the end of a cell, but what stands between backticks
/// is code.
fn text(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let is_paired = parts.len() % 2 == 1;
    let part = |(place, part): (usize, &&str)| if is_paired && place % 2 == 1 { code(part) } else { escaped(part) };
    let separator = if is_paired { "" } else { "\\`" };
    parts.iter().enumerate().map(part).collect::<Vec<_>>().join(separator)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.push_str("&#64;"),
            '\\' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            '\r' => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Returns a name as code that may stand in a cell.
fn code(name: &str) -> String {
    let name: String = name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || " _-./:,=+".contains(letter);
    if name.trim().is_empty() {
        return String::new();
    }
    if name.chars().all(is_plain) {
        return format!("`{name}`");
    }
    // A backtick may stand in a name, and a bar ends a cell even between backticks: each sign is written by its number.
    let signs = name.chars().map(|letter| match letter {
        letter if is_plain(letter) && letter != '_' || !letter.is_ascii() => letter.to_string(),
        letter => format!("&#{};", u32::from(letter)),
    });
    format!("<code>{}</code>", signs.collect::<String>())
}
