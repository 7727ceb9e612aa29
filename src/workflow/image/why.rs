//! Which input changed since an image was built?

use crate::image::label::Facts;

/// Returns what differs between the facts of an image and those that hold now, in words, each input once.
#[must_use]
pub fn changes(before: &Facts, now: &Facts) -> Vec<String> {
    let mut names: Vec<&String> = before.keys().chain(now.keys()).collect();
    names.sort();
    names.dedup();
    let mut told = Vec::new();
    for name in names {
        let (old, new) = (before.get(name), now.get(name));
        if old == new {
            continue;
        }
        let change = match (old, new) {
            (Some(_), Some(_)) => "changed",
            (Some(_), None) => "is gone",
            (None, _) => "is new",
        };
        let text = told_of(name, change, old, new);
        if !told.contains(&text) {
            told.push(text);
        }
    }
    told
}

fn told_of(name: &str, change: &str, old: Option<&String>, new: Option<&String>) -> String {
    let (kind, rest) = name.split_once(' ').unwrap_or((name, ""));
    let rest = rest.replace("%20", " ");
    match kind {
        "form" => "this hive writes layers in another form".to_owned(),
        "kind" | "root" => format!(
            "its {kind} was `{}` and is `{}`",
            old.map_or("none", String::as_str),
            new.map_or("none", String::as_str)
        ),
        "upstream" => format!("upstream {change}: {rest}"),
        "image" => format!("base `{rest}` {change}"),
        // A patch's own text, and each file that it touches: the reader wants the patch.
        "patch" => format!("`{}` {change}", rest.split(' ').next().unwrap_or_default()),
        "file" => format!("`{rest}` {change}"),
        "python" => format!("the Python closure {}", if change == "changed" { "changed" } else { "is another one" }),
        _ => format!("`{name}` {change}"),
    }
}
