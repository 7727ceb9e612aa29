//! What exceptions allow, and which allow nothing.

use hive::patch::lint::Context;
use hive::patch::lint::Severity;
use hive::patch::lint::context::Target;
use hive::patch::lint::report;

use super::REASONED;

/// A patch whose last line lacks its newline.
const OPEN: &str = "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3";

/// Checks what is found below some lines, and how bad it is.
fn check(lines: &str, expected: &[(&str, Severity)]) {
    let findings = report("x.patch", format!("{lines}{OPEN}").as_bytes(), &REASONED).findings;
    let found: Vec<_> = findings.iter().map(|finding| (finding.rule, finding.severity)).collect();
    assert_eq!(found, expected, "{lines}");
}

#[test]
fn a_line_with_a_reason_allows_a_rule() {
    let open = ("missing-final-newline", Severity::Warning);
    check("", &[open]);
    check("# hive: allow missing-final-newline an editor of ours\n", &[]);
    check("# hive: allow HV0223 an editor of ours\n", &[]);
    check("#hive: allow hv0223 an editor of ours\n", &[]);
    check("# hive: allow missing-final-newline\n", &[("bad-allow", Severity::Error), open]);
    check("# hive: allow missing-newline an editor of ours\n", &[("bad-allow", Severity::Error), open]);
    check("# hive: allow stripped-context an editor of ours\n", &[("bad-allow", Severity::Warning), open]);
    check("# hive: allow\n", &[("bad-allow", Severity::Error), open]);
    check("hive: allow missing-final-newline an editor of ours\n", &[open]);
}

#[test]
fn the_nearest_rule_is_named() {
    let text = format!("# hive: allow xyzzy x\n{OPEN}\n");
    let findings = report("x.patch", text.as_bytes(), &REASONED).findings;
    assert_eq!(findings[0].message, "there is no rule `xyzzy`");
    let text = format!("# hive: allow driftd x\n{OPEN}\n");
    let findings = report("x.patch", text.as_bytes(), &REASONED).findings;
    assert_eq!(findings[0].message, "there is no rule `driftd`; did you mean `drifted`?");
}

#[test]
fn the_recipe_allows_as_well() {
    let allows = ["HV0223", "stripped-context", "drifted", "driftd"].map(str::to_owned);
    let context = Context { allows: &allows, ..REASONED };
    let found = report("x.patch", OPEN.as_bytes(), &context);
    assert_eq!(found.findings, []);
    let idle = |name| Some(format!("`{name}` is allowed and finds nothing"));
    let unknown = Some("there is no rule `driftd`; did you mean `drifted`?".to_owned());
    // Without the release nobody knows whether the patch has drifted.
    assert_eq!(found.allows, [None, idle("stripped-context"), None, unknown.clone()]);
    let target = Some(Target { read: &|_| Some(b"1\n2\n3\n".to_vec()), syntax: &|_| None });
    let found = report("x.patch", OPEN.as_bytes(), &Context { target, ..context });
    assert_eq!(found.allows, [None, idle("stripped-context"), idle("drifted"), unknown]);
}
