//! Which webhooks does `hive.toml` name?

use std::fs;
use std::io;

use serde::Deserialize;
use serde::Serialize;

use crate::io::files;
use crate::workflow::Project;
use crate::workflow::lock;
use crate::workflow::notify::change::Colour;
use crate::workflow::notify::error::Error;

/// The file, at the project's root.
pub const FILE: &str = "hive.toml";

const KEYS: &str = "a webhook has `kind` (slack, discord, generic), `url-from`, for `generic` also `secret-from`, and perhaps \
                    `on = [\"red\", \"green\"]` and `recipes = [\"NAME\"]`";

/// Whose form a message has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An incoming webhook of Slack.
    Slack,
    /// A webhook of Discord.
    Discord,
    /// hive's own JSON, signed.
    Generic,
}

impl Kind {
    /// Returns its name in `hive.toml`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Generic => "generic",
        }
    }
}

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Whose form a message has.
    pub kind: Kind,
    /// The variable with the address.
    pub url_from: String,
    /// The variable with the secret that a message is signed with.
    pub secret_from: Option<String>,
    /// What it is told of.
    pub on: Vec<Colour>,
    /// The recipes that it is told of; all where there are none.
    pub recipes: Vec<String>,
}

impl Webhook {
    /// Returns what it is called in talk: its kind and the name of a variable, never an address.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} ({})", self.kind.name(), self.url_from)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(default)]
    webhook: Vec<WebhookText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WebhookText {
    kind: Kind,
    url_from: String,
    secret_from: Option<String>,
    on: Option<Vec<Colour>>,
    recipes: Option<Vec<String>>,
}

/// Reads the project's webhooks; there are none where there is no `hive.toml`.
///
/// # Errors
///
/// Says what is wrong with the file, and never shows a line of it.
pub fn read(project: &Project) -> Result<Vec<Webhook>, Error> {
    let path = project.path(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(files::Error::Read { path, source }.into()),
    };
    let known: Vec<String> = project.all().unwrap_or_default();
    parse(&text, &known.iter().map(|file| lock::recipe_name(file)).collect::<Vec<_>>())
}

/// Parses the text of a `hive.toml`; `known` are the recipes that there are.
///
/// # Errors
///
/// Says what is wrong, without showing the text.
pub fn parse(text: &str, known: &[&str]) -> Result<Vec<Webhook>, Error> {
    let parsed: Text = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        Error::Settings { line, message: plain(error.message()), help: KEYS.to_owned() }
    })?;
    let mut webhooks: Vec<Webhook> = Vec::new();
    for (place, written) in parsed.webhook.into_iter().enumerate() {
        let webhook = resolve(written, known).map_err(|(message, help)| {
            let line = text.lines().enumerate().filter(|(_, line)| line.trim().starts_with("[[webhook]]")).nth(place);
            Error::Settings { line: line.map(|(index, _)| index + 1), message, help }
        })?;
        if webhooks.iter().any(|other| other.name() == webhook.name()) {
            let message = format!("webhook {} stands there twice", webhook.name());
            return Err(Error::Settings { line: None, message, help: "merge the two".to_owned() });
        }
        webhooks.push(webhook);
    }
    Ok(webhooks)
}

fn resolve(written: WebhookText, known: &[&str]) -> Result<Webhook, (String, String)> {
    let WebhookText { kind, url_from, secret_from, on, recipes } = written;
    let names = [Some(("url-from", &url_from)), secret_from.as_ref().map(|name| ("secret-from", name))];
    for (key, name) in names.into_iter().flatten() {
        if !is_variable(name) {
            // What was written there is perhaps the secret itself.
            let message = format!("`{key}` is not the name of an environment variable");
            let help = "an address and a secret stand in the environment alone: name the variable, like `HIVE_SLACK_URL`; \
                        if a secret was committed here, replace it";
            return Err((message, help.to_owned()));
        }
    }
    match (kind, &secret_from) {
        (Kind::Generic, None) => {
            let help =
                "name the variable with the secret that messages are signed with, `secret-from = \"HIVE_HOOK_SECRET\"`";
            return Err(("a `generic` webhook has no `secret-from`".to_owned(), help.to_owned()));
        }
        (Kind::Slack | Kind::Discord, Some(_)) => {
            let message = format!("a `{}` webhook takes no `secret-from`", kind.name());
            return Err((message, "remove it: the address is the secret there".to_owned()));
        }
        _ => {}
    }
    let on = on.unwrap_or_else(|| vec![Colour::Red, Colour::Green]);
    if on.is_empty() {
        return Err((
            "`on` is empty, so nothing is ever told".to_owned(),
            "leave it out, or remove the webhook".to_owned(),
        ));
    }
    let recipes = recipes.unwrap_or_default();
    if let Some(unknown) = recipes.iter().find(|name| !known.contains(&name.as_str())) {
        let message = format!("there is no recipe `{}`", plain(unknown));
        return Err((message, "`recipes` takes the names of files in `recipes/`".to_owned()));
    }
    Ok(Webhook { kind, url_from, secret_from, on, recipes })
}

/// Tells whether a text is a variable's name, as a shell has it, and no address.
fn is_variable(name: &str) -> bool {
    let is_start = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
    name.starts_with(is_start) && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Returns a parser's words without what they quote, where that may be an address.
fn plain(words: &str) -> String {
    if words.contains("://") { "a value is not what is expected there".to_owned() } else { words.trim().to_owned() }
}
