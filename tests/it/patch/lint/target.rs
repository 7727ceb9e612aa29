//! What the linter finds once it knows the release.

use hive::patch::lint::Context;
use hive::patch::lint::Severity;
use hive::patch::lint::context::Target;
use hive::patch::lint::lint;

use super::REASONED;
use crate::patch::tree;

/// Ten different lines.
const FILE: &str = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";

/// A change of the fifth of them.
const HUNK: &str = "@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n";

fn patch(name: &str, hunk: &str) -> String {
    format!("--- a/{name}\n+++ b/{name}\n{hunk}")
}

/// Checks which rules speak on a release with one file, how bad it is, and at which lines.
fn check_file(file: (&str, &str), text: &str, expected: &[(&str, Severity, usize)]) {
    let tree = tree(&[file]);
    let read = |path: &str| tree.get(path).map(|text| text.clone().into_bytes());
    // Whatever has a parenthesis that is not closed is not Python.
    let syntax = |text: &[u8]| {
        let lines = text.split(|byte| *byte == b'\n');
        lines.zip(1..).find(|(line, _)| line.contains(&b'(') && !line.contains(&b')')).map(|(_, number)| number)
    };
    let context = Context { target: Some(Target { read: &read, syntax: &syntax }), ..REASONED };
    let findings = lint("x.patch", text.as_bytes(), &context);
    let found: Vec<_> = findings.iter().map(|finding| (finding.rule, finding.severity, finding.line)).collect();
    assert_eq!(found, expected, "{findings:#?}");
}

fn check(file: &str, hunk: &str, expected: &[(&str, Severity, usize)]) {
    check_file(("x.py", file), &patch("x.py", hunk), expected);
}

const ERROR: Severity = Severity::Error;
const WARNING: Severity = Severity::Warning;

#[test]
fn a_patch_that_fits_has_no_findings() {
    check(FILE, HUNK, &[]);
    check_file(("y.py", FILE), "--- /dev/null\n+++ b/x.py\n@@ -0,0 +1 @@\n+1\n", &[]);
}

#[test]
fn a_patch_that_drifted() {
    check(&format!("0\n{FILE}"), HUNK, &[("drifted", WARNING, 3)]);
    check(&FILE.replace('d', "D"), HUNK, &[("drifted", ERROR, 6)]);
    // It fits where it says, and at a twin as well.
    check(&format!("{FILE}{FILE}"), HUNK, &[("drifted", WARNING, 3)]);
    // Two twins, and neither is where it says.
    check(&format!("0\n0\n{FILE}{FILE}"), HUNK, &[("drifted", ERROR, 3)]);
    check_file(("x.py", FILE), "--- /dev/null\n+++ b/x.py\n@@ -0,0 +1 @@\n+1\n", &[("drifted", ERROR, 2)]);
}

#[test]
fn a_target_that_cannot_be_patched() {
    check_file(("y.py", FILE), &patch("x.py", HUNK), &[("unfit-target", ERROR, 2)]);
    check(&format!("{FILE}\0"), HUNK, &[("unfit-target", ERROR, 2)]);
    check(&FILE.replacen('a', "# @generated", 1), HUNK, &[("unfit-target", WARNING, 2)]);
    check(&FILE.replacen('j', "# @generated", 1), HUNK, &[]);
}

#[test]
fn names_of_another_level_are_not_told_twice() {
    check_file(("d/x.py", FILE), &format!("--- d/x.py\n+++ d/x.py\n{HUNK}"), &[("wrong-strip-level", ERROR, 2)]);
}

#[test]
fn a_patch_that_the_release_has() {
    check(&FILE.replace('e', "E"), HUNK, &[("without-effect", WARNING, 1)]);
}

#[test]
fn line_ends_are_the_files() {
    let returns = |text: &str| text.replace('\n', "\r\n");
    let hunk = |text: &str| {
        let (header, body) = text.split_once('\n').expect("a hunk has a header");
        format!("{header}\n{}", returns(body))
    };
    check(&returns(FILE), &hunk(HUNK), &[]);
    check(&returns(FILE), HUNK, &[("carriage-return", ERROR, 2)]);
    check(FILE, &hunk(HUNK), &[("carriage-return", ERROR, 2)]);
    // Another line ends so, and that is not why the patch does not fit.
    let mixed = FILE.replacen("a\n", "a\r\n", 1).replace('d', "D");
    check(&mixed, HUNK, &[("drifted", ERROR, 6)]);
    // A patch that takes them out on purpose applies, and is left alone.
    let mixed = hunk(HUNK).replace("+E\r\n", "+E\n");
    check(&returns(FILE), &mixed, &[]);
}

#[test]
fn the_last_newline_is_the_files() {
    let hunk = "@@ -7,4 +7,4 @@\n g\n h\n i\n-j\n+J\n";
    let open = FILE.trim_end();
    let marked = hunk.replace("-j\n", "-j\n\\ No newline at end of file\n");
    check(FILE, hunk, &[]);
    check(open, &marked, &[]);
    check(open, hunk, &[("end-of-file-newline", ERROR, 7)]);
    check(FILE, &marked, &[("end-of-file-newline", ERROR, 7)]);
    // Something else differs as well, so it has drifted.
    check(&open.replace('i', "I"), hunk, &[("drifted", ERROR, 6)]);
}

#[test]
fn context_is_measured_at_the_files_ends() {
    let thin = [("thin-context", WARNING, 3)];
    check(FILE, "@@ -8,3 +8,3 @@\n h\n-i\n+I\n j\n", &thin);
    check(FILE, "@@ -6,5 +6,5 @@\n f\n g\n h\n-i\n+I\n j\n", &[]);
    check(FILE, "@@ -2,5 +2,5 @@\n b\n c\n d\n-e\n+E\n f\n", &thin);
    check(FILE, "@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n d\n e\n", &[]);
}

/// Checks whether a change of one line of a Python file is found to break it, with a real parser.
fn check_python(from: &str, to: &str, is_broken: bool) {
    const SOURCE: &str = "\
import os


@register
class Clock:
    \"\"\"Ticks.\"\"\"

    def tick(self, now):
        if now:
            return os.getpid()
        else:
            return None

    def tock(self):
        return {
            \"a\": 1,
        }


def run(clock):
    return clock.tick(0)
";
    assert_eq!(SOURCE.matches(from).count(), 1, "`{from}` stands there once");
    let after = SOURCE.replace(from, to);
    let formatter = diffy::PatchFormatter::new().suppress_blank_empty(false);
    let body = formatter.fmt_patch(&diffy::create_patch(SOURCE, &after)).to_string();
    let text = body.replacen("--- original\n+++ modified\n", "--- a/x.py\n+++ b/x.py\n", 1);
    let read = |path: &str| (path == "x.py").then(|| SOURCE.as_bytes().to_vec());
    let syntax = |text: &[u8]| std::str::from_utf8(text).ok().and_then(hive::registration::broken_line);
    let context = Context { target: Some(Target { read: &read, syntax: &syntax }), ..REASONED };
    let found: Vec<_> = lint("x.patch", text.as_bytes(), &context).iter().map(|finding| finding.rule).collect();
    assert_eq!(found, if is_broken { &["bad-added-line"][..] } else { &[] }, "{from} → {to}");
}

#[test]
fn python_is_parsed_around_the_change() {
    for (from, to) in [
        ("now):", "now, late=False):"),
        ("    def tock(self):\n", "    async def tock(self):\n"),
        ("\"a\": 1,", "\"a\": 1,\n            **self.more,"),
        ("@register\n", ""),
        ("        else:\n            return None\n", ""),
        ("\n\ndef run", "\n\nTICKS = 1\n\n\ndef run"),
    ] {
        check_python(from, to, false);
    }
    for (from, to) in [
        ("now):", "now:"),
        ("        if now:\n", ""),
        ("        }\n", ""),
        ("Ticks.\"\"\"", "Ticks."),
        ("    return clock.tick(0)\n", "    return clock.tick(0\n"),
    ] {
        check_python(from, to, true);
    }
}

#[test]
fn python_that_no_longer_parses() {
    let broken = HUNK.replace("+E", "+E(");
    check(FILE, &broken, &[("bad-added-line", ERROR, 8)]);
    check(FILE, &HUNK.replace("+E", "+E()"), &[]);
    check_file(("x.txt", FILE), &patch("x.txt", &broken), &[]);
    // It did not parse before, so it is not the patch's doing.
    check(&FILE.replacen('a', "a(", 1), HUNK, &[]);
}
