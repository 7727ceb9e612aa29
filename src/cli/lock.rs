//! `hive lock`: pin what the recipes resolve to.

use serde_json::json;

use crate::cli::arguments::Global;
use crate::cli::arguments::Recipes;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::lock;

/// How many changed facts of a recipe are shown to people.
const SHOWN_CHANGES: usize = 12;

pub(crate) fn run(options: &Recipes, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let project = place::project(&options.recipes, printer)?;
    let files = project.select(&options.recipes, &place::here())?;
    let locked = lock::lock(&project, &files, global.options(), &printer.progress())?;
    if printer.is_json() {
        printer.json(&json!({
            "file": lock::FILE, "written": locked.written, "recipes": locked.recipes,
            "fact_count": locked.fact_count, "changes": locked.changes,
        }));
        return Ok(Exit::Fine);
    }
    for recipe in &locked.recipes {
        if locked.is_new.contains(recipe) {
            printer.result(&format!("{}  {}\n", toned(Tone::Strong, recipe), toned(Tone::Good, "locked")));
            continue;
        }
        let changes = &locked.changes[recipe];
        let state = if changes.is_empty() { toned(Tone::Good, "fresh") } else { toned(Tone::Doubtful, "changed") };
        printer.result(&format!("{}  {state}\n", toned(Tone::Strong, recipe)));
        for change in changes.iter().take(SHOWN_CHANGES) {
            printer.result(&format!("  {change}\n"));
        }
        if changes.len() > SHOWN_CHANGES {
            printer.result(&format!("  and {} more\n", changes.len() - SHOWN_CHANGES));
        }
    }
    let what = if locked.written { "written" } else { "unchanged" };
    printer.note(&format!("{} {what}, {} checked", lock::FILE, counted(locked.fact_count, "fact")));
    Ok(Exit::Fine)
}
