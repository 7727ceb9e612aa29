//! `hive inspect`: what is inside an image.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::cli::arguments::Image;
use crate::cli::place;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::drawn_table;
use crate::cli::print::toned;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::image::inspect;
use crate::workflow::image::inspect::Inspected;

/// How many packages are shown; scripts see all of them.
const SHOWN_PACKAGES: usize = 10;

pub(crate) fn run(options: &Image, printer: &Printer) -> Result<Exit, Error> {
    let selectors = [options.image.clone()];
    let project = place::project(&selectors, printer)?;
    let inspected = inspect::inspect(&project, &options.image, &place::here())?;
    if printer.is_json() {
        printer.json(&inspected);
    } else {
        printer.result(&drawn(&inspected));
    }
    Ok(Exit::Fine)
}

fn drawn(image: &Inspected) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}  {}  {} bytes", toned(Tone::Strong, &image.name), image.platform, image.size_bytes);
    let _ = writeln!(text, "  id        {}", image.id);
    let mut line = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(text, "  {name:<9} {value}");
        }
    };
    line("recipe", &image.recipe);
    line("upstream", &image.upstream);
    line("base", &image.base);
    line("kind", &image.kind);
    line("root", &image.root);
    if image.recipe.is_none() {
        let _ = writeln!(text, "  it was not built by hive");
    }
    files(&mut text, "patches", &image.patches);
    files(&mut text, "controllers", &image.controllers);
    if !image.packages.is_empty() {
        let _ = writeln!(text, "\n  {} packages", image.packages.len());
        for (name, value) in image.packages.iter().take(SHOWN_PACKAGES) {
            let _ = writeln!(text, "    {name} {}", value.split(' ').next().unwrap_or_default());
        }
        if image.packages.len() > SHOWN_PACKAGES {
            let _ = writeln!(text, "    … `--format json` lists them all");
        }
    }
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["layer", "bytes", "digest"]);
    for layer in &image.layers {
        let size = layer.size_bytes.map_or_else(|| "not measured".to_owned(), |size| size.to_string());
        table.add_row([layer.name.clone(), size, layer.digest.clone()]);
    }
    let _ = write!(text, "\n{}", drawn_table(&table));
    text
}

fn files(text: &mut String, what: &str, files: &BTreeMap<String, String>) {
    if files.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n  {what}");
    for (file, sha256) in files {
        let _ = writeln!(text, "    {file}  {}", toned(Tone::Faint, sha256));
    }
}
