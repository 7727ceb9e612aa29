//! Which of many changes causes a drift, and how much of it belongs to each of them?
//!
//! Two sides, an old and a new one, differ in some axes. A run takes some of them from the new side and the others from the
//! old one, and has an outcome, or none where the mixture does not work. What a run is, and when two outcomes drift apart,
//! is the [`Subject`]'s to say; here is only asked for runs, each at most once, within a budget, always in the same order.

pub mod search;
pub mod share;
pub mod step;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use indexmap::IndexMap;

/// The numbers of an outcome by name; `None` for one that does not exist.
pub type Figures = IndexMap<String, Option<f64>>;

/// What is asked for runs.
pub trait Subject {
    /// What comes of a run.
    type Outcome: PartialEq;
    /// Why nothing more can be asked, an interruption for example.
    type Stop;

    /// Returns in how many axes the two sides differ.
    fn axis_count(&self) -> usize;

    /// Runs with some axes from the new side; the inner error says why this mixture has no outcome.
    ///
    /// # Errors
    ///
    /// Says why nothing more can be asked.
    fn run(&mut self, taken: &Taken) -> Result<Result<Self::Outcome, String>, Self::Stop>;

    /// Returns whether an outcome is a drift from the old side's.
    fn drifts(&self, old: &Self::Outcome, other: &Self::Outcome) -> bool;

    /// Returns the numbers of an outcome.
    fn figures(&self, outcome: &Self::Outcome) -> Figures;
}

/// Some axes: those that are taken from the new side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Taken(BTreeSet<usize>);

impl Taken {
    /// Returns all of `count` axes.
    #[must_use]
    pub fn all(count: usize) -> Self {
        Self((0..count).collect())
    }

    /// Returns these axes and one more.
    #[must_use]
    pub fn with(&self, axis: usize) -> Self {
        let mut more = self.clone();
        more.0.insert(axis);
        more
    }

    /// Returns the axes that are not among the others.
    #[must_use]
    pub fn without(&self, others: &Self) -> Self {
        Self(self.0.difference(&others.0).copied().collect())
    }

    /// Returns the axes, the lowest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.0.iter().copied()
    }

    /// Returns how many axes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether an axis is among them.
    #[must_use]
    pub fn contains(&self, axis: usize) -> bool {
        self.0.contains(&axis)
    }

    /// Returns whether all of the others are among them.
    #[must_use]
    pub fn holds(&self, others: &Self) -> bool {
        others.0.is_subset(&self.0)
    }
}

impl FromIterator<usize> for Taken {
    fn from_iter<I: IntoIterator<Item = usize>>(axes: I) -> Self {
        Self(axes.into_iter().collect())
    }
}

/// What a drift is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Both sides have an outcome: what makes it another one?
    Drift,
    /// The new side has none: what keeps it from having one?
    Failure,
}

/// What a run says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is as the old side.
    Same,
    /// It drifts; or, where that is the question, it has no outcome.
    Drifts,
    /// It has no outcome, so that nothing is known.
    Undecided,
    /// It was not asked: the budget is spent.
    Unasked,
}

/// The runs that were asked for so far, each once.
pub struct Runs<'s, S: Subject> {
    subject: &'s mut S,
    known: BTreeMap<Taken, Result<S::Outcome, String>>,
    question: Question,
    budget: usize,
}

/// The old side has no outcome, so that there is nothing to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoBase(pub String);

impl<'s, S: Subject> Runs<'s, S> {
    /// Runs both sides. `budget` is how many runs may be asked for altogether; both sides are run in any case.
    ///
    /// # Errors
    ///
    /// The inner error says that the old side has no outcome.
    pub fn begin(subject: &'s mut S, budget: usize) -> Result<Result<Self, NoBase>, S::Stop> {
        let all = Taken::all(subject.axis_count());
        let mut known = BTreeMap::new();
        match subject.run(&Taken::default())? {
            Err(why) => return Ok(Err(NoBase(why))),
            old => known.insert(Taken::default(), old),
        };
        let mut question = Question::Drift;
        if !all.is_empty() {
            let new = subject.run(&all)?;
            if new.is_err() {
                question = Question::Failure;
            }
            known.insert(all, new);
        }
        Ok(Ok(Self { subject, known, question, budget }))
    }

    /// Returns what a drift is asked about.
    #[must_use]
    pub fn question(&self) -> Question {
        self.question
    }

    /// Returns what is asked for runs.
    #[must_use]
    pub fn subject(&self) -> &S {
        self.subject
    }

    /// Returns the outcomes of the old side and of the new one; `None` for a side without one.
    #[must_use]
    pub fn ends(&self) -> (Option<&S::Outcome>, Option<&S::Outcome>) {
        let of = |taken: &Taken| self.known.get(taken).and_then(|outcome| outcome.as_ref().ok());
        (of(&Taken::default()), of(&Taken::all(self.axis_count())))
    }

    /// Returns the axes' number.
    #[must_use]
    pub fn axis_count(&self) -> usize {
        self.subject.axis_count()
    }

    /// Returns how many runs were asked for.
    #[must_use]
    pub fn count(&self) -> usize {
        self.known.len()
    }

    /// Returns how many more runs may be asked for, of `most` altogether.
    fn left(&self, most: usize) -> usize {
        most.min(self.budget).saturating_sub(self.known.len())
    }

    /// Returns whether every mixture of some axes can be asked for; what is known already costs nothing.
    fn affords(&self, axes: &Taken, most: usize) -> bool {
        let count = u32::try_from(axes.len()).ok().and_then(|count| 2_usize.checked_pow(count));
        let known = self.known.keys().filter(|taken| axes.holds(taken)).count();
        count.is_some_and(|count| count - known.min(count) <= self.left(most))
    }

    /// Runs, unless it was run before or `most` runs were asked for altogether; tells whether the outcome is known.
    fn ask(&mut self, taken: &Taken, most: usize) -> Result<bool, S::Stop> {
        if !self.known.contains_key(taken) {
            if self.left(most) == 0 {
                return Ok(false);
            }
            let outcome = self.subject.run(taken)?;
            self.known.insert(taken.clone(), outcome);
        }
        Ok(true)
    }

    /// Runs as [`Runs::ask`] does, and says how the outcome stands to the old side's.
    fn verdict(&mut self, taken: &Taken, most: usize) -> Result<Verdict, S::Stop> {
        Ok(if self.ask(taken, most)? { self.known_verdict(taken) } else { Verdict::Unasked })
    }

    fn known_verdict(&self, taken: &Taken) -> Verdict {
        let old = self.known[&Taken::default()].as_ref();
        match (self.known.get(taken), self.question, old) {
            (None, ..) => Verdict::Unasked,
            (Some(Err(_)), Question::Failure, _) => Verdict::Drifts,
            (Some(Err(_)), Question::Drift, _) | (_, _, Err(_)) => Verdict::Undecided,
            (Some(Ok(_)), Question::Failure, _) => Verdict::Same,
            (Some(Ok(outcome)), Question::Drift, Ok(old)) => {
                if self.subject.drifts(old, outcome) {
                    Verdict::Drifts
                } else {
                    Verdict::Same
                }
            }
        }
    }

    /// Returns the numbers of a known outcome; `None` where there is no outcome.
    fn figures(&self, taken: &Taken) -> Option<Figures> {
        let outcome = self.known.get(taken)?.as_ref().ok()?;
        Some(self.subject.figures(outcome))
    }

    /// Returns the runs without an outcome, each with the reason, the smallest first.
    #[must_use]
    pub fn undecided(&self) -> Vec<(Taken, String)> {
        let failed =
            self.known.iter().filter_map(|(taken, outcome)| Some((taken.clone(), outcome.as_ref().err()?.clone())));
        let mut failed: Vec<(Taken, String)> = failed.collect();
        failed.sort_by_key(|(taken, _)| (taken.len(), taken.clone()));
        failed
    }
}
