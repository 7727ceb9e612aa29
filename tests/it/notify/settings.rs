//! What `hive.toml` may say, and what is refused: never with the line that is wrong.

use hive::cli::diagnostic::draw;
use hive::workflow::notify::change::Colour;
use hive::workflow::notify::settings::Kind;
use hive::workflow::notify::settings::parse;

#[test]
fn webhooks_are_read() {
    let text = "\
[[webhook]]
kind = \"slack\"
url-from = \"SLACK_URL\"

[[webhook]]
kind = \"generic\"
url-from = \"HOOK_URL\"
secret-from = \"HOOK_SECRET\"
on = [\"green\"]
recipes = [\"demo\"]
";
    let webhooks = parse(text, &["demo"]).expect("it is right");
    assert_eq!(webhooks.len(), 2);
    assert_eq!((webhooks[0].kind, webhooks[0].on.as_slice()), (Kind::Slack, [Colour::Red, Colour::Green].as_slice()));
    assert_eq!(
        (webhooks[1].secret_from.as_deref(), webhooks[1].on.as_slice()),
        (Some("HOOK_SECRET"), [Colour::Green].as_slice())
    );
    assert_eq!(webhooks[1].name(), "generic (HOOK_URL)");
    assert_eq!(parse("", &[]).expect("nobody is told"), []);
}

/// Returns what is said about a webhook with these lines, none of which may be shown.
fn refused(lines: &str) -> String {
    let error = parse(&format!("\n[[webhook]]\n{lines}\n"), &["demo"]).expect_err("it is wrong");
    let said = draw(&error, false, 100);
    assert!(!said.contains("T0P"), "{said}");
    said
}

#[test]
fn what_is_wrong_is_told_without_the_line() {
    let cases = [
        "kind = \"pager\"\nurl-from = \"URL\"",
        "kind = \"slack\"",
        "kind = \"slack\"\nurl = \"https://hooks.example/T0P\"",
        "kind = \"slack\"\nurl-from = \"https://hooks.example/T0P\"",
        "kind = \"slack\"\nurl-from = \"T0P/S3CRET\"",
        "kind = \"https://hooks.example/T0P\"\nurl-from = \"URL\"",
        "kind = \"slack\"\nurl-from = \"URL\"\nsecret-from = \"SECRET\"",
        "kind = \"generic\"\nurl-from = \"URL\"",
        "kind = \"slack\"\nurl-from = \"URL\"\non = []",
        "kind = \"slack\"\nurl-from = \"URL\"\non = [\"amber\"]",
        "kind = \"slack\"\nurl-from = \"URL\"\nrecipes = [\"demp\"]",
        "kind = \"slack\"\nurl-from = \"URL\"\n[[webhook]]\nkind = \"slack\"\nurl-from = \"URL\"",
        "kind = = https://hooks.example/T0P",
    ];
    insta::assert_snapshot!("settings_refused", cases.map(refused).join("\n"));
}
