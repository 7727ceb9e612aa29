//! The names of facts: every workflow that locks or checks something names it here.

use std::fmt;

use crate::recipe::resolve::Artifact;
use crate::recipe::resolve::Upstream;

/// The name of a fact: words, from what it is about to which one, `patch`, then the patch, then the file it touches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<String>);

impl Key {
    /// Names a fact.
    #[must_use]
    pub fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self(words.into_iter().map(Into::into).collect())
    }

    /// Returns the words.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// Reads what [`Key`]'s display writes; `None` when it never writes that.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let words: Option<Vec<String>> = text.split(' ').map(unescape).collect();
        let key = Self(words?);
        (key.to_string() == text).then_some(key)
    }
}

impl fmt::Display for Key {
    /// Writes the words with spaces between them; a space in a word is `%20`, an empty word `%00`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str(" ")?;
            }
            if word.is_empty() {
                formatter.write_str("%00")?;
            }
            formatter.write_str(&word.replace('%', "%25").replace(' ', "%20"))?;
        }
        Ok(())
    }
}

fn unescape(word: &str) -> Option<String> {
    if word == "%00" {
        return Some(String::new());
    }
    if word.is_empty() {
        return None;
    }
    Some(word.replace("%20", " ").replace("%25", "%"))
}

/// The checksum of the recipe's own file.
#[must_use]
pub fn recipe() -> Key {
    Key::new(["recipe"])
}

/// The checksum of a file that the recipe names.
#[must_use]
pub fn file(path: &str) -> Key {
    Key::new(["file", path])
}

/// The checksum of the upstream release.
#[must_use]
pub fn upstream(upstream: &Upstream) -> Key {
    match upstream {
        Upstream::Pypi { package, version, artifact, .. } => {
            let artifact = match artifact {
                Artifact::Sdist => "sdist",
                Artifact::Wheel => "wheel",
            };
            Key::new(["upstream", "pypi", package, version, artifact])
        }
        Upstream::Git { url, tag } => Key::new(["upstream", "git", url, tag]),
        Upstream::Path { path } => Key::new(["upstream", "path", path]),
    }
}

/// The hash of the tree as upstream published it.
#[must_use]
pub fn pristine_tree() -> Key {
    Key::new(["tree", "pristine"])
}

/// The hash of the tree after the whole series.
#[must_use]
pub fn patched_tree() -> Key {
    Key::new(["tree", "patched"])
}

/// The checksums of a file before and after a patch; their value is written by [`before_and_after`].
#[must_use]
pub fn patch(patch_file: &str, touched_file: &str) -> Key {
    Key::new(["patch", patch_file, touched_file])
}

/// The checksum of a set of candles.
#[must_use]
pub fn candles(name: &str) -> Key {
    Key::new(["candles", name])
}

/// The base image's digest.
#[must_use]
pub fn image(base: &str) -> Key {
    Key::new(["image", base])
}

/// The engine's version.
#[must_use]
pub fn engine() -> Key {
    Key::new(["engine"])
}

/// The replay profile of a scenario.
#[must_use]
pub fn profile(scenario: &str) -> Key {
    Key::new(["scenario", scenario, "profile"])
}

/// The checksum of everything that decides the Python closure.
#[must_use]
pub fn closure() -> Key {
    Key::new(["python", "closure"])
}

/// Where Hummingbot's installed files come from.
#[must_use]
pub fn closure_source() -> Key {
    Key::new(["python", "hummingbot"])
}

/// The version of TA-Lib in the closure, or that there is none: it moves the last bits of indicators.
#[must_use]
pub fn ta_lib() -> Key {
    Key::new(["python", "indicators"])
}

/// A package of the closure, for `run` or for `build`.
#[must_use]
pub fn package(phase: &str, name: &str) -> Key {
    Key::new(["python", phase, name])
}

/// Writes a checksum in hex as a value.
#[must_use]
pub fn sha256(hex: &str) -> String {
    format!("sha256:{hex}")
}

/// Writes the checksums in hex of a file before and after a patch; `None` for a file that is not there.
#[must_use]
pub fn before_and_after(before: Option<&str>, after: Option<&str>) -> String {
    let write = |checksum: Option<&str>| checksum.map_or_else(|| "absent".to_owned(), sha256);
    format!("{} -> {}", write(before), write(after))
}
