//! What messages look like to Slack, Discord, and whoever takes hive's own JSON.

use hive::workflow::notify::body::Source;
use hive::workflow::notify::body::write;
use hive::workflow::notify::change::Colour;
use hive::workflow::notify::change::Seen;
use hive::workflow::notify::settings::Kind;
use serde_json::Value;

fn seen(scenario: &str, colour: Colour) -> Seen {
    let (verdict, lines) = match colour {
        Colour::Red => ("drift", vec!["net_pnl_quote: 1.5 → -2.25".to_owned()]),
        Colour::Green => ("identical", Vec::new()),
    };
    Seen { recipe: "demo".to_owned(), scenario: scenario.to_owned(), colour, verdict: verdict.to_owned(), lines }
}

fn source() -> Source {
    Source {
        repository: Some("ann/bots".to_owned()),
        run_url: Some("https://ci.example/ann/bots/actions/runs/7".to_owned()),
        commit: Some("c0ffee".to_owned()),
    }
}

fn body(kind: Kind, changes: &[Seen]) -> Value {
    serde_json::from_str(&write(kind, "1d", changes, &source(), 1_767_225_600)).expect("it is JSON")
}

#[test]
fn each_receiver_has_its_form() {
    let changes = [seen("walk", Colour::Red), seen("file", Colour::Green)];
    let all =
        [Kind::Slack, Kind::Discord, Kind::Generic].map(|kind| format!("{}\n{:#}", kind.name(), body(kind, &changes)));
    insta::assert_snapshot!("bodies", all.join("\n\n"));
}

#[test]
fn nothing_is_a_mention_or_markup() {
    let changes =
        [seen("<!channel> <@U1> @everyone *b* `c` [d](http://e.example) & <http://f.example|g>", Colour::Red)];
    let slack = body(Kind::Slack, &changes);
    let text = slack["blocks"][0]["text"]["text"].as_str().expect("a text");
    assert!(text.contains("&lt;!channel&gt; &lt;@U1&gt;") && text.contains("&amp; &lt;http:"), "{text}");
    assert_eq!(text.matches('<').count(), 1, "the link to the run alone: {text}");
    let discord = body(Kind::Discord, &changes);
    assert_eq!(discord["allowed_mentions"], serde_json::json!({ "parse": [] }));
    let text = discord["embeds"][0]["description"].as_str().expect("a text");
    assert!(!text.contains("@everyone") && !text.contains("<@U1") && text.contains("\\<@\u{200b}U1"), "{text}");
    assert!(text.contains("\\*b\\*") && text.contains("\\[d\\]\\("), "{text}");
}

#[test]
fn long_messages_are_cut_and_say_so() {
    let long: Vec<Seen> =
        (0..2_000).map(|at| seen(&format!("{at} & <{}", "x\u{1f600}".repeat(at % 300)), Colour::Red)).collect();
    let units = |text: &Value| text.as_str().expect("a text").encode_utf16().count();
    let slack = body(Kind::Slack, &long);
    let text = &slack["blocks"][0]["text"]["text"];
    assert!(units(text) <= 3_000, "{}", units(text));
    assert!(text.as_str().is_some_and(|text| text.contains(" more\n")), "{text}");
    let discord = body(Kind::Discord, &long);
    let embed = &discord["embeds"][0];
    assert!(units(&embed["description"]) <= 4_096 && units(&embed["title"]) <= 256);
    assert!(embed["description"].as_str().is_some_and(|text| text.ends_with(" more\n")));
    assert_eq!(body(Kind::Generic, &long)["turned_red"].as_array().map(Vec::len), Some(1_000));
}
