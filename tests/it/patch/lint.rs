//! What the linter finds, and where.

use hive::patch::lint;
use hive::patch::lint::Context;
use hive::patch::lint::registry::RULES;

use super::drawn;

const HEADER: &str = "--- a/x\n+++ b/x\n";
const HUNK: &str = "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n";

/// Checks which rules speak, and at which lines.
fn check_in(context: &Context<'_>, text: &str, expected: &[(&str, usize)]) {
    let findings = lint("x.patch", text.as_bytes(), context);
    let found: Vec<_> = findings.iter().map(|finding| (finding.rule, finding.line)).collect();
    assert_eq!(found, expected, "{text}");
}

fn check(text: &str, expected: &[(&str, usize)]) {
    check_in(&Context::default(), text, expected);
}

#[test]
fn a_sound_patch_has_no_findings() {
    check(&format!("Description: why\n\n{HEADER}{HUNK}"), &[]);
    check("diff --git a/x b/y\nrename from x\nrename to y\n", &[]);
    check("--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+1\n", &[]);
}

#[test]
fn each_rule_finds_its_pattern() {
    check(&format!("{HEADER}{HUNK}").replace('\n', "\r\n"), &[("carriage-return", 1)]);
    check(&format!("{HEADER}\n{HUNK}"), &[("text-before-hunk", 3)]);
    check(&format!("{HEADER}{}", HUNK.replace("1,3 +1,3", "1,4 +1,3")), &[("wrong-hunk-count", 3)]);
    check(&format!("{HEADER}{}", HUNK.replace("1,3 +1,3", "1,2 +1,2")), &[("wrong-hunk-count", 3)]);
    check(HUNK, &[("malformed-hunk", 1)]);
    check(&format!("{HEADER}{}", HUNK.replace(" 1", "def")), &[("malformed-hunk", 4)]);
    check(&format!("--- a/../x\n+++ b/x\n{HUNK}"), &[("unsafe-path", 1)]);
    check(&format!("--- hummingbot/x.py\n+++ hummingbot/x.py\n{HUNK}"), &[("wrong-strip-level", 2)]);
    check(&format!("--- x.py\n+++ x.py\n{HUNK}"), &[("wrong-strip-level", 2)]);
    check("", &[("no-hunks", 1)]);
    check("words\n", &[("no-hunks", 1)]);
    check(HEADER, &[("no-hunks", 2)]);
    check(&format!("{HEADER}{HUNK}{HUNK}"), &[("hunk-overlap", 8)]);
    check(&format!("{HEADER}{}", HUNK.replace(" 1\n", "\n")), &[("stripped-context", 4)]);
    check(&format!("{HEADER}{}", HUNK.replace("two", "2")), &[("without-effect", 3)]);
    check("diff --git a/x b/x\nGIT binary patch\n", &[("uncarried-change", 2)]);
    check(format!("{HEADER}{HUNK}").trim_end(), &[("missing-final-newline", 7)]);
    check(&format!("--- a/x\n+++ b/y\n{HUNK}"), &[("name-mismatch", 2)]);
    check(&format!("{HEADER}@@ -4,0 +5 @@\n+new\n"), &[("without-context", 3)]);
}

#[test]
fn all_findings_of_a_file_are_reported() {
    let broken = format!(
        "{HEADER}\n{}{HUNK}",
        HUNK.replace("1,3 +1,3", "5,4 +5,3").replace(" 1\n", "one\n").replace(" 3\n", "\n")
    );
    let expected = [
        ("text-before-hunk", 3),
        ("wrong-hunk-count", 4),
        ("malformed-hunk", 5),
        ("stripped-context", 8),
        ("hunk-overlap", 9),
    ];
    check(&broken, &expected);
}

#[test]
fn a_patch_of_a_file_with_carriage_returns_is_sound() {
    check(&format!("{HEADER}@@ -1,3 +1,3 @@\n 1\r\n-2\r\n+two\r\n 3\r\n"), &[]);
    check(&format!("{HEADER}@@ -1,3 +1,3 @@\n 1\r\n-2\r\n+two\n 3\r\n"), &[("carriage-return", 4)]);
}

#[test]
fn what_the_recipe_declares_is_compared() {
    let touches = ["x".to_owned(), "z".to_owned()];
    let context = Context { touches: Some(&touches), exists: None };
    let text = format!("{HEADER}{HUNK}--- a/y\n+++ b/y\n{HUNK}");
    check_in(&context, &text, &[("touches-undeclared", 1), ("touches-undeclared", 9)]);
    let touches = ["hummingbot/x.py".to_owned()];
    let context = Context { touches: Some(&touches), exists: None };
    check_in(&context, &format!("--- a/hummingbot/x.py\n+++ b/hummingbot/x.py\n{HUNK}"), &[]);
    let unprefixed = format!("--- hummingbot/x.py\n+++ hummingbot/x.py\n{HUNK}");
    check_in(&context, &unprefixed, &[("wrong-strip-level", 2)]);
}

#[test]
fn what_the_tree_has_decides_the_strip_level() {
    let exists = |path: &str| path == "hummingbot/x.py";
    let context = Context { touches: None, exists: Some(&exists) };
    for (name, expected) in [
        ("a/hummingbot/x.py", &[][..]),
        ("upstream/hummingbot/x.py", &[]),
        ("hummingbot/x.py", &[("wrong-strip-level", 2)]),
        ("a/src/hummingbot/x.py", &[("wrong-strip-level", 2)]),
        ("a/hummingbot/gone.py", &[]),
    ] {
        check_in(&context, &format!("--- {name}\n+++ {name}\n{HUNK}"), expected);
    }
}

#[test]
fn findings_are_drawn_and_printed() {
    let text = format!("{HEADER}\n{}", HUNK.replace("1,3 +1,3", "1,4 +1,3"));
    let findings = lint("x.patch", text.as_bytes(), &Context::default());
    let drawings: Vec<String> = findings.iter().map(|finding| drawn(&finding.draw(text.as_bytes()))).collect();
    insta::assert_snapshot!("findings_drawn", drawings.concat());
    insta::assert_snapshot!("findings_json", serde_json::to_string_pretty(&findings).expect("findings are plain"));
}

#[test]
fn each_rule_and_error_is_explained() {
    let pages = include_str!("../../../src/cli/codes/hv02.md");
    let headings: Vec<&str> = pages.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    for rule in RULES {
        assert!(headings.contains(&format!("{} · {}", rule.code, rule.name).as_str()), "{}", rule.name);
    }
    let is_explained = |code: &str| headings.iter().any(|heading| heading.starts_with(code));
    let errors = include_str!("../../../src/patch/error.rs");
    for code in errors.split("code(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(is_explained(code), "{code}");
    }
    assert!(headings.is_sorted());
}
