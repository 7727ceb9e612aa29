//! Do the two names of a header differ though no file is renamed?
//!
//! GNU patch then guesses which file is meant; hive takes the name behind `+++` if there is such a file.

use super::Mark;
use super::Rule;
use super::Severity;
use super::Subject;
use crate::patch::path;

/// The rule.
pub(super) const RULE: Rule = Rule { name: "name-mismatch", code: "HV0224", severity: Severity::Warning, check };

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let sections = subject.reading.sections.iter();
    let plain = sections
        .filter(|section| section.git.as_ref().is_none_or(|git| git.rename.1.is_none() && git.copy.1.is_none()));
    plain
        .filter_map(|section| {
            let (old, new) = (section.old.as_ref()?, section.new.as_ref()?);
            let (old_name, new_name) = (old.name.file()?, new.name.file()?);
            let differ = path::stripped(old_name).ok()? != path::stripped(new_name).ok()?;
            differ.then(|| Mark {
                span: new.span,
                message: format!("`{old_name}` and `{new_name}` are two files, and none is renamed"),
                help: "write the same path behind `--- a/` and `+++ b/`".to_owned(),
            })
        })
        .collect()
}
