//! What does a hive that was built without Docker say? That it was; there is no engine of its own to be had.

use std::convert::Infallible;
use std::io;
use std::io::Read;
use std::io::Write;
use std::marker::PhantomData;
use std::time::Duration;

use crate::io::docker::Address;
use crate::io::docker::Compile;
use crate::io::docker::Entry;
use crate::io::docker::Error;
use crate::io::docker::ImageFacts;
use crate::io::docker::Patience;
use crate::io::docker::Request;
use crate::io::docker::Stat;
use crate::io::docker::Storage;
use crate::io::docker::Version;
use crate::io::progress::Progress;
use crate::io::script::Ended;
use crate::io::script::Output;
use crate::io::script::Script;

/// A connection that cannot be.
#[derive(Debug)]
pub struct Engine(Infallible);

/// An image that cannot be looked into.
#[derive(Debug)]
pub struct Opened<'e>(Infallible, PhantomData<&'e Engine>);

/// A container that cannot stand.
#[derive(Debug)]
pub struct Standing<'e>(Infallible, PhantomData<&'e Engine>);

#[expect(missing_docs, clippy::must_use_candidate, reason = "they are those of the engine that can be had")]
impl Engine {
    pub fn connect() -> Result<Self, Error> {
        Err(Error::NotIncluded)
    }

    pub fn open(_: Address, _: Patience) -> Result<Self, Error> {
        Err(Error::NotIncluded)
    }

    pub fn version(&self) -> &Version {
        match self.0 {}
    }

    pub fn address(&self) -> &Address {
        match self.0 {}
    }

    pub fn storage(&self) -> Result<Storage, Error> {
        match self.0 {}
    }

    pub fn processor_count(&self) -> Result<usize, Error> {
        match self.0 {}
    }

    pub fn image(&self, _: &str) -> Result<Option<ImageFacts>, Error> {
        match self.0 {}
    }

    pub fn load(
        &self,
        _: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
        _: Option<u64>,
        _: &dyn Progress,
    ) -> Result<Vec<String>, Error> {
        match self.0 {}
    }

    pub fn save(&self, _: &str, _: &mut dyn Write, _: &dyn Progress) -> Result<(), Error> {
        match self.0 {}
    }

    pub fn tag(&self, _: &str, _: &str) -> Result<(), Error> {
        match self.0 {}
    }

    pub fn remove_image(&self, _: &str) -> Result<(), Error> {
        match self.0 {}
    }

    pub fn containers(&self, _: &str) -> Result<Vec<String>, Error> {
        match self.0 {}
    }

    pub fn look_into(&self, _: &str) -> Result<Opened<'_>, Error> {
        match self.0 {}
    }

    pub fn run_script(&self, _: &str, _: &[String], _: &Script, _: &mut dyn FnMut(&str)) -> Result<Output, Error> {
        match self.0 {}
    }

    pub fn compile(
        &self,
        _: &Compile,
        _: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
        _: &mut dyn FnMut(&str),
        _: &mut dyn FnMut(&Entry, &mut dyn Read) -> io::Result<bool>,
    ) -> Result<(), Error> {
        match self.0 {}
    }

    pub fn stand(&self, _: &Request) -> Result<Standing<'_>, Error> {
        match self.0 {}
    }
}

#[expect(missing_docs, clippy::must_use_candidate, reason = "they are those of the image that can be looked into")]
impl Opened<'_> {
    pub fn container(&self) -> &str {
        match self.0 {}
    }

    pub fn stat(&self, _: &str) -> Result<Option<Stat>, Error> {
        match self.0 {}
    }

    pub fn stats(&self, _: &[String]) -> Result<Vec<Option<Stat>>, Error> {
        match self.0 {}
    }

    pub fn read(&self, _: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.0 {}
    }

    pub fn archive(
        &self,
        _: &str,
        _: &mut dyn FnMut(&Entry, &mut dyn Read) -> io::Result<bool>,
    ) -> Result<bool, Error> {
        match self.0 {}
    }
}

#[expect(missing_docs, clippy::must_use_candidate, reason = "they are those of the container that can stand")]
impl Standing<'_> {
    pub fn name(&self) -> &str {
        match self.0 {}
    }

    pub fn follow(&self, _: &dyn Fn() -> bool, _: &mut dyn FnMut(&str)) -> Result<Option<Ended>, Error> {
        match self.0 {}
    }

    pub fn restart(&self, _: Duration) -> Result<(), Error> {
        match self.0 {}
    }

    pub fn stop(self, _: Duration) -> Result<Duration, Error> {
        match self.0 {}
    }
}
