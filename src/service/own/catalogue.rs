//! What is there to choose from: controllers, their configurations, replay profiles; and which hive answers?

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::service::answer;
use crate::service::error::Error;
use crate::service::front::Front;

/// The controllers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Controllers {
    /// The form of each: its name, type and fields.
    pub controllers: Value,
}

/// The controllers' configurations.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Configs {
    /// What `config` can name instead of being an object.
    pub configs: Vec<String>,
}

/// The replay profiles.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Profiles {
    /// The names, of the oldest generation first.
    pub profiles: Vec<String>,
    /// The one that is taken where none is named.
    pub default: String,
}

/// Which hive answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Version {
    /// `hive`.
    pub name: &'static str,
    /// The version.
    pub version: &'static str,
}

/// Lists the controllers.
pub async fn controllers(State(front): State<Front>) -> Result<Response, Error> {
    let controllers = front.blocking(|front| Ok(front.desk.forms())).await?;
    Ok(answer::json(StatusCode::OK, &Controllers { controllers }))
}

/// Lists the controllers' configurations.
pub async fn configs(State(front): State<Front>) -> Result<Response, Error> {
    let configs = front.blocking(|front| Ok(front.desk.configs())).await?;
    Ok(answer::json(StatusCode::OK, &Configs { configs }))
}

/// Lists the replay profiles.
pub async fn profiles(State(front): State<Front>) -> Result<Response, Error> {
    let (profiles, default) = front.blocking(|front| Ok(front.desk.profiles())).await?;
    Ok(answer::json(StatusCode::OK, &Profiles { profiles, default }))
}

/// Tells which hive answers.
pub async fn version() -> Response {
    answer::json(StatusCode::OK, &Version { name: "hive", version: env!("CARGO_PKG_VERSION") })
}
