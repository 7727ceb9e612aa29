//! How is a recipe changed by hive, such that everything else in it stays as its author wrote it?

use std::collections::BTreeMap;

use toml_edit::Array;
use toml_edit::ArrayOfTables;
use toml_edit::DocumentMut;
use toml_edit::Item;
use toml_edit::Table;
use toml_edit::TomlError;
use toml_edit::value;

/// A patch that leaves the series, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The patch's file.
    pub file: String,
    /// Why it is no longer needed.
    pub reason: String,
    /// The upstream version at which it was dropped.
    pub upstream: String,
    /// The SHA-256 of the patch's text, in lower-case hex.
    pub sha256: String,
}

/// A series that was made anew for another release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebased {
    /// The version, as PyPI or the repository spells it.
    pub version: String,
    /// The patches that are no longer needed.
    pub dropped: Vec<Dropped>,
    /// What the others touch now, by their files.
    pub touches: BTreeMap<String, Vec<String>>,
}

/// Returns a recipe's text without a patch, with the reason kept in a `[[dropped]]` table.
///
/// # Errors
///
/// Returns the reason why the text is no TOML.
pub fn dropped(text: &str, patch: &Dropped) -> Result<String, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    drop_patch(&mut document, patch);
    Ok(document.to_string())
}

/// Returns a recipe's text with the series as it was made for another release. A pinned hash of the old release goes.
///
/// # Errors
///
/// Returns the reason why the text is no TOML.
pub fn rebased(text: &str, rebase: &Rebased) -> Result<String, TomlError> {
    let mut document: DocumentMut = text.parse()?;
    for (kind, key) in [("pypi", "version"), ("git", "tag")] {
        let upstream = document.get_mut("upstream").and_then(|upstream| upstream.get_mut(kind));
        if let Some(upstream) = upstream.and_then(Item::as_table_like_mut) {
            if let Some(version) = upstream.get_mut(key).and_then(Item::as_value_mut) {
                let decor = version.decor().clone();
                *version = rebase.version.as_str().into();
                *version.decor_mut() = decor;
            }
            upstream.remove("sha256");
        }
    }
    for patch in &rebase.dropped {
        drop_patch(&mut document, patch);
    }
    let patches = document.get_mut("patch").and_then(Item::as_array_of_tables_mut);
    for table in patches.into_iter().flat_map(ArrayOfTables::iter_mut) {
        let file = table.get("file").and_then(Item::as_str).unwrap_or_default();
        if let Some(touches) = rebase.touches.get(file)
            && let Some(item) = table.get_mut("touches")
            && !says(item, touches)
        {
            *item = value(touches.iter().collect::<Array>());
        }
    }
    Ok(document.to_string())
}

/// Tells whether a list holds these texts, in whichever order.
fn says(item: &Item, texts: &[String]) -> bool {
    let mut said: Vec<&str> = item.as_array().into_iter().flatten().filter_map(|text| text.as_str()).collect();
    said.sort_unstable();
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    texts.sort_unstable();
    said == texts
}

fn drop_patch(document: &mut DocumentMut, patch: &Dropped) {
    let mut why = None;
    let mut position = None;
    if let Some(patches) = document.get_mut("patch").and_then(Item::as_array_of_tables_mut) {
        let is_it = |table: &Table| table.get("file").and_then(Item::as_str) == Some(&patch.file);
        let found = patches.iter().position(is_it);
        if let Some(index) = found {
            why = patches.get(index).and_then(|table| table.get("why")).and_then(Item::as_str).map(str::to_owned);
            position = patches.iter().filter_map(Table::position).max();
            patches.remove(index);
        }
        if patches.is_empty() {
            document.remove("patch");
        }
    }
    let mut table = Table::new();
    table.insert("file", value(&patch.file));
    if let Some(why) = why {
        table.insert("why", value(why));
    }
    table.insert("reason", value(&patch.reason));
    table.insert("upstream", value(&patch.upstream));
    table.insert("sha256", value(&patch.sha256));
    table.set_position(position);
    table.decor_mut().set_prefix("\n");
    let dropped = document.entry("dropped").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    if let Some(dropped) = dropped.as_array_of_tables_mut() {
        dropped.push(table);
    }
}
