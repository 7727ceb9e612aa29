//! What does the service ask of the use cases below it?

use serde_json::Value;

use crate::service::error::Error;

/// What the service asks of the use cases. Each answer may take a moment, and none is asked for on the event loop.
pub trait Desk: Send + Sync + 'static {
    /// Checks a backtest that somebody asks for.
    ///
    /// # Errors
    ///
    /// Tells everything that is wrong with it.
    fn check(&self, body: &Value) -> Result<Checked, Error>;

    /// Checks a download of candles that somebody asks for.
    ///
    /// # Errors
    ///
    /// Tells everything that is wrong with it.
    fn check_download(&self, body: &Value) -> Result<Checked, Error>;

    /// Returns the form of each controller.
    fn forms(&self) -> Value;

    /// Returns the names of the controllers' configurations.
    fn configs(&self) -> Vec<String>;

    /// Returns the replay profiles, and the one that is taken where none is named.
    fn profiles(&self) -> (Vec<String>, String);

    /// Returns which candles there are.
    ///
    /// # Errors
    ///
    /// Tells that they cannot be read.
    fn coverage(&self) -> Result<Value, Error>;
}

/// A request that can become a job.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What the job is told.
    pub request: Value,
    /// The hash of all that its result is a function of.
    pub key: String,
    /// What people see in lists.
    pub title: String,
}
