//! `hive explain`: what a diagnostic code means, why, and the mend.

use std::fmt::Write as _;

use serde_json::json;

use crate::cli::arguments::Code;
use crate::cli::print::Printer;
use crate::cli::print::Tone;
use crate::cli::print::toned;
use crate::workflow::Exit;

/// The explanations: Markdown, a section a code.
const PAGES: &[&str] = &[
    include_str!("codes/hv01.md"),
    include_str!("codes/hv02.md"),
    include_str!("codes/hv03-lock.md"),
    include_str!("codes/hv03-fetch.md"),
    include_str!("codes/hv03-watch.md"),
    include_str!("codes/hv03-transaction.md"),
    include_str!("codes/hv03-python.md"),
    include_str!("codes/hv04.md"),
    include_str!("codes/hv05.md"),
    include_str!("codes/hv05-bisect.md"),
    include_str!("codes/hv06-docker.md"),
    include_str!("codes/hv06-image.md"),
    include_str!("codes/hv07-controller.md"),
    include_str!("codes/hv07-registration.md"),
    include_str!("codes/hv08-jobs.md"),
    include_str!("codes/hv08-backtest.md"),
    include_str!("codes/hv08-candles.md"),
    include_str!("codes/hv08-service.md"),
    include_str!("codes/hv09.md"),
];

/// The explanation of a code.
#[derive(Debug, Clone, Copy)]
pub struct Explanation {
    /// The code, `HV0203`.
    pub code: &'static str,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// Why, an example, and the mend, in Markdown.
    pub text: &'static str,
}

/// Returns the explanation of every code, in the codes' order.
#[must_use]
pub fn codes() -> Vec<Explanation> {
    // A page may begin with a section or with a title of its own.
    let sections = PAGES.iter().flat_map(|page| page.strip_prefix("## ").unwrap_or(page).split("\n## "));
    let mut all: Vec<Explanation> = sections.filter_map(section).collect();
    all.sort_by_key(|explanation| explanation.code);
    all
}

fn section(section: &'static str) -> Option<Explanation> {
    let (head, text) = section.split_once('\n')?;
    let (code, title) = head.split_once(" · ")?;
    Some(Explanation { code: code.trim(), title: title.trim(), text: text.trim() })
}

pub(crate) fn run(options: &Code, printer: &Printer) -> Exit {
    let all = codes();
    let Some(asked) = &options.code else {
        let list = all.iter().map(|known| format!("{}  {}\n", toned(Tone::Strong, known.code), known.title));
        if printer.is_json() {
            let list = all.iter().map(|known| json!({ "code": known.code, "title": known.title }));
            printer.json(&list.collect::<Vec<_>>());
        } else {
            printer.result(&list.collect::<String>());
        }
        return Exit::Fine;
    };
    let wanted = asked.to_ascii_uppercase();
    let Some(found) = all.iter().find(|known| known.code == wanted) else {
        printer.note(&format!("error: there is no code `{asked}`\n  hint: `hive explain` lists them all"));
        return Exit::Usage;
    };
    if printer.is_json() {
        printer.json(&json!({ "code": found.code, "title": found.title, "text": found.text }));
    } else {
        let mut text = String::new();
        let _ =
            writeln!(text, "{}\n\n{}", toned(Tone::Strong, &format!("{} · {}", found.code, found.title)), found.text);
        printer.result(&text);
    }
    Exit::Fine
}
