//! Are hunks of a file out of order, or do they overlap?
//!
//! They are placed one behind the other, so the later one would find its lines taken. Hunks that are only out of order can
//! be sorted.

use super::Check;
use super::Edit;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use super::What;
use crate::patch::read::Section;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "hunk-overlap",
    code: "HV0218",
    severity: Severity::Error,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let mut marks = subject.problems(|what| matches!(what, What::HunkOverlap { .. }));
    for section in &subject.reading.sections {
        let is_here = |mark: &&mut Mark| section.hunks.iter().any(|hunk| hunk.span == mark.span);
        // Sorting once mends all of a file's hunks.
        if let Some(first) = marks.iter_mut().find(is_here) {
            first.edits = sorted(subject, section);
        }
    }
    marks
}

/// Returns the edit that puts a file's hunks into the order of their lines; none where two of them overlap.
fn sorted(subject: &Subject<'_>, section: &Section) -> Vec<Edit> {
    let mut order: Vec<_> = section.hunks.iter().collect();
    order.sort_by_key(|hunk| hunk.index());
    let is_disjoint = order.windows(2).all(|pair| pair[0].index() + pair[0].old_count <= pair[1].index());
    let lines = &subject.reading.lines;
    // A hunk goes from its `@@` to its last line, or the marker behind that.
    let blocks: Option<Vec<(usize, usize)>> = order
        .iter()
        .map(|hunk| {
            let last = hunk.lines.last()?.line;
            let marker = lines.get(last).filter(|line| line.bytes.starts_with(b"\\"));
            let end = marker.unwrap_or(&lines[last - 1]);
            end.newline.then_some((hunk.span.start, end.span.end + 1))
        })
        .collect();
    let Some(blocks) = blocks.filter(|_| is_disjoint) else {
        return Vec::new();
    };
    let (start, end) = (blocks.iter().map(|block| block.0).min(), blocks.iter().map(|block| block.1).max());
    let (Some(start), Some(end)) = (start, end) else {
        return Vec::new();
    };
    let length: usize = blocks.iter().map(|block| block.1 - block.0).sum();
    if length != end - start {
        // Something else stands between them; that is another rule's.
        return Vec::new();
    }
    let text: Vec<u8> = blocks.iter().flat_map(|block| subject.bytes(block.0, block.1)).copied().collect();
    vec![Edit::replace(start, end, text)]
}
