//! What the linter finds, and where.

use hive::patch::lint;
use hive::patch::lint::Context;
use hive::patch::lint::Severity;
use hive::patch::lint::context::Checksum;
use hive::patch::lint::context::Target;
use hive::patch::lint::registry::RULES;

use super::drawn;

mod allow;
mod fix;
mod quilt;
mod series;
mod target;

const HEADER: &str = "--- a/x\n+++ b/x\n";
const HUNK: &str = "@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n";

/// Checks which rules speak, and at which lines.
fn check_in(context: &Context<'_>, text: &str, expected: &[(&str, usize)]) {
    let findings = lint("x.patch", text.as_bytes(), context);
    let found: Vec<_> = findings.iter().map(|finding| (finding.rule, finding.line)).collect();
    assert_eq!(found, expected, "{text}");
}

/// What is known of most patches here: why they exist.
const REASONED: Context<'_> =
    Context { touches: None, why: Some("it is needed"), target: None, series: None, checksum: None, allows: &[] };

fn check(text: &str, expected: &[(&str, usize)]) {
    check_in(&REASONED, text, expected);
}

#[test]
fn a_sound_patch_has_no_findings() {
    check(&format!("It is needed.\n\n{HEADER}{HUNK}"), &[]);
    check("diff --git a/x b/y\nrename from x\nrename to y\n", &[]);
    check("--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+1\n", &[]);
}

#[test]
fn each_rule_finds_its_pattern() {
    check(&format!("{HEADER}{HUNK}").replace('\n', "\r\n"), &[("carriage-return", 1)]);
    check(&format!("{HEADER}\n{HUNK}"), &[("text-before-hunk", 3)]);
    check(&format!("{HEADER}{}", HUNK.replace("1,3 +1,3", "1,4 +1,3")), &[("wrong-hunk-count", 3)]);
    check(&format!("{HEADER}{}", HUNK.replace("1,3 +1,3", "1,2 +1,2")), &[("wrong-hunk-count", 3)]);
    check(HUNK, &[("orphan-hunk", 1)]);
    check(&format!("+++ b/x\n{HUNK}"), &[("orphan-hunk", 1)]);
    check(&format!("{HEADER}@@ 1,3 @@\n"), &[("malformed-hunk", 3)]);
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
    check(&format!("{HEADER}@@ -4,0 +5 @@\n+new\n"), &[("thin-context", 3)]);
}

#[test]
fn a_marker_stands_at_the_end_of_a_file() {
    check(&format!("{HEADER}@@ -1 +1 @@\n-1\n\\ No newline at end of file\n+2\n"), &[]);
    let inside = format!("{HEADER}@@ -1,2 +1,2 @@\n 1\n\\ No newline at end of file\n-2\n+3\n");
    check(&inside, &[("end-of-file-newline", 4)]);
}

/// Checks what a hunk with some context finds, without a release to look at.
fn check_context(header: &str, leading: usize, trailing: usize, expected: &[(&str, usize)]) {
    let hunk = format!("{}-x\n+y\n{}", " a\n".repeat(leading), " b\n".repeat(trailing));
    check(&format!("{HEADER}{header}\n{hunk}"), expected);
}

#[test]
fn context_is_thin_on_both_sides_or_ends_at_the_file() {
    let thin = [("thin-context", 3)];
    check_context("@@ -10,7 +10,7 @@", 3, 3, &[]);
    check_context("@@ -10,4 +10,4 @@", 3, 0, &[]);
    check_context("@@ -10,4 +10,4 @@", 0, 3, &[]);
    check_context("@@ -10,3 +10,3 @@", 1, 1, &thin);
    check_context("@@ -10,5 +10,5 @@", 2, 2, &thin);
    check_context("@@ -1,3 +1,3 @@", 1, 1, &[]);
    check_context("@@ -2 +2 @@", 0, 0, &thin);
}

#[test]
fn names_with_spaces_need_a_tab() {
    check(&format!("--- a/my file\n+++ b/my file\n{HUNK}"), &[("name-mismatch", 1)]);
    check(&format!("--- a/my file\t\n+++ b/my file\t\n{HUNK}"), &[]);
    check("--- /dev/null\n+++ b/my file\n@@ -0,0 +1 @@\n+1\n", &[("name-mismatch", 2)]);
}

#[test]
fn names_that_windows_keeps_are_told() {
    for (name, expected) in [
        ("con", &[("unsafe-path", 2)][..]),
        ("aux.py", &[("unsafe-path", 2)]),
        ("com1", &[("unsafe-path", 2)]),
        ("a:b", &[("unsafe-path", 2)]),
        ("end.", &[("unsafe-path", 2)]),
        ("console.py", &[]),
        ("com10", &[]),
        ("auxiliary/x", &[]),
    ] {
        check(&format!("--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+1\n"), expected);
    }
}

#[test]
fn a_script_for_ed_is_unsafe() {
    check("5,7c\nnew\n.\n", &[("unsafe-path", 1), ("no-hunks", 1)]);
    check("5,7x\nnew\n.\n", &[("no-hunks", 1)]);
}

#[test]
fn headers_churn() {
    let stamped = "--- a/x\t2025-06-09 12:00:00.000000000 +0000\n+++ b/x\t2025-06-09 12:00:01.000000000 +0000\n";
    check(&format!("{stamped}{HUNK}"), &[("header-churn", 1)]);
    check(&format!("--- a/x 2025-06-09 12:00\n+++ b/x\n{HUNK}"), &[("header-churn", 1)]);
    check(&format!("Index: x\n{}\n{HEADER}{HUNK}", "=".repeat(67)), &[("header-churn", 1)]);
    check(&format!("--- a/x.orig\n+++ b/x\n{HUNK}"), &[("header-churn", 1)]);
    // The epoch says that the file is new.
    check("--- a/x\t1970-01-01 00:00:00.000000000 +0000\n+++ b/x\n@@ -0,0 +1 @@\n+1\n", &[]);
    check(&format!("An index: x\n{HEADER}{HUNK}"), &[]);
    check(&format!("diff --git a/x b/x\nindex 0123456..89abcde 100644\n{HEADER}{HUNK}"), &[]);
}

/// Checks what a patch of one added line finds.
fn check_added(line: &str, expected: &[(&str, usize)]) {
    check(&format!("{HEADER}{}", HUNK.replace("two", line)), expected);
}

#[test]
fn what_a_merge_leaves_behind() {
    for marker in ["<<<<<<< HEAD", ">>>>>>> theirs", "|||||||"] {
        check_added(marker, &[("leftover", 6)]);
    }
    for line in ["=======", "<<<<<<<<<", "a <<<<<<< b"] {
        check_added(line, &[]);
    }
    check(&format!("--- a/x.py\n+++ b/x.py\n{}", HUNK.replace("-2", "-<<<<<<< HEAD")), &[]);
    check("--- /dev/null\n+++ b/x.rej\n@@ -0,0 +1 @@\n+1\n", &[("leftover", 2)]);
    check("diff --git a/x.orig b/x.orig\nnew file mode 100644\n", &[("leftover", 1)]);
}

#[test]
fn added_lines_that_break_or_hide_code() {
    let token = ["ghp", "_"].concat() + &"a1".repeat(18);
    let bad = [("bad-added-line", 6)];
    check_added("two ", &bad);
    check_added("  \tx", &bad);
    check_added("a = 1  # \u{202e}", &bad);
    check_added(&format!("a = \"{token}\""), &bad);
    check_added(&format!("# {}BEGIN RSA {}", "-----", "PRIVATE KEY-----"), &bad);
    check_added("api_secret = \"0123456789abcdef0123\"", &bad);
    for line in [
        "\tx",
        "é",
        "api_secret = os.environ[\"BINANCE_API_SECRET\"]",
        "api_key = \"your-api-key-goes-here-please\"",
        "password = \"short1\"",
        "token = \"0123456789abcdef0123\"",
        "ghp_short",
    ] {
        check_added(line, &[]);
    }
    // What goes away, and what stays, may be as it is.
    check(&format!("{HEADER}{}", HUNK.replace("-2", "-2 ").replace(" 1", " 1 ")), &[]);
    let latin = [HEADER.as_bytes(), b"@@ -1,3 +1,3 @@\n 1\n-2\n+\xe9\n 3\n"].concat();
    let found: Vec<_> = lint("x.patch", &latin, &REASONED).iter().map(|finding| finding.rule).collect();
    assert_eq!(found, ["bad-added-line"]);
}

#[test]
fn white_space_alone_is_no_change() {
    let indented = |name: &str| format!("--- a/{name}\n+++ b/{name}\n@@ -1,3 +1,3 @@\n 1\n-x\n+  x\n 3\n");
    check(&indented("x.txt"), &[("without-effect", 2)]);
    check(&indented("x.py"), &[]);
    check("--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,2 @@\n 1\n-\n 3\n", &[("without-effect", 2)]);
}

#[test]
fn a_reason_stands_in_the_recipe_or_above_the_header() {
    let check = |preamble: &str, why: Option<&str>, message: Option<&str>| {
        let text = format!("{preamble}{HEADER}{HUNK}");
        let findings = lint("x.patch", text.as_bytes(), &Context { why, ..Context::default() });
        let found: Vec<_> = findings.iter().map(|finding| (finding.rule, finding.message.as_str())).collect();
        assert_eq!(found, message.map(|message| ("missing-reason", message)).as_slice(), "{preamble}");
    };
    let whole = "Description: why\nOrigin: vendor\nForwarded: no\nLast-Update: 2026-01-01\n";
    check("", None, Some("the patch does not say why it exists"));
    check("", Some("because"), None);
    check("", Some(" "), Some("the patch does not say why it exists"));
    check("# hive: nothing\n", None, Some("the patch does not say why it exists"));
    check("Await the check.\n\n", None, None);
    check(&format!("{whole}\n"), None, None);
    check("From 0123 Mon Sep 17 00:00:00 2001\nFrom: A\nDate: today\nSubject: [PATCH 1/2] Await\n\n---\n", None, None);
    check("From: A\nSubject: [PATCH]\n\n", None, Some("the header lacks `Description`"));
    check("Description:\n The check is awaited.\nAuthor: A\nForwarded: no\nLast-Update: 2026-01-01\n", None, None);
    check(&whole.replace("Description: why\n", ""), None, Some("the header lacks `Description`"));
    check(&whole.replace("Description: why\n", ""), Some("because"), None);
    check(&whole.replace("Origin: vendor\n", ""), None, Some("the header lacks `Origin` or `Author`"));
    check(&whole.replace("Forwarded: no\n", ""), None, Some("the header lacks `Forwarded` or `Applied-Upstream`"));
    check(&whole.replace("Origin: vendor\nForwarded: no", "Origin: upstream, v2.7"), None, None);
    check(&whole.replace("Forwarded: no", "Applied-Upstream: v2.7"), None, None);
    check(&whole.replace("Last-Update: 2026-01-01\n", ""), None, Some("the header lacks `Last-Update`"));
    let template = "TODO: Put a short summary here";
    check(&whole.replace("why", template), None, Some(&format!("the description is a template's: `{template}`")));
}

/// What tools write without being asked for more.
#[test]
fn well_made_patches_have_few_findings() {
    let body = "@@ -10,7 +10,7 @@ def tick(self):\n a\n b\n c\n-d\n+D\n e\n f\n g\n";
    let git = format!("diff --git a/x.py b/x.py\nindex 0123456..89abcde 100644\n--- a/x.py\n+++ b/x.py\n{body}");
    let mail = format!(
        "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: A <a@example.org>\n\
         Date: Fri, 20 Nov 2026 18:00:00 +0000\nSubject: [PATCH] Tick once\n\nIt ticked twice.\n---\n x.py | 2 +-\n \
         1 file changed, 1 insertion(+), 1 deletion(-)\n\n{git}-- \n2.47.3\n\n"
    );
    let stamped =
        format!("--- old/x.py\t2025-06-09 12:00:00.0 +0000\n+++ new/x.py\t2025-06-09 12:00:01.0 +0000\n{body}");
    let quilt = format!("Tick once\n\nIndex: b/x.py\n{}\n--- a/x.py\n+++ b/x.py\n{body}", "=".repeat(67));
    let bare = Context::default();
    check_in(&bare, &git, &[("missing-reason", 1)]);
    check_in(&bare, &mail, &[]);
    check_in(&bare, &stamped, &[("header-churn", 1), ("missing-reason", 1)]);
    check_in(&bare, &quilt, &[("header-churn", 3)]);
}

#[test]
fn the_lock_knows_another_patch() {
    let text = format!("{HEADER}{HUNK}");
    let check = |now: &str, is_binding, expected: &[Severity]| {
        let checksum = Some(Checksum { locked: "sha256:aa", now, is_binding });
        let findings = lint("x.patch", text.as_bytes(), &Context { checksum, ..REASONED });
        assert!(findings.iter().all(|finding| finding.rule == "lock-mismatch"));
        assert_eq!(findings.iter().map(|finding| finding.severity).collect::<Vec<_>>(), expected);
    };
    check("sha256:aa", true, &[]);
    check("sha256:bb", false, &[Severity::Warning]);
    check("sha256:bb", true, &[Severity::Error]);
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
        ("thin-context", 4),
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
    let context = Context { touches: Some(&touches), ..REASONED };
    let text = format!("{HEADER}{HUNK}--- a/y\n+++ b/y\n{HUNK}");
    check_in(&context, &text, &[("touches-undeclared", 1), ("touches-undeclared", 9)]);
    let touches = ["hummingbot/x.py".to_owned()];
    let context = Context { touches: Some(&touches), ..REASONED };
    check_in(&context, &format!("--- a/hummingbot/x.py\n+++ b/hummingbot/x.py\n{HUNK}"), &[]);
    let unprefixed = format!("--- hummingbot/x.py\n+++ hummingbot/x.py\n{HUNK}");
    check_in(&context, &unprefixed, &[("wrong-strip-level", 2)]);
}

#[test]
fn what_the_tree_has_decides_the_strip_level() {
    let read = |path: &str| (path == "hummingbot/x.py").then(|| b"1\n2\n3\n".to_vec());
    let target = Some(Target { read: &read, syntax: &|_| None });
    let context = Context { target, ..REASONED };
    for (name, expected) in [
        ("a/hummingbot/x.py", &[][..]),
        ("upstream/hummingbot/x.py", &[]),
        ("hummingbot/x.py", &[("wrong-strip-level", 2)]),
        ("a/src/hummingbot/x.py", &[("wrong-strip-level", 2)]),
        ("a/hummingbot/gone.py", &[("unfit-target", 2)]),
    ] {
        check_in(&context, &format!("--- {name}\n+++ {name}\n{HUNK}"), expected);
    }
}

#[test]
fn findings_are_drawn_and_printed() {
    let text = format!("{HEADER}\n{}", HUNK.replace("1,3 +1,3", "1,4 +1,3"));
    let findings = lint("x.patch", text.as_bytes(), &REASONED);
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
