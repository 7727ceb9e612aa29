//! Where in a file does a hunk stand, or belong?

use super::diff::Hunk;
use super::diff::LineKind;

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
    /// How many lines of context were left out at each end, as GNU patch counts them.
    pub(super) fuzz: usize,
    /// Where the text before fits, with that fuzz.
    pub(super) forward: Places,
    /// Where the text afterwards fits, without fuzz.
    pub(super) reverse: Places,
}

/// The places at which some lines fit.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    /// All of them, as indices of lines, in the file's order.
    pub(super) all: Vec<usize>,
    /// Whether one of them is the expected one.
    is_expected: bool,
    /// Whether one of them shares lines with the other side of the hunk at the expected place, and has others beside.
    reaches_over: bool,
}

/// Which of several places may be taken.
#[derive(Clone, Copy)]
pub(super) enum Choice<'a> {
    /// None: a person decides.
    Strict,
    /// The one that GNU patch takes: the nearest to the expected line, of two at the same distance the later one.
    Nearest,
    /// The one at which the result reads as these lines do, whose indices are so much larger than the file's.
    Guided(&'a [&'a [u8]], isize),
}

/// How far a search goes.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    /// How much fuzz is looked for.
    pub(super) fuzz_max: usize,
    /// How much of it somebody consented to.
    pub(super) fuzz_consented: usize,
    /// Which of several places may be taken.
    pub(super) choice: Choice<'a>,
}

/// Searches a file's lines from `floor` on for a hunk that is expected at the index `expected`.
///
/// The expected line decides: what stands there counts however many other places fit, and where both texts stand there
/// nothing can tell them apart. Away from it there must be exactly one place, for one of the two texts alone. To skip a
/// change needs more proof than to make it, for nobody notices: the text before must not reach over the place of the
/// text afterwards, as it does where one of several equal lines goes away.
///
/// Only where neither text fits, lines of context are left out, first one at each end, then two, and so on.
pub(super) fn place(hunk: &Hunk, lines: &[&[u8]], floor: usize, expected: usize, search: Search<'_>) -> Placement {
    let before = Image::new(hunk, hunk.before().map(|line| &line.text[..]).collect(), 0);
    let after = Image::new(hunk, hunk.after().map(|line| &line.text[..]).collect(), 0);
    let mut forward = before.places(&after, hunk.old_start, lines, floor, expected);
    let reverse = after.places(&before, hunk.new_start, lines, floor, expected);
    let deletes_only = hunk.lines.iter().all(|line| line.kind != LineKind::Add);
    let is_thin = deletes_only && hunk.new_count < PROOF_LINE_COUNT_MIN;
    let is_neutral = hunk.is_without_effect();
    let mut fit = match (forward.is_expected, reverse.is_expected, forward.all.len(), reverse.all.len()) {
        (true, ..) if is_neutral => Fit::Reverse(expected),
        (true, false, ..) => Fit::Forward(expected),
        (false, true, ..) if !forward.reaches_over => Fit::Reverse(expected),
        (false, false, 1, 0) => Fit::Forward(forward.all[0]),
        (false, false, 0, 1) if !is_thin => Fit::Reverse(reverse.all[0]),
        (false, false, 0, 0) => Fit::Nowhere,
        // It changes nothing anywhere, so the nearest place does no harm.
        _ if is_neutral => Choice::Nearest.take(hunk, &forward, expected, 0).map_or(Fit::Nowhere, Fit::Reverse),
        _ => Fit::Several,
    };
    let mut fuzz = 0;
    let (leading, trailing) = hunk.context();
    // Who asked for GNU patch's choice is not kept from it by a doubt that GNU patch does not have.
    let is_nearest = matches!(search.choice, Choice::Nearest);
    let doubt = fit;
    let is_open = |fit: Fit, forward: &Places| {
        fit == Fit::Nowhere || (is_nearest && fit == Fit::Several && forward.all.is_empty())
    };
    while is_open(fit, &forward) && fuzz < search.fuzz_max.min(leading.max(trailing)) {
        fuzz += 1;
        let (before, after) = (before.with_fuzz(hunk, fuzz), after.with_fuzz(hunk, fuzz));
        forward = before.places(&after, hunk.old_start, lines, floor, expected);
        // That a change stands already is not said on the strength of a guess to which nobody consented.
        let stands = if fuzz > search.fuzz_consented {
            Places::default()
        } else {
            after.places(&before, hunk.new_start, lines, floor, expected)
        };
        fit = match (&forward.all[..], &stands.all[..]) {
            ([], []) => Fit::Nowhere,
            ([], _) if stands.is_expected => Fit::Reverse(expected),
            ([], [at]) if !is_thin => Fit::Reverse(*at),
            (_, []) if forward.is_expected => Fit::Forward(expected),
            ([at], []) => Fit::Forward(*at),
            _ => Fit::Several,
        };
    }
    if fit == Fit::Nowhere {
        (fit, fuzz) = (doubt, 0);
    } else if (fit == Fit::Several || (fuzz > 0 && matches!(fit, Fit::Forward(_))))
        && let Some(at) = search.choice.take(hunk, &forward, expected, fuzz)
    {
        fit = Fit::Forward(at);
    }
    Placement { fit, fuzz, forward, reverse }
}

impl Choice<'_> {
    fn take(self, hunk: &Hunk, forward: &Places, expected: usize, fuzz: usize) -> Option<usize> {
        match self {
            Self::Strict => None,
            Self::Nearest => forward.all.iter().copied().min_by_key(|at| (at.abs_diff(expected), *at < expected)),
            Self::Guided(merged, growth) => {
                let after: Vec<&[u8]> = hunk.after().map(|line| &line.text[..]).collect();
                let (leading, trailing) = trim(hunk, fuzz);
                let core = &after[leading..after.len() - trailing];
                let stands = |at: &usize| {
                    let start = (at + leading).saturating_add_signed(growth);
                    merged.get(start..start + core.len()) == Some(core)
                };
                forward.all.iter().copied().find(stands)
            }
        }
    }
}

/// Returns how many lines of context a fuzz leaves out at the hunk's start and at its end. Where one side has less
/// context than the other, it loses less.
pub(super) fn trim(hunk: &Hunk, fuzz: usize) -> (usize, usize) {
    let (leading, trailing) = hunk.context();
    if leading == hunk.lines.len() {
        return (0, 0);
    }
    let longer = leading.max(trailing);
    ((fuzz + leading).saturating_sub(longer), (fuzz + trailing).saturating_sub(longer))
}

/// The lines of one side of a hunk, and where they may stand.
struct Image<'h> {
    /// All lines, those that fuzz leaves out included.
    lines: Vec<&'h [u8]>,
    /// How many lines are left out at the start and at the end.
    trim: (usize, usize),
    /// How many context lines the hunk begins and ends with.
    context: (usize, usize),
    is_at_top: bool,
    fuzz: usize,
}

impl<'h> Image<'h> {
    fn new(hunk: &Hunk, lines: Vec<&'h [u8]>, fuzz: usize) -> Self {
        Self { lines, trim: trim(hunk, fuzz), context: hunk.context(), is_at_top: hunk.old_start <= 1, fuzz }
    }

    fn with_fuzz(&self, hunk: &Hunk, fuzz: usize) -> Self {
        Self::new(hunk, self.lines.clone(), fuzz)
    }

    /// Returns the lines that have to agree.
    fn core(&self) -> &[&'h [u8]] {
        &self.lines[self.trim.0..self.lines.len() - self.trim.1]
    }

    /// Returns where these lines stand such that `other` can stand there instead.
    fn places(&self, other: &Self, start: usize, lines: &[&[u8]], floor: usize, expected: usize) -> Places {
        let mut places = Places::default();
        // No lines at all stand anywhere, so only the place that the header names counts. Line 0 means an empty file, or
        // its top where the other side does not stand there yet.
        let range = if self.core().is_empty() {
            let stands = start == 0 && !lines.is_empty() && lines.starts_with(&other.lines);
            if stands { 0..0 } else { expected.max(floor)..expected + 1 }
        } else {
            floor..(lines.len() + 1).saturating_sub(self.lines.len() - self.trim.1)
        };
        for at in range.filter(|at| self.fits(other, lines, *at, expected)) {
            places.is_expected |= at == expected;
            let (end, expected_end) = (at + self.lines.len(), expected + other.lines.len());
            let is_within = expected <= at && end <= expected_end;
            places.reaches_over |= at < expected_end && expected < end && !is_within;
            places.all.push(at);
        }
        places
    }

    fn fits(&self, other: &Self, lines: &[&[u8]], at: usize, expected: usize) -> bool {
        let (core, start) = (self.core(), at + self.trim.0);
        let end = start + core.len();
        lines.get(start..end) == Some(core)
            && self.anchor(at, end, lines.len(), expected)
            && (self.fuzz > 0 || other.joins(at, end, lines))
    }

    /// Tells whether the context allows the place. A hunk that has less context on one side was made at that end of the
    /// file, and belongs there; without any context on that side nothing else says where it ends. Fuzz makes up for a
    /// difference as large as itself.
    fn anchor(&self, at: usize, end: usize, line_count: usize, expected: usize) -> bool {
        let (leading, trailing) = self.context;
        let top = leading + self.fuzz >= trailing || !self.is_at_top || at == 0;
        let is_exact = self.fuzz == 0 && trailing > 0 && at == expected;
        let bottom = trailing + self.fuzz >= leading || end == line_count || is_exact;
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
