//! A Python closure without a date: it installs something else every day, until it installs nothing.

use super::Doubt;
use super::Rule;
use super::Severity;
use super::Subject;

pub(super) const RULE: Rule = Rule { name: "missing-cut-off", code: "HV0150", severity: Severity::Warning, check };

fn check(subject: &Subject, doubts: &mut Vec<Doubt>) {
    let Some(python) = &subject.recipe.python else {
        return;
    };
    if python.cut_off.is_none() {
        doubts.push(Doubt {
            message: "the Python closure has no cut-off".to_owned(),
            help: "add `cut-off = 2025-09-25T00:00:00Z`, a moment soon after the upstream release".to_owned(),
            span: subject.at(&["python"]),
        });
    }
}
