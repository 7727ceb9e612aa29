//! How the report of an upgrade reads in a terminal.

use std::fmt::Write as _;

use crate::cli::attribution;
use crate::cli::drift;
use crate::cli::patch::rebase::sides;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::drawn_table;
use crate::cli::print::toned;
use crate::workflow::Exit;
use crate::workflow::finding::Written;
use crate::workflow::upgrade::fate::Fate;
use crate::workflow::upgrade::fate::PatchReport;
use crate::workflow::upgrade::fate::Proof;
use crate::workflow::upgrade::packages::Package;
use crate::workflow::upgrade::packages::PackageChanges;
use crate::workflow::upgrade::report::Check;
use crate::workflow::upgrade::report::Report;
use crate::workflow::upgrade::scenarios::ScenarioReport;

/// How many packages, and how many releases of one file, are named.
const NAMED_MAX: usize = 6;

/// Returns the whole report.
pub(crate) fn page(report: &Report) -> String {
    let count = counted(report.releases.len(), "release");
    let mut page = format!("{}  {} → {}, {count}\n", toned(Tone::Strong, &report.recipe), report.from, report.to);
    let mut line = Lines { page: &mut page, last: "" };
    for file in &report.upstream_files {
        let gone = if file.is_there { "" } else { ", gone" };
        let releases = named(&file.changed_in);
        let changed = if releases.is_empty() { "unchanged".to_owned() } else { format!("changed in {releases}") };
        line.put("upstream", &format!("+{} -{}  {}{gone}, {changed}", file.added, file.removed, file.path));
    }
    for patch in &report.patches {
        let (tone, word) = word(&patch.fate);
        line.put("series", &format!("{}  {}", toned(tone, &format!("{word:<10}")), patch.file));
        for reason in reasons(patch, &report.to, report.environment_of.as_deref()) {
            line.put("series", &format!("            {reason}"));
        }
        for conflict in &patch.conflicts {
            line.page.push_str(&sides(conflict));
        }
    }
    for patch in &report.series {
        let rewritten = if patch.is_rewritten { "written anew" } else { "as it is" };
        let works = match &patch.works {
            None => String::new(),
            Some(Check::Checked(verdict)) => format!(", its probe says {verdict}"),
            Some(Check::NotChecked(why)) => format!(", its probe was not asked: {why}"),
        };
        line.put("new series", &format!("{}  {}, {rewritten}{works}", patch.file, patch.state));
    }
    for text in packages(&report.packages) {
        line.put("packages", &text);
    }
    match &report.registration {
        Check::NotChecked(why) => line.put("controllers", &unchecked(why)),
        Check::Checked(seen) => {
            for class in &seen.controllers {
                line.put("controllers", &format!("{}  {class}", toned(Tone::Good, "loads")));
            }
            for finding in &seen.findings {
                line.put("controllers", &found(finding));
            }
        }
    }
    match &report.lint {
        Check::NotChecked(why) => line.put("lint", &unchecked(why)),
        Check::Checked(findings) if findings.is_empty() => line.put("lint", &toned(Tone::Good, "nothing")),
        Check::Checked(findings) => findings.iter().for_each(|finding| line.put("lint", &found(finding))),
    }
    for scenario in &report.scenarios {
        for text in scenario_lines(scenario) {
            line.put("scenarios", &text);
        }
    }
    for text in report.recipe_changes.lines() {
        line.put("recipe", text);
    }
    for scenario in &report.scenarios {
        page += &drifted(scenario);
    }
    page += &ending(report);
    page + "\n"
}

/// Returns a line for each recipe and release of a matrix.
pub(crate) fn summary(reports: &[&Report]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["recipe", "to", "series", "scenarios", "outcome"]);
    for report in reports {
        let fates = |is: fn(&Fate) -> bool| report.patches.iter().filter(|patch| is(&patch.fate)).count();
        let carried = fates(Fate::stays);
        let obsolete = fates(|fate| matches!(fate, Fate::Obsolete { .. }));
        let stuck = report.patches.len() - carried - obsolete;
        let drifts = report.scenarios.iter().filter(|scenario| scenario.is_drift()).count();
        table.add_row([
            report.recipe.clone(),
            report.to.clone(),
            format!("{carried} carried, {obsolete} obsolete, {stuck} in the way"),
            format!("{drifts} of {} drift", report.scenarios.len()),
            outcome(report).1.to_owned(),
        ]);
    }
    drawn_table(&table)
}

/// Lines with a name before the first of several.
struct Lines<'p> {
    page: &'p mut String,
    last: &'static str,
}

impl Lines<'_> {
    fn put(&mut self, name: &'static str, text: &str) {
        let shown = if self.last == name { "" } else { name };
        self.last = name;
        let _ = writeln!(self.page, "  {shown:<12} {text}");
    }
}

/// Returns what became of a patch in a word.
pub(super) fn word(fate: &Fate) -> (Tone, &'static str) {
    match fate {
        Fate::Carried { state } => (Tone::Good, state),
        Fate::Obsolete { .. } => (Tone::Doubtful, "obsolete"),
        Fate::Conflict { state, .. } => (Tone::Bad, state),
        Fate::Contradicted { .. } => (Tone::Bad, "contradicted"),
    }
}

/// Returns why a patch has its fate, a sentence a line.
pub(super) fn reasons(patch: &PatchReport, to: &str, environment_of: Option<&str>) -> Vec<String> {
    let mut reasons = Vec::new();
    let after = patch.turned_after.as_ref().map(|version| format!(", needed up to {version}")).unwrap_or_default();
    match &patch.fate {
        Fate::Obsolete { by: Proof::Text, release: Some(release), .. } => {
            reasons.push(format!("by its text: absorbed in {release}{after}"));
        }
        Fate::Obsolete { by: Proof::Text, reason, .. } => reasons.push(format!("by its text: {reason}")),
        Fate::Obsolete { by: Proof::Probe, .. } => {
            let inside = environment_of.map(|recipe| format!(", in the environment of `{recipe}`")).unwrap_or_default();
            let since = patch.turned_in.as_ref().map(|version| format!(" since {version}")).unwrap_or_default();
            reasons.push(format!("by its probe: it passes on {to} without the patch{inside}"));
            reasons.push(format!("its text: {}{since}", patch.text));
        }
        Fate::Conflict { since, .. } => {
            reasons.extend(since.as_ref().map(|version| format!("its text does not go along since {version}")));
        }
        Fate::Contradicted { release, reason } => {
            reasons.push(format!("its text stands in {release}, and its probe fails there: {reason}"));
        }
        Fate::Carried { .. } => {}
    }
    if matches!(patch.fate, Fate::Obsolete { by: Proof::Probe, .. }) {
        return reasons;
    }
    match &patch.probe {
        Check::Checked(probed) => {
            let pristine = probed.pristine.as_ref().and_then(|answer| answer.reason.clone());
            let told = pristine.map(|reason| format!(": {reason}")).unwrap_or_default();
            reasons.push(format!("its probe: {}{told}", probed.verdict.name()));
        }
        Check::NotChecked(why) => reasons.push(format!("its probe: not checked: {why}")),
    }
    reasons
}

fn packages(check: &Check<PackageChanges>) -> Vec<String> {
    let seen = match check {
        Check::NotChecked(why) => return vec![unchecked(why)],
        Check::Checked(seen) => seen,
    };
    let (changed, added, removed) = (seen.changed.len(), seen.added.len(), seen.removed.len());
    let mut lines = vec![format!(
        "{} → {}: {changed} with another version, {added} new, {removed} gone",
        seen.before_count, seen.after_count
    )];
    let list = |word: &str, names: Vec<String>| (!names.is_empty()).then(|| format!("{word}: {}", named(&names)));
    let moved = seen.changed.iter().map(|change| format!("{} {} → {}", change.package, change.before, change.after));
    let names = |packages: &[Package]| {
        packages.iter().map(|package| format!("{} {}", package.package, package.version)).collect()
    };
    lines.extend(list("changed", moved.collect()));
    lines.extend(list("new", names(&seen.added)));
    lines.extend(list("gone", names(&seen.removed)));
    match seen.has_wheel {
        (true, false) => lines.push("no published wheel fits any more: Hummingbot is compiled".to_owned()),
        (false, true) => lines.push("a published wheel fits now: Hummingbot is not compiled any more".to_owned()),
        _ => {}
    }
    lines
}

fn scenario_lines(scenario: &ScenarioReport) -> Vec<String> {
    let tone = match scenario.verdict {
        "identical" => Tone::Good,
        "within-tolerance" | "no-golden" | "not-checked" => Tone::Doubtful,
        _ => Tone::Bad,
    };
    let profile = match (scenario.profile_before, scenario.profile_after) {
        (Some(before), Some(after)) if before == after => format!("profile {before}"),
        (before, Some(after)) => format!("profile {} → {after}", before.unwrap_or("none")),
        (Some(before), None) => format!("profile {before} → none"),
        (None, None) => "upstream's engine".to_owned(),
    };
    let with = scenario.compared_with.as_ref().map(|with| format!(", against {with}")).unwrap_or_default();
    let mut lines = vec![format!("{:<14} {}  {profile}{with}", scenario.scenario, toned(tone, scenario.verdict))];
    lines.extend(scenario.why.as_ref().map(|why| format!("{:<14} {why}", "")));
    match &scenario.upstream_engine {
        Check::NotChecked(_) if scenario.engine != "native" => {}
        Check::Checked(parity) if parity.is_exact() => {
            let count = counted(parity.executor_count, "executor");
            let to = if scenario.engine == "native" { String::new() } else { format!(" to `{}`", parity.other) };
            lines.push(format!("{:<14} upstream's engine: {}, {count}", "", toned(Tone::Good, &format!("equal{to}"))));
        }
        Check::Checked(parity) => {
            let place = parity.difference.as_ref().map(|difference| {
                let field = difference.field.as_deref().unwrap_or("a row that only one of them has");
                format!(", first in {} {}: {field}", difference.part, difference.row + 1)
            });
            let word = toned(Tone::Bad, "another result");
            lines.push(format!("{:<14} upstream's engine: {word}{}", "", place.unwrap_or_default()));
        }
        Check::NotChecked(why) => lines.push(format!("{:<14} upstream's engine: not checked: {why}", "")),
    }
    lines
}

/// Explains a drift: which metrics moved, and the first event that differs.
fn drifted(scenario: &ScenarioReport) -> String {
    let Some(comparison) = scenario.comparison.as_ref().filter(|_| scenario.is_drift()) else {
        return String::new();
    };
    let with = scenario.compared_with.as_deref().unwrap_or_default();
    let mut page = format!("\n{}  drifts from {with}\n", toned(Tone::Strong, &scenario.scenario));
    page += &drift::explained(&scenario.made_differently, comparison, scenario.parted.as_ref());
    match &scenario.attribution {
        Check::Checked(found) => page + &attribution::causes(found) + &attribution::table(found),
        Check::NotChecked(why) => page + &format!("\n  {}: not checked: {why}\n", toned(Tone::Strong, "cause")),
    }
}

fn outcome(report: &Report) -> (Tone, &'static str) {
    match report.exit() {
        Exit::Fine => (Tone::Good, "nothing drifts"),
        Exit::Drift => (Tone::Doubtful, "results drift"),
        _ if report.blocks.is_empty() => (Tone::Bad, "scenarios fail"),
        _ => (Tone::Bad, "something is in the way"),
    }
}

fn ending(report: &Report) -> String {
    let (tone, word) = outcome(report);
    let mut text = format!("\n{}\n", toned(tone, word));
    for block in &report.blocks {
        let _ = writeln!(text, "  {block}");
    }
    if report.written.is_empty() {
        if report.blocks.is_empty() {
            let _ = writeln!(
                text,
                "  nothing was written; `hive upgrade {} --to {} --apply` writes it",
                report.recipe, report.to
            );
        }
    } else {
        let _ = writeln!(
            text,
            "  {} written; `hive upgrade --undo` takes them back",
            counted(report.written.len(), "file")
        );
        for path in &report.written {
            let _ = writeln!(text, "    {path}");
        }
    }
    text
}

fn found(finding: &Written) -> String {
    let code = finding.code.as_ref().map(|code| format!("[{code}]")).unwrap_or_default();
    let tone = if finding.severity == "error" { Tone::Bad } else { Tone::Doubtful };
    format!("{}  {}", toned(tone, &format!("{}{code}", finding.severity)), finding.message)
}

fn unchecked(why: &str) -> String {
    format!("{}: {why}", toned(Tone::Doubtful, "not checked"))
}

/// Returns some names; where there are many, the first ones and how many more.
pub(super) fn named(names: &[String]) -> String {
    let shown = names.iter().take(NAMED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
