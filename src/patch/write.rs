//! How is a change of a text written as hunks?

use super::diff::Hunk;
use super::diff::LineKind;
use super::place::trim;
use super::state::HunkOutcome;
use super::text::split;

/// How many bytes of a section's heading are written, as git has it.
const HEADING_BYTES_MAX: usize = 80;

/// A line of a text and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step<'a> {
    pub(super) kind: LineKind,
    /// The line with its newline; only a text's last may lack it.
    pub(super) text: &'a [u8],
}

/// Returns what becomes of each line of `before` on the way to `after`.
pub(super) fn between<'a>(before: &'a [u8], after: &'a [u8]) -> Vec<Step<'a>> {
    let (old, new) = (split(before), split(after));
    let patch = diffy::DiffOptions::new().set_context_len(old.len() + new.len()).create_patch_bytes(before, after);
    let (mut old, mut new) = (old.into_iter(), new.into_iter());
    let mut steps = Vec::new();
    // With so much context there is one hunk, which holds all lines, or none where nothing changes.
    for line in patch.hunks().iter().flat_map(diffy::Hunk::lines) {
        let (kind, side) = match line {
            diffy::Line::Context(_) => {
                new.next();
                (LineKind::Context, &mut old)
            }
            diffy::Line::Delete(_) => (LineKind::Remove, &mut old),
            diffy::Line::Insert(_) => (LineKind::Add, &mut new),
        };
        steps.extend(side.next().map(|text| Step { kind, text }));
    }
    steps.extend(old.map(kept));
    steps
}

/// Returns what becomes of each line of `before` when hunks are written where they were found, so that the lines which
/// change are the ones that the patch's author chose; `None` where not each was found, or it does not lead to `after`.
pub(super) fn placed<'a>(
    before: &'a [u8],
    after: &[u8],
    hunks: &'a [Hunk],
    found: &[HunkOutcome],
) -> Option<Vec<Step<'a>>> {
    let lines = split(before);
    let mut steps = Vec::new();
    let mut at = 0;
    for (hunk, found) in hunks.iter().zip(found) {
        let (leading, trailing) = trim(hunk, found.fuzz);
        let start = found.line? - 1 + leading;
        steps.extend(lines.get(at..start)?.iter().copied().map(kept));
        at = start;
        for line in &hunk.lines[leading..hunk.lines.len() - trailing] {
            if line.kind == LineKind::Add {
                steps.push(Step { kind: LineKind::Add, text: &line.text });
            } else {
                steps.push(Step { kind: line.kind, text: lines.get(at)? });
                at += 1;
            }
        }
    }
    steps.extend(lines.get(at..)?.iter().copied().map(kept));
    let result = steps.iter().filter(|step| step.kind != LineKind::Remove);
    result.flat_map(|step| step.text).eq(after).then_some(steps)
}

fn kept(text: &[u8]) -> Step<'_> {
    Step { kind: LineKind::Context, text }
}

/// Writes the hunks of a change with so many lines of context, and the section's heading behind `@@` as git writes it.
/// Empty where nothing changes.
pub(super) fn hunks(steps: &[Step<'_>], context: usize) -> Vec<u8> {
    let mut changed = (0..steps.len()).filter(|at| steps[*at].kind != LineKind::Context).peekable();
    let (mut text, mut counted) = (Vec::new(), Counted::default());
    while let Some(first) = changed.next() {
        let mut last = first;
        while let Some(next) = changed.next_if(|next| next - last - 1 <= 2 * context) {
            last = next;
        }
        let (from, to) = (first.saturating_sub(context), (last + 1 + context).min(steps.len()));
        counted.go(&steps[counted.step..from]);
        let (old, new) = (counted.old, counted.new);
        let heading = counted.heading;
        counted.go(&steps[from..to]);
        let old = range(old, counted.old - old);
        let new = range(new, counted.new - new);
        text.extend(format!("@@ -{old} +{new} @@").bytes());
        if let Some(heading) = heading {
            text.push(b' ');
            text.extend(heading);
        }
        text.push(b'\n');
        for step in &steps[from..to] {
            line(&mut text, step);
        }
    }
    text
}

/// How many lines lie behind, and under which heading.
#[derive(Default)]
struct Counted<'a> {
    step: usize,
    old: usize,
    new: usize,
    heading: Option<&'a [u8]>,
}

impl<'a> Counted<'a> {
    fn go(&mut self, steps: &[Step<'a>]) {
        for step in steps {
            self.step += 1;
            self.old += usize::from(step.kind != LineKind::Add);
            self.new += usize::from(step.kind != LineKind::Remove);
            if step.kind != LineKind::Add {
                self.heading = heading(step.text).or(self.heading);
            }
        }
    }
}

/// Returns what of a line stands behind `@@` where the line heads a section: it begins with a letter, `_` or `$`.
fn heading(line: &[u8]) -> Option<&[u8]> {
    line.first().filter(|first| first.is_ascii_alphabetic() || matches!(first, b'_' | b'$'))?;
    let mut cut = line.len().min(HEADING_BYTES_MAX);
    // No letter is cut in half.
    while cut < line.len() && line[cut] & 0b1100_0000 == 0b1000_0000 {
        cut -= 1;
    }
    Some(line[..cut].trim_ascii_end())
}

/// Writes a range of lines as `@@` has it: a range without lines names the line before it.
fn range(behind: usize, count: usize) -> String {
    match count {
        0 => format!("{behind},0"),
        1 => format!("{}", behind + 1),
        _ => format!("{},{count}", behind + 1),
    }
}

fn line(text: &mut Vec<u8>, step: &Step<'_>) {
    text.push(match step.kind {
        LineKind::Context => b' ',
        LineKind::Remove => b'-',
        LineKind::Add => b'+',
    });
    text.extend(step.text);
    if !step.text.ends_with(b"\n") {
        text.extend(b"\n\\ No newline at end of file\n");
    }
}
