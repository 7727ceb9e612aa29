//! What lint finds in recipes that resolve, rule by rule.

use hive::recipe::lint::BadAllow;
use hive::recipe::lint::Conditions;
use hive::recipe::lint::Finding;
use hive::recipe::lint::lint;
use hive::recipe::lint::registry::RULES;
use jiff::civil::Date;
use jiff::civil::date;

use super::plain;
use super::read;
use super::resolved;

const QUIET: Date = date(2026, 1, 1);

fn lint_at(text: &str, today: Date, locked: bool) -> Vec<Finding> {
    let recipe = resolved("full", text).unwrap_or_else(|errors| panic!("{}", plain(&errors)));
    lint(&recipe, text, Conditions { today, locked, allows: &[] })
}

/// The rules that find something in the full recipe after `from` is replaced by `to`.
fn check(from: &str, to: &str, expected: &[&str]) {
    let text = read("good", "full");
    assert!(text.contains(from), "`{from}` is in the fixture");
    let text = text.replacen(from, to, 1);
    let found: Vec<&str> = lint_at(&text, QUIET, false).iter().map(|finding| finding.rule).collect();
    assert_eq!(found, expected, "{from} → {to}");
}

#[test]
fn each_rule_finds_its_pattern() {
    check("schema = 1", "schema = 1", &["missing-touches"]);
    check("cut-off = 2025-09-25T00:00:00Z\n", "", &["missing-cut-off", "missing-touches"]);
    check("why = \"fees are counted twice\"", "why = \"fees\"\ntouches = [\"a.py\"]", &[]);
    check("applies = \"<20251215\"", "applies = \">=20251215\"", &["idle-patch", "missing-touches"]);
    check("candles = \"alpha\"", "candles = \"zulu\"", &["missing-touches", "unused-candles"]);
}

#[test]
fn a_patch_is_overdue_from_the_day_it_expires() {
    for (today, expected) in [
        (date(2027, 2, 28), None),
        (date(2027, 3, 1), Some("expiring-patch")),
        (date(2027, 3, 30), Some("expiring-patch")),
        (date(2027, 3, 31), Some("expired-patch")),
        (date(2030, 1, 1), Some("expired-patch")),
    ] {
        let findings = lint_at(&read("good", "full"), today, false);
        let found = findings.iter().map(|finding| finding.rule).find(|rule| rule.starts_with("expir"));
        assert_eq!(found, expected, "{today}");
    }
}

#[test]
fn digests_are_asked_for_only_when_locked() {
    let text = read("good", "full");
    let rules = |locked| -> Vec<&str> { lint_at(&text, QUIET, locked).iter().map(|finding| finding.rule).collect() };
    assert_eq!(rules(false), ["missing-touches"]);
    assert_eq!(rules(true), ["missing-touches", "missing-image-digest"]);
}

#[test]
fn every_finding_is_drawn() {
    let text = read("good", "full")
        .replacen("cut-off = 2025-09-25T00:00:00Z\n", "", 1)
        .replacen("digest = ", "# digest = ", 1)
        .replacen("candles = \"alpha\"", "candles = \"zulu\"", 1)
        .replacen("\"<20251215\"", "\"<2025\"", 1);
    let mut findings = lint_at(&text, date(2027, 4, 1), true);
    findings.extend(lint_at(&text, date(2027, 3, 30), true).into_iter().filter(|it| it.rule == "expiring-patch"));
    let mut drawing: Vec<String> =
        findings.iter().map(|finding| plain(&finding.in_file("recipes/full.toml", &text))).collect();

    let text = read("good", "minimal");
    let recipe = resolved("minimal", &text).expect("the fixture is good");
    let conditions = Conditions { today: QUIET, locked: true, allows: &[] };
    for finding in lint(&recipe, &text, conditions) {
        drawing.push(plain(&finding.in_file("recipes/minimal.toml", &text)));
        findings.push(finding);
    }
    let text = read("good", "full");
    let recipe = resolved("full", &text).expect("the fixture is good");
    let allows = [BadAllow { patch: 1, index: 0, problem: "`drifted` is allowed and finds nothing".to_owned() }];
    for finding in lint(&recipe, &text, Conditions { today: QUIET, locked: false, allows: &allows }) {
        if finding.rule == "bad-allow" {
            drawing.push(plain(&finding.in_file("recipes/full.toml", &text)));
            findings.push(finding);
        }
    }
    for rule in RULES {
        assert!(findings.iter().any(|finding| finding.rule == rule.name), "rule `{}` finds something", rule.name);
    }
    insta::with_settings!({
        snapshot_path => "../snapshots/recipe",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("lint", drawing.join("\n"));
    });
}

#[test]
fn a_finding_is_written_as_json() {
    let text = read("good", "minimal");
    let recipe = resolved("minimal", &text).expect("the fixture is good");
    let conditions = Conditions { today: QUIET, locked: false, allows: &[] };
    let findings = lint(&recipe, &text, conditions);
    let report = findings[0].in_file("recipes/minimal.toml", &text);
    let json = serde_json::to_value(report).expect("a report is JSON");
    assert_eq!(
        json,
        serde_json::json!({
            "rule": "no-scenarios",
            "code": "HV0157",
            "severity": "warning",
            "message": "recipe `minimal` has no scenarios",
            "file": "recipes/minimal.toml",
            "line": 4,
            "column": 8,
            "help": "add a `[scenario.NAME]`: without one, an upgrade proves nothing",
        })
    );
}
