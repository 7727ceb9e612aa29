//! Which patch says the same without what can be mended?
//!
//! A fix is applied only where it is proven: the tolerant reading finds the same paths, operations and lines before and
//! afterwards, and on a release that is known the result is the same to the byte. What a rule is about may change, and
//! nothing else: carriage returns for `carriage-return`, the order of hunks for `hunk-overlap`, the last newline for
//! `end-of-file-newline`, the first folders of names for `wrong-strip-level`; the last two, and a patch that did not apply
//! before, have to apply afterwards.

use std::collections::BTreeMap;

use super::Context;
use super::Edit;
use super::Finding;
use super::broken_series::Folder;
use super::context::Target;
use super::lint;
use super::lint_series;
use crate::patch::Patch;
use crate::patch::diff::FilePatch;
use crate::patch::diff::LineKind;
use crate::patch::parse::file_patch;
use crate::patch::read::read;
use crate::patch::state::Change;

/// How often fixes are looked for anew: one may make room for another.
const ROUNDS_MAX: usize = 64;

/// A text, and what was mended in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The text, mended.
    pub text: Vec<u8>,
    /// What was found and is mended, in the order in which it was.
    pub fixed: Vec<Finding>,
    /// What could not be proven, with the reason.
    pub refused: Vec<Refusal>,
}

/// A fix that was not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it would have mended.
    pub finding: Finding,
    /// Why it was not, fit to follow "because".
    pub reason: &'static str,
}

/// Mends what can be mended in a patch without changing what it does.
#[must_use]
pub fn fix(name: &str, text: &[u8], context: &Context<'_>) -> Fixed {
    mend(text, &|text| lint(name, text, context), &|rule, before, after| prove(rule, before, after, context))
}

/// Mends what can be mended in a `series` file.
#[must_use]
pub fn fix_series(name: &str, text: &[u8], beside: &[String]) -> Fixed {
    let proof = |_: &str, before: &[u8], after: &[u8]| {
        let (before, after) = (Folder::new(before, &[]), Folder::new(after, &[]));
        if before.names() == after.names() { Ok(()) } else { Err("it would list other patches") }
    };
    mend(text, &|text| lint_series(name, text, beside), &proof)
}

/// Proves that a rule's fix leaves a text's meaning as it is.
type Proof<'p> = &'p dyn Fn(&str, &[u8], &[u8]) -> Result<(), &'static str>;

fn mend(text: &[u8], lint: &dyn Fn(&[u8]) -> Vec<Finding>, prove: Proof<'_>) -> Fixed {
    let mut done = Fixed { text: text.to_owned(), fixed: Vec::new(), refused: Vec::new() };
    for _ in 0..ROUNDS_MAX {
        done.refused.clear();
        let fixable: Vec<Finding> = lint(&done.text).into_iter().filter(|finding| !finding.edits.is_empty()).collect();
        let Some((text, fixed)) = step(&done.text, &fixable, prove, &mut done.refused) else {
            return done;
        };
        done.text = text;
        done.fixed.extend(fixed);
    }
    done
}

/// Applies the fixes of the first rule whose fixes are proven: all of them, or else the first that is proven alone.
fn step(
    text: &[u8],
    fixable: &[Finding],
    prove: Proof<'_>,
    refused: &mut Vec<Refusal>,
) -> Option<(Vec<u8>, Vec<Finding>)> {
    let mut rules: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in fixable {
        rules.entry(finding.code).or_default().push(finding);
    }
    for findings in rules.values() {
        let all: Vec<&Edit> = findings.iter().flat_map(|finding| &finding.edits).collect();
        let rule = findings[0].rule;
        if let Some(after) = edited(text, &all).filter(|after| prove(rule, text, after).is_ok()) {
            return Some((after, findings.iter().copied().cloned().collect()));
        }
        for finding in findings {
            let edits: Vec<&Edit> = finding.edits.iter().collect();
            let after = edited(text, &edits).ok_or("its edits overlap");
            match after.and_then(|after| prove(rule, text, &after).map(|()| after)) {
                Ok(after) => return Some((after, vec![Finding::clone(finding)])),
                Err(reason) => refused.push(Refusal { finding: Finding::clone(finding), reason }),
            }
        }
    }
    None
}

/// Returns a text with some edits, `None` where they overlap or change nothing.
fn edited(text: &[u8], edits: &[&Edit]) -> Option<Vec<u8>> {
    let mut edits = edits.to_vec();
    edits.sort();
    edits.dedup();
    let is_apart =
        edits.windows(2).all(|pair| pair[0].end <= pair[1].start && pair[0].start < pair[1].end.max(pair[1].start + 1));
    if !is_apart {
        return None;
    }
    let mut after = Vec::with_capacity(text.len());
    let mut copied = 0;
    for edit in edits {
        after.extend_from_slice(&text[copied..edit.start]);
        after.extend_from_slice(&edit.text);
        copied = edit.end;
    }
    after.extend_from_slice(&text[copied..]);
    (after != text).then_some(after)
}

/// Proves that a rule's fix leaves a patch's meaning as it is.
fn prove(rule: &str, before: &[u8], after: &[u8], context: &Context<'_>) -> Result<(), &'static str> {
    let (Some(old), Some(new)) = (meaning(before), meaning(after)) else {
        return Err("a name in the patch cannot be read");
    };
    if normal(rule, &old) != normal(rule, &new) {
        return Err("the patch would read otherwise");
    }
    let must_apply = matches!(rule, "end-of-file-newline" | "wrong-strip-level");
    let Some(target) = context.target else {
        return if must_apply { Err("the release is not known") } else { Ok(()) };
    };
    match (applied(old, &target), applied(new, &target)) {
        (Some(old), Some(new)) if old == new => Ok(()),
        (Some(_), _) => Err("the patch would do something else to the release"),
        (None, None) if must_apply => Err("the patch would still not apply"),
        (None, _) => Ok(()),
    }
}

/// Tells whether a mended patch does to another tree what it did before; what did not apply there may begin to.
#[must_use]
pub fn does_the_same(before: &[u8], after: &[u8], target: &Target<'_>) -> bool {
    let (Some(old), Some(new)) = (meaning(before), meaning(after)) else {
        return false;
    };
    let old = applied(old, target);
    old.is_none() || old == applied(new, target)
}

/// Returns what files become on a tree, `None` where they do not apply to it.
fn applied(files: Vec<FilePatch>, target: &Target<'_>) -> Option<BTreeMap<String, Change>> {
    let outcome =
        target.apply(&Patch { name: String::new(), text: Vec::new(), files, tail: Vec::new(), notes: Vec::new() });
    outcome.state.is_fine().then(|| outcome.changes())
}

/// Returns what a patch does by the tolerant reading, `None` where a name means no file.
fn meaning(text: &[u8]) -> Option<Vec<FilePatch>> {
    read(text).sections.into_iter().map(|section| file_patch(section, 1).ok()).collect()
}

/// What of a file's change has to stay, but for what a rule is about.
type Normal = (Vec<Option<String>>, String, Vec<(usize, Vec<(LineKind, Vec<u8>)>)>);

fn normal(rule: &str, files: &[FilePatch]) -> Vec<Normal> {
    let one = |file: &FilePatch| {
        let mut hunks: Vec<_> = file
            .hunks
            .iter()
            .map(|hunk| {
                let line = |text: &[u8]| match rule {
                    "carriage-return" => {
                        let (text, end) = text.strip_suffix(b"\n").map_or((text, &b""[..]), |text| (text, b"\n"));
                        [text.strip_suffix(b"\r").unwrap_or(text), end].concat()
                    }
                    "end-of-file-newline" => text.strip_suffix(b"\n").unwrap_or(text).to_owned(),
                    _ => text.to_owned(),
                };
                let lines = hunk.lines.iter().map(|of_hunk| (of_hunk.kind, line(&of_hunk.text)));
                (hunk.index(), lines.collect::<Vec<_>>())
            })
            .collect();
        if rule == "hunk-overlap" {
            hunks.sort_by_key(|hunk| hunk.0);
        }
        let file_name = |path: &Option<String>| match rule {
            "wrong-strip-level" => path.as_ref().map(|path| path.rsplit('/').next().unwrap_or(path).to_owned()),
            _ => path.clone(),
        };
        let paths = vec![file_name(&file.old_path), file_name(&file.new_path)];
        (paths, format!("{:?} {:?}", file.operation, file.mode), hunks)
    };
    files.iter().map(one).collect()
}
