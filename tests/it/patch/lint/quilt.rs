//! What the linter finds in quilt's `series` files.

use hive::patch::lint::Severity;
use hive::patch::lint::fix::fix_series;
use hive::patch::lint::lint_series;

/// Checks what is found in a series beside the patches `1.patch` and `d/2.patch`, and at which lines.
fn check(text: &str, expected: &[(Severity, usize, &str)]) {
    let findings = lint_series("series", text.as_bytes(), &beside());
    assert!(findings.iter().all(|finding| finding.rule == "broken-series"));
    let found: Vec<_> =
        findings.iter().map(|finding| (finding.severity, finding.line, finding.message.as_str())).collect();
    assert_eq!(found, expected);
}

fn beside() -> Vec<String> {
    ["1.patch", "README", "d/2.patch"].map(str::to_owned).to_vec()
}

const ERROR: Severity = Severity::Error;

#[test]
fn a_series_that_lists_what_is_there() {
    check("# both\n1.patch\n\nd/2.patch -p1 # why\n", &[]);
}

#[test]
fn each_disagreement_is_told() {
    check("1.patch\nd/2.patch\n3.patch\n", &[(ERROR, 3, "there is no patch `3.patch` beside the series")]);
    check("1.patch\n", &[(ERROR, 1, "`d/2.patch` is beside the series and not in it, so that it is left out")]);
    check("1.patch\nd/2.patch\n1.patch\n", &[(ERROR, 3, "`1.patch` is listed twice")]);
    let option = |name| format!("`1.patch` has the option `{name}`, which hive does not follow");
    check("1.patch -p0\nd/2.patch\n", &[(ERROR, 1, &option("-p0"))]);
    check("1.patch -p1 -R\nd/2.patch\n", &[(ERROR, 1, &option("-R"))]);
    check("1.patch\nd/2.patch", &[(Severity::Warning, 2, "the last line has no newline")]);
}

#[test]
fn the_last_newline_is_added() {
    let fixed = fix_series("series", b"1.patch\nd/2.patch", &beside());
    assert_eq!(fixed.text, b"1.patch\nd/2.patch\n");
    assert_eq!(fixed.fixed.len(), 1);
    let again = fix_series("series", &fixed.text, &beside());
    assert_eq!((again.text, again.fixed), (fixed.text, Vec::new()));
}
