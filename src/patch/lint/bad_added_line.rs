//! Does an added line break or hide code?
//!
//! White space at a line's end and spaces before tabs are matters of style. Characters that turn the reading direction hide
//! what a line does, keys and passwords do not belong into a repository, text that is not UTF-8 is no Python, and neither is
//! a file that no longer parses once the patch is applied.

use super::Check;
use super::Mark;
use super::Needs;
use super::Placed;
use super::Rule;
use super::Severity;
use super::Subject;
use crate::patch::diff::HunkLine;
use crate::patch::diff::LineKind;
use crate::patch::diff::Operation;
use crate::patch::read::Section;
use crate::patch::text::Span;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "bad-added-line",
    code: "HV0236",
    severity: Severity::Error,
    needs: Needs::Hints,
    check: Check::Patch(check),
};

/// Beginnings of keys, and how many letters follow at least.
const KEYS: [(&str, usize); 12] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 35),
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 22),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("sk_live_", 20),
    ("sk-ant-", 20),
];

/// Names of variables that hold secrets.
const SECRETS: [&str; 8] =
    ["api_key", "apikey", "api_secret", "secret_key", "private_key", "passphrase", "password", "mnemonic"];

/// How long a text is at least that is taken for a secret because of its variable's name.
const SECRET_LENGTH: usize = 20;

/// A pattern of lines, with what is said about it.
struct Pattern {
    finds: fn(&[u8]) -> bool,
    what: &'static str,
    help: &'static str,
    severity: Severity,
}

const PATTERNS: [Pattern; 5] = [
    Pattern {
        finds: |text| {
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            text.strip_suffix(b"\r").unwrap_or(text).last().is_some_and(|last| matches!(last, b' ' | b'\t'))
        },
        what: "end(s) in white space",
        help: "take the white space out of the patched file, and make the patch anew",
        severity: Severity::Warning,
    },
    Pattern {
        finds: |text| {
            let indentation = text.split(|byte| !matches!(byte, b' ' | b'\t')).next().unwrap_or_default();
            indentation.windows(2).any(|pair| pair == b" \t")
        },
        what: "indent(s) with spaces before a tab",
        help: "indent with spaces, as Hummingbot does",
        severity: Severity::Warning,
    },
    Pattern {
        finds: |text| std::str::from_utf8(text).is_err(),
        what: "is or are not UTF-8",
        help: "save the patched file in UTF-8, and make the patch anew",
        severity: Severity::Error,
    },
    Pattern {
        finds: |text| {
            let text = String::from_utf8_lossy(text);
            text.contains(|letter| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        },
        what: "turn(s) the reading direction, which hides what it does",
        help: "take the characters U+202A to U+202E and U+2066 to U+2069 out",
        severity: Severity::Error,
    },
    Pattern {
        finds: |text| std::str::from_utf8(text).is_ok_and(has_secret),
        what: "look(s) like a key or a password",
        help: "read it from the environment, and withdraw the one that was written down",
        severity: Severity::Error,
    },
];

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    let sections = subject.reading.sections.iter();
    let lines = sections.flat_map(|section| PATTERNS.iter().filter_map(|pattern| line(section, pattern)));
    lines.chain(subject.placed().filter_map(|placed| python(subject, &placed))).collect()
}

/// Returns the mark of a file whose added lines have a pattern: at the first of them.
fn line(section: &Section, pattern: &Pattern) -> Option<Mark> {
    let lines = section.hunks.iter().flat_map(|hunk| &hunk.lines);
    let is_found = |line: &&HunkLine| line.kind == LineKind::Add && (pattern.finds)(&line.text);
    let mut found = lines.filter(is_found);
    let first = found.next()?;
    let count = found.count() + 1;
    let message = format!("{count} added line(s) of this file {}", pattern.what);
    Some(Mark::new(first.span, message, pattern.help).severity(pattern.severity))
}

/// Tells whether a line holds a key, or a long text that is called one.
fn has_secret(text: &str) -> bool {
    if text.contains("PRIVATE KEY-----") {
        return true;
    }
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let has_key = KEYS.iter().any(|(beginning, length)| {
        text.match_indices(beginning).any(|(at, _)| {
            let is_start = !text[..at].ends_with(is_letter);
            is_start && text[at + beginning.len()..].chars().take_while(|letter| is_letter(*letter)).count() >= *length
        })
    });
    has_key || is_called_secret(text)
}

/// Tells whether a line gives a variable that is called a secret a text that looks like one: long, of one word, with
/// letters and digits.
fn is_called_secret(text: &str) -> bool {
    let Some((name, value)) = text.split_once(['=', ':']) else {
        return false;
    };
    let name = name.to_ascii_lowercase();
    let value = value.trim_start_matches(['=', ' ']);
    let Some(quote) = value.chars().next().filter(|letter| matches!(letter, '"' | '\'')) else {
        return false;
    };
    let Some((value, _)) = value[1..].split_once(quote) else {
        return false;
    };
    let is_word = value.chars().all(|letter| letter.is_ascii_alphanumeric() || "+/=_-".contains(letter));
    let is_mixed = value.contains(|letter: char| letter.is_ascii_digit())
        && value.contains(|letter: char| letter.is_ascii_alphabetic());
    SECRETS.iter().any(|secret| name.contains(secret)) && value.len() >= SECRET_LENGTH && is_word && is_mixed
}

/// Returns the mark of a Python file that parses before the patch and not behind it.
fn python(subject: &Subject<'_>, placed: &Placed<'_>) -> Option<Mark> {
    let (target, outcome) = (subject.context.target?, placed.outcome);
    let after =
        outcome.after.as_ref().filter(|_| outcome.state.writes() && outcome.path.rsplit('.').next() == Some("py"))?;
    if blocks(placed, after).iter().all(|block| (target.syntax)(block).is_none()) {
        return None;
    }
    let line = (target.syntax)(after)?;
    if outcome.before.as_ref().is_some_and(|before| (target.syntax)(before).is_some()) {
        return None;
    }
    let message = format!("`{}` no longer parses once the patch is applied, from its line {line} on", outcome.path);
    Some(Mark::new(at(placed, line), message, "correct the lines, and make the patch anew"))
}

/// Returns the functions, methods or classes that the patch changes, each so that it is Python by itself. Where they are
/// sound the file is taken to be: to parse a whole file for each patch would cost more than all other rules together.
fn blocks(placed: &Placed<'_>, after: &[u8]) -> Vec<Vec<u8>> {
    let lines: Vec<&[u8]> = after.split_inclusive(|byte| *byte == b'\n').collect();
    let mut drift = 0_isize;
    let mut blocks = Vec::new();
    for (hunk, outcome) in placed.section.hunks.iter().zip(&placed.outcome.hunks) {
        let Some(line) = outcome.line.filter(|_| placed.file.operation != Operation::Create) else {
            return vec![after.to_owned()];
        };
        let (leading, trailing) = hunk.context();
        let start = (line - 1).saturating_add_signed(drift);
        let changed = (start + leading).min(lines.len())..(start + hunk.new_count - trailing).min(lines.len());
        let first = (0..changed.start).rev().find_map(|at| Some((at, head(lines[at])?)));
        let (first, indentation) = first.unwrap_or((0, 0));
        let is_next = |at: &usize| head(lines[*at]).is_some_and(|other| other <= indentation);
        let end = (changed.end..lines.len()).find(is_next).unwrap_or(lines.len());
        // What is indented stands below something.
        let above: &[u8] = if indentation > 0 { b"if 1:\n" } else { b"" };
        blocks.push([above, &lines[first..end].concat()].concat());
        drift += hunk.new_count.cast_signed() - hunk.old_count.cast_signed();
    }
    blocks
}

/// Returns how far a line is indented that begins a function, a method or a class; `None` for any other.
fn head(line: &[u8]) -> Option<usize> {
    let indentation = line.iter().take_while(|byte| **byte == b' ').count();
    let rest = &line[indentation..];
    let is_head = [&b"def "[..], b"class ", b"async def ", b"@"].iter().any(|word| rest.starts_with(word));
    is_head.then_some(indentation)
}

/// Returns where the patch writes a line of the file, or the file's header where it does not.
fn at(placed: &Placed<'_>, line: usize) -> Span {
    let mut drift = 0_isize;
    for (hunk, outcome) in placed.section.hunks.iter().zip(&placed.outcome.hunks) {
        let first = outcome.line.unwrap_or(hunk.old_start.max(1)).saturating_add_signed(drift);
        let found = line.checked_sub(first).and_then(|index| hunk.after().nth(index));
        if let Some(found) = found {
            return found.span;
        }
        drift += hunk.new_count.cast_signed() - hunk.old_count.cast_signed();
    }
    placed.section.span
}
