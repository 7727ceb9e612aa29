//! At which of many places in order does a result change first?

/// What a place says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is as the first place.
    Same,
    /// It is not.
    Differs,
    /// Nothing is known of it.
    Undecided,
}

/// Where the result changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The last place before the change that is as the first one.
    pub last_same: usize,
    /// The first place that is known to differ; `None` where none does.
    pub first_different: Option<usize>,
    /// The places between the two of which nothing is known.
    pub undecided: Vec<usize>,
    /// How many places were asked.
    pub asked_count: usize,
}

/// Asks one place after the other; what it finds is the first change.
///
/// # Errors
///
/// Passes on what asking returns.
pub fn linear<E>(count: usize, ask: &mut dyn FnMut(usize) -> Result<Place, E>) -> Result<Step, E> {
    let mut step = Step { last_same: 0, first_different: None, undecided: Vec::new(), asked_count: 0 };
    for place in 1..count {
        step.asked_count += 1;
        match ask(place)? {
            Place::Same => {
                step.last_same = place;
                step.undecided.clear();
            }
            Place::Differs => {
                step.first_different = Some(place);
                return Ok(step);
            }
            Place::Undecided => step.undecided.push(place),
        }
    }
    Ok(step)
}

/// Halves the way between the first place and the last one; what it finds is a change, and the first one where the result
/// changes once.
///
/// Nothing is found where the last place is as the first one. A place of which nothing is known is gone around.
///
/// # Errors
///
/// Passes on what asking returns.
pub fn binary<E>(count: usize, ask: &mut dyn FnMut(usize) -> Result<Place, E>) -> Result<Step, E> {
    let mut step = Step { last_same: 0, first_different: None, undecided: Vec::new(), asked_count: 0 };
    // From the end, for a last place may say nothing.
    let mut last = count;
    while last > 1 && step.first_different.is_none() {
        last -= 1;
        step.asked_count += 1;
        match ask(last)? {
            Place::Same => return Ok(Step { last_same: last, undecided: Vec::new(), ..step }),
            Place::Differs => step.first_different = Some(last),
            Place::Undecided => step.undecided.push(last),
        }
    }
    let Some(mut different) = step.first_different else {
        step.undecided.reverse();
        return Ok(step);
    };
    step.undecided.clear();
    loop {
        let between = step.last_same + 1..different;
        let middle = between.start + between.len() / 2;
        // The nearest to the middle of which something may be known.
        let open = between.clone().filter(|place| !step.undecided.contains(place));
        let Some(place) = open.min_by_key(|place| (place.abs_diff(middle), *place)) else { break };
        step.asked_count += 1;
        match ask(place)? {
            Place::Same => step.last_same = place,
            Place::Differs => different = place,
            Place::Undecided => step.undecided.push(place),
        }
    }
    step.first_different = Some(different);
    step.undecided.retain(|place| (step.last_same..different).contains(place));
    step.undecided.sort_unstable();
    Ok(step)
}
