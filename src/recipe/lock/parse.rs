//! How a lock is read.

use std::ops::Range;
use std::sync::Arc;

use miette::NamedSource;
use miette::SourceSpan;
use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use super::Error;
use super::Facts;
use super::Lock;
use super::VERSION;
use super::fact::Key;
use crate::recipe::located::first_line;

/// How the lines of an unfinished merge start. No line of a lock does.
const MERGE_MARKERS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

pub(super) fn parse(file: &str, text: &str) -> Result<Lock, Error> {
    let reader = Reader { file, text };
    reader.merge_markers()?;
    let tree = DeTable::parse(text).map_err(|error| Error::NotToml {
        file: file.to_owned(),
        reason: error.message().to_owned(),
        source_code: reader.source(),
        at: reader.at(error.span().unwrap_or(0..0)),
    })?;
    let root = tree.get_ref();
    reader.version(root.get("lock-version"))?;

    let mut lock = Lock::default();
    for (key, value) in root {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("lock-version", _) => {}
            ("recipe", DeValue::Table(recipes)) => {
                for (name, facts) in recipes {
                    let facts = reader.facts(name, facts)?;
                    lock.recipes.insert(name.get_ref().to_string(), facts);
                }
            }
            _ => return Err(reader.not_a_fact(key, "`lock-version` and `[recipe.NAME]` only")),
        }
    }
    Ok(lock)
}

struct Reader<'t> {
    file: &'t str,
    text: &'t str,
}

impl Reader<'_> {
    fn merge_markers(&self) -> Result<(), Error> {
        let mut offset = 0;
        for line in self.text.split_inclusive('\n') {
            if MERGE_MARKERS.iter().any(|marker| line.starts_with(marker)) {
                return Err(Error::MergeConflict {
                    file: self.file.to_owned(),
                    source_code: self.source(),
                    at: (offset..offset + line.trim_end().len()).into(),
                });
            }
            offset += line.len();
        }
        Ok(())
    }

    fn version(&self, written: Option<&Spanned<DeValue<'_>>>) -> Result<(), Error> {
        let (version, span) = match written {
            None => ("none".to_owned(), 0..0),
            Some(written) => match written.get_ref() {
                DeValue::Integer(version) if version.to_string() == VERSION.to_string() => {
                    return Ok(());
                }
                DeValue::Integer(version) => (version.to_string(), written.span()),
                _ => ("no number".to_owned(), written.span()),
            },
        };
        Err(Error::UnknownVersion {
            file: self.file.to_owned(),
            version,
            source_code: self.source(),
            at: self.at(span),
        })
    }

    fn facts(&self, name: &Spanned<std::borrow::Cow<'_, str>>, written: &Spanned<DeValue<'_>>) -> Result<Facts, Error> {
        let DeValue::Table(table) = written.get_ref() else {
            return Err(self.not_a_fact(name, "a table of facts"));
        };
        let mut entries: Vec<_> = table.iter().collect();
        // The parser keeps tables in the order of the alphabet.
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut facts = Facts::with_capacity(entries.len());
        for (key, value) in entries {
            let DeValue::String(value) = value.get_ref() else {
                return Err(self.not_a_fact(key, "text"));
            };
            let Some(words) = Key::parse(key.get_ref()) else {
                return Err(self.not_a_fact(key, "words with single spaces between them"));
            };
            facts.insert(words, value.to_string());
        }
        Ok(facts)
    }

    fn not_a_fact(&self, key: &Spanned<std::borrow::Cow<'_, str>>, expected: &'static str) -> Error {
        Error::NotAFact {
            file: self.file.to_owned(),
            key: key.get_ref().to_string(),
            expected,
            source_code: self.source(),
            at: self.at(key.span()),
        }
    }

    fn source(&self) -> NamedSource<Arc<str>> {
        NamedSource::new(self.file, Arc::from(self.text))
    }

    fn at(&self, span: Range<usize>) -> SourceSpan {
        first_line(self.text, span).into()
    }
}
