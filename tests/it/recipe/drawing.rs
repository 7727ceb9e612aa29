//! How diagnostics look, beyond what recipes need: causes, severities, colour, width; and that each code is explained.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use hive::cli::diagnostic::draw;
use miette::Diagnostic;
use miette::MietteDiagnostic;
use thiserror::Error;

use super::fixtures;
use super::plain;
use super::resolved;

#[derive(Debug, Error, Diagnostic)]
#[error("patch `02_guard_no_positions.patch` does not apply to `backtesting_engine_base.py`")]
#[diagnostic(code("HV0203"), help("run `hive patch status` to see whether it is already applied"))]
struct Outer {
    #[source]
    cause: Inner,
}

#[derive(Debug, Error)]
#[error("hunk 1 of 1 expects other text at line 211")]
struct Inner {
    #[source]
    cause: std::io::Error,
}

fn outer() -> Outer {
    Outer { cause: Inner { cause: std::io::Error::other("two lines\nof cause") } }
}

#[test]
fn causes_stand_one_a_line_and_the_hint_last() {
    assert_eq!(
        plain(&outer()),
        "error[HV0203]: patch `02_guard_no_positions.patch` does not apply to `backtesting_engine_base.py`\n\
         \x20 cause: hunk 1 of 1 expects other text at line 211\n\
         \x20 cause: two lines\n\
         \x20        of cause\n\
         \x20 hint: run `hive patch status` to see whether it is already applied\n"
    );
}

#[test]
fn severities_have_words() {
    for (severity, expected) in [
        (miette::Severity::Error, "error: said\n"),
        (miette::Severity::Warning, "warning: said\n"),
        (miette::Severity::Advice, "advice: said\n"),
    ] {
        assert_eq!(plain(&MietteDiagnostic::new("said").with_severity(severity)), expected);
    }
}

#[test]
fn hints_are_wrapped_between_words() {
    let diagnostic = MietteDiagnostic::new("said").with_help("one two three four five six seven eight nine ten eleven");
    assert_eq!(
        draw(&diagnostic, false, 1),
        "error: said\n  hint: one two three four five six\n        seven eight nine ten eleven\n"
    );
}

#[test]
fn colour_adds_nothing_but_colour() {
    for (name, text) in fixtures("bad") {
        let errors = resolved(&name, &text).expect_err("the fixture is bad");
        let coloured = draw(&errors, true, 100);
        assert!(coloured.contains('\u{1b}'), "{name}");
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain(&errors), "{name}");
    }
    let coloured = draw(&outer(), true, 100);
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain(&outer()));
}

#[test]
fn each_code_of_recipes_and_locks_is_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut explained = BTreeSet::new();
    for file in ["src/cli/codes/hv01.md", "src/cli/codes/hv03-lock.md"] {
        let text = fs::read_to_string(root.join(file)).expect("the explanations are part of the project");
        let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
        for heading in headings {
            let (code, title) = heading.split_once(" · ").expect("a heading is a code and a title");
            assert!(!title.is_empty(), "{code}");
            assert!(explained.insert(code.to_owned()), "{code} is explained once");
        }
    }

    let mut used = BTreeSet::new();
    let mut sources = vec![root.join("src/recipe")];
    while let Some(path) = sources.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder of ours can be listed");
            sources.extend(entries.map(|entry| entry.expect("a folder of ours can be listed").path()));
            continue;
        }
        let text = fs::read_to_string(&path).expect("our sources are text");
        for (place, _) in text.match_indices("\"HV0") {
            used.insert(text[place + 1..place + 7].to_owned());
        }
    }
    assert_eq!(explained, used);
}
