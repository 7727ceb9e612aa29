//! Where are the candles and the configurations that backtests are asked for with, and what holds where a request is silent?

use std::path::PathBuf;

use crate::engine::Profile;
use crate::engine::profile;
use crate::workflow::Project;
use crate::workflow::candles::Store;

/// What somebody who opens a desk may choose.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The folder of named configurations, relative to the project; `conf/controllers` where it is not said.
    pub configs: Option<PathBuf>,
    /// The replay profile of requests that name none; the newest where it is not said.
    pub profile: Option<String>,
}

/// Candles, configurations, and what holds where a request is silent. Copies share the candles that were read.
#[derive(Debug, Clone)]
pub struct Desk {
    pub(super) store: Store,
    pub(super) configs: PathBuf,
    pub(super) profile: Profile,
}

impl Desk {
    /// Opens a project's desk.
    ///
    /// # Errors
    ///
    /// Refuses a profile that there is not.
    pub fn open(project: &Project, settings: &Settings) -> Result<Self, profile::Error> {
        let newest = profile::PROFILES[profile::PROFILES.len() - 1];
        let profile = match &settings.profile {
            Some(name) => profile::named(name).or_else(|_| profile::of_version(name))?,
            None => newest,
        };
        let folder = settings.configs.clone().unwrap_or_else(|| PathBuf::from("conf/controllers"));
        Ok(Self { store: Store::open(project), configs: project.root.join(folder), profile })
    }

    /// Returns the store of candles.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns the profile of requests that name none.
    #[must_use]
    pub fn profile(&self) -> &'static str {
        self.profile.name
    }

    /// Returns what to do about a profile that there is not. What recipes are told has no place in a request.
    #[must_use]
    pub fn profile_hint() -> String {
        format!("the profiles are {}", Self::profiles().join(", "))
    }

    /// Returns the names of all profiles, oldest first.
    #[must_use]
    pub fn profiles() -> Vec<&'static str> {
        profile::PROFILES.iter().map(|profile| profile.name).collect()
    }
}
