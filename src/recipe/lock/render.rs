//! How a lock is written.

use std::fmt::Write as _;

use super::Lock;
use super::VERSION;

/// The first lines of every lock.
const HEADER: &str = "# Written by `hive lock`, one fact a line. Do not edit.\n";

pub(super) fn render(lock: &Lock) -> String {
    let mut text = format!("{HEADER}lock-version = {VERSION}\n");
    for (recipe, facts) in &lock.recipes {
        write!(text, "\n[recipe.{}]\n", key(recipe)).expect("writing to a `String` cannot fail");
        for (name, value) in facts {
            writeln!(text, "{} = {}", quote(&name.to_string()), quote(value))
                .expect("writing to a `String` cannot fail");
        }
    }
    text
}

/// Writes a key, without quotes where TOML needs none.
fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_bare { name.to_owned() } else { quote(name) }
}

/// Writes a basic string of TOML, which never takes more than one line.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                write!(quoted, "\\u{:04X}", u32::from(control)).expect("writing to a `String` cannot fail");
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}
