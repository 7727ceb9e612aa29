//! `hive patch`: live with a series of patches, one file for each verb.

mod apply;
mod drop;
mod new;
mod probe;
pub(crate) mod rebase;
mod refresh;
mod report;
mod series;

use crate::cli::arguments::Global;
use crate::cli::arguments::Patch;
use crate::cli::arguments::Placing;
use crate::cli::print::Printer;
use crate::workflow::Error;
use crate::workflow::Exit;
use crate::workflow::patch::Consent;
use crate::workflow::patch::Selection;

pub(crate) fn run(verb: &Patch, global: &Global, printer: &Printer) -> Result<Exit, Error> {
    match verb {
        Patch::Status(options) => apply::status(options, global, printer),
        Patch::Apply(options) => apply::run(options, global, printer),
        Patch::New(options) => new::run(options, global, printer),
        Patch::Rebase(options) => rebase::run(options, global, printer),
        Patch::Refresh(options) => refresh::run(options, global, printer),
        Patch::Drop(options) => drop::run(options, global, printer),
        Patch::Probe(options) => probe::run(options, global, printer),
        Patch::Series(options) => series::run(options, global, printer),
    }
}

impl Placing {
    fn selection(&self, named: &[String]) -> Selection {
        Selection { root: self.root.clone(), base: self.base.clone(), strip: self.strip, named: named.to_owned() }
    }

    fn consent(&self) -> Consent {
        Consent { fuzz: self.fuzz, nearest: self.nearest }
    }
}
