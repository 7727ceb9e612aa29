//! A patch that does not say which files it may touch.

use super::Doubt;
use super::Rule;
use super::Severity;
use super::Subject;

pub(super) const RULE: Rule = Rule { name: "missing-touches", code: "HV0153", severity: Severity::Warning, check };

fn check(subject: &Subject, doubts: &mut Vec<Doubt>) {
    for (index, patch) in subject.recipe.patches.iter().enumerate() {
        if patch.touches.is_empty() {
            doubts.push(Doubt {
                message: format!("patch `{}` may touch any file", patch.file),
                help: "add `touches = […]` with the files that it is about".to_owned(),
                span: subject.patch_at(index, "file"),
            });
        }
    }
}
