//! How diagnostics look, beyond what recipes need: causes, severities, colour, width.

use hive::cli::diagnostic::draw;
use miette::Diagnostic;
use miette::MietteDiagnostic;
use thiserror::Error;

use super::fixtures;
use super::plain;
use super::resolved;

#[derive(Debug, Error, Diagnostic)]
#[error("patch `02_guard_no_positions.patch` does not apply to `backtesting_engine_base.py`")]
#[diagnostic(
    code("HV0203"),
    help("compare the two lines: upstream has moved on, or the patch was made for another release")
)]
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
         \x20 hint: compare the two lines: upstream has moved on, or the patch was made for another release\n"
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
