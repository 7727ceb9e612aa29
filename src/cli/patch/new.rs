//! `hive patch new`: a patch of what was edited, and the recipe that has it.

use crate::cli::arguments::Global;
use crate::cli::arguments::PatchNew;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::patch::Refusal;
use crate::workflow::patch::new;
use crate::workflow::patch::new::Request;

pub(crate) fn run(options: &PatchNew, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let here = place::here();
    let request = Request {
        from: here.join(&options.from),
        why: options.why.clone(),
        touches: options.touches.clone(),
        date: place::today().to_string(),
    };
    let made = match (&options.root, &options.named[..]) {
        (Some(root), [file]) => new::of_tree(&here.join(root), &here.join(file), file, &request)?,
        (None, [recipe, name]) => {
            let project = place::project(std::slice::from_ref(recipe), printer)?;
            let recipe = project.one(recipe, &here)?;
            new::of_recipe(&project, &recipe, name, &request, global.options(), &printer.progress())?
        }
        _ => return Err(Refusal::Unnamed.into()),
    };
    if printer.is_json() {
        printer.json(&made);
        return Ok(Exit::Fine);
    }
    let paths: String = made.touches.iter().flat_map(|path| ["  ", path, "\n"]).collect();
    printer.result(&format!("{}  {}\n{paths}", toned(Tone::Good, "written"), toned(Tone::Strong, &made.file)));
    if let Some(recipe) = &made.recipe {
        printer.note(&format!("recipe `{recipe}` has it at the end of its series; `hive lock {recipe}` pins it"));
    }
    Ok(Exit::Fine)
}
