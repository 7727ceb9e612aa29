//! Which lines belong to a hunk?

use super::Reader;
use super::problem::What;
use crate::patch::diff::Hunk;
use crate::patch::diff::HunkLine;
use crate::patch::diff::LineKind;
use crate::patch::text::Line;

/// The figures of a `@@` line: old start, old count, new start, new count.
type Figures = (usize, usize, usize, usize);

impl Reader<'_> {
    /// Reads the hunk whose `@@` line comes next; `None` where that line cannot be understood.
    pub(super) fn hunk(&mut self, index: usize) -> Option<Hunk> {
        let at = self.at;
        let line = self.lines[at];
        let figures = figures(line.trimmed());
        if figures.is_none() && index > 0 {
            self.report(at, What::MalformedHeader);
        }
        let (old_start, old_count, new_start, new_count) = figures.unwrap_or_default();
        self.at += 1;
        let header = String::from_utf8_lossy(line.trimmed()).into_owned();
        let mut hunk = Hunk {
            old_start,
            old_count,
            new_start,
            new_count,
            lines: Vec::new(),
            lead: Vec::new(),
            header,
            written: [line.bytes, b"\n"].concat(),
            line: at + 1,
            span: line.span,
        };
        let counted = self.body(&mut hunk, index);
        if counted != (old_count, new_count) && figures.is_some() && index > 0 {
            let corrected = format!("@@ -{old_start},{} +{new_start},{} @@", counted.0, counted.1);
            self.report(at, What::WrongHunkCount { declared: (old_count, new_count), counted, corrected });
            (hunk.old_count, hunk.new_count) = counted;
        }
        if let Some(line) = misplaced_end(&hunk) {
            self.report(line, What::MisplacedEnd);
        }
        figures.map(|_| hunk)
    }

    /// Reads a hunk's lines and returns how many stand before and afterwards.
    ///
    /// The counts of the `@@` line say where the hunk ends. Where they end it too early, the lines behind that still
    /// look like a hunk's belong to it: to leave them out would lose a change.
    fn body(&mut self, hunk: &mut Hunk, index: usize) -> (usize, usize) {
        let (mut old, mut new) = (0, 0);
        while let Some(line) = self.peek() {
            if line.bytes.starts_with(b"\\") {
                self.end_marker(hunk);
                continue;
            }
            let is_full = old >= hunk.old_count && new >= hunk.new_count;
            if if is_full { !self.is_leftover() } else { self.ends_hunk(hunk, old, new) } {
                break;
            }
            let (kind, text) = match line.bytes.first() {
                Some(b' ') => (LineKind::Context, &line.bytes[1..]),
                Some(b'-') => (LineKind::Remove, &line.bytes[1..]),
                Some(b'+') => (LineKind::Add, &line.bytes[1..]),
                // The space went where a blank line or one that begins with a tab was trimmed.
                _ if line.is_blank() || line.bytes.starts_with(b"\t") => (LineKind::Context, line.bytes),
                _ => {
                    let what = if index > 0 { What::MalformedLine { hunk: index } } else { What::OrphanHunk };
                    self.report(self.at, what);
                    (LineKind::Context, line.bytes)
                }
            };
            old += usize::from(kind != LineKind::Add);
            new += usize::from(kind != LineKind::Remove);
            hunk.lines.push(self.line(line, kind, text));
            self.at += 1;
        }
        (old, new)
    }

    fn line(&self, line: Line<'_>, kind: LineKind, text: &[u8]) -> HunkLine {
        let text = [text, b"\n"].concat();
        HunkLine {
            kind,
            text,
            line: self.at + 1,
            span: line.span,
            end_marker: None,
            stripped: line.is_blank() || line.bytes.starts_with(b"\t"),
        }
    }

    /// Takes `\ No newline at end of file` in: the line before it has none.
    fn end_marker(&mut self, hunk: &mut Hunk) {
        match hunk.lines.last_mut() {
            Some(last) if last.text.ends_with(b"\n") => {
                last.text.pop();
                last.end_marker = Some([self.lines[self.at].bytes, b"\n"].concat());
            }
            _ => self.report(self.at, What::MisplacedEnd),
        }
        self.at += 1;
    }

    /// Tells whether a hunk that lacks lines by its counts ends here nevertheless.
    fn ends_hunk(&self, hunk: &Hunk, old: usize, new: usize) -> bool {
        let line = self.lines[self.at];
        // A removed line `-- x` before an added one `++ y` reads like a header. Where both fill the hunk, they are its.
        let fills = old + 1 == hunk.old_count && new + 1 == hunk.new_count;
        let is_header = self.is_header_pair(self.at) && !fills && self.starts(self.at + 2, b"@@ -");
        let is_other_file = [&b"diff --git "[..], b"Index: "].iter().any(|prefix| line.bytes.starts_with(prefix));
        // A blank line is a context line that lost its space only where the counts have room for one.
        let is_gap = line.is_blank() && (old >= hunk.old_count || new >= hunk.new_count);
        is_header || is_other_file || is_gap || self.is_hunk_start(self.at) || self.is_signature(self.at)
    }

    /// Tells whether a line behind a full hunk looks like part of it.
    fn is_leftover(&self) -> bool {
        let is_marked = |at: usize, markers: &[u8]| {
            let first = self.lines[at].bytes.first();
            first.is_some_and(|byte| markers.contains(byte)) && !self.is_header_pair(at) && !self.is_half_header(at)
        };
        let is_dashes = |at: usize| matches!(self.lines[at].trimmed(), b"-- " | b"--");
        match (self.at..self.lines.len()).find(|at| !self.lines[*at].is_blank()) {
            // A mail's signature, unless what follows reads like more of the hunk.
            Some(next) if is_dashes(next) => self.lines.get(next + 1).is_some_and(|line| {
                line.bytes.first().is_some_and(|byte| b"+-\\".contains(byte)) && !self.is_header_pair(next + 1)
            }),
            Some(next) if next == self.at => is_marked(next, b" +-"),
            Some(next) => is_marked(next, b"+-"),
            None => false,
        }
    }
}

/// Reads `@@ -1,2 +3,4 @@ section`.
pub(in crate::patch) fn figures(line: &[u8]) -> Option<Figures> {
    let text = std::str::from_utf8(line).ok().map_or_else(|| String::from_utf8_lossy(line), Into::into);
    let (old, rest) = text.strip_prefix("@@ -")?.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let range = |text: &str| -> Option<(usize, usize)> {
        let number = |digits: &str| digits.parse::<u32>().ok().and_then(|number| usize::try_from(number).ok());
        match text.split_once(',') {
            Some((start, count)) => Some((number(start)?, number(count)?)),
            None => Some((number(text)?, 1)),
        }
    };
    let ((old_start, old_count), (new_start, new_count)) = (range(old)?, range(new)?);
    Some((old_start, old_count, new_start, new_count))
}

/// Returns the index in the patch of a line that is said to end its file though lines follow it there.
fn misplaced_end(hunk: &Hunk) -> Option<usize> {
    let within = |mut side: Vec<&HunkLine>| {
        side.pop();
        side.into_iter().find(|line| !line.text.ends_with(b"\n")).map(|line| line.line - 1)
    };
    within(hunk.before().collect()).or_else(|| within(hunk.after().collect()))
}
