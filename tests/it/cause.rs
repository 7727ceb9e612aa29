//! Causes of drifts, and the shares of axes in what changed: planted ones are found, whatever hides them.

use std::collections::BTreeSet;
use std::convert::Infallible;

use hive::cause::Figures;
use hive::cause::Question;
use hive::cause::Runs;
use hive::cause::Subject;
use hive::cause::Taken;
use hive::cause::search;
use hive::cause::search::Causes;
use hive::cause::share;
use hive::cause::share::Change;
use hive::cause::share::Method;
use hive::cause::share::Shares;
use hive::cause::step;
use hive::cause::step::Place;
use hive::cause::step::Step;
use proptest::prelude::*;

/// What a planted run gives: its identity and some numbers, or why it gives nothing.
type Given = Result<(String, Vec<(&'static str, Option<f64>)>), String>;

/// Two sides whose mixtures give what a function says.
struct Planted<F> {
    count: usize,
    give: F,
    asked: Vec<Taken>,
}

impl<F: FnMut(&[bool]) -> Given> Subject for Planted<F> {
    type Outcome = (String, Vec<(&'static str, Option<f64>)>);
    type Stop = Infallible;

    fn axis_count(&self) -> usize {
        self.count
    }

    fn run(&mut self, taken: &Taken) -> Result<Result<Self::Outcome, String>, Infallible> {
        assert!(!self.asked.contains(taken), "{taken:?} was asked for twice");
        self.asked.push(taken.clone());
        let switches: Vec<bool> = (0..self.count).map(|axis| taken.contains(axis)).collect();
        Ok((self.give)(&switches))
    }

    fn drifts(&self, old: &Self::Outcome, other: &Self::Outcome) -> bool {
        old.0 != other.0
    }

    fn figures(&self, outcome: &Self::Outcome) -> Figures {
        outcome.1.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
    }
}

struct Found {
    question: Question,
    causes: Causes,
    shares: Shares,
    undecided: Vec<(Taken, String)>,
    run_count: usize,
}

/// Looks for causes with half the budget, and shares out with all of it.
fn found(count: usize, budget: usize, give: impl FnMut(&[bool]) -> Given) -> Found {
    let mut subject = Planted { count, give, asked: Vec::new() };
    let Ok(begun) = Runs::begin(&mut subject, budget);
    let mut runs = begun.expect("the old side has an outcome");
    let Ok(causes) = search::causes(&mut runs, budget / 2);
    let Ok(shares) = share::shares(&mut runs, budget);
    let found =
        Found { question: runs.question(), causes, shares, undecided: runs.undecided(), run_count: runs.count() };
    assert_eq!(found.run_count, subject.asked.len());
    assert!(found.run_count <= budget.max(2), "{} runs of {budget}", found.run_count);
    found
}

fn taken(axes: &[usize]) -> Taken {
    axes.iter().copied().collect()
}

/// Returns the causes as lists of axes.
fn causes(found: &Found) -> Vec<Vec<usize>> {
    found.causes.causes.iter().map(|cause| cause.axes.iter().collect()).collect()
}

/// Gives an identity that tells whether it drifts, and one number.
#[allow(clippy::unnecessary_wraps, reason = "it is what a run gives")]
fn told(drifts: bool, profit: f64) -> Given {
    Ok((if drifts { "drift" } else { "old" }.to_owned(), vec![("profit", Some(profit))]))
}

#[test]
fn one_cause_among_five_axes() {
    let found = found(5, 64, |taken| told(taken[3], if taken[3] { 7.0 } else { 5.0 }));
    assert_eq!(causes(&found), [[3]]);
    assert!(found.causes.drifts && found.causes.is_complete && found.causes.causes[0].is_minimal);
    assert_eq!(found.causes.undo, Some(taken(&[3])));
    assert_eq!(found.shares.method, Method::Exact);
    let profit = &found.shares.figures["profit"];
    assert_eq!(profit.change, Change::Value(2.0));
    assert_eq!(profit.shares, Some(vec![0.0, 0.0, 0.0, 2.0, 0.0]));
}

#[test]
fn two_interacting_causes_in_a_matrix_of_32() {
    let both = |taken: &[bool]| taken[1] && taken[4];
    let found = found(5, 64, |taken| told(both(taken), if both(taken) { 8.0 } else { 0.0 }));
    assert_eq!(causes(&found), [[1, 4]]);
    assert!(found.causes.is_complete);
    // Either one undoes it.
    assert_eq!(found.causes.undo, Some(taken(&[1])));
    // Nothing comes of one without the other, so that each has half.
    let profit = &found.shares.figures["profit"];
    assert_eq!(profit.shares, Some(vec![0.0, 4.0, 0.0, 0.0, 4.0]));
    assert_eq!(profit.alone, [Some(0.0); 5]);
}

#[test]
fn several_causes_of_their_own_beside_an_interaction() {
    let drifts = |taken: &[bool]| taken[0] || taken[2] && taken[5] || taken[2] && taken[3];
    let found = found(6, 128, |taken| told(drifts(taken), 0.0));
    assert_eq!(causes(&found), [vec![0], vec![2, 3], vec![2, 5]]);
    assert_eq!(found.causes.undo, Some(taken(&[0, 2])));
}

#[test]
fn many_axes_are_narrowed_down() {
    // 2^40 mixtures; three axes that only together do it, and one that does it alone.
    let drifts = |taken: &[bool]| taken[7] && taken[21] && taken[33] || taken[12];
    let found = found(40, 400, |taken| told(drifts(taken), f64::from(u8::from(taken[12]))));
    assert_eq!(causes(&found), [vec![12], vec![7, 21, 33]]);
    assert!(found.causes.causes.iter().all(|cause| cause.is_minimal));
    assert!(!found.causes.is_complete, "not all mixtures were run");
    assert_eq!(found.shares.method, Method::Effective);
    assert_eq!(found.shares.figures["profit"].shares.as_ref().map(|shares| shares[12]), Some(1.0));
}

#[test]
fn several_interactions_are_narrowed_down_each() {
    let drifts = |taken: &[bool]| taken[30] && (taken[3] || taken[31]) || taken[9] && taken[10] && taken[11];
    let found = found(34, 2_000, |taken| told(drifts(taken), 0.0));
    assert_eq!(causes(&found), [vec![3, 30], vec![30, 31], vec![9, 10, 11]]);
}

#[test]
fn two_changes_that_cancel_are_seen() {
    let found = found(3, 32, |taken| {
        let value = f64::from(u8::from(taken[0])) - f64::from(u8::from(taken[1]));
        told(value != 0.0, value)
    });
    assert!(!found.causes.drifts);
    assert!(found.causes.are_masked());
    assert_eq!(causes(&found), [[0], [1]]);
    assert_eq!(found.causes.undo, None);
    let profit = &found.shares.figures["profit"];
    assert_eq!(profit.change, Change::Value(0.0));
    assert_eq!(profit.shares, Some(vec![1.0, -1.0, 0.0]));
}

#[test]
fn an_interaction_that_a_third_change_hides_is_found_where_the_budget_allows() {
    let drifts = |taken: &[bool]| taken[0] && taken[1] && !taken[2];
    let all = found(4, 64, |taken| told(drifts(taken), 0.0));
    assert_eq!(causes(&all), [[0, 1]]);
    assert!(all.causes.are_masked() && all.causes.is_complete);
    // Too many axes for all mixtures, but not for all pairs.
    let pairs = found(20, 600, |taken| told(drifts(taken), 0.0));
    assert_eq!(causes(&pairs), [[0, 1]]);
    assert!(!pairs.causes.is_complete);
}

#[test]
fn mixtures_without_an_outcome_are_gone_around() {
    // Axis 1 needs axis 0, as a patch needs the one before it.
    let found = found(3, 32, |taken| {
        if taken[1] && !taken[0] {
            return Err("patch 1 does not apply".to_owned());
        }
        told(taken[1], f64::from(u8::from(taken[0])) + 10.0 * f64::from(u8::from(taken[1])))
    });
    assert_eq!(causes(&found), [[0, 1]]);
    assert!(!found.causes.is_complete, "what axis 1 does alone is not known");
    assert_eq!(found.undecided.len(), 2);
    assert_eq!(found.undecided[0], (taken(&[1]), "patch 1 does not apply".to_owned()));
    // The only orders are those in which 0 comes before 1.
    let profit = &found.shares.figures["profit"];
    assert_eq!(profit.shares, Some(vec![1.0, 10.0, 0.0]));
    assert_eq!(profit.alone, [Some(1.0), None, Some(0.0)]);
}

#[test]
fn a_new_side_that_fails_has_causes_and_no_shares() {
    let found = found(4, 64, |taken| {
        if taken[1] && taken[2] { Err("the configuration is refused".to_owned()) } else { told(taken[0], 1.0) }
    });
    assert_eq!(found.question, Question::Failure);
    assert_eq!(causes(&found), [[1, 2]]);
    assert_eq!(found.causes.undo, Some(taken(&[1])));
    assert_eq!(found.shares.method, Method::Nothing);
    assert_eq!(found.shares.figures["profit"].shares, None);
}

#[test]
fn an_old_side_that_fails_is_no_base() {
    let mut subject = Planted { count: 1, give: |_: &[bool]| Err("no candles".to_owned()), asked: Vec::new() };
    let Ok(begun) = Runs::begin(&mut subject, 8);
    assert_eq!(begun.err().map(|base| base.0), Some("no candles".to_owned()));
    assert_eq!(subject.asked.len(), 1);
}

#[test]
fn without_axes_there_is_one_run_and_nothing_to_share() {
    let found = found(0, 8, |_| told(false, 3.0));
    assert_eq!(found.run_count, 1);
    assert!(!found.causes.drifts && found.causes.causes.is_empty() && found.causes.undo.is_none());
    let profit = &found.shares.figures["profit"];
    assert_eq!((profit.change, profit.shares.clone()), (Change::Value(0.0), Some(Vec::new())));
}

#[test]
fn one_axis_has_it_all_in_two_runs() {
    let found = found(1, 8, |taken| told(taken[0], if taken[0] { 4.5 } else { 1.25 }));
    assert_eq!(found.run_count, 2);
    assert_eq!(causes(&found), [[0]]);
    assert_eq!(found.causes.undo, Some(taken(&[0])));
    assert_eq!(found.shares.figures["profit"].shares, Some(vec![3.25]));
}

#[test]
fn numbers_that_come_and_go_are_shared_out_as_existing() {
    let found = found(2, 16, |taken| {
        let ratio = taken[0].then_some(1.5);
        let mut figures = vec![("comes", ratio), ("never", None)];
        if !taken[1] {
            figures.push(("goes", Some(9.0)));
        }
        Ok((format!("{taken:?}"), figures))
    });
    let figure = |name: &str| &found.shares.figures[name];
    assert_eq!((figure("comes").change, figure("comes").shares.clone()), (Change::Appears, Some(vec![1.0, 0.0])));
    assert_eq!((figure("goes").change, figure("goes").shares.clone()), (Change::Disappears, Some(vec![0.0, -1.0])));
    assert_eq!((figure("never").change, figure("never").shares.clone()), (Change::Missing, Some(vec![0.0, 0.0])));
    assert_eq!((figure("comes").old, figure("comes").new), (None, Some(1.5)));
}

#[test]
fn a_number_that_is_missing_on_every_way_has_no_shares() {
    let found = found(2, 16, |taken| {
        let is_end = taken[0] == taken[1];
        Ok((format!("{taken:?}"), vec![("ratio", is_end.then_some(f64::from(u8::from(taken[0]))))]))
    });
    let ratio = &found.shares.figures["ratio"];
    assert_eq!((ratio.change, ratio.shares.clone()), (Change::Value(1.0), None));
    assert_eq!(ratio.alone, [None, None]);
}

#[test]
fn what_the_budget_allows_decides_how_shares_are_found() {
    // Ten axes, each with an effect and every two with one more.
    let give = |taken: &[bool]| {
        let count = taken.iter().filter(|taken| **taken).count() as f64;
        told(count > 0.0, count * count)
    };
    let methods = [(2_000, Method::Exact), (100, Method::Ordered), (12, Method::Nothing), (0, Method::Nothing)];
    for (budget, method) in methods {
        let found = found(10, budget, give);
        assert_eq!(found.shares.method, method, "{budget}");
        match &found.shares.figures["profit"].shares {
            // All axes do the same; so do the first and the last in the order and its reverse.
            Some(shares) => assert!(shares.iter().all(|share| (share - 10.0).abs() < 1e-9), "{shares:?}"),
            None => assert_eq!(method, Method::Nothing),
        }
    }
}

#[test]
fn a_screen_that_overlooks_an_effect_is_noticed() {
    // Two pairs of which one is enough: no axis is seen alone, or taken back, and yet all of them together drift.
    let pairs = |taken: &[bool]| taken[1] && taken[2] || taken[4] && taken[5];
    let found = found(14, 80, |taken| told(pairs(taken), f64::from(u8::from(pairs(taken)))));
    assert_eq!(found.shares.method, Method::Ordered);
    assert!(found.shares.effective.len() < 4, "not all of the four are seen, {:?}", found.shares.effective);
    let shares = found.shares.figures["profit"].shares.clone().expect("they are shared out");
    assert_eq!((shares[2], shares[4]), (0.5, 0.5));
    // Four that do something only all together are not seen alone, but any of them taken back is.
    let four = |taken: &[bool]| taken[4..8].iter().all(|taken| *taken);
    let found = self::found(14, 80, |taken| told(four(taken), 4.0 * f64::from(u8::from(four(taken)))));
    assert_eq!(found.shares.effective, taken(&[4, 5, 6, 7]));
    let shares = found.shares.figures["profit"].shares.clone().expect("they are shared out");
    assert!(shares[4..8].iter().all(|share| (share - 1.0).abs() < 1e-12), "{shares:?}");
    // A pair of twins of which one is enough: neither alone taken back is seen, but each alone is.
    let twins = |taken: &[bool]| taken[1] || taken[2];
    let found = self::found(14, 80, |taken| told(twins(taken), f64::from(u8::from(twins(taken)))));
    assert_eq!(found.shares.effective, taken(&[1, 2]));
}

/// A game of the property tests: for each set of axes, as bits, whether it has an outcome, and its value.
fn games() -> impl Strategy<Value = (usize, Vec<(u8, i32)>)> {
    (0_usize..6).prop_flat_map(|count| (Just(count), prop::collection::vec((0_u8..8, -3..4_i32), 1 << count)))
}

fn place(taken: &[bool]) -> usize {
    taken.iter().enumerate().map(|(axis, taken)| usize::from(*taken) << axis).sum()
}

proptest! {
    #[test]
    fn shares_add_up_to_the_change(game in games(), budget in 2_usize..80) {
        let (count, values) = game;
        let give = |taken: &[bool]| {
            let (luck, value) = values[place(taken)];
            let is_end = taken.iter().all(|taken| *taken) || taken.iter().all(|taken| !*taken);
            // One mixture of eight has no outcome; the ends have one.
            if luck == 0 && !is_end { return Err("broken".to_owned()); }
            told(value != values[0].1, f64::from(value) * 0.1)
        };
        let found = found(count, budget, give);
        let profit = &found.shares.figures["profit"];
        let Change::Value(change) = profit.change else { panic!("{profit:?}") };
        if let Some(shares) = &profit.shares {
            prop_assert_eq!(shares.len(), count);
            prop_assert!((shares.iter().sum::<f64>() - change).abs() < 1e-12, "{:?} of {}", shares, change);
        }
        if budget >= 64 && values.iter().all(|(luck, _)| *luck != 0) {
            prop_assert_eq!(found.shares.method, Method::Exact);
        }
    }

    #[test]
    fn causes_are_exactly_the_smallest_drifting_sets(game in games()) {
        let (count, values) = game;
        let drifts = |place: usize| values[place].1 > 1 && place > 0;
        let found = found(count, 128, |taken| told(drifts(place(taken)), 0.0));
        let smallest: BTreeSet<Vec<usize>> = (1..1_usize << count)
            .filter(|&set| drifts(set) && (1..set).all(|part| part & set != part || !drifts(part)))
            .map(|set| (0..count).filter(|axis| set & 1 << axis != 0).collect())
            .collect();
        prop_assert_eq!(causes(&found).into_iter().collect::<BTreeSet<_>>(), smallest);
        prop_assert!(found.causes.is_complete);
    }

    #[test]
    fn narrowing_finds_all_causes_of_what_more_axes_never_undo(
        planted in prop::collection::vec(prop::collection::btree_set(0_usize..12, 1..4), 1..4),
    ) {
        let give = |taken: &[bool]| told(planted.iter().any(|cause| cause.iter().all(|&axis| taken[axis])), 0.0);
        // Fewer than 4,096 runs are allowed, so that not all mixtures are looked at.
        let found = found(12, 2_000, give);
        let is_smallest = |cause: &&BTreeSet<usize>| planted.iter().all(|other| other == *cause || !other.is_subset(cause));
        let smallest: BTreeSet<Vec<usize>> =
            planted.iter().filter(is_smallest).map(|cause| cause.iter().copied().collect()).collect();
        prop_assert_eq!(causes(&found).into_iter().collect::<BTreeSet<_>>(), smallest);
        let undo = found.causes.undo.expect("it drifts");
        let rest: Vec<bool> = (0..12).map(|axis| !undo.contains(axis)).collect();
        prop_assert!(!planted.iter().any(|cause| cause.iter().all(|&axis| rest[axis])), "{:?} does not undo it", undo);
    }

    #[test]
    fn a_single_change_is_found_by_halving(count in 2_usize..200, at in 1_usize..200, holes in prop::collection::btree_set(0_usize..200, 0..20)) {
        let at = 1 + (at - 1) % (count - 1);
        let ask = |place: usize| -> Result<Place, Infallible> {
            Ok(if holes.contains(&place) { Place::Undecided } else if place >= at { Place::Differs } else { Place::Same })
        };
        let Ok(step) = step::binary(count, &mut |place| ask(place));
        let Ok(linear) = step::linear(count, &mut |place| ask(place));
        prop_assert_eq!(step.first_different, (at..count).find(|place| !holes.contains(place)));
        prop_assert_eq!((&step.last_same, &step.first_different), (&linear.last_same, &linear.first_different));
        if step.first_different.is_some() {
            prop_assert_eq!(&step.undecided, &linear.undecided);
        }
        prop_assert!(step.asked_count <= 10 + 2 * holes.len(), "{} of {}", step.asked_count, count);
    }
}

#[test]
fn nothing_changes_where_the_last_place_is_as_the_first() {
    let Ok(step) = step::binary(9, &mut |_| Ok::<_, Infallible>(Place::Same));
    assert_eq!(step, Step { last_same: 8, first_different: None, undecided: Vec::new(), asked_count: 1 });
    let Ok(step) = step::linear(1, &mut |_| Ok::<_, Infallible>(Place::Differs));
    assert_eq!(step, Step { last_same: 0, first_different: None, undecided: Vec::new(), asked_count: 0 });
}
