//! Where in a file does a hunk stand, or belong?

use super::diff::Hunk;
use super::diff::LineKind;

/// How many places are kept for messages; all are counted.
const PLACES_SHOWN_MAX: usize = 8;

/// How many lines before and after the expected one are searched for the place most similar to a hunk that fits nowhere.
const SIMILAR_DISTANCE_MAX: usize = 4_000;

/// How many lines without a change must agree, away from the expected line, before they prove that others were deleted.
const PROOF_LINE_COUNT_MIN: usize = 3;

/// Where a hunk was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// The text before stands at this index, and the change is to be made.
    Forward(usize),
    /// The text afterwards stands at this index: the change has been made.
    Reverse(usize),
    /// More than one answer fits.
    Several,
    /// None does.
    Nowhere,
}

/// What a search found.
#[derive(Debug, Clone)]
pub(super) struct Placement {
    pub(super) fit: Fit,
    /// Where the text before fits.
    pub(super) forward: Places,
    /// Where the text afterwards fits.
    pub(super) reverse: Places,
}

/// The places at which some lines fit.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    /// How many there are.
    pub(super) count: usize,
    /// The first of them, as indices of lines.
    pub(super) first: Vec<usize>,
    /// Whether one of them is the expected one.
    is_expected: bool,
    /// Whether one of them shares lines with the other side of the hunk at the expected place, and has others beside.
    reaches_over: bool,
}

/// Searches a file's lines from `floor` on for a hunk that is expected at the index `expected`.
///
/// The expected line decides: what stands there counts however many other places fit, and where both texts stand there
/// nothing can tell them apart. Away from it there must be exactly one place, for one of the two texts alone. To skip a
/// change needs more proof than to make it, for nobody notices: the text before must not reach over the place of the
/// text afterwards, as it does where one of several equal lines goes away.
pub(super) fn place(hunk: &Hunk, lines: &[&[u8]], floor: usize, expected: usize) -> Placement {
    let before = Image::new(hunk, hunk.before().map(|line| &line.text[..]).collect());
    let after = Image::new(hunk, hunk.after().map(|line| &line.text[..]).collect());
    let forward = before.places(&after, hunk.old_start, lines, floor, expected);
    let reverse = after.places(&before, hunk.new_start, lines, floor, expected);
    let deletes_only = hunk.lines.iter().all(|line| line.kind != LineKind::Add);
    let is_thin = deletes_only && hunk.new_count < PROOF_LINE_COUNT_MIN;
    let fit = match (forward.is_expected, reverse.is_expected, forward.count, reverse.count) {
        (true, false, ..) => Fit::Forward(expected),
        (false, true, ..) if !forward.reaches_over => Fit::Reverse(expected),
        (false, false, 1, 0) => Fit::Forward(forward.first[0]),
        (false, false, 0, 1) if !is_thin => Fit::Reverse(reverse.first[0]),
        (false, false, 0, 0) => Fit::Nowhere,
        _ => Fit::Several,
    };
    Placement { fit, forward, reverse }
}

/// The lines of one side of a hunk, and where they may stand.
struct Image<'h> {
    lines: Vec<&'h [u8]>,
    /// How many context lines the hunk begins and ends with.
    context: (usize, usize),
    is_at_top: bool,
}

impl<'h> Image<'h> {
    fn new(hunk: &Hunk, lines: Vec<&'h [u8]>) -> Self {
        Self { lines, context: hunk.context(), is_at_top: hunk.old_start <= 1 }
    }

    /// Returns where these lines stand such that `other` can stand there instead.
    fn places(&self, other: &Self, start: usize, lines: &[&[u8]], floor: usize, expected: usize) -> Places {
        let mut places = Places::default();
        // No lines at all stand anywhere, so only the place that the header names counts, and line 0 means an empty file.
        let range = if self.lines.is_empty() {
            if start == 0 && !lines.is_empty() { 0..0 } else { expected.max(floor)..expected + 1 }
        } else {
            floor..(lines.len() + 1).saturating_sub(self.lines.len())
        };
        for at in range.filter(|at| self.fits(other, lines, *at, expected)) {
            places.count += 1;
            places.is_expected |= at == expected;
            let (end, expected_end) = (at + self.lines.len(), expected + other.lines.len());
            let is_within = expected <= at && end <= expected_end;
            places.reaches_over |= at < expected_end && expected < end && !is_within;
            if places.first.len() < PLACES_SHOWN_MAX {
                places.first.push(at);
            }
        }
        places
    }

    fn fits(&self, other: &Self, lines: &[&[u8]], at: usize, expected: usize) -> bool {
        let end = at + self.lines.len();
        lines.get(at..end) == Some(&self.lines[..])
            && self.anchor(at, end, lines.len(), expected)
            && other.joins(at, end, lines)
    }

    /// Tells whether the context allows the place. A hunk that has less context on one side was made at that end of the
    /// file, and belongs there; without any context on that side nothing else says where it ends.
    fn anchor(&self, at: usize, end: usize, line_count: usize, expected: usize) -> bool {
        let (leading, trailing) = self.context;
        let top = leading >= trailing || !self.is_at_top || at == 0;
        let bottom = trailing >= leading || end == line_count || (trailing > 0 && at == expected);
        top && bottom
    }

    /// Tells whether these lines can replace those from `at` to `end` without gluing two lines together.
    fn joins(&self, at: usize, end: usize, lines: &[&[u8]]) -> bool {
        let is_open = |line: Option<&&[u8]>| line.is_some_and(|line| !line.ends_with(b"\n"));
        let ends_file = end == lines.len();
        (ends_file || !is_open(self.lines.last())) && (self.lines.is_empty() || at == 0 || !is_open(lines.get(at - 1)))
    }
}

/// Returns the index at which most of the hunk's lines before stand, the nearest to the expected one of several; `None`
/// where not one does.
pub(super) fn most_similar(hunk: &Hunk, lines: &[&[u8]], floor: usize, expected: usize) -> Option<usize> {
    let before: Vec<&[u8]> = hunk.before().map(|line| &line.text[..]).collect();
    let first = expected.saturating_sub(SIMILAR_DISTANCE_MAX).max(floor);
    let last = expected.saturating_add(SIMILAR_DISTANCE_MAX).min(lines.len());
    let similarity = |at: usize| {
        let telling = |(a, b): &(&&[u8], &&[u8])| a == b && !a.trim_ascii().is_empty();
        before.iter().zip(&lines[at..]).filter(telling).count()
    };
    let best = (first..last).map(|at| (similarity(at), at)).max_by_key(|(count, at)| {
        let distance = at.abs_diff(expected);
        (*count, std::cmp::Reverse(distance))
    })?;
    (best.0 > 0).then_some(best.1)
}
