//! What a test run has for the formats of other tools: the checks' findings, and one for each scenario that is not accepted.

use std::fmt::Write as _;

use miette::Diagnostic;
use miette::MietteDiagnostic;

use crate::cli::drift;
use crate::cli::parity;
use crate::cli::report::Case;
use crate::cli::report::Report;
use crate::cli::test;
use crate::workflow::Project;
use crate::workflow::finding;
use crate::workflow::finding::Place;
use crate::workflow::finding::Placed;
use crate::workflow::located;
use crate::workflow::test::Outcome;
use crate::workflow::test::Replayed;
use crate::workflow::test::Tested;
use crate::workflow::test::TestedRecipe;

/// How many fields of an event, and how many metrics, a detail tells.
const DETAIL_ROWS_MAX: usize = 40;

/// Returns what a test run has to say. A case is a recipe or a scenario; what stands in no file of its own is told where the
/// recipe says the scenario.
pub(crate) fn report(project: &Project, tested: &Tested) -> Report {
    let mut report = Report { verb: "test", cases: Vec::new(), findings: Vec::new() };
    for recipe in &tested.recipes {
        add(&mut report, project, recipe);
    }
    for folder in &tested.extra_goldens {
        let diagnostic = MietteDiagnostic::new(format!("{folder} belongs to no recipe"));
        let diagnostic = diagnostic.with_help("remove it, or bring the recipe back");
        report.findings.extend(about(folder, &diagnostic, Some(&located::whole(folder))));
        report.cases.push(Case { name: folder.clone(), said: None });
    }
    report
}

fn add(report: &mut Report, project: &Project, recipe: &TestedRecipe) {
    let file = format!("recipes/{}.toml", recipe.name);
    let beginning = located::whole(&file);
    report.findings.extend(recipe.findings.iter().flat_map(|finding| {
        let mut all = finding::flat(finding.as_ref());
        for finding in all.iter_mut().filter(|finding| finding.place.is_none()) {
            finding.place = Some(beginning.clone());
        }
        all
    }));
    report.findings.extend(recipe.error.iter().flat_map(|error| about(&file, error, Some(&beginning))));
    for extra in &recipe.extra_goldens {
        let diagnostic = MietteDiagnostic::new(format!("{extra} belongs to no scenario"));
        let diagnostic = diagnostic.with_help("remove it, or bring the scenario back");
        report.findings.extend(about(&file, &diagnostic, Some(&located::whole(extra))));
    }
    let upstream = recipe.upstream.as_ref().map(|upstream| upstream.label.clone());
    report.cases.push(Case { name: file.clone(), said: upstream });
    for scenario in &recipe.scenarios {
        let name = format!("{}/{}", recipe.name, scenario.name);
        let place = located::scenario(project, &recipe.name, &scenario.name).unwrap_or_else(|| beginning.clone());
        let (_, verdict) = test::verdict(&scenario.outcome);
        let said = match &scenario.outcome {
            Outcome::Failed(error) => {
                report.findings.extend(about(&name, error.as_ref(), Some(&place)));
                verdict.to_owned()
            }
            Outcome::Replayed(replayed) => {
                report.findings.extend(apart(&name, &scenario.name, replayed, &place));
                report.findings.extend(drifted(&name, &recipe.name, &scenario.name, replayed, &place));
                format!("{verdict}: {}", test::summary(replayed))
            }
        };
        report.cases.push(Case { name, said: Some(said) });
    }
}

/// Returns a finding about a case, at `place` where it has none of its own.
fn about(case: &str, finding: &dyn Diagnostic, place: Option<&Place>) -> Vec<Placed> {
    let mut all = finding::flat(finding);
    for finding in &mut all {
        finding.case = Some(case.to_owned());
        finding.place = finding.place.take().or_else(|| place.cloned());
    }
    all
}

/// Returns that a scenario is not equal to the one it is compared with, with the first difference and the metrics.
fn apart(case: &str, scenario: &str, replayed: &Replayed, place: &Place) -> Vec<Placed> {
    let Some(diagnostic) = parity::diagnostic(scenario, replayed.parity.as_ref()) else { return Vec::new() };
    let mut all = about(case, &diagnostic, Some(place));
    for finding in &mut all {
        finding.detail = replayed.parity.as_ref().map(|parity| parity::explained(scenario, parity));
    }
    all
}

/// Returns that a scenario has drifted, or has no golden, with the metrics and the first event that differs.
fn drifted(case: &str, recipe: &str, scenario: &str, replayed: &Replayed, place: &Place) -> Vec<Placed> {
    let Some(difference) = test::difference(recipe, scenario, replayed) else { return Vec::new() };
    let mut all = about(case, &difference, Some(place));
    let Some(comparison) = &replayed.comparison else { return all };
    let mut detail = String::new();
    for (name, then, now) in &replayed.made_differently {
        let _ = writeln!(detail, "made with: {name} was `{then}`, is `{now}`");
    }
    lines(&mut detail, ["metric", "golden", "now", "difference"], drift::metric_rows(comparison));
    if let Some(parted) = &replayed.parted {
        let _ = writeln!(detail, "{}\n{}", drift::event_sentence(parted), drift::counts_sentence(parted));
        lines(&mut detail, ["field", "golden", "now", ""], drift::event_rows(parted));
    }
    for finding in &mut all {
        finding.causes.extend(replayed.parted.as_ref().map(drift::event_sentence));
        finding.detail = Some(detail.clone());
    }
    all
}

/// Writes rows in columns, no more of them than a reader takes in.
fn lines(page: &mut String, head: [&str; 4], rows: Vec<[String; 4]>) {
    if rows.is_empty() {
        return;
    }
    let more = rows.len().saturating_sub(DETAIL_ROWS_MAX);
    let head = head.map(str::to_owned);
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(rows.into_iter().take(DETAIL_ROWS_MAX)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [0, 1, 2].map(width);
    for [name, then, now, difference] in &rows {
        let line = format!("  {name:<0$}  {then:<1$}  {now:<2$}  {difference}", widths[0], widths[1], widths[2]);
        let _ = writeln!(page, "{}", line.trim_end());
    }
    if more > 0 {
        let _ = writeln!(page, "  and {more} more");
    }
}
