//! How does a recipe's text change where a patch comes, and nowhere else?

use std::ops::Range;

use toml_edit::Document;
use toml_edit::Item;
use toml_edit::Table;
use toml_edit::Value;

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
