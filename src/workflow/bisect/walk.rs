//! At which of the releases between two does a scenario's result change first?
//!
//! The native engine knows releases by their replay profiles alone: the distinct ones are replayed one after the other, and
//! what is found holds for every release. Upstream's engine would need an environment of each release, so that the way is
//! halved: that finds where the result changes, and the first such place where it changes once.

use serde::Serialize;

use crate::cause::step;
use crate::cause::step::Place;
use crate::cause::step::Step;
use crate::engine::Profile;
use crate::engine::profile;
use crate::engine::profile::switch;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::attribution::Judge;
use crate::workflow::bisect::Refusal;
use crate::workflow::lock;
use crate::workflow::outcome::Outcome;
use crate::workflow::outcome::Runner;
use crate::workflow::project::Loaded;
use crate::workflow::releases::Releases;
use crate::workflow::releases::Request;
use crate::workflow::side::Maker;
use crate::workflow::side::Side;

/// The way through the releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Walked {
    /// How it was gone: `linear` or `binary`.
    pub method: &'static str,
    /// What that means, in a sentence.
    pub words: String,
    /// The releases, in order.
    pub releases: Vec<String>,
    /// How many of them, or of their profiles, were run.
    pub asked_count: usize,
    /// The last release before the change with the same result.
    pub last_same: String,
    /// The first release that is known to differ; `null` where none does.
    pub first_different: Option<String>,
    /// The releases between those two of which nothing is known.
    pub undecided: Vec<String>,
    /// What the list of releases leaves out, and why.
    pub note: Option<String>,
}

/// Walks the releases from the recipe's own to the last one; returns the sides right before and behind the change, too.
pub(super) fn walk(
    maker: &Maker<'_>,
    loaded: &Loaded,
    old: &Side,
    last: &str,
    metric: Option<&str>,
) -> Result<(Walked, Option<(Side, Side)>), Error> {
    let lock = lock::read(maker.project)?;
    let locked = lock::expected_checksum(lock.as_ref(), loaded);
    let request = Request {
        recipe: &loaded.recipe,
        locked: locked.as_deref(),
        target: last,
        index: None,
        options: maker.options,
    };
    let releases = Releases::between(maker.project, &request, maker.progress)?;
    let mut runner = Runner::new(maker.project, maker.options, maker.progress);
    let base = runner.run(old)?.map_err(|reason| Refusal::NoBase { name: old.name.clone(), reason })?;
    let judge = Judge { tolerance: &old.loaded.recipe.tolerance, metric };
    let place = |outcome: Result<Outcome, String>| match outcome {
        Err(_) => Place::Undecided,
        Ok(outcome) if judge.verdict(&base, &outcome) == "drift" => Place::Differs,
        Ok(_) => Place::Same,
    };
    let versions = releases.versions();
    let (groups, step) = if old.profile.is_some() {
        let groups = groups(versions, old);
        let step = step::linear(groups.len(), &mut |group| match groups[group].1 {
            None => Ok(Place::Undecided),
            Some(profile) => Ok::<_, Error>(place(runner.run(&Side { profile: Some(profile), ..old.clone() })?)),
        })?;
        (groups, step)
    } else {
        maker.progress.begin_steps("run releases", u64::from(usize::BITS - versions.len().leading_zeros()));
        let step = step::binary(versions.len(), &mut |version| {
            maker.progress.advance(1);
            match maker.at_version(loaded, &old.scenario.name, &versions[version]) {
                Ok(side) => Ok(place(runner.run(&side)?)),
                Err(error) if error.exit() == Exit::Interrupted => Err(error),
                Err(_) => Ok(Place::Undecided),
            }
        })?;
        maker.progress.end();
        (versions.iter().map(|version| (vec![version.clone()], None)).collect(), step)
    };
    let walked = told(old, versions, &groups, &step, releases.note());
    let Some(first) = &walked.first_different else { return Ok((walked, None)) };
    let name = &old.scenario.name;
    let before = if walked.last_same == versions[0] {
        old.clone()
    } else {
        maker.at_version(loaded, name, &walked.last_same)?
    };
    let after = maker.at_version(loaded, name, first)?;
    Ok((walked, Some((before, after))))
}

/// Neighbouring releases with the same profile; `None` where none is proven for them.
type Group = (Vec<String>, Option<Profile>);

fn groups(versions: &[String], old: &Side) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for version in versions {
        let found = match &old.scenario.replay_profile {
            Some(name) => profile::named(name),
            None => profile::of_version(version),
        };
        let found = found.ok();
        let same = |(_, known): &Group| match (known, &found) {
            (Some(known), Some(found)) => switch::differing(known, found).next().is_none(),
            (known, found) => known.is_none() && found.is_none(),
        };
        match groups.last_mut().filter(|group| same(group)) {
            Some((members, _)) => members.push(version.clone()),
            None => groups.push((vec![version.clone()], found)),
        }
    }
    groups
}

fn told(old: &Side, versions: &[String], groups: &[Group], step: &Step, note: Option<&str>) -> Walked {
    let (method, words) = if old.profile.is_some() {
        let words = format!(
            "the {} distinct replay profiles of {} releases, one after the other: what holds for one holds for all of its releases",
            groups.len(),
            versions.len(),
        );
        ("linear", words)
    } else {
        let words = "halving the way: it is the first change where the result changes once".to_owned();
        ("binary", words)
    };
    // A group begins with its first release and ends with its last one.
    let last_same = groups.get(step.last_same).and_then(|(members, _)| members.last()).cloned().unwrap_or_default();
    Walked {
        method,
        words,
        releases: versions.to_vec(),
        asked_count: step.asked_count,
        last_same,
        first_different: step.first_different.and_then(|group| groups[group].0.first()).cloned(),
        undecided: step.undecided.iter().flat_map(|&group| groups[group].0.iter().cloned()).collect(),
        note: note.map(str::to_owned),
    }
}
