//! Who is let in: with a token, a password or a session, and without any on a machine of one's own.

use axum::body::Body;
use serde_json::json;

use super::house::House;
use super::house::PASSWORD;
use super::house::Setup;
use super::house::TOKEN;
use super::house::post;
use super::house::request;
use super::served::Served;

fn status(house: &House, name: &str, value: &str) -> u16 {
    house.ask(request("GET", "/api/version").header(name, value).body(Body::empty()).expect("a request")).status
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

#[test]
fn the_right_key_opens() {
    let house = House::with(Setup::locked());
    assert_eq!(status(&house, "authorization", &format!("Bearer {TOKEN}")), 200);
    assert_eq!(status(&house, "authorization", &basic("admin", PASSWORD)), 200);
    // Hummingbot's clients know nothing but Basic: the token may be their password, whatever the user.
    assert_eq!(status(&house, "authorization", &basic("anybody", TOKEN)), 200);
    assert_eq!(status(&house, "authorization", &basic("root", PASSWORD)), 401);
    assert_eq!(status(&house, "authorization", &format!("Bearer {PASSWORD}")), 401);
}

#[test]
fn without_a_key_anybody_on_the_machine_may_ask() {
    let house = House::new();
    assert_eq!(house.get("/api/version").status, 200);
    assert_eq!(status(&house, "authorization", &basic("admin", "admin")), 200);
    let session = house.get("/api/session").with(200);
    assert_eq!(session, json!({ "authenticated": true, "needs_token": false }));
}

#[test]
fn a_session_opens_until_it_is_closed() {
    let house = House::with(Setup::locked());
    assert_eq!(house.get("/api/session").with(200), json!({ "authenticated": false, "needs_token": true }));
    let opened = house.post("/api/session", &json!({ "token": TOKEN }));
    assert_eq!((opened.status, opened.text.as_str()), (204, ""));
    let cookie = opened.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    let pair = cookie.split(';').next().expect("a cookie has a value").to_owned();
    assert_eq!(pair.len(), "hive_session=".len() + 64, "{pair}");
    assert_eq!(status(&house, "cookie", &format!("other=1; {pair}")), 200);
    let other = house.post("/api/session", &json!({ "token": PASSWORD }));
    assert_ne!(other.header("set-cookie"), cookie, "ids are random");
    let close = request("DELETE", "/api/session").header("cookie", &pair).body(Body::empty()).expect("a request");
    let closed = house.ask(close);
    assert_eq!(closed.status, 204);
    assert!(closed.header("set-cookie").contains("Max-Age=0"), "{}", closed.header("set-cookie"));
    assert_eq!(status(&house, "cookie", &pair), 401);
}

#[test]
fn behind_a_proxy_the_cookie_is_never_sent_in_the_clear() {
    let mut setup = Setup::locked();
    setup.settings.behind_proxy = true;
    setup.settings.hosts = vec!["hive.example".to_owned()];
    let house = House::with(setup);
    let ask = axum::http::Request::builder().method("POST").uri("/api/session").header("host", "hive.example");
    let ask = ask.header("origin", "https://hive.example").header("content-type", "application/json");
    let answer = house.ask(ask.body(Body::from(json!({ "token": TOKEN }).to_string())).expect("a request"));
    assert_eq!(answer.status, 204, "{answer:?}");
    assert!(answer.header("set-cookie").contains("; Secure"), "{}", answer.header("set-cookie"));
}

#[test]
fn who_guesses_on_is_not_answered_any_more() {
    let house = House::with(Setup::locked());
    let guess = || house.post("/api/session", &json!({ "token": "a guess" })).status;
    let answers: Vec<u16> = (0..62).map(|_| guess()).collect();
    assert_eq!(answers[..60], [401; 60]);
    assert_eq!(answers[60..], [429; 2]);
    // Who knows the token is let in all the same.
    assert_eq!(status(&house, "authorization", &format!("Bearer {TOKEN}")), 200);
}

#[test]
fn the_pages_own_writes_are_let_in() {
    let house = House::new();
    for (name, value) in
        [("origin", "http://127.0.0.1:8000"), ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none")]
    {
        let (mut head, body) = post("/api/session", &json!({ "token": "" })).into_parts();
        head.headers.insert(name, value.parse().expect("a header"));
        assert_eq!(house.ask(axum::http::Request::from_parts(head, body)).status, 204, "{name}: {value}");
    }
}

#[test]
fn hosts_are_known_by_address_and_by_name() {
    let mut setup = Setup::locked();
    setup.settings.listen = ([0, 0, 0, 0], 8000).into();
    setup.settings.hosts = vec!["Hive.Example".to_owned()];
    let house = House::with(setup);
    let status = |host: &str| {
        let ask = axum::http::Request::builder().uri("/healthz").header("host", host).body(Body::empty());
        house.ask(ask.expect("a request")).status
    };
    for host in [
        "localhost",
        "LOCALHOST:8000",
        "127.0.0.1:9",
        "[::1]:8000",
        "192.168.1.5:8000",
        "hive.example",
        "hive.example.:443",
    ] {
        assert_eq!(status(host), 200, "{host}");
    }
    for host in
        ["evil.example", "hive.example.evil", "localhost.", "a:b:c"].into_iter().filter(|host| *host != "localhost.")
    {
        assert_eq!(status(host), 421, "{host}");
    }
}

#[test]
fn nothing_but_this_machine_is_served_without_a_key() {
    let project = super::house::project();
    let refused = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hive"));
        command.arg("serve").args(arguments).current_dir(project.path()).env_remove("HIVE_TOKEN").env("COLUMNS", "100");
        let said = command.envs(variables.iter().copied()).output().expect("the binary is built");
        let text = String::from_utf8_lossy(&said.stderr).replace(&project.path().display().to_string(), "PROJECT");
        format!("{} {}\n{text}", arguments.join(" "), said.status.code().unwrap_or_default())
    };
    std::fs::write(project.path().join("short"), "admin\n").expect("the folder is ours");
    std::fs::write(project.path().join("two-lines"), "0123456789\n0123456789\n").expect("the folder is ours");
    let all = [
        refused(&["--listen", "0.0.0.0:0"], &[]),
        refused(&["--listen", "[::]:0"], &[]),
        refused(&["--behind-proxy"], &[]),
        refused(&["--token-file", "nowhere"], &[]),
        refused(&["--token-file", "short"], &[]),
        refused(&["--password-file", "short", "--user", "admin"], &[]),
        refused(&["--token-file", "two-lines"], &[]),
        refused(&[], &[("HIVE_TOKEN", "short")]),
        refused(&["--user", "admin"], &[]),
        refused(&["--listen", "example.com:80"], &[]),
        refused(&["--profile", "99.1"], &[]),
        refused(&["--workers", "0"], &[]),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_port_that_is_taken_is_told() {
    let project = super::house::project();
    let served = Served::start(project.path(), &[], &[]);
    let other = super::house::project();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hive"));
    command.args(["serve", "--listen", &served.address]).current_dir(other.path()).env_remove("HIVE_TOKEN");
    let said = command.output().expect("the binary is built");
    let text = String::from_utf8_lossy(&said.stderr);
    assert_eq!(said.status.code(), Some(2), "{text}");
    assert!(text.contains("HV0803"), "{text}");
}
