//! Is the patch another one than `hive.lock` has?
//!
//! The lock holds the SHA-256 of every patch. A patch that differs was changed since, on purpose or not, and what is built
//! is not what was locked. Under `--locked` that is an error.

use super::Check;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "lock-mismatch",
    code: "HV0237",
    severity: Severity::Warning,
    needs: Needs::Lock,
    check: Check::Patch(check),
};

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let Some(checksum) = subject.context.checksum.filter(|checksum| checksum.locked != checksum.now) else {
        return Vec::new();
    };
    let message = format!("the patch is locked as `{}` and is `{}`", checksum.locked, checksum.now);
    let mark = Mark::new(subject.start(), message, "look at the difference, and run `hive lock`");
    vec![if checksum.is_binding { mark.severity(Severity::Error) } else { mark }]
}
