//! A patch that, by its own words, the recipe's upstream does not need.

use std::str::FromStr;

use pep440_rs::Version;
use pep440_rs::VersionSpecifiers;

use super::Doubt;
use super::Rule;
use super::Severity;
use super::Subject;

pub(super) const RULE: Rule = Rule { name: "idle-patch", code: "HV0156", severity: Severity::Warning, check };

fn check(subject: &Subject, doubts: &mut Vec<Doubt>) {
    // A tag may be named anything, and a local tree has no version: then nothing is known.
    let version = subject.recipe.upstream.version();
    let Some(version) = version.and_then(|version| Version::from_str(version).ok()) else {
        return;
    };
    for (index, patch) in subject.recipe.patches.iter().enumerate() {
        let Some(applies) = &patch.applies else {
            continue;
        };
        let Ok(specifiers) = VersionSpecifiers::from_str(applies) else {
            continue;
        };
        if !specifiers.contains(&version) {
            doubts.push(Doubt {
                message: format!("patch `{}` is for `{applies}`, the upstream is `{version}`", patch.file),
                help: "drop the patch from this recipe, or widen `applies`".to_owned(),
                span: subject.patch_at(index, "applies"),
            });
        }
    }
}
