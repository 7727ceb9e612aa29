//! Findings as SARIF 2.1.0, which code scanning services take.
//!
//! A rule's `id` is its code. Columns count Unicode code points. A result's fingerprint is made of its code, its file and the
//! text of its line, so that it stays the same when lines move; the same finding on equal lines is told apart by its number.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;
use sha2::Digest as _;
use sha2::Sha256;

use super::Report;
use super::all_words;
use crate::cli::explain::Explanation;
use crate::cli::explain::codes;
use crate::workflow::finding::Placed;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The name and version of the fingerprint.
const FINGERPRINT: &str = "hiveFinding/v1";

pub(super) fn render(report: &Report) -> String {
    let known = codes();
    let met: BTreeSet<&str> = report.findings.iter().filter_map(|finding| finding.code.as_deref()).collect();
    let rules: Vec<&Explanation> = known.iter().filter(|rule| met.contains(rule.code)).collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let results: Vec<Value> = report.findings.iter().map(|finding| result(finding, &rules, &mut seen)).collect();
    let sarif = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "hive",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| self::rule(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&sarif).expect("a report has text keys and whole numbers");
    text.push('\n');
    text
}

fn rule(rule: &Explanation) -> Value {
    json!({
        "id": rule.code,
        "name": rule.title,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.text.split("\n\n").next().unwrap_or_default().replace('\n', " ") },
        "help": { "text": rule.text, "markdown": rule.text },
    })
}

fn result(finding: &Placed, rules: &[&Explanation], seen: &mut BTreeMap<String, usize>) -> Value {
    let code = finding.code.as_deref().unwrap_or("hive");
    let level = match finding.severity {
        "error" => "error",
        "warning" => "warning",
        _ => "note",
    };
    let mut result = json!({
        "ruleId": code,
        "level": level,
        "message": { "text": all_words(finding) },
    });
    if let Some(index) = rules.iter().position(|rule| rule.code == code) {
        result["ruleIndex"] = index.into();
    }
    let mut identity = code.to_owned();
    if let Some(place) = &finding.place {
        result["locations"] = json!([{ "physicalLocation": {
            "artifactLocation": location(&place.file),
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            },
        }}]);
        identity = format!("{code}\0{}\0{}", place.file, place.text.trim());
    }
    let count = seen.entry(identity.clone()).or_default();
    let digest = Sha256::digest(identity.as_bytes());
    let number = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    result["partialFingerprints"] = json!({ FINGERPRINT: format!("{number:032x}:{count}") });
    *count += 1;
    result
}

fn location(file: &str) -> Value {
    json!({ "uri": uri(file), "uriBaseId": "%SRCROOT%" })
}

/// Returns a relative path as a URI.
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    path.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
