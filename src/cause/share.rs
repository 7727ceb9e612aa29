//! How much of every number's change belongs to which axis?
//!
//! By Shapley's value (1953): what an axis adds, averaged over the orders in which the axes can be taken over one after the
//! other. So the shares add up to the whole change, axes that do the same have the same share, and one without any effect
//! has none. Where a mixture on the way has no outcome, or the number does not exist in it, the average is over the orders
//! that go around it.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::Figures;
use super::Question;
use super::Runs;
use super::Subject;
use super::Taken;

/// How the shares were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Every mixture was run.
    Exact,
    /// Every mixture of the axes that have an effect was run; the others had none, alone and taken back, and all of them
    /// together make no difference.
    Effective,
    /// The axes were taken over in the order given and in the reverse one, and the two averaged.
    Ordered,
    /// Not at all: the budget does not even allow for that, or one of the sides has no outcome.
    Nothing,
}

/// The shares of every number.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// How they were found.
    pub method: Method,
    /// The axes that are seen to have an effect; all of them where that was not looked at.
    pub effective: Taken,
    /// The numbers by name, those of the old side first.
    pub figures: IndexMap<String, Shared>,
}

/// A number's change and its shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    /// The number on the old side; `None` where it does not exist.
    pub old: Option<f64>,
    /// The number on the new side; `None` where it does not exist.
    pub new: Option<f64>,
    /// What is shared out.
    pub change: Change,
    /// The share of each axis, by its place; `None` where no order of the axes could be run through.
    pub shares: Option<Vec<f64>>,
    /// What each axis does when it alone is taken over; `None` where that is not known.
    pub alone: Vec<Option<f64>>,
}

/// What changes of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// Its value, by this much.
    Value(f64),
    /// It exists on the new side alone; the shares add up to 1.
    Appears,
    /// It exists on the old side alone; the shares add up to -1.
    Disappears,
    /// It exists on neither side.
    Missing,
}

/// Shares out every number's change; `most` is how many runs may have been asked for when it ends.
///
/// # Errors
///
/// Says why nothing more can be asked.
pub fn shares<S: Subject>(runs: &mut Runs<'_, S>, most: usize) -> Result<Shares, S::Stop> {
    let all = Taken::all(runs.axis_count());
    if runs.question() == Question::Failure {
        return Ok(shared_out(runs, Method::Nothing, &all, &[], &all));
    }
    if runs.affords(&all, most) {
        let nodes = lattice(&all);
        for node in &nodes {
            runs.ask(node, most)?;
        }
        return Ok(shared_out(runs, Method::Exact, &all, &edges(&nodes), &all));
    }
    let effective = effective(runs, &all, most)?;
    let is_screened = runs.ask(&effective, most)? && runs.known.get(&effective) == runs.known.get(&all);
    if is_screened && runs.affords(&effective, most) {
        let nodes = lattice(&effective);
        for node in &nodes {
            runs.ask(node, most)?;
        }
        return Ok(shared_out(runs, Method::Effective, &effective, &edges(&nodes), &effective));
    }
    let axes: Vec<usize> = if is_screened { &effective } else { &all }.iter().collect();
    let reverse: Vec<usize> = axes.iter().rev().copied().collect();
    let mut steps = Vec::new();
    for order in [axes, reverse] {
        let mut before = Taken::default();
        for axis in order {
            let after = before.with(axis);
            if !runs.ask(&after, most)? {
                return Ok(shared_out(runs, Method::Nothing, &effective, &[], &all));
            }
            let step = Edge { before, after: after.clone(), axis };
            if !steps.contains(&step) {
                steps.push(step);
            }
            before = after;
        }
    }
    let end = if is_screened { effective.clone() } else { all };
    Ok(shared_out(runs, Method::Ordered, &effective, &steps, &end))
}

/// One axis more.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edge {
    before: Taken,
    after: Taken,
    axis: usize,
}

/// Returns every mixture, each after its parts.
fn lattice(axes: &Taken) -> Vec<Taken> {
    let mut nodes = vec![Taken::default()];
    for axis in axes.iter() {
        let more: Vec<Taken> = nodes.iter().map(|node| node.with(axis)).collect();
        nodes.extend(more);
    }
    nodes.sort_by_key(|node| (node.len(), node.clone()));
    nodes
}

fn edges(nodes: &[Taken]) -> Vec<Edge> {
    let all = nodes.last().cloned().unwrap_or_default();
    let from = |before: &Taken| {
        let more: Vec<usize> = all.without(before).iter().collect();
        let before = before.clone();
        more.into_iter().map(move |axis| Edge { after: before.with(axis), before: before.clone(), axis })
    };
    nodes.iter().flat_map(from).collect()
}

/// Returns the axes that make a difference alone, or taken back, or in any other two runs that differ in nothing else.
fn effective<S: Subject>(runs: &mut Runs<'_, S>, all: &Taken, most: usize) -> Result<Taken, S::Stop> {
    for axis in all.iter() {
        let single = Taken::default().with(axis);
        let is_asked = runs.ask(&single, most)? && runs.ask(&all.without(&single), most)?;
        if !is_asked {
            return Ok(all.clone());
        }
    }
    let differs = |axis: usize| {
        runs.known.iter().filter(|(taken, _)| !taken.contains(axis)).any(|(taken, outcome)| {
            let beside = runs.known.get(&taken.with(axis));
            beside.is_some_and(|beside| match (outcome, beside) {
                (Ok(outcome), Ok(beside)) => outcome != beside,
                (outcome, beside) => outcome.is_ok() != beside.is_ok(),
            })
        })
    };
    Ok(all.iter().filter(|&axis| differs(axis)).collect())
}

/// Shares out every number over the orders that the edges allow, from nothing to `end`, which is as the new side.
fn shared_out<S: Subject>(
    runs: &Runs<'_, S>,
    method: Method,
    effective: &Taken,
    edges: &[Edge],
    end: &Taken,
) -> Shares {
    let count = runs.axis_count();
    let known = |taken: &Taken| runs.figures(taken);
    let (old, new) = (known(&Taken::default()).unwrap_or_default(), known(&Taken::all(count)).unwrap_or_default());
    let mut figures: BTreeMap<&Taken, Option<Figures>> = BTreeMap::new();
    for taken in edges.iter().flat_map(|edge| [&edge.before, &edge.after]) {
        figures.entry(taken).or_insert_with(|| known(taken));
    }
    let singles: Vec<Option<Figures>> = (0..count).map(|axis| known(&Taken::default().with(axis))).collect();
    let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
    let of = |name: &String| {
        let (old, new) = (old.get(name).copied().flatten(), new.get(name).copied().flatten());
        let change = match (old, new) {
            (Some(old), Some(new)) => Change::Value(new - old),
            (None, Some(_)) => Change::Appears,
            (Some(_), None) => Change::Disappears,
            (None, None) => Change::Missing,
        };
        // A number that comes or goes has no size; that it exists is what is shared out.
        let value = |figures: &Figures| match change {
            Change::Value(_) => figures.get(name).copied().flatten(),
            _ => Some(f64::from(u8::from(figures.get(name).copied().flatten().is_some()))),
        };
        let values: BTreeMap<&Taken, f64> =
            figures.iter().filter_map(|(taken, figures)| Some((*taken, value(figures.as_ref()?)?))).collect();
        let shares = match (edges, method) {
            (_, Method::Nothing) => None,
            ([], _) => Some(vec![0.0; count]),
            _ => averaged(count, edges, &values, end),
        };
        let base = match change {
            Change::Value(_) => old,
            _ => Some(f64::from(u8::from(old.is_some()))),
        };
        let alone = singles.iter().map(|figures| Some(value(figures.as_ref()?)? - base?)).collect();
        (name.clone(), Shared { old, new, change, shares, alone })
    };
    Shares { method, effective: effective.clone(), figures: names.map(of).collect() }
}

/// Returns what each axis adds, averaged over all ways along edges between mixtures that have a value; `None` where there is
/// no way. The edges come in an order in which each is behind those that lead to it.
fn averaged(count: usize, edges: &[Edge], values: &BTreeMap<&Taken, f64>, end: &Taken) -> Option<Vec<f64>> {
    let is_open = |edge: &&Edge| values.contains_key(&edge.before) && values.contains_key(&edge.after);
    let mut open: Vec<&Edge> = edges.iter().filter(is_open).collect();
    open.sort_by_key(|edge| edge.before.len());
    let start = Taken::default();
    // How many ways lead to a mixture, and from it to the end.
    let mut to: BTreeMap<&Taken, f64> = [(&start, 1.0)].into();
    for edge in &open {
        let ways = to.get(&edge.before).copied().unwrap_or(0.0);
        *to.entry(&edge.after).or_insert(0.0) += ways;
    }
    let mut from: BTreeMap<&Taken, f64> = [(end, 1.0)].into();
    for edge in open.iter().rev() {
        let ways = from.get(&edge.after).copied().unwrap_or(0.0);
        *from.entry(&edge.before).or_insert(0.0) += ways;
    }
    let all_ways = to.get(end).copied().filter(|ways| *ways > 0.0)?;
    let mut shares = vec![0.0; count];
    for edge in &open {
        let ways = to.get(&edge.before).copied().unwrap_or(0.0) * from.get(&edge.after).copied().unwrap_or(0.0);
        shares[edge.axis] += ways / all_ways * (values[&edge.after] - values[&edge.before]);
    }
    // What rounding has lost is given to the largest share, which it changes least.
    let whole = values[end] - values[&start];
    let lost = whole - shares.iter().sum::<f64>();
    if let Some(largest) = shares.iter_mut().max_by(|left, right| left.abs().total_cmp(&right.abs())) {
        *largest += lost;
    }
    Some(shares)
}
