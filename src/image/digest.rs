//! What is the digest of these bytes, and how is JSON written so that the same values give the same bytes?

use std::io;
use std::io::Write;

use serde_json::Map;
use serde_json::Value;
use sha2::Digest as _;
use sha2::Sha256;

/// Returns the digest of bytes, `sha256:` and 64 hex digits.
#[must_use]
pub fn of(bytes: &[u8]) -> String {
    written(&Sha256::digest(bytes))
}

/// Returns the hex digits of a digest.
#[must_use]
pub fn hex(digest: &str) -> &str {
    digest.strip_prefix("sha256:").unwrap_or(digest)
}

/// Writes a value as JSON without white space, the keys of each object in the order of their bytes.
#[must_use]
pub fn canonical(value: &Value) -> Vec<u8> {
    serde_json::to_vec(&sorted(value)).expect("a JSON value can be written as JSON")
}

/// Writes a value as JSON for people, the keys of each object in the order of their bytes.
#[must_use]
pub fn readable(value: &Value) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(&sorted(value)).expect("a JSON value can be written as JSON");
    text.push(b'\n');
    text
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort();
            let fields: Map<String, Value> = keys.into_iter().map(|key| (key.clone(), sorted(&fields[key]))).collect();
            Value::Object(fields)
        }
        Value::Array(values) => Value::Array(values.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// What passed through a [`Measure`].
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Measured {
    /// The digest of the bytes.
    pub digest: String,
    /// How many they are.
    pub byte_count: u64,
}

/// A writer that measures what it passes on.
pub struct Measure<W> {
    inner: W,
    hasher: Sha256,
    byte_count: u64,
}

impl<W: Write> Measure<W> {
    /// Returns a writer that passes everything on to `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new(), byte_count: 0 }
    }

    /// Returns what has passed.
    #[must_use]
    pub fn finish(self) -> Measured {
        Measured { digest: written(&self.hasher.finalize()), byte_count: self.byte_count }
    }
}

impl<W: Write> Write for Measure<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.byte_count += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn written(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = "sha256:".to_owned();
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
