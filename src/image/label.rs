//! What does an image say about where it comes from?

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;

use super::FORM;
use super::digest;

/// The recipe's name.
pub const RECIPE: &str = "hive.recipe";
/// The release that the recipe builds on.
pub const UPSTREAM: &str = "hive.upstream";
/// The facts that decided every byte, as a JSON object.
pub const FACTS: &str = "hive.facts";
/// The digest of the facts.
pub const FACTS_DIGEST: &str = "hive.facts.digest";
/// The form in which layers are written.
pub const FORM_LABEL: &str = "hive.form";
/// The folder that holds `hummingbot/`.
pub const ROOT: &str = "hive.root";
/// How the image was made, `overlay` or `build`.
pub const KIND: &str = "hive.kind";
/// What is on top of the base, names of layers with `,` between them, the lowest first.
pub const LAYERS: &str = "hive.layers";
/// The name of the base, as OCI writes it.
pub const BASE_NAME: &str = "org.opencontainers.image.base.name";
/// The digest of the base, as the recipe pins it.
pub const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";
/// What people call the image.
pub const TITLE: &str = "org.opencontainers.image.title";

/// What decided every byte of an image: names of facts, and their values.
pub type Facts = BTreeMap<String, String>;

/// What an image is labelled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The recipe's name.
    pub recipe: String,
    /// The release that it builds on.
    pub upstream: String,
    /// `overlay` or `build`.
    pub kind: String,
    /// The folder that holds `hummingbot/`.
    pub root: String,
    /// The names of the layers on top of the base.
    pub layers: Vec<String>,
    /// The base's name, as the recipe has it.
    pub base: String,
    /// The base's digest, as the recipe pins it.
    pub base_digest: Option<String>,
    /// What decided every byte.
    pub facts: Facts,
}

impl Origin {
    /// Returns the labels.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        let facts = written(&self.facts);
        let mut labels = BTreeMap::from(
            [
                (RECIPE, self.recipe.clone()),
                (UPSTREAM, self.upstream.clone()),
                (KIND, self.kind.clone()),
                (ROOT, self.root.clone()),
                (LAYERS, self.layers.join(",")),
                (FORM_LABEL, FORM.to_owned()),
                (FACTS_DIGEST, digest::of(facts.as_bytes())),
                (FACTS, facts),
                (BASE_NAME, self.base.clone()),
                (TITLE, self.recipe.clone()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        // What the base says of its own base must not be taken for ours: an empty label is as good as none.
        labels.insert(BASE_DIGEST.to_owned(), self.base_digest.clone().unwrap_or_default());
        labels
    }
}

/// Reads the facts of an image's labels; `None` for labels that hive did not write.
#[must_use]
pub fn facts(labels: &BTreeMap<String, String>) -> Option<Facts> {
    let text = labels.get(FACTS)?;
    if labels.get(FACTS_DIGEST)? != &digest::of(text.as_bytes()) {
        return None;
    }
    serde_json::from_str(text).ok()
}

fn written(facts: &Facts) -> String {
    let facts: Map<String, Value> =
        facts.iter().map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect();
    String::from_utf8(digest::canonical(&Value::Object(facts))).expect("JSON is UTF-8")
}
