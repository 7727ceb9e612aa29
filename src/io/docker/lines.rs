//! How do pieces of output become lines, of which the last are kept?

use std::collections::VecDeque;

use crate::io::script::TALK_BYTES_MAX;

/// The longest line that is told; a longer one is told in parts.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Cuts output into lines and keeps the end of it.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The line that has no end yet.
    open: Vec<u8>,
    kept: VecDeque<String>,
    kept_bytes: usize,
}

impl Lines {
    /// Takes a piece of output and tells the lines that end in it.
    pub(super) fn push(&mut self, piece: &[u8], on_line: &mut dyn FnMut(&str)) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            self.open.extend_from_slice(part);
            if part.ends_with(b"\n") || self.open.len() >= LINE_BYTES_MAX {
                self.close(on_line);
            }
        }
    }

    /// Tells what is left, and returns the end of the output: whole lines, at most [`TALK_BYTES_MAX`].
    pub(super) fn end(mut self, on_line: &mut dyn FnMut(&str)) -> String {
        self.last(on_line);
        self.kept.into_iter().collect()
    }

    /// Tells what is left.
    pub(super) fn finish(mut self, on_line: &mut dyn FnMut(&str)) {
        self.last(on_line);
    }

    fn last(&mut self, on_line: &mut dyn FnMut(&str)) {
        if !self.open.is_empty() {
            self.close(on_line);
        }
    }

    /// Returns the last lines so far.
    pub(super) fn tail(&self, count_max: usize) -> Vec<String> {
        let lines = self.kept.iter().map(|line| line.trim_end().to_owned());
        lines.skip(self.kept.len().saturating_sub(count_max)).collect()
    }

    fn close(&mut self, on_line: &mut dyn FnMut(&str)) {
        let line = plain(&String::from_utf8_lossy(&self.open));
        self.open.clear();
        let line = line.trim_end_matches(['\n', '\r']);
        on_line(line);
        self.kept_bytes += line.len() + 1;
        self.kept.push_back(format!("{line}\n"));
        while self.kept_bytes > TALK_BYTES_MAX
            && let Some(first) = self.kept.pop_front()
        {
            self.kept_bytes -= first.len();
        }
    }
}

/// Returns the text without the escape sequences that colour it and move the cursor.
pub(super) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
