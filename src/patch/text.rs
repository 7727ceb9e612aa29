//! Where are the lines of a text?

use miette::NamedSource;
use miette::SourceSpan;
use serde::Serialize;

/// A range of bytes in a patch's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl From<Span> for SourceSpan {
    fn from(span: Span) -> Self {
        (span.start, span.end - span.start).into()
    }
}

/// One line of a patch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// The line's bytes, without the newline, with a carriage return if there is one.
    pub(super) bytes: &'a [u8],
    /// Where the bytes stand.
    pub(super) span: Span,
    /// Whether a newline follows.
    pub(super) newline: bool,
}

impl<'a> Line<'a> {
    /// Returns the line's bytes without a carriage return at their end.
    pub(super) fn trimmed(&self) -> &'a [u8] {
        self.bytes.strip_suffix(b"\r").unwrap_or(self.bytes)
    }

    /// Tells whether the line is empty but for a carriage return.
    pub(super) fn is_blank(&self) -> bool {
        self.trimmed().is_empty()
    }
}

/// Returns the lines of a patch.
pub(super) fn lines(text: &[u8]) -> Vec<Line<'_>> {
    let mut start = 0;
    split(text)
        .into_iter()
        .map(|whole| {
            let bytes = whole.strip_suffix(b"\n").unwrap_or(whole);
            let span = Span { start, end: start + bytes.len() };
            start += whole.len();
            Line { bytes, span, newline: bytes.len() < whole.len() }
        })
        .collect()
}

/// Returns the lines of a file, each with its newline; only the last may lack it.
pub(super) fn split(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// Returns a patch's text for drawing. Bytes that are not UTF-8 become `?`, one for one, so that spans stay true.
pub(super) fn source(name: &str, text: &[u8]) -> NamedSource<String> {
    let mut readable = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        readable.push_str(chunk.valid());
        readable.extend(chunk.invalid().iter().map(|_| '?'));
    }
    NamedSource::new(name, readable)
}

/// Returns a line of a file as a message quotes it: carriage returns visible, a missing newline said.
pub(super) fn quoted(line: &[u8]) -> String {
    let (bytes, tail) = match line.strip_suffix(b"\n") {
        Some(bytes) => (bytes, ""),
        None => (line, " (without a newline)"),
    };
    format!("{}{tail}", String::from_utf8_lossy(bytes).replace('\r', "\\r"))
}
