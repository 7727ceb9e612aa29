//! How does a recipe's text change where a patch comes or goes, and nowhere else?

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::Array;
use toml_edit::ArrayOfTables;
use toml_edit::Datetime;
use toml_edit::Document;
use toml_edit::DocumentMut;
use toml_edit::Item;
use toml_edit::Table;
use toml_edit::Value;
use toml_edit::value;

/// Why a recipe's text cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not TOML.
    #[error("the recipe is not TOML")]
    NotToml,
    /// The key holds its tables between brackets on one line, or something else.
    #[error("`{key}` is not written as `[[{key}]]` tables")]
    NotTables {
        /// The key.
        key: &'static str,
    },
    /// There is no such table.
    #[error("there is no `[[patch]]` number {number}")]
    NoSuchPatch {
        /// The number, from one.
        number: usize,
    },
}

/// A patch to add to the series.
#[derive(Debug, Clone, Copy)]
pub struct NewPatch<'a> {
    /// The patch's file, relative to the project's root.
    pub file: &'a str,
    /// Why the patch exists.
    pub why: &'a str,
    /// The only files that it touches.
    pub touches: &'a [String],
}

/// What is kept of a patch that goes.
#[derive(Debug, Clone, Copy)]
pub struct NewDropped<'a> {
    /// The patch's file, relative to the project's root.
    pub file: &'a str,
    /// Why the patch existed.
    pub why: &'a str,
    /// Why it goes.
    pub reason: &'a str,
    /// The upstream version at which it goes, where there is one.
    pub upstream: Option<&'a str>,
    /// The SHA-256 of its text.
    pub sha256: &'a str,
}

/// Returns the text with a patch at the end of the series. All else stays byte for byte.
///
/// # Errors
///
/// Refuses a text in which the series is not written as `[[patch]]` tables.
pub fn add_patch(text: &str, patch: &NewPatch<'_>) -> Result<String, Error> {
    let document = parse(text)?;
    let place = match tables(text, &document, "patch")?.last() {
        Some(last) => last.end,
        None => ["python", "upstream"]
            .iter()
            .find_map(|key| block(text, document.get(key)?))
            .map_or(text.len(), |block| block.end),
    };
    let touches = match patch.touches {
        [] => String::new(),
        [only] => format!("touches = [{}]\n", quoted(only)),
        many => {
            let lines = many.iter().fold(String::new(), |lines, path| lines + &format!("    {},\n", quoted(path)));
            format!("touches = [\n{lines}]\n")
        }
    };
    let block = format!("[[patch]]\n{}{}{touches}", pair("file", patch.file), pair("why", patch.why));
    Ok(with_block(text, place, &block))
}

/// Returns the text without the patch at an index of the series, and with what is kept of it in a `[[dropped]]` table.
/// Remarks right above the patch go with it. All else stays byte for byte.
///
/// # Errors
///
/// Refuses a text in which the series is not written as `[[patch]]` tables.
pub fn drop_patch(text: &str, index: usize, dropped: &NewDropped<'_>) -> Result<String, Error> {
    let document = parse(text)?;
    let patches = tables(text, &document, "patch")?;
    let gone = patches.get(index).cloned().ok_or(Error::NoSuchPatch { number: index + 1 })?;
    let before = tables(text, &document, "dropped")?;
    let upstream = dropped.upstream.map(|upstream| ("upstream", upstream));
    let head = [("file", dropped.file), ("why", dropped.why), ("reason", dropped.reason)];
    let pairs = head.into_iter().chain(upstream).chain([("sha256", dropped.sha256)]);
    let block = pairs.fold("[[dropped]]\n".to_owned(), |block, (key, text)| block + &pair(key, text));
    let last = before.last().or(patches.iter().rfind(|patch| **patch != gone));
    let place = last.map(|last| last.end);
    let cut = cut(text, gone);
    let place = place.unwrap_or(cut.start);
    Ok(if place >= cut.end {
        let text = with_block(text, place, &block);
        format!("{}{}", &text[..cut.start], &text[cut.end..])
    } else {
        let text = format!("{}{}", &text[..cut.start], &text[cut.end..]);
        with_block(&text, place, &block)
    })
}

/// Returns the text with another upstream version, and with what patches touch there, by their files. A pinned hash of the
/// old release goes. All else stays byte for byte.
///
/// # Errors
///
/// Refuses a text that is no TOML.
pub fn rebase(text: &str, version: &str, touches: &BTreeMap<String, Vec<String>>) -> Result<String, Error> {
    let mut document: DocumentMut = text.parse().map_err(|_| Error::NotToml)?;
    for (kind, key) in [("pypi", "version"), ("git", "tag")] {
        let upstream = document.get_mut("upstream").and_then(|upstream| upstream.get_mut(kind));
        if let Some(upstream) = upstream.and_then(Item::as_table_like_mut) {
            if let Some(known) = upstream.get_mut(key).and_then(Item::as_value_mut) {
                // A remark behind the old version spoke of that one.
                let prefix = known.decor().prefix().cloned().unwrap_or_default();
                *known = version.into();
                known.decor_mut().set_prefix(prefix);
            }
            upstream.remove("sha256");
        }
    }
    let patches = document.get_mut("patch").and_then(Item::as_array_of_tables_mut);
    for table in patches.into_iter().flat_map(ArrayOfTables::iter_mut) {
        let file = table.get("file").and_then(Item::as_str).unwrap_or_default();
        if let Some(touches) = touches.get(file)
            && let Some(item) = table.get_mut("touches")
            && !says(item, touches)
        {
            *item = value(touches.iter().collect::<Array>());
        }
    }
    Ok(document.to_string())
}

/// Returns the text with another cut-off of the Python closure, a moment such as `2026-09-24T00:00:00Z`. A recipe without a
/// cut-off stays as it is, as does all else, byte for byte.
///
/// # Errors
///
/// Refuses a text that is no TOML.
pub fn cut_off(text: &str, moment: &str) -> Result<String, Error> {
    let mut document: DocumentMut = text.parse().map_err(|_| Error::NotToml)?;
    let moment: Datetime = moment.parse().map_err(|_| Error::NotToml)?;
    let python = document.get_mut("python").and_then(Item::as_table_like_mut);
    if let Some(known) = python.and_then(|python| python.get_mut("cut-off")).and_then(Item::as_value_mut) {
        let decor = known.decor().clone();
        *known = moment.into();
        *known.decor_mut() = decor;
    }
    Ok(document.to_string())
}

/// Tells whether a list holds these texts, in whichever order.
fn says(item: &Item, texts: &[String]) -> bool {
    let mut said: Vec<&str> = item.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    said.sort_unstable();
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    texts.sort_unstable();
    said == texts
}

fn parse(text: &str) -> Result<Document<&str>, Error> {
    Document::parse(text).map_err(|_| Error::NotToml)
}

/// Returns where the tables of a key stand, each from its header's line to behind its last line.
fn tables(text: &str, document: &Document<&str>, key: &'static str) -> Result<Vec<Range<usize>>, Error> {
    match document.get(key) {
        None => Ok(Vec::new()),
        Some(Item::ArrayOfTables(tables)) => Ok(tables.iter().filter_map(|table| block_of(text, table)).collect()),
        Some(_) => Err(Error::NotTables { key }),
    }
}

fn block(text: &str, item: &Item) -> Option<Range<usize>> {
    block_of(text, item.as_table()?)
}

fn block_of(text: &str, table: &Table) -> Option<Range<usize>> {
    let (start, end) = reach(table)?;
    let start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[end..].find('\n').map_or(text.len(), |newline| end + newline + 1);
    Some(start..end)
}

/// Returns where a table begins and where the last of its values ends.
fn reach(table: &Table) -> Option<(usize, usize)> {
    let own = table.span().map(|span| (span.start, span.end));
    let below = table.iter().filter_map(|(_, item)| match item {
        Item::Table(table) => reach(table),
        Item::ArrayOfTables(tables) => tables.iter().filter_map(reach).reduce(joined),
        Item::Value(value) => value.span().map(|span| (span.start, span.end)),
        Item::None => None,
    });
    own.into_iter().chain(below).reduce(joined)
}

fn joined(one: (usize, usize), other: (usize, usize)) -> (usize, usize) {
    (one.0.min(other.0), one.1.max(other.1))
}

/// Returns what goes with a table: remarks right above it, and blank lines below it where some stand above, too.
fn cut(text: &str, table: Range<usize>) -> Range<usize> {
    let mut start = table.start;
    for line in text[..table.start].split_inclusive('\n').rev().take_while(|line| line.trim_start().starts_with('#')) {
        start -= line.len();
    }
    let mut end = table.end;
    let is_blank = |line: &&str| line.trim().is_empty();
    if text[..start].split_inclusive('\n').next_back().is_none_or(|line| is_blank(&line)) {
        end += text[end..].split_inclusive('\n').take_while(is_blank).map(str::len).sum::<usize>();
    }
    start..end
}

/// Puts a block at the end of a line, with a blank line above it, and with the line ends of the text.
fn with_block(text: &str, place: usize, block: &str) -> String {
    let (above, below) = text.split_at(place);
    let end = if above.is_empty() || above.ends_with('\n') { "" } else { "\n" };
    let is_parted = above.is_empty() || above.ends_with("\n\n") || above.ends_with("\r\n\r\n");
    let blank = if is_parted { "" } else { "\n" };
    let tail = if below.is_empty() || below.starts_with('\n') || below.starts_with("\r\n") { "" } else { "\n" };
    let block = format!("{end}{blank}{block}{tail}");
    let block = if text.contains("\r\n") { block.replace('\n', "\r\n") } else { block };
    format!("{above}{block}{below}")
}

fn pair(key: &str, text: &str) -> String {
    format!("{key} = {}\n", quoted(text))
}

/// Writes a text as TOML has it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().trim().to_owned()
}
