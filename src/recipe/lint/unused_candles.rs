//! Candles that no scenario replays.

use super::Doubt;
use super::Rule;
use super::Severity;
use super::Subject;

pub(super) const RULE: Rule = Rule { name: "unused-candles", code: "HV0155", severity: Severity::Warning, check };

fn check(subject: &Subject, doubts: &mut Vec<Doubt>) {
    let scenarios = &subject.recipe.scenarios;
    for name in subject.recipe.candles.keys() {
        if !scenarios.values().any(|scenario| scenario.candles == *name) {
            doubts.push(Doubt {
                message: format!("no scenario uses the candles `{name}`"),
                help: "remove them, or name them in a scenario".to_owned(),
                span: subject.at(&["candles", name]),
            });
        }
    }
}
