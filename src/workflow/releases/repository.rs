//! The tags of a git repository, and the files at each.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;

use pep440_rs::Version;

use super::Error;
use super::order;
use super::order::Known;
use super::order::Place;
use crate::io::git::mirror::Mirror;
use crate::io::inside;
use crate::io::progress::Progress;
use crate::io::tree;
use crate::workflow;

/// Tags of a repository, in the order in which they are asked for by their places.
pub(super) struct Repository<'p> {
    mirror: Mirror<'p>,
    tags: Vec<String>,
    /// Which object holds each file, by path, for the tags that were looked into.
    files: BTreeMap<usize, BTreeMap<String, String>>,
    /// The paths that were obtained at all tags.
    obtained: BTreeSet<String>,
}

impl<'p> Repository<'p> {
    /// Finds the tags from `base` to `target` that are written like `base`.
    pub(super) fn open(
        url: &str,
        base: &str,
        target: &str,
        cache: &Path,
        is_offline: bool,
        progress: &'p dyn Progress,
    ) -> Result<(Vec<String>, Self), workflow::Error> {
        let (prefix, first) = parsed(base).ok_or_else(|| Error::NoVersion {
            text: base.to_owned(),
            expected: "take a tag with a version at its end as the recipe's `tag`, such as `v2.16.0`",
        })?;
        let no_target = || Error::NoVersion { text: target.to_owned(), expected: "name a tag, such as `v2.16.0`" };
        let last = version_after(prefix, target).or_else(|| Version::from_str(target).ok()).ok_or_else(no_target)?;
        let mut mirror = Mirror::open(url, cache, is_offline, progress)?;
        let place = Place { name: format!("`{}`", mirror.shown()), is_offline };
        let mut known = known(&mirror.tags()?, base, target);
        if !is_offline && [&first, &last].iter().any(|version| !known.contains_key(version)) {
            mirror.refresh()?;
            known = self::known(&mirror.tags()?, base, target);
        }
        place.check(&known, &first, base)?;
        place.check(&known, &last, target)?;
        let versions = order::between(&known, &first, &last)?;
        let tags: Vec<String> = versions.iter().map(|version| known[version].clone()).collect();
        Ok((tags.clone(), Self { mirror, tags, files: BTreeMap::new(), obtained: BTreeSet::new() }))
    }

    /// Returns the tags after `base` that are written like it, in order.
    pub(super) fn newer(
        url: &str,
        base: &str,
        cache: &Path,
        is_offline: bool,
        progress: &'p dyn Progress,
    ) -> Result<Vec<String>, workflow::Error> {
        let (_, first) = parsed(base).ok_or_else(|| Error::NoVersion {
            text: base.to_owned(),
            expected: "take a tag with a version at its end as the recipe's `tag`, such as `v2.16.0`",
        })?;
        let mut mirror = Mirror::open(url, cache, is_offline, progress)?;
        if !is_offline {
            mirror.refresh()?;
        }
        let known = known(&mirror.tags()?, base, base);
        let is_newer = |version: &Version| *version > first && (first.any_prerelease() || !version.any_prerelease());
        Ok(known.into_iter().filter(|(version, _)| is_newer(version)).map(|(_, tag)| tag).collect())
    }

    pub(super) fn read(&mut self, place: usize, path: &str) -> Result<Option<Vec<u8>>, workflow::Error> {
        let path =
            inside::check(path.as_bytes()).map_err(|fault| tree::Error::Path { path: path.to_owned(), fault })?;
        let Some(id) = self.files(place)?.get(&path).cloned() else {
            return Ok(None);
        };
        self.obtain(path)?;
        Ok(Some(self.mirror.read(&id)?))
    }

    pub(super) fn paths(&mut self, place: usize) -> Result<Vec<String>, workflow::Error> {
        Ok(self.files(place)?.keys().cloned().collect())
    }

    /// Obtains a file at all tags: who reads it at one will read it at the others, and one fetch is cheaper than many.
    fn obtain(&mut self, path: String) -> Result<(), workflow::Error> {
        if self.obtained.contains(&path) {
            return Ok(());
        }
        let mut ids = BTreeSet::new();
        for place in 0..self.tags.len() {
            ids.extend(self.files(place)?.get(&path).cloned());
        }
        self.mirror.obtain(&ids)?;
        self.obtained.insert(path);
        Ok(())
    }

    fn files(&mut self, place: usize) -> Result<&BTreeMap<String, String>, workflow::Error> {
        if !self.files.contains_key(&place) {
            let files = self.mirror.files(&self.tags[place])?;
            self.files.insert(place, files);
        }
        Ok(&self.files[&place])
    }
}

/// Returns the tags that are written like `base`, by their versions. Of several tags of one version, that which is one of
/// the ends is taken, else the first by its bytes.
fn known(tags: &[String], base: &str, target: &str) -> Known {
    let mut known = Known::new();
    let Some((prefix, _)) = parsed(base) else {
        return known;
    };
    for tag in tags {
        if let Some(version) = version_after(prefix, tag) {
            let name = known.entry(version).or_insert_with(|| tag.clone());
            if [base, target].contains(&tag.as_str()) && name != base {
                name.clone_from(tag);
            }
        }
    }
    known
}

/// Splits a tag into what stands before its version, without the letter `v`, and the version; `None` for a tag that ends
/// in no version.
fn parsed(tag: &str) -> Option<(&str, Version)> {
    let starts_word = |place: usize| !tag[..place].ends_with(|letter: char| letter.is_ascii_alphanumeric());
    let places = tag.char_indices().map(|(place, _)| place).filter(|place| starts_word(*place));
    places.into_iter().find_map(|place| Some((&tag[..place], version_after(&tag[..place], tag)?)))
}

/// Returns the version of a tag that is written like the others with this prefix: the prefix, perhaps a `v`, a version.
fn version_after(prefix: &str, tag: &str) -> Option<Version> {
    let rest = tag.strip_prefix(prefix)?;
    let rest = rest.strip_prefix('v').unwrap_or(rest);
    if !rest.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    Version::from_str(rest).ok()
}
