//! `hive fetch`: download the upstream releases.

use crate::cli::arguments::Global;
use crate::cli::arguments::Recipes;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::fetch;

pub(crate) fn run(options: &Recipes, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let project = place::project(&options.recipes, printer)?;
    let files = project.select(&options.recipes, &place::here())?;
    let fetched = fetch::fetch(&project, &files, global.options(), &printer.progress())?;
    if printer.is_json() {
        printer.json(&fetched);
        return Ok(Exit::Fine);
    }
    for release in fetched {
        let how = if release.from_cache { "there" } else { "downloaded" };
        let checksum = release.checksum.unwrap_or_default();
        let recipe = toned(Tone::Strong, &release.recipe);
        let line = format!("{recipe}  {}  {}  {checksum}", release.upstream, toned(Tone::Good, how));
        printer.result(&format!("{}\n", line.trim_end()));
        if let Some(oddity) = release.oddity {
            printer.note(&format!("note: {oddity}"));
        }
    }
    Ok(Exit::Fine)
}
