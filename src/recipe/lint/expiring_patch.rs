//! A patch that soon counts as overdue.

use super::Doubt;
use super::Rule;
use super::Severity;
use super::Subject;
use super::days_left;

/// How many days before a patch expires its author is told.
const NOTICE_DAYS: i32 = 30;

pub(super) const RULE: Rule = Rule { name: "expiring-patch", code: "HV0151", severity: Severity::Warning, check };

fn check(subject: &Subject, doubts: &mut Vec<Doubt>) {
    for (index, patch) in subject.recipe.patches.iter().enumerate() {
        let Some(days) = days_left(subject, patch.expires.as_ref()) else {
            continue;
        };
        if (1..=NOTICE_DAYS).contains(&days) {
            let unit = if days == 1 { "day" } else { "days" };
            doubts.push(Doubt {
                message: format!("patch `{}` expires in {days} {unit}", patch.file),
                help: "drop the patch if upstream has mended it, or move the day and say why in `why`".to_owned(),
                span: subject.patch_at(index, "expires"),
            });
        }
    }
}
