//! Which of several equal lines does a difference call changed?
//!
//! A run of changed lines between equal ones can slide without changing what it says. A merge has to choose as git does,
//! or changes that meet for git pass each other by. This is git's own choice, `xdl_change_compact`: a run slides up and
//! down as far as it can and takes in the runs that it meets; it stays at the bottom, or where the other text has a run.

/// One text of two: its lines, and which of them the other text does not have.
pub(super) struct Side<'a> {
    pub(super) lines: &'a [&'a [u8]],
    pub(super) changed: Vec<bool>,
}

/// A run of changed lines, which may be empty: each stands before one of the unchanged lines, the last at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Run {
    start: usize,
    end: usize,
}

/// Moves the changed lines of both texts to where git has them.
pub(super) fn compact(old: &mut Side<'_>, new: &mut Side<'_>) {
    slide(old, new);
    slide(new, old);
}

fn slide(side: &mut Side<'_>, other: &Side<'_>) {
    let mut run = side.run_at(0);
    let mut across = other.run_at(0);
    loop {
        if run.start < run.end {
            let mut matching;
            let mut highest;
            loop {
                let length = run.end - run.start;
                while side.slide_up(&mut run) {
                    across = other.previous(across);
                }
                highest = run.end;
                matching = across.start < across.end;
                while side.slide_down(&mut run) {
                    across = other.run_at(across.end + 1);
                    matching |= across.start < across.end;
                }
                if run.end - run.start == length {
                    break;
                }
            }
            while matching && run.end > highest && across.start == across.end {
                side.slide_up(&mut run);
                across = other.previous(across);
            }
        }
        if run.end >= side.lines.len() {
            break;
        }
        run = side.run_at(run.end + 1);
        across = other.run_at(across.end + 1);
    }
}

impl Side<'_> {
    fn is_changed(&self, at: usize) -> bool {
        self.changed.get(at).copied().unwrap_or(false)
    }

    fn run_at(&self, start: usize) -> Run {
        let length = self.changed.iter().skip(start).take_while(|changed| **changed).count();
        Run { start, end: start + length }
    }

    /// Returns the run before; the first one is its own.
    fn previous(&self, run: Run) -> Run {
        let Some(end) = run.start.checked_sub(1) else { return run };
        let length = self.changed[..end].iter().rev().take_while(|changed| **changed).count();
        Run { start: end - length, end }
    }

    fn slide_up(&mut self, run: &mut Run) -> bool {
        if run.start == 0 || self.lines[run.start - 1] != self.lines[run.end - 1] {
            return false;
        }
        run.start -= 1;
        run.end -= 1;
        self.changed.swap(run.start, run.end);
        while run.start > 0 && self.is_changed(run.start - 1) {
            run.start -= 1;
        }
        true
    }

    fn slide_down(&mut self, run: &mut Run) -> bool {
        if run.end >= self.lines.len() || self.lines[run.start] != self.lines[run.end] {
            return false;
        }
        self.changed.swap(run.start, run.end);
        run.start += 1;
        run.end += 1;
        while self.is_changed(run.end) {
            run.end += 1;
        }
        true
    }
}
