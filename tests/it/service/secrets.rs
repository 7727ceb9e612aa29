//! Nobody learns a secret from the service: not from its log, its errors, its counts or its files.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use walkdir::WalkDir;

use super::house::PASSWORD;
use super::house::TOKEN;
use super::house::backtest;
use super::served::Served;

/// What somebody has sent who does not know the secret: it may be one of another service.
const WRONG: &str = "canary-of-another-service";

#[test]
fn no_secret_is_told() {
    let project = super::house::project();
    fs::write(project.path().join("password"), PASSWORD).expect("the folder is ours");
    let arguments = ["--password-file", "password", "--user", "admin", "--log", "json"];
    let served = Served::start(project.path(), &arguments, &[("HIVE_TOKEN", TOKEN)]);
    let bearer = |token: &str| format!("Bearer {token}");
    let basic = |password: &str| format!("Basic {}", STANDARD.encode(format!("admin:{password}")));
    let body = backtest().to_string();
    let mut told = String::new();
    let mut ask = |method: &str, path: &str, key: &str, body: &str, status: u16| {
        let (found, text) = served.ask(method, path, &[("Authorization", key)], body);
        assert_eq!(found, status, "{method} {path}: {text}");
        told.push_str(&text);
    };
    ask("GET", "/api/version", &bearer(TOKEN), "", 200);
    ask("GET", "/api/version", &bearer(WRONG), "", 401);
    ask("GET", "/backtesting/tasks", &basic(PASSWORD), "", 200);
    ask("GET", "/backtesting/tasks", &basic(WRONG), "", 401);
    ask("POST", "/api/jobs", &bearer(TOKEN), &body, 202);
    ask("POST", "/api/session", "", &json!({ "token": WRONG }).to_string(), 401);
    ask("POST", "/api/session", "", &json!({ "token": [WRONG] }).to_string(), 422);
    ask("POST", "/api/session", "", &format!("{{\"token\": {WRONG}}}"), 422);
    ask("POST", "/api/session", "", &json!({ "token": TOKEN }).to_string(), 204);
    ask("GET", &format!("/api/{WRONG}?token={WRONG}"), "", "", 401);
    ask("GET", &format!("/api/jobs?token={TOKEN}"), &bearer(TOKEN), "", 200);
    ask("GET", "/metrics", &bearer(TOKEN), "", 200);
    let session = told.split("hive_session=").nth(1).and_then(|rest| rest.split(';').next());
    let session = session.expect("a session was opened").to_owned();
    let without_cookie = told.replace(&session, "");
    let ended = served.stop();
    assert!(ended.status.success(), "{}", ended.log);
    for line in ended.log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("each line of the log is an object");
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    assert!(ended.log.contains("\"code\":\"HV0870\""), "{}", ended.log);
    // A job's acceptance is told with the id of the request that asked for it.
    let lines: Vec<serde_json::Value> = ended.log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let accepted = lines.iter().find(|line| line["message"] == "accepted").expect("a job was accepted");
    let answered = lines.iter().find(|line| line["status"] == 202).expect("its request was answered");
    assert_eq!(accepted["span"]["request"], answered["request"], "{accepted} {answered}");
    let canaries = [TOKEN, PASSWORD, WRONG].map(str::to_owned);
    let encoded = [PASSWORD, WRONG].map(|text| STANDARD.encode(format!("admin:{text}")));
    for secret in canaries.iter().chain(&encoded) {
        assert!(!without_cookie.contains(secret.as_str()), "`{secret}` in an answer: {told}");
        assert!(!ended.log.contains(secret.as_str()), "`{secret}` in the log: {}", ended.log);
    }
    assert!(!ended.log.contains(&session), "a session in the log: {}", ended.log);
    let kept =
        WalkDir::new(project.path().join(".hive")).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    for entry in kept {
        let bytes = fs::read(entry.path()).expect("the file is there");
        for secret in canaries.iter().chain(&encoded).chain([&session]) {
            let is_there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_there, "`{secret}` in {}", entry.path().display());
        }
    }
}
