//! Says which patches of a series need which, and why.

use std::path::Path;

use serde::Serialize;

use crate::io::progress::Progress;
use crate::patch::Consent;
use crate::patch::Patch;
use crate::patch::depend;
use crate::patch::depend::Because;
use crate::patch::depend::Need;
use crate::workflow::Error;
use crate::workflow::Options;
use crate::workflow::Project;
use crate::workflow::finding::Finding;
use crate::workflow::patch::apply;
use crate::workflow::patch::selection::Selection;

/// A series, looked through.
#[derive(Debug, Default)]
pub struct Series {
    /// The patches that can be read, in order.
    pub patches: Vec<SeriesPatch>,
    /// Why patches cannot be read or written.
    pub findings: Vec<Finding>,
}

/// One patch of a series.
#[derive(Debug, Clone, Serialize)]
pub struct SeriesPatch {
    /// The patch's place in the series, from one.
    pub number: usize,
    /// The patch's name, as it was given.
    pub file: String,
    /// The state, such as `clean`.
    pub state: &'static str,
    /// Whether the patch can be written, or need not be.
    pub is_fine: bool,
    /// What it needs of earlier patches.
    pub needs: Vec<NeedReport>,
    /// The later patches that need it.
    pub needed_by: Vec<String>,
}

/// What a patch needs of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NeedReport {
    /// The earlier patch's name.
    pub patch: String,
    /// Its place in the series, from one.
    pub number: usize,
    /// The file in which the two meet.
    pub target: String,
    /// The line of it, from one, as the later patch finds the file; `null` where the file as such is meant.
    pub line: Option<usize>,
    /// What the earlier patch did there.
    pub because: Because,
}

impl NeedReport {
    /// Returns a need with the names of a series.
    #[must_use]
    pub fn new(need: &Need, names: &[String]) -> Self {
        Self {
            patch: names.get(need.patch).cloned().unwrap_or_default(),
            number: need.patch + 1,
            target: need.target.clone(),
            line: Some(need.line).filter(|line| *line > 0),
            because: need.because,
        }
    }

    /// Returns where the two meet: the file and, where one shows it, its line.
    #[must_use]
    pub fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.target),
            None => self.target.clone(),
        }
    }

    /// Returns what the earlier patch did, in words behind the file and its line.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self.because {
            Because::Created => "is the file that it creates",
            Because::Moved => "is where it puts the file",
            Because::Cleared => "is free since it takes the file away",
            Because::Wrote => "is a line that it writes",
            Because::Deleted => "stands where it deletes lines",
        }
    }
}

/// Looks through the selected patches.
///
/// # Errors
///
/// Returns an error for what cannot be read. A patch that does not apply is a finding.
pub fn series(
    project: &Project,
    selection: &Selection,
    consent: Consent,
    from: &Path,
    options: Options,
    progress: &dyn Progress,
) -> Result<Series, Error> {
    let selected = selection.read(project, from, options, progress)?;
    let mut series = Series::default();
    let mut patches: Vec<Patch> = Vec::new();
    for found in &selected.patches {
        match &found.patch {
            Ok(patch) => patches.push(patch.clone()),
            Err(error) => series.findings.push(Box::new((**error).clone())),
        }
    }
    let (outcomes, _) = apply::outcomes(&patches, consent, &selected)?;
    let graph = depend::graph(&patches, &outcomes);
    let names: Vec<String> = patches.iter().map(|patch| patch.name.clone()).collect();
    for (index, (patch, outcome)) in patches.iter().zip(&outcomes).enumerate() {
        if let Some(error) = outcome.error(patch) {
            series.findings.push(Box::new(error));
        }
        let mut needed_by: Vec<String> =
            graph.needed_by(index).into_iter().map(|(later, _)| names[later].clone()).collect();
        needed_by.dedup();
        series.patches.push(SeriesPatch {
            number: index + 1,
            file: patch.name.clone(),
            state: outcome.state.name(),
            is_fine: outcome.is_fine(),
            needs: graph.needs[index].iter().map(|need| NeedReport::new(need, &names)).collect(),
            needed_by,
        });
    }
    Ok(series)
}
