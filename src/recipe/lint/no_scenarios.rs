//! A recipe that runs nothing, so that no upgrade of it can be judged.

use super::Doubt;
use super::Rule;
use super::Severity;
use super::Subject;

pub(super) const RULE: Rule = Rule { name: "no-scenarios", code: "HV0157", severity: Severity::Warning, check };

fn check(subject: &Subject, doubts: &mut Vec<Doubt>) {
    if subject.recipe.scenarios.is_empty() {
        doubts.push(Doubt {
            message: format!("recipe `{}` has no scenarios", subject.recipe.name),
            help: "add a `[scenario.NAME]`: without one, an upgrade proves nothing".to_owned(),
            span: subject.at(&["recipe", "name"]),
        });
    }
}
