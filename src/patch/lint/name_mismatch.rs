//! Do the two names of a header differ though no file is renamed, or does a name end where its first space is?
//!
//! GNU patch guesses which of two files is meant; hive takes the name behind `+++` if there is such a file. A name with
//! spaces needs a tab behind it: GNU patch cuts it at the first space otherwise, and writes another file.

use super::Check;
use super::Edit;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;
use crate::patch::path;
use crate::patch::read::Header;
use crate::patch::read::Section;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "name-mismatch",
    code: "HV0224",
    severity: Severity::Warning,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let sections = || subject.reading.sections.iter();
    sections().filter_map(differing).chain(sections().filter_map(|section| open(subject, section))).collect()
}

fn differing(section: &Section) -> Option<Mark> {
    if section.git.as_ref().is_some_and(|git| git.rename.1.is_some() || git.copy.1.is_some()) {
        return None;
    }
    let (old, new) = (section.old.as_ref()?, section.new.as_ref()?);
    let (old_name, new_name) = (old.name.file()?, new.name.file()?);
    let (old_path, new_path) = (path::stripped(old_name).ok()?, path::stripped(new_name).ok()?);
    // `x.py.orig` beside `x.py` is how some tools write a change of `x.py`.
    if old_path == new_path || old_path.strip_suffix(".orig") == Some(&new_path) {
        return None;
    }
    let message = format!("`{old_name}` and `{new_name}` are two files, and none is renamed");
    Some(Mark::new(new.span, message, "write the same path behind `--- a/` and `+++ b/`"))
}

/// Returns the mark of a section whose names have spaces and no tab behind them.
fn open(subject: &Subject<'_>, section: &Section) -> Option<Mark> {
    let is_open = |header: &&Header| {
        let rest = subject.reading.lines[header.line - 1].trimmed().get(4..).unwrap_or_default();
        header.name.file().is_some_and(|name| name.contains(' ') && name.as_bytes() == rest)
    };
    let headers: Vec<&Header> = [&section.old, &section.new].into_iter().flatten().filter(is_open).collect();
    let (first, name) = (headers.first()?, headers.first()?.name.file()?);
    let end = |header: &&Header| {
        let line = &subject.reading.lines[header.line - 1];
        Edit::insert(line.span.start + line.trimmed().len(), "\t")
    };
    let message = format!("the name `{name}` has a space and no tab behind it, so that some tools cut it short");
    Some(Mark::new(first.span, message, "put a tab behind the name").edits(headers.iter().map(end).collect()))
}
