//! What of a base image decides what is built on it?

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::digest;

/// The fields of a container's configuration that an image has; what else an engine tells are its own defaults.
const FIELDS: [&str; 13] = [
    "ArgsEscaped",
    "Cmd",
    "Entrypoint",
    "Env",
    "ExposedPorts",
    "Healthcheck",
    "Labels",
    "OnBuild",
    "Shell",
    "StopSignal",
    "User",
    "Volumes",
    "WorkingDir",
];

/// A base image, as far as an image on it depends on it: the same on every engine that has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Base {
    /// The operating system, `linux`.
    pub os: String,
    /// The processor, `amd64`.
    pub architecture: String,
    /// The processor's variant, `v8`.
    pub variant: Option<String>,
    /// What containers are started with.
    pub config: Map<String, Value>,
    /// The digests of the layers' uncompressed archives, the lowest first.
    pub diff_ids: Vec<String>,
}

impl Base {
    /// Takes what an engine says about an image. Fields that are empty or an engine's own are left out: engines differ in
    /// whether they tell them.
    #[must_use]
    pub fn new(
        os: &str,
        architecture: &str,
        variant: Option<&str>,
        config: &Map<String, Value>,
        diff_ids: &[String],
    ) -> Self {
        let told = FIELDS.iter().filter_map(|field| Some(((*field).to_owned(), config.get(*field)?.clone())));
        Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.filter(|variant| !variant.is_empty()).map(str::to_owned),
            config: told.filter(|(_, value)| !is_empty(value)).collect(),
            diff_ids: diff_ids.to_vec(),
        }
    }

    /// Returns what identifies the base whatever engine has it: the digest of all of the above.
    #[must_use]
    pub fn digest(&self) -> String {
        let value = json!({
            "architecture": self.architecture,
            "config": self.config,
            "diff_ids": self.diff_ids,
            "os": self.os,
            "variant": self.variant,
        });
        digest::of(&digest::canonical(&value))
    }

    /// Returns a variable of the environment of its containers.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        let variables = self.config.get("Env")?.as_array()?;
        variables.iter().filter_map(Value::as_str).find_map(|variable| variable.strip_prefix(name)?.strip_prefix('='))
    }

    /// Returns the folder in which its containers start.
    #[must_use]
    pub fn working_folder(&self) -> Option<&str> {
        self.config.get("WorkingDir")?.as_str()
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}
