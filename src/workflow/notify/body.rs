//! What does a message say, in the form that its receiver takes?
//!
//! Names and figures come from recipes and results. Where a receiver reads markup or mentions, they are escaped; where it has
//! a limit, the text is cut, and says so.

use std::fmt::Write as _;

use serde_json::json;

use crate::workflow::notify::change::Colour;
use crate::workflow::notify::change::Seen;
use crate::workflow::notify::settings::Kind;

/// How long a section of a Slack message may be, in characters: Slack takes 3,000.
const SLACK_TEXT_MAX: usize = 2_900;

/// How long the description of a Discord embed may be, in UTF-16 units at the most: Discord takes 4,096.
const DISCORD_TEXT_MAX: usize = 1_900;

/// How many scenarios a generic message lists.
const CHANGE_COUNT_MAX: usize = 1_000;

const RED: u32 = 0x00b3_261e;
const GREEN: u32 = 0x001b_7f3b;

/// Where a run can be looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The repository, `OWNER/NAME`.
    pub repository: Option<String>,
    /// The address of the run's page.
    pub run_url: Option<String>,
    /// The commit that was tested.
    pub commit: Option<String>,
}

/// Returns a message's body.
#[must_use]
pub fn write(kind: Kind, id: &str, changes: &[Seen], source: &Source, now: i64) -> String {
    match kind {
        Kind::Slack => slack(changes, source),
        Kind::Discord => discord(changes, source),
        Kind::Generic => generic(id, changes, source, now),
    }
}

/// Returns all that a message says, as plain text: what its id is made of.
#[must_use]
pub fn plain(changes: &[Seen], source: &Source) -> String {
    let words = [title(changes, source), source.run_url.clone().unwrap_or_default()];
    let lines = changes.iter().flat_map(|change| [change.name(), change.verdict.clone()]);
    words.into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

fn title(changes: &[Seen], source: &Source) -> String {
    let count = |colour| changes.iter().filter(|change| change.colour == colour).count();
    let mut parts = Vec::new();
    for (count, words) in [(count(Colour::Red), "red"), (count(Colour::Green), "green again")] {
        if count > 0 {
            let noun = if count == 1 { "golden is" } else { "goldens are" };
            parts.push(format!("{count} {noun} {words}"));
        }
    }
    let place = source.repository.as_ref().map_or_else(String::new, |repository| format!(" in {repository}"));
    format!("hive: {}{place}", parts.join(", "))
}

/// Writes a scenario on a line of its own, and what it shows below; `escape` takes markup away.
fn listed(changes: &[Seen], limit: usize, escape: &dyn Fn(&str) -> String) -> String {
    let mut page = String::new();
    for (place, change) in changes.iter().enumerate() {
        let mut part = String::new();
        let _ = writeln!(part, "{} {}: {}", mark(change.colour), escape(&change.name()), escape(&change.verdict));
        for line in &change.lines {
            let _ = writeln!(part, "  {}", escape(&cut(line, 300)));
        }
        let more = format!("and {} more\n", changes.len() - place);
        if length(&page) + length(&part) + length(&more) > limit {
            page.push_str(&more);
            break;
        }
        page.push_str(&part);
    }
    page
}

fn mark(colour: Colour) -> &'static str {
    match colour {
        Colour::Red => "\u{1f534}",
        Colour::Green => "\u{1f7e2}",
    }
}

/// Returns a text's length as both services count it, in UTF-16 units, which are never fewer than characters.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Returns the beginning of a text that is too long.
fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit - 1).chain(['…']).collect()
}

fn slack(changes: &[Seen], source: &Source) -> String {
    // These three begin everything that Slack takes for a link or a mention.
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let title = cut(&escape(&title(changes, source)), 200);
    let mut text = format!("*{title}*\n{}", listed(changes, SLACK_TEXT_MAX - 600, &escape));
    if let Some(url) = source.run_url.as_deref().filter(|url| url.len() < 300) {
        let _ = writeln!(text, "<{}|the run>", escape(url).replace('|', "%7C"));
    }
    let block = json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
    json!({ "text": title, "blocks": [block], "unfurl_links": false }).to_string()
}

fn discord(changes: &[Seen], source: &Source) -> String {
    let escape = |text: &str| {
        let mut escaped = String::new();
        for letter in text.chars() {
            if "\\`*_~|>#[]()<:-".contains(letter) {
                escaped.push('\\');
            }
            escaped.push(letter);
            if letter == '@' {
                // A mention is none with something between.
                escaped.push('\u{200b}');
            }
        }
        escaped
    };
    let is_red = changes.iter().any(|change| change.colour == Colour::Red);
    let mut embed = json!({
        "title": cut(&title(changes, source), 250),
        "description": listed(changes, DISCORD_TEXT_MAX, &escape),
        "color": if is_red { RED } else { GREEN },
    });
    if let Some(url) = source.run_url.as_deref().filter(|url| url.len() < 300) {
        embed["url"] = url.into();
    }
    json!({ "embeds": [embed], "allowed_mentions": { "parse": [] } }).to_string()
}

fn generic(id: &str, changes: &[Seen], source: &Source, now: i64) -> String {
    let of =
        |colour| changes.iter().filter(|change| change.colour == colour).take(CHANGE_COUNT_MAX).collect::<Vec<_>>();
    json!({
        "id": id,
        "event": "goldens",
        "created": now,
        "title": title(changes, source),
        "turned_red": of(Colour::Red),
        "turned_green": of(Colour::Green),
        "repository": source.repository,
        "commit": source.commit,
        "run_url": source.run_url,
    })
    .to_string()
}
