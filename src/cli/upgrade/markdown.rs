//! How the report of an upgrade reads as Markdown, in a pull request for example.

use std::fmt::Write as _;

use crate::cli::upgrade::page::named;
use crate::cli::upgrade::page::reasons;
use crate::cli::upgrade::page::word;
use crate::workflow::Metric;
use crate::workflow::upgrade::report::Check;
use crate::workflow::upgrade::report::Report;

/// Returns the report.
pub(super) fn page(report: &Report) -> String {
    let mut page = format!("## {}: {} → {}\n", report.recipe, report.from, report.to);
    for block in &report.blocks {
        let _ = writeln!(page, "\n> **In the way:** {block}");
    }
    if !report.upstream_files.is_empty() {
        page += "\n### Upstream\n\n| file | lines | changed in |\n|---|---|---|\n";
        for file in &report.upstream_files {
            let _ =
                writeln!(page, "| `{}` | +{} −{} | {} |", file.path, file.added, file.removed, named(&file.changed_in));
        }
    }
    if !report.patches.is_empty() {
        page += "\n### Series\n\n| patch | becomes | why |\n|---|---|---|\n";
        for patch in &report.patches {
            let why = reasons(patch, &report.to, report.environment_of.as_deref()).join("; ");
            let _ = writeln!(page, "| `{}` | {} | {} |", patch.file, word(&patch.fate).1, cell(&why));
        }
    }
    page += "\n### Packages\n\n";
    match &report.packages {
        Check::NotChecked(why) => {
            let _ = writeln!(page, "Not checked: {why}");
        }
        Check::Checked(seen) => {
            page += "| package | before | after |\n|---|---|---|\n";
            for change in &seen.changed {
                let _ = writeln!(page, "| {} | {} | {} |", change.package, change.before, change.after);
            }
            for added in &seen.added {
                let _ = writeln!(page, "| {} | | {} |", added.package, added.version);
            }
            for removed in &seen.removed {
                let _ = writeln!(page, "| {} | {} | |", removed.package, removed.version);
            }
        }
    }
    page += "\n### Scenarios\n\n| scenario | verdict | profile | upstream's engine |\n|---|---|---|---|\n";
    for scenario in &report.scenarios {
        let profile = |name: Option<&'static str>| name.unwrap_or("none");
        let engine = match &scenario.upstream_engine {
            Check::Checked(parity) if parity.is_exact() => "equal".to_owned(),
            Check::Checked(_) => "another result".to_owned(),
            Check::NotChecked(why) => format!("not checked: {why}"),
        };
        let (before, after) = (profile(scenario.profile_before), profile(scenario.profile_after));
        let (name, verdict) = (&scenario.scenario, scenario.verdict);
        let _ = writeln!(page, "| {name} | {verdict} | {before} → {after} | {} |", cell(&engine));
    }
    for scenario in report.scenarios.iter().filter(|scenario| scenario.is_drift()) {
        let Some(comparison) = &scenario.comparison else { continue };
        let with = scenario.compared_with.as_deref().unwrap_or_default();
        let _ = writeln!(
            page,
            "\n#### {} drifts from {with}\n\n| metric | before | now |\n|---|---|---|",
            scenario.scenario
        );
        for difference in &comparison.metrics {
            let (before, now) = (metric(difference.expected.as_ref()), metric(difference.actual.as_ref()));
            let _ = writeln!(page, "| {} | {before} | {now} |", difference.name);
        }
        if let Some(divergence) = &comparison.divergence {
            let row = divergence.row + 1;
            let fields = divergence.fields.join(", ");
            let what =
                if fields.is_empty() { "one of them is missing".to_owned() } else { format!("it differs in {fields}") };
            let _ = writeln!(page, "\nThe first event that differs is executor {row}: {what}.");
        }
        match &scenario.attribution {
            Check::NotChecked(why) => {
                let _ = writeln!(page, "\nCause: not checked: {why}");
            }
            Check::Checked(found) => {
                for cause in &found.causes {
                    let _ = writeln!(page, "\n- {}", cause.sentence);
                }
            }
        }
    }
    page
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

/// Returns a text that may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
