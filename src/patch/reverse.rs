//! Which patch undoes another?

use super::binary::Binary;
use super::diff::FilePatch;
use super::diff::Hunk;
use super::diff::LineKind;
use super::diff::Operation;
use super::diff::Patch;
use super::print;

impl Patch {
    /// Returns the patch that undoes this one, but for copies: to undo one is to drop the copy, which no hunks say.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let undoable = self.files.iter().rev().filter(|file| file.operation != Operation::Copy);
        let files = undoable.map(FilePatch::reversed).collect();
        Self { name: self.name.clone(), text: self.text.clone(), files, notes: Vec::new(), tail: Vec::new() }
    }
}

impl FilePatch {
    fn reversed(&self) -> Self {
        let operation = match self.operation {
            Operation::Create => Operation::Delete,
            Operation::Delete => Operation::Create,
            Operation::Modify | Operation::Rename | Operation::Copy => self.operation,
        };
        let mut shift = 0;
        let hunks = self.hunks.iter().map(|hunk| hunk.reversed(&mut shift)).collect();
        let mut reversed = Self {
            old_path: self.new_path.clone(),
            new_path: self.old_path.clone(),
            operation,
            mode: None,
            hunks,
            binary: self.binary.as_ref().map(Binary::reversed),
            has_returns: self.has_returns,
            written: (self.written.1.clone(), self.written.0.clone()),
            lead: Vec::new(),
            span: self.span,
        };
        reversed.lead = print::lead(&reversed);
        reversed
    }
}

impl Hunk {
    /// Returns the inverse. The places of the result follow from the old places and counts alone, because the new
    /// places of a hunk that was cut out of a longer diff are wrong.
    fn reversed(&self, shift: &mut isize) -> Self {
        let index = self.index().saturating_add_signed(*shift);
        *shift += self.new_count.cast_signed() - self.old_count.cast_signed();
        let mut reversed = self.clone();
        (reversed.old_count, reversed.new_count) = (self.new_count, self.old_count);
        (reversed.old_start, reversed.new_start) = (index + usize::from(self.new_count > 0), self.old_start);
        reversed.lead.clear();
        for line in &mut reversed.lines {
            line.kind = match line.kind {
                LineKind::Context => LineKind::Context,
                LineKind::Remove => LineKind::Add,
                LineKind::Add => LineKind::Remove,
            };
        }
        reversed
    }
}
