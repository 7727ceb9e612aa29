//! An exception for a patch that allows nothing: its rule is unknown, or finds nothing any more.

use super::Doubt;
use super::Rule;
use super::Severity;
use super::Subject;

pub(super) const RULE: Rule = Rule { name: "bad-allow", code: "HV0158", severity: Severity::Warning, check };

fn check(subject: &Subject, doubts: &mut Vec<Doubt>) {
    for bad in subject.conditions.allows {
        let (patch, index) = (bad.patch.to_string(), bad.index.to_string());
        doubts.push(Doubt {
            message: bad.problem.clone(),
            help: "correct the rule's name, or take the exception out of `allow`".to_owned(),
            span: subject.at(&["patch", &patch, "allow", &index, "rule"]),
        });
    }
}
