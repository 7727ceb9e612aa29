//! What do two changes of one text make together?

use std::ops::Range;

use super::compact::Side;
use super::compact::compact;
use super::text::split;

/// What a three-way merge gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merge {
    /// The text with both changes.
    Clean(Vec<u8>),
    /// The changes meet. The text has both sides where they do, between conflict markers in the style of `diff3`.
    Conflict {
        /// The text with markers.
        marked: Vec<u8>,
        /// At how many places the changes meet.
        count: usize,
    },
}

/// How the sides of a conflict are called in its markers.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// What the patch makes of the base.
    pub ours: &'a str,
    /// The base.
    pub base: &'a str,
    /// What upstream made of the base.
    pub theirs: &'a str,
}

/// Merges two changes of one base.
///
/// Changes of which the lines do not touch are both taken, the same change on both sides once. Changes that overlap or
/// touch conflict, as in `git merge-file`: that they do not contradict each other is for a person to say.
#[must_use]
pub fn merge(base: &[u8], ours: &[u8], theirs: &[u8], names: Names<'_>) -> Merge {
    let texts = Texts { base: split(base), ours: split(ours), theirs: split(theirs) };
    let (our_edits, their_edits) = (edits(base, ours), edits(base, theirs));
    let mut regions = Vec::new();
    let (mut our_next, mut their_next) = (our_edits.iter().peekable(), their_edits.iter().peekable());
    let (mut our_shift, mut their_shift) = (0_isize, 0_isize);
    let start = |edit: &&Edit| edit.base.start;
    while let Some(first) = our_next.peek().into_iter().chain(their_next.peek()).map(start).min() {
        // All edits that touch one another make one region.
        let mut region = Region { base: first..first, our_shift, their_shift, our_growth: 0, their_growth: 0 };
        loop {
            let touches = |edit: &&Edit| edit.base.start <= region.base.end;
            let (edit, growth) = if let Some(edit) = our_next.next_if(touches) {
                (edit, &mut region.our_growth)
            } else if let Some(edit) = their_next.next_if(touches) {
                (edit, &mut region.their_growth)
            } else {
                break;
            };
            *growth += edit.growth();
            region.base.end = region.base.end.max(edit.base.end);
        }
        our_shift += region.our_growth;
        their_shift += region.their_growth;
        regions.push(region);
    }
    texts.joined(&regions, names)
}

/// The lines of the three texts.
struct Texts<'a> {
    base: Vec<&'a [u8]>,
    ours: Vec<&'a [u8]>,
    theirs: Vec<&'a [u8]>,
}

/// A stretch of the base that at least one side changes.
struct Region {
    base: Range<usize>,
    /// How many lines more a side has before the region.
    our_shift: isize,
    their_shift: isize,
    /// How many lines more a side has within it.
    our_growth: isize,
    their_growth: isize,
}

/// A change of one side: lines of the base, and those that replace them.
struct Edit {
    base: Range<usize>,
    count: usize,
}

impl Edit {
    fn growth(&self) -> isize {
        self.count.cast_signed() - self.base.len().cast_signed()
    }
}

impl Region {
    fn side(&self, shift: isize, growth: isize) -> Range<usize> {
        let start = self.base.start.saturating_add_signed(shift);
        start..(start + self.base.len()).saturating_add_signed(growth)
    }
}

impl Texts<'_> {
    fn joined(&self, regions: &[Region], names: Names<'_>) -> Merge {
        let (mut text, mut copied, mut count) = (Vec::new(), 0, 0);
        for region in regions {
            text.extend(self.base[copied..region.base.start].concat());
            copied = region.base.end;
            let base = &self.base[region.base.clone()];
            let ours = &self.ours[region.side(region.our_shift, region.our_growth)];
            let theirs = &self.theirs[region.side(region.their_shift, region.their_growth)];
            if ours == theirs || theirs == base {
                text.extend(ours.concat());
            } else if ours == base {
                text.extend(theirs.concat());
            } else {
                count += 1;
                conflict(&mut text, base, ours, theirs, names);
            }
        }
        text.extend(self.base[copied..].concat());
        if count == 0 { Merge::Clean(text) } else { Merge::Conflict { marked: text, count } }
    }
}

/// Writes both sides between markers, without the lines that they begin and end with alike.
fn conflict(text: &mut Vec<u8>, base: &[&[u8]], ours: &[&[u8]], theirs: &[&[u8]], names: Names<'_>) {
    let alike = |a: &[&[u8]], b: &[&[u8]]| a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let first = alike(ours, theirs);
    let (our_rest, their_rest) = (&ours[first..], &theirs[first..]);
    let last = our_rest.iter().rev().zip(their_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    text.extend(ours[..first].concat());
    let mut part = |marker: &str, lines: &[&[u8]]| {
        text.extend(marker.as_bytes());
        text.push(b'\n');
        text.extend(lines.concat());
        if text.last() != Some(&b'\n') {
            text.push(b'\n');
        }
    };
    part(&format!("<<<<<<< {}", names.ours), &our_rest[..our_rest.len() - last]);
    part(&format!("||||||| {}", names.base), base);
    part("=======", &their_rest[..their_rest.len() - last]);
    part(&format!(">>>>>>> {}", names.theirs), &[]);
    text.extend(our_rest[our_rest.len() - last..].concat());
}

/// Returns the changes that make one text of another, in order.
fn edits(from: &[u8], to: &[u8]) -> Vec<Edit> {
    let patch = diffy::DiffOptions::new().set_context_len(0).create_patch_bytes(from, to);
    let (old_lines, new_lines) = (split(from), split(to));
    let mut old = Side { lines: &old_lines, changed: vec![false; old_lines.len()] };
    let mut new = Side { lines: &new_lines, changed: vec![false; new_lines.len()] };
    for hunk in patch.hunks() {
        for (range, side) in [(hunk.old_range(), &mut old), (hunk.new_range(), &mut new)] {
            if !range.is_empty() {
                side.changed[range.start() - 1..range.start() - 1 + range.len()].fill(true);
            }
        }
    }
    compact(&mut old, &mut new);
    let run = |side: &Side<'_>, at: usize| side.changed[at..].iter().take_while(|changed| **changed).count();
    let (mut edits, mut at, mut new_at) = (Vec::new(), 0, 0);
    loop {
        let (length, count) = (run(&old, at), run(&new, new_at));
        if length + count > 0 {
            edits.push(Edit { base: at..at + length, count });
        }
        (at, new_at) = (at + length + 1, new_at + count + 1);
        if at > old_lines.len() || new_at > new_lines.len() {
            return edits;
        }
    }
}
