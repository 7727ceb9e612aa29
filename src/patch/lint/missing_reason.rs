//! Does the patch not say why it exists, or where it comes from?
//!
//! The next release asks of every patch whether it is still needed, and only its reason can tell. The reason is `why` in the
//! recipe, or words above the first header: `Description:` or `Subject:` as Debian's DEP-3 has them, a mail's subject, or
//! plain text. A header that follows DEP-3 is asked for the rest of it, too: who made it, whether upstream knows, and when it
//! was last looked at.

use super::Check;
use super::Mark;
use super::Needs;
use super::Rule;
use super::Severity;
use super::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: "missing-reason",
    code: "HV0233",
    severity: Severity::Warning,
    needs: Needs::Nothing,
    check: Check::Patch(check),
};

/// Fields that make a header one of DEP-3.
const FIELDS: [&str; 6] = ["Description", "Origin", "Forwarded", "Applied-Upstream", "Last-Update", "Bug"];

/// Beginnings of what templates say.
const TEMPLATES: [&str; 4] = ["TODO", "<short", "<description", "Insert "];

const HELP: &str = "write `Description:`, `Origin:` or `Author:`, `Forwarded:` and `Last-Update:` above the first `---`, \
                    or `why` in the recipe";

fn check(subject: &Subject<'_>) -> Vec<Mark> {
    if subject.reading.sections.is_empty() {
        // What changes nothing needs no reason.
        return Vec::new();
    }
    let preamble = Preamble::of(subject);
    let mut missing = Vec::new();
    let described = preamble.field(&["Description", "Subject"]);
    let has_why = subject.context.why.is_some_and(|why| !why.trim().is_empty());
    if let Some(text) = described.filter(|text| TEMPLATES.iter().any(|template| text.starts_with(template))) {
        return vec![Mark::new(subject.start(), format!("the description is a template's: `{text}`"), HELP)];
    }
    if described.is_none() && !preamble.has_words && !has_why {
        if preamble.fields.is_empty() {
            return vec![Mark::new(subject.start(), "the patch does not say why it exists", HELP)];
        }
        missing.push("`Description`");
    }
    if FIELDS.iter().any(|name| preamble.field(&[name]).is_some()) {
        let origin = preamble.field(&["Origin"]).unwrap_or_default();
        let is_upstreams = origin.starts_with("upstream") || origin.starts_with("backport");
        if preamble.field(&["Origin", "Author", "From"]).is_none() {
            missing.push("`Origin` or `Author`");
        }
        if preamble.field(&["Forwarded", "Applied-Upstream"]).is_none() && !is_upstreams {
            missing.push("`Forwarded` or `Applied-Upstream`");
        }
        if preamble.field(&["Last-Update", "Date"]).is_none() {
            missing.push("`Last-Update`");
        }
    }
    if missing.is_empty() {
        return Vec::new();
    }
    vec![Mark::new(subject.start(), format!("the header lacks {}", missing.join(", ")), HELP)]
}

/// What stands above the first file's header.
struct Preamble {
    /// Names and texts of fields.
    fields: Vec<(String, String)>,
    /// Whether there is text that is no field.
    has_words: bool,
}

impl Preamble {
    fn of(subject: &Subject<'_>) -> Self {
        let mut preamble = Self { fields: Vec::new(), has_words: false };
        for line in subject.preamble() {
            let text = String::from_utf8_lossy(line.trimmed());
            let is_mail = text.starts_with("From ") && preamble.fields.is_empty();
            if is_mail || text.starts_with(['#', '=']) || text.trim() == "---" {
                continue;
            }
            match field(&text) {
                Some((name, value)) => preamble.fields.push((name.to_owned(), value.to_owned())),
                // What goes on below a field belongs to it.
                None if text.starts_with([' ', '\t']) => {
                    if let Some((_, value)) = preamble.fields.last_mut().filter(|(_, value)| value.is_empty()) {
                        text.trim().clone_into(value);
                    } else if preamble.fields.is_empty() {
                        preamble.has_words |= !text.trim().is_empty();
                    }
                }
                None => preamble.has_words |= !text.trim().is_empty(),
            }
        }
        preamble
    }

    /// Returns the first of some fields that says something.
    fn field(&self, names: &[&str]) -> Option<&str> {
        let mut found =
            self.fields.iter().filter(|(name, _)| names.iter().any(|known| name.eq_ignore_ascii_case(known)));
        found.find_map(|(_, value)| Some(value.as_str()).filter(|value| !value.is_empty()))
    }
}

/// Returns the name and the text of a field; a subject without the tags that mails put before it.
fn field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = name.starts_with(|letter: char| letter.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let value = value.trim();
    let value = match value.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((_, rest)) if name == "Subject" => rest.trim(),
        _ => value,
    };
    is_name.then_some((name, value))
}
