//! `/openapi.json`: it knows every route that the router knows, and what schemathesis makes of it breaks nothing.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::collections::BTreeSet;

use hive::service::operation::openapi;
use hive::service::registry;
use serde_json::Value;

use super::client::venv;
use super::house::House;
use super::served::Served;

/// How long schemathesis may take.
const SECONDS_MAX: &str = "90";

#[test]
fn every_route_is_described_and_answers() {
    let house = House::new();
    let document = house.get("/openapi.json").with(200);
    let paths = document["paths"].as_object().expect("paths");
    let described: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().expect("methods").keys().map(|method| (path.clone(), method.to_ascii_uppercase()))
        })
        .collect();
    let routes: BTreeSet<(String, String)> =
        registry::routes().iter().map(|route| (route.path.to_owned(), route.method.to_string())).collect();
    assert_eq!(described, routes);
    let list: Vec<String> = described.iter().map(|(path, method)| format!("{method:<6} {path}\n")).collect();
    insta::assert_snapshot!(list.concat());
}

#[test]
fn the_description_is_whole() {
    let document = openapi::document(&registry::routes());
    let mut names = BTreeSet::new();
    for operation in document["paths"]
        .as_object()
        .expect("paths")
        .values()
        .filter_map(|path| path.as_object())
        .flat_map(|path| path.values())
    {
        let name = operation["operationId"].as_str().expect("a name");
        assert!(names.insert(name.to_owned()), "{name} is there twice");
        assert!(operation["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{name}");
    }
    check_references(&document, &document);
    // What a schema says is JSON Schema, as OpenAPI 3.1 has it.
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        jsonschema::draft202012::meta::validate(schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// Checks that every reference leads somewhere.
fn check_references(value: &Value, document: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                let place = reference.strip_prefix('#').expect("it stays in the document");
                assert!(document.pointer(place).is_some(), "{reference}");
            }
            fields.values().for_each(|value| check_references(value, document));
        }
        Value::Array(items) => items.iter().for_each(|value| check_references(value, document)),
        _ => {}
    }
}

#[test]
fn schemathesis_finds_no_server_error() {
    let Some(venv) = venv("schemathesis", "schemathesis==4.32.5") else { return };
    let project = super::house::project();
    let served = Served::start(project.path(), &["--queue", "64"], &[]);
    let mut command = std::process::Command::new("timeout");
    command.arg(SECONDS_MAX).arg(venv.join("bin/schemathesis"));
    command.args(["run", &format!("{}/openapi.json", served.url())]);
    // What is asked for on the way changes what is there: a seed makes the requests the same, and not the answers.
    command.args(["--checks", "not_a_server_error", "--max-examples", "15", "--seed", "7", "--no-color"]);
    // A route that waits for a replay, and streams, are bounded by the time of one request.
    command.args([
        "--request-timeout",
        "20",
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--exclude-path-regex",
        "/events$",
    ]);
    command.current_dir(project.path());
    let said = command.output().expect("coreutils have timeout");
    let words = String::from_utf8_lossy(&said.stdout);
    let tail: Vec<&str> = words.lines().rev().take(60).collect();
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    assert!(said.status.success(), "{}\n{}\n{}", said.status, tail.join("\n"), String::from_utf8_lossy(&said.stderr));
    let (status, _) = served.ask("GET", "/healthz", &[], "");
    assert_eq!(status, 200);
    let ended = served.stop();
    assert!(ended.status.success(), "{}", ended.log);
    assert!(!ended.log.contains("panicked"), "{}", ended.log);
    eprintln!("{}", tail.join("\n"));
}
