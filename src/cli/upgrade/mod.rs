//! `hive upgrade`: recipes on another release, and what it takes to move there.

mod markdown;
mod page;

use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::cli::arguments::Global;
use crate::cli::arguments::Upgrade;
use crate::cli::drift;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::Project;
use crate::workflow::patch::Refusal;
use crate::workflow::upgrade;
use crate::workflow::upgrade::Planned;
use crate::workflow::upgrade::Request;
use crate::workflow::upgrade::apply;
use crate::workflow::upgrade::report::Report;

pub(crate) fn run(options: &Upgrade, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let project = place::project(&options.recipes, printer)?;
    if options.undo {
        return undo(&project, printer);
    }
    if options.apply && options.to.len() > 1 {
        return Err(Refusal::SeveralVersions { versions: options.to.clone() }.into());
    }
    if options.apply && place::in_ci() {
        return Err(Error::InCi { what: "hive upgrade --apply" });
    }
    let request =
        Request { makes_environments: !options.no_environment, today: place::today(), options: global.options() };
    let (mut planned, skipped) = planned(&project, options, request, printer)?;
    if options.apply && !planned.is_empty() {
        apply::apply(&project, &mut planned).inspect_err(|_| show(&planned, printer))?;
    }
    let reports: Vec<&Report> = planned.iter().map(|planned| &planned.report).collect();
    if let Some(file) = &options.report {
        let text: Vec<String> = reports.iter().map(|report| markdown::page(report)).collect();
        upgrade::report::save(&place::here().join(file), &text.join("\n"))?;
    }
    let exit = reports.iter().map(|report| report.exit()).find(|exit| *exit != Exit::Fine).unwrap_or(Exit::Fine);
    if printer.is_json() {
        let upgrades: Vec<Value> = reports.iter().map(|report| written(report)).collect();
        printer.json(&json!({ "exit": exit.code(), "upgrades": upgrades, "skipped": skipped }));
        return Ok(exit);
    }
    show(&planned, printer);
    for Skipped { recipe, why } in &skipped {
        printer.result(&format!("{}  {why}\n", toned(Tone::Strong, recipe)));
    }
    if let [_, _, ..] = reports.as_slice() {
        printer.result(&page::summary(&reports));
    }
    Ok(exit)
}

/// A recipe that was passed over.
#[derive(Debug, Serialize)]
struct Skipped {
    recipe: String,
    why: String,
}

/// Looks at every recipe on every version. A recipe without a way to one of several is told and passed over where all are meant.
fn planned(
    project: &Project,
    options: &Upgrade,
    request: Request,
    printer: &Printer,
) -> Result<(Vec<Planned>, Vec<Skipped>), Error> {
    let files = project.select(&options.recipes, &place::here())?;
    let progress = printer.progress();
    let (mut planned, mut skipped) = (Vec::new(), Vec::new());
    for file in files {
        let mut look = || {
            let loaded = project.load(&file)?;
            let versions = match options.to.as_slice() {
                [] => {
                    let newest = upgrade::newest_proven(project, &loaded, request.options, &progress)?;
                    if newest.is_none() {
                        let told = "no newer release has a proven replay profile".to_owned();
                        skipped.push(Skipped { recipe: loaded.recipe.name.clone(), why: told });
                    }
                    newest.into_iter().collect()
                }
                named => named.to_vec(),
            };
            for version in versions {
                planned.push(upgrade::plan(project, &file, &version, request, &progress)?);
            }
            Ok(())
        };
        match look() {
            Err(error @ Error::Releases(_)) if options.all => {
                let recipe = file.trim_start_matches("recipes/").trim_end_matches(".toml").to_owned();
                skipped.push(Skipped { recipe, why: upgrade::report::why(&error) });
            }
            looked => looked?,
        }
    }
    Ok((planned, skipped))
}

fn undo(project: &Project, printer: &Printer) -> Result<Exit, Error> {
    let record = apply::undo(project)?;
    if printer.is_json() {
        printer.json(&record);
    } else {
        printer.result(&format!("{}, {}\n", record.what, counted(record.files.len(), "file")));
        for file in &record.files {
            printer.result(&format!("  {}\n", file.path));
        }
    }
    Ok(Exit::Fine)
}

fn show(planned: &[Planned], printer: &Printer) {
    if !printer.is_json() {
        for planned in planned {
            printer.result(&page::page(&planned.report));
        }
    }
}

/// Returns the report for scripts.
fn written(report: &Report) -> Value {
    let mut value = serde_json::to_value(report).expect("a report has text keys and finite numbers");
    value["exit"] = json!(report.exit().code());
    for (index, seen) in report.scenarios.iter().enumerate() {
        let scenario = &mut value["scenarios"][index];
        scenario["comparison"] = seen.comparison.as_ref().map(drift::written).unwrap_or_default();
        scenario["first_event"] = seen.parted.as_ref().map(drift::written_event).unwrap_or_default();
        scenario["made_differently"] = drift::written_inputs(&seen.made_differently);
    }
    value
}
