//! `hive verify`: build an image again, and compare.

use crate::cli::arguments::Global;
use crate::cli::arguments::Image;
use crate::cli::build::image::refused;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::counted;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::image::verify;

pub(crate) fn run(options: &Image, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    let selectors = [options.image.clone()];
    let project = place::project(&selectors, printer)?;
    let verified = match verify::verify(&project, &options.image, &place::here(), global.options(), &printer.progress())
    {
        Ok(verified) => verified,
        Err(refusal) => return refused(refusal, printer),
    };
    if printer.is_json() {
        printer.json(&verified);
        return Ok(Exit::Fine);
    }
    let manifest = verified.manifest_digest.map(|digest| format!("  manifest  {digest}\n")).unwrap_or_default();
    printer.result(&format!(
        "{}  {}  {}, {} compared\n  id        {}\n{manifest}",
        toned(Tone::Strong, &verified.recipe),
        verified.name,
        toned(Tone::Good, "equal"),
        counted(verified.layer_count, "layer"),
        verified.id,
    ));
    Ok(Exit::Fine)
}
