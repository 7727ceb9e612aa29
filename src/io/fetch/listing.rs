//! Which releases of a project are to be had, when the index is asked only once?

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use pep440_rs::Version;

use super::Error;
use super::Fetched;
use super::Request;
use super::from_link;
use super::memo_name;
use super::noted;
use super::wanted;
use crate::io::address;
use crate::io::cache::Cache;
use crate::io::cache::Memo;
use crate::io::download::Client;
use crate::io::index;
use crate::io::index::Wanted;
use crate::io::index::configured;
use crate::io::index::distribution;
use crate::io::index::page::Link;
use crate::io::index::wheel::Platform;
use crate::io::progress::Progress;
use crate::recipe::resolve::Artifact;

/// What the index lists for a project.
#[derive(Debug)]
pub struct Listing {
    client: Client,
    links: Vec<Link>,
    package: String,
    /// The first index that was asked, without credentials.
    index: String,
}

impl Listing {
    /// Asks `index`, or those that pip is configured with, for the files of a project.
    ///
    /// # Errors
    ///
    /// Says why there is no answer.
    pub fn ask(package: &str, index: Option<&str>) -> Result<Self, Error> {
        let indexes = match index {
            Some(index) => configured::named(index)?,
            None => configured::configured()?,
        };
        let client = Client::new(indexes.certificates.as_deref())?;
        let links = index::list(&client, &indexes.urls, package)?;
        let index = indexes.urls.first().map(address::shown).unwrap_or_default();
        Ok(Self { client, links, package: package.to_owned(), index })
    }

    /// Returns every release that is listed, in order.
    #[must_use]
    pub fn versions(&self) -> BTreeSet<Version> {
        let parsed = |link: &Link| Some(distribution::parse(&link.file_name, &self.package)?.version().clone());
        self.links.iter().filter_map(parsed).collect()
    }

    /// Tells whether a release would be taken by somebody who did not ask for it by its version: it has the file that is
    /// wanted, and that was not withdrawn.
    ///
    /// # Errors
    ///
    /// Returns [`index::Error::Name`] and [`index::Error::Version`] for what can be neither.
    pub fn offers(&self, request: &Request) -> Result<bool, Error> {
        let wanted = wanted(request)?;
        Ok(index::choose(&self.links, &wanted).is_ok_and(|link| link.yanked.is_none()))
    }

    /// Fails unless the release has the file that is wanted, withdrawn or not.
    ///
    /// # Errors
    ///
    /// Those of [`index::choose`].
    pub fn check(&self, request: &Request) -> Result<(), Error> {
        index::choose(&self.links, &wanted(request)?)?;
        Ok(())
    }

    /// Returns the SHA-256 of the wheel of a release that fits a machine best; `None` when none does.
    ///
    /// # Errors
    ///
    /// Those of [`index::choose`], but for the wheel that is not there.
    pub fn wheel(&self, version: &str, platform: &Platform) -> Result<Option<String>, Error> {
        let (package, version) = Wanted::release(&self.package, version)?;
        let platform = Some(platform.clone());
        let wanted =
            Wanted { package, version, artifact: Artifact::Wheel, platform, any_platform: false, sha256: None };
        match index::choose(&self.links, &wanted) {
            Ok(link) => Ok(link.sha256.clone()),
            Err(index::Error::NoWheel { .. } | index::Error::NoArtifact { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Fetches a release as [`super::fetch`] does, without asking the index again.
    ///
    /// # Errors
    ///
    /// Those of [`super::fetch`].
    pub fn fetch(&self, request: &Request, cache: &Cache, progress: &dyn Progress) -> Result<Fetched, Error> {
        let wanted = wanted(request)?;
        match noted(request, &wanted, cache, progress)? {
            Some(fetched) => Ok(fetched),
            None => self.download(request, &wanted, cache, progress),
        }
    }

    /// Downloads a release and notes what the index offered.
    pub(super) fn download(
        &self,
        request: &Request,
        wanted: &Wanted,
        cache: &Cache,
        progress: &dyn Progress,
    ) -> Result<Fetched, Error> {
        let link = index::choose(&self.links, wanted)?;
        let fetched = from_link(&self.client, link, wanted, cache, progress)?;
        let memo = Memo {
            file_name: fetched.file_name.clone(),
            sha256: fetched.sha256.clone(),
            byte_count: fetched.bytes,
            index: self.index.clone(),
        };
        cache.keep_memo(&memo_name(wanted, request.python), &memo)?;
        Ok(fetched)
    }
}

/// Returns the releases of a project whose trees are in the cache, with the hash of the archive of each. Of several
/// wheels of one release, the one that was noted under the first name is taken.
#[must_use]
pub fn cached(package: &str, artifact: Artifact, cache: &Cache) -> BTreeMap<Version, String> {
    let mut found = BTreeMap::new();
    for memo in cache.memos() {
        if let Some(file) = distribution::parse(&memo.file_name, package)
            && file.artifact() == artifact
            && cache.record(&memo.sha256).is_some()
        {
            found.entry(file.version().clone()).or_insert(memo.sha256);
        }
    }
    found
}
