//! The releases of a package on an index, each fetched as a tree when it is first read.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use pep440_rs::Version;

use super::order;
use super::order::Known;
use super::order::Place;
use crate::io::cache::Cache;
use crate::io::fetch;
use crate::io::fetch::Request;
use crate::io::fetch::listing;
use crate::io::fetch::listing::Listing;
use crate::io::index::Wanted;
use crate::io::progress::Progress;
use crate::io::tree::Tree;
use crate::workflow::Error;

/// Releases of a package, in the order in which they are asked for by their places.
pub(super) struct Index<'p> {
    cache: Cache,
    /// What the index lists; `None` offline.
    listing: Option<Listing>,
    requests: Vec<Request>,
    trees: BTreeMap<usize, Tree>,
    progress: &'p dyn Progress,
}

impl<'p> Index<'p> {
    /// Finds the releases from that of the request `base` to the target.
    pub(super) fn open(
        base: &Request,
        target: &str,
        cache: Cache,
        progress: &'p dyn Progress,
    ) -> Result<(Vec<String>, Self), Error> {
        let (package, first) = Wanted::release(&base.package, &base.version).map_err(fetch::Error::from)?;
        let (_, last) = Wanted::release(&base.package, target).map_err(fetch::Error::from)?;
        let place = Place { name: format!("`{package}`"), is_offline: base.offline };
        let (mut listing, mut cached) = (None, BTreeMap::new());
        let mut versions = BTreeSet::new();
        if base.offline {
            cached = listing::cached(&package, base.artifact, &cache);
            if let Some(sha256) = &base.expected_sha256
                && cache.record(sha256).is_some()
            {
                // The recipe's release is the one with the locked bytes, whatever else the cache holds of it.
                cached.insert(first.clone(), sha256.clone());
            }
            versions.extend(cached.keys().cloned());
        } else {
            let asked = Listing::ask(&package, base.index.as_deref())?;
            versions.extend(asked.versions());
            // A release that has left the index since may still be in the cache; reading it tells.
            versions.insert(first.clone());
            listing = Some(asked);
        }
        let known: Known = versions.into_iter().map(|version| (version.clone(), version.to_string())).collect();
        place.check(&known, &first, &base.version)?;
        place.check(&known, &last, target)?;
        let mut requests = Vec::new();
        for version in order::between(&known, &first, &last)? {
            if version == first {
                let expected_sha256 = base.expected_sha256.clone().or_else(|| cached.get(&version).cloned());
                requests.push(Request { version: version.to_string(), expected_sha256, ..base.clone() });
                continue;
            }
            let expected_sha256 = cached.get(&version).cloned();
            let request = Request { version: version.to_string(), expected_sha256, ..base.clone() };
            match &listing {
                Some(listing) if version == last => listing.check(&request)?,
                Some(listing) if !listing.offers(&request)? => continue,
                _ => {}
            }
            requests.push(request);
        }
        let versions = requests.iter().map(|request| request.version.clone()).collect();
        Ok((versions, Self { cache, listing, requests, trees: BTreeMap::new(), progress }))
    }

    /// Returns the releases after that of the request `base`, in order: those that somebody would take who did not ask for one.
    pub(super) fn newer(base: &Request, cache: &Cache) -> Result<Vec<String>, Error> {
        let (package, first) = Wanted::release(&base.package, &base.version).map_err(fetch::Error::from)?;
        let is_newer = |version: &Version| *version > first && (first.any_prerelease() || !version.any_prerelease());
        if base.offline {
            let cached = listing::cached(&package, base.artifact, cache).into_keys();
            return Ok(cached.filter(is_newer).map(|version| version.to_string()).collect());
        }
        let listing = Listing::ask(&package, base.index.as_deref())?;
        let mut newer = Vec::new();
        for version in listing.versions().into_iter().filter(is_newer) {
            let request = Request { version: version.to_string(), expected_sha256: None, ..base.clone() };
            if listing.offers(&request)? {
                newer.push(request.version);
            }
        }
        Ok(newer)
    }

    pub(super) fn read(&mut self, place: usize, path: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.tree(place)?.read(path)?)
    }

    pub(super) fn paths(&mut self, place: usize) -> Result<Vec<String>, Error> {
        Ok(self.tree(place)?.files()?.into_iter().map(|file| file.path).collect())
    }

    fn tree(&mut self, place: usize) -> Result<&Tree, Error> {
        if !self.trees.contains_key(&place) {
            let request = &self.requests[place];
            let fetched = match &self.listing {
                Some(listing) => listing.fetch(request, &self.cache, self.progress)?,
                None => fetch::fetch(request, &self.cache, self.progress)?,
            };
            self.trees.insert(place, Tree::open(&fetched.tree)?);
        }
        Ok(&self.trees[&place])
    }
}
