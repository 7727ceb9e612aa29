//! Where does a link of a tree end?

use std::collections::BTreeMap;

/// How many links are followed one after the other, as many as Linux follows.
const LINK_COUNT_MAX: usize = 40;

/// Returns the path on which a link ends after all links on the way, whether or not there is a file; `None` for one that
/// leaves the tree or goes in a circle.
///
/// `links` holds what each link of the tree says, by its path. A folder that is a link is not gone through.
pub(super) fn end(link: &str, links: &BTreeMap<String, String>) -> Option<String> {
    let mut path = link.to_owned();
    for _ in 0..LINK_COUNT_MAX {
        let Some(target) = links.get(&path) else {
            return Some(path);
        };
        path = joined(&path, target)?;
    }
    None
}

/// Returns where a link at `path` leads, relative to the tree's root; `None` for what is outside.
fn joined(path: &str, target: &str) -> Option<String> {
    if target.starts_with('/') || target.contains(['\\', '\0']) {
        return None;
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
