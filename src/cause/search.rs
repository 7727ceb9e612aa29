//! Which smallest sets of axes cause the drift?
//!
//! A set is a cause when the old side drifts once it has these axes of the new one, and no part of the set drifts alone. One
//! axis is the plain case; of two or more, each does nothing without the others: they interact. Where all mixtures are
//! affordable, all are looked at. Else delta debugging (Zeller and Hildebrandt, 2002) narrows a drifting mixture down, and
//! the search goes on where each element of a found cause in turn is left out, as in Reiter's tree of hitting sets (1987),
//! which finds all causes where more axes never undo a drift; where the budget allows for all pairs, they are tried, too.

use super::Runs;
use super::Subject;
use super::Taken;
use super::Verdict;

/// How many causes are looked for where not all mixtures are.
const CAUSES_MAX: usize = 32;

/// How many mixtures are narrowed down, at most, where not all are looked at.
const GROUNDS_MAX: usize = 256;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Causes {
    /// Whether the new side drifts from the old one.
    pub drifts: bool,
    /// The causes, the smallest first.
    pub causes: Vec<Cause>,
    /// The smallest set that was found to undo the drift when it alone is taken back from the new side; `None` where
    /// nothing drifts.
    pub undo: Option<Taken>,
    /// Whether there are no other causes: every mixture that could be one was run.
    pub is_complete: bool,
}

/// A smallest set of axes that drifts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The axes.
    pub axes: Taken,
    /// Whether every part of it was run, and none drifts.
    pub is_minimal: bool,
}

impl Causes {
    /// Returns whether changes drift that others undo again.
    #[must_use]
    pub fn are_masked(&self) -> bool {
        !self.drifts && !self.causes.is_empty()
    }
}

/// Looks for the causes; `most` is how many runs may have been asked for when it ends.
///
/// # Errors
///
/// Says why nothing more can be asked.
pub fn causes<S: Subject>(runs: &mut Runs<'_, S>, most: usize) -> Result<Causes, S::Stop> {
    let all = Taken::all(runs.axis_count());
    let drifts = runs.verdict(&all, most)? == Verdict::Drifts;
    let mut search = Search { runs, most, causes: Vec::new(), is_complete: true };
    let singles: Vec<Taken> = all.iter().map(|axis| Taken::default().with(axis)).collect();
    for single in &singles {
        search.look_at(single)?;
    }
    // A larger cause holds none of these.
    let rest: Taken = all.iter().filter(|&axis| !search.causes.iter().any(|cause| cause.axes.contains(axis))).collect();
    let undo = if drifts { search.undo(&all)? } else { None };
    if search.runs.affords(&rest, most) {
        search.exhaust(&rest)?;
    } else {
        search.is_complete = false;
        search.narrow(&rest)?;
    }
    let Search { mut causes, is_complete, .. } = search;
    causes.sort_by_key(|cause| (cause.axes.len(), cause.axes.clone()));
    Ok(Causes { drifts, causes, undo, is_complete })
}

struct Search<'r, 's, S: Subject> {
    runs: &'r mut Runs<'s, S>,
    most: usize,
    causes: Vec<Cause>,
    is_complete: bool,
}

impl<S: Subject> Search<'_, '_, S> {
    /// Looks at a mixture none of whose parts drifts.
    fn look_at(&mut self, taken: &Taken) -> Result<(), S::Stop> {
        match self.runs.verdict(taken, self.most)? {
            Verdict::Drifts => self.causes.push(Cause { axes: taken.clone(), is_minimal: true }),
            Verdict::Same => {}
            Verdict::Undecided | Verdict::Unasked => self.is_complete = false,
        }
        Ok(())
    }

    fn holds_a_cause(&self, taken: &Taken) -> bool {
        self.causes.iter().any(|cause| taken.holds(&cause.axes))
    }

    /// Looks at every mixture of two and more axes, the smallest first.
    fn exhaust(&mut self, rest: &Taken) -> Result<(), S::Stop> {
        for size in 2..=rest.len() {
            for taken in subsets(rest, size) {
                if !self.holds_a_cause(&taken) {
                    self.look_at(&taken)?;
                }
            }
        }
        Ok(())
    }

    /// Narrows drifting mixtures down, then tries pairs where the budget allows for all of them.
    fn narrow(&mut self, rest: &Taken) -> Result<(), S::Stop> {
        let mut grounds = vec![rest.clone()];
        let mut next = 0;
        while next < grounds.len() && self.causes.len() < CAUSES_MAX {
            let ground = grounds[next].clone();
            next += 1;
            let known = self.causes.iter().find(|cause| ground.holds(&cause.axes)).map(|cause| cause.axes.clone());
            let cause = match known {
                Some(known) => known,
                None if self.runs.verdict(&ground, self.most)? != Verdict::Drifts => continue,
                None => self.narrowed(&ground)?,
            };
            for axis in cause.iter() {
                let smaller = ground.without(&Taken::default().with(axis));
                if !smaller.is_empty() && !grounds.contains(&smaller) && grounds.len() < GROUNDS_MAX {
                    grounds.push(smaller);
                }
            }
        }
        // Some pairs and not others would make what is found a matter of luck.
        let pairs: Vec<Taken> = subsets(rest, 2).filter(|pair| !self.holds_a_cause(pair)).collect();
        if pairs.len() <= self.runs.left(self.most) {
            for pair in pairs {
                if !self.holds_a_cause(&pair) {
                    self.look_at(&pair)?;
                }
            }
        }
        // A pair of two that was found later is part of what was narrowed down before.
        let causes = std::mem::take(&mut self.causes);
        let holds_other =
            |cause: &Cause| causes.iter().any(|other| other.axes != cause.axes && cause.axes.holds(&other.axes));
        self.causes = causes.iter().filter(|cause| !holds_other(cause)).cloned().collect();
        Ok(())
    }

    /// Narrows a drifting mixture down to a cause.
    fn narrowed(&mut self, ground: &Taken) -> Result<Taken, S::Stop> {
        let (runs, most) = (&mut *self.runs, self.most);
        let found = minimised(ground, &mut |part| Ok(runs.verdict(part, most)? == Verdict::Drifts))?;
        // Leaving out one axis at a time may overlook a smaller part that drifts once several are left out.
        let mut is_minimal = true;
        let mut cause = found.clone();
        'parts: for size in 1..found.len() {
            for part in subsets(&found, size) {
                match self.runs.verdict(&part, self.most)? {
                    Verdict::Drifts => {
                        cause = part;
                        break 'parts;
                    }
                    Verdict::Unasked => {
                        is_minimal = false;
                        break 'parts;
                    }
                    Verdict::Same | Verdict::Undecided => {}
                }
            }
        }
        self.causes.push(Cause { axes: cause.clone(), is_minimal });
        Ok(cause)
    }

    /// Returns the smallest set that undoes the drift, as far as it is found: one axis, else what delta debugging leaves.
    fn undo(&mut self, all: &Taken) -> Result<Option<Taken>, S::Stop> {
        let (runs, most) = (&mut *self.runs, self.most);
        let mut undoes = |back: &Taken| Ok(runs.verdict(&all.without(back), most)? == Verdict::Same);
        let mut first = None;
        // All of them are asked, even once one is found: how the drift is shared out needs them, too.
        for axis in all.iter() {
            let single = Taken::default().with(axis);
            if undoes(&single)? && first.is_none() {
                first = Some(single);
            }
        }
        match first {
            Some(single) => Ok(Some(single)),
            None => minimised(all, &mut undoes).map(Some),
        }
    }
}

/// Returns a part of a set that passes, of which no axis can be left out; the whole set passes.
fn minimised<E>(ground: &Taken, passes: &mut dyn FnMut(&Taken) -> Result<bool, E>) -> Result<Taken, E> {
    let mut current: Vec<usize> = ground.iter().collect();
    let mut pieces = 2;
    'narrower: while current.len() > 1 {
        let size = current.len().div_ceil(pieces);
        let parts: Vec<Vec<usize>> = current.chunks(size).map(<[usize]>::to_vec).collect();
        for part in &parts {
            if passes(&part.iter().copied().collect())? {
                current.clone_from(part);
                pieces = 2;
                continue 'narrower;
            }
        }
        for part in &parts {
            let others: Vec<usize> = current.iter().copied().filter(|axis| !part.contains(axis)).collect();
            if parts.len() > 2 && passes(&others.iter().copied().collect())? {
                current = others;
                pieces = (pieces - 1).max(2);
                continue 'narrower;
            }
        }
        if size == 1 {
            break;
        }
        pieces = (2 * pieces).min(current.len());
    }
    Ok(current.into_iter().collect())
}

/// Returns the subsets of a size, in the order of their axes.
fn subsets(of: &Taken, size: usize) -> impl Iterator<Item = Taken> + use<> {
    let axes: Vec<usize> = of.iter().collect();
    let mut places: Option<Vec<usize>> = (size <= axes.len()).then(|| (0..size).collect());
    std::iter::from_fn(move || {
        let chosen = places.take()?;
        let mut next = chosen.clone();
        // The last place that can move on does, and those behind it follow.
        if let Some(moving) = (0..size).rev().find(|&place| chosen[place] < axes.len() - size + place) {
            next[moving] += 1;
            for place in moving + 1..size {
                next[place] = next[place - 1] + 1;
            }
            places = Some(next);
        }
        Some(chosen.iter().map(|&place| axes[place]).collect())
    })
}
