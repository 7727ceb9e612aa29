//! A patch that is overdue.

use super::Doubt;
use super::Rule;
use super::Severity;
use super::Subject;
use super::days_left;

pub(super) const RULE: Rule = Rule { name: "expired-patch", code: "HV0152", severity: Severity::Error, check };

fn check(subject: &Subject, doubts: &mut Vec<Doubt>) {
    for (index, patch) in subject.recipe.patches.iter().enumerate() {
        let is_overdue = days_left(subject, patch.expires.as_ref()).is_some_and(|days| days <= 0);
        if let Some(expires) = patch.expires.as_ref().filter(|_| is_overdue) {
            doubts.push(Doubt {
                message: format!("patch `{}` expired on {expires}", patch.file),
                help: "drop the patch if upstream has mended it, or move the day and say why in `why`".to_owned(),
                span: subject.patch_at(index, "expires"),
            });
        }
    }
}
