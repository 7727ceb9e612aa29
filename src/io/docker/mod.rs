//! How does hive talk to a Docker engine?
//!
//! Over the Engine API, without the `docker` program. Every call is waited for on the thread that makes it; what is called
//! back is called outside the runtime, so that it may call the engine again. Whatever is made for the length of a call (a
//! container to look into, to run in) is removed with the value that stands for it.

mod address;
mod error;
mod facts;
mod order;

#[cfg(feature = "docker")]
mod connect;
#[cfg(feature = "docker")]
mod engine;
#[cfg(feature = "docker")]
mod fault;

#[cfg(feature = "docker")]
mod image;
#[cfg(feature = "docker")]
mod transfer;

#[cfg(feature = "docker")]
mod compile;
#[cfg(feature = "docker")]
mod container;
#[cfg(feature = "docker")]
mod opened;
#[cfg(feature = "docker")]
mod run;
#[cfg(feature = "docker")]
mod script;
#[cfg(feature = "docker")]
mod standing;

#[cfg(feature = "docker")]
mod lines;

#[cfg(not(feature = "docker"))]
mod without;

pub use address::Address;
pub use error::Error;
pub use facts::Entry;
pub use facts::ImageFacts;
pub use facts::Kind;
pub use facts::Patience;
pub use facts::Stat;
pub use facts::Storage;
pub use facts::Store;
pub use facts::Version;
pub use order::Bind;
pub use order::Compile;
pub use order::Request;

#[cfg(feature = "docker")]
pub use engine::Engine;
#[cfg(feature = "docker")]
pub use opened::Opened;
#[cfg(feature = "docker")]
pub use standing::Standing;

#[cfg(not(feature = "docker"))]
pub use without::Engine;
#[cfg(not(feature = "docker"))]
pub use without::Opened;
#[cfg(not(feature = "docker"))]
pub use without::Standing;
