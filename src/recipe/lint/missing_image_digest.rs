//! An image or a service by tag alone where everything has to be pinned. A warning: it is the build that insists.

use super::Doubt;
use super::Rule;
use super::Severity;
use super::Subject;

pub(super) const RULE: Rule = Rule { name: "missing-image-digest", code: "HV0154", severity: Severity::Warning, check };

fn check(subject: &Subject, doubts: &mut Vec<Doubt>) {
    if !subject.conditions.locked {
        return;
    }
    let base = subject.recipe.image.iter().map(|image| (&image.base, &image.digest, subject.at(&["image", "base"])));
    let services = subject.recipe.services.iter().map(|(name, service)| {
        let span = subject.at(&["service", name, "image"]);
        (&service.image, &service.digest, span)
    });
    for (image, digest, span) in base.chain(services) {
        if digest.is_none() {
            doubts.push(Doubt {
                message: format!("image `{image}` is not pinned"),
                help: "add `digest = \"sha256:…\"`: a tag is moved, a digest is not".to_owned(),
                span,
            });
        }
    }
}
