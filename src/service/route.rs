//! What is a route: its path and method, what it takes and gives, and who answers?

use axum::http::Method;
use axum::routing::MethodRouter;
use schemars::Schema;
use schemars::SchemaGenerator;

use crate::service::front::Front;

/// Says what a type looks like in JSON.
pub type Describe = fn(&mut SchemaGenerator) -> Schema;

/// A route. The router and the OpenAPI document are both made of these, so that neither knows one that the other does not.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path, with parameters in braces.
    pub path: &'static str,
    /// Its name, for generated clients.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// To which family it belongs.
    pub family: Family,
    /// Whether it needs no key.
    pub is_open: bool,
    /// What may stand behind the question mark.
    pub query: &'static [Parameter],
    /// What its body looks like.
    pub body: Option<Describe>,
    /// What it answers.
    pub answers: Vec<Answer>,
    /// Where what it makes is found: routes whose paths begin so, and where in the answer their `id` stands.
    pub leads_to: Option<(&'static str, &'static str)>,
    /// Who answers.
    pub handler: MethodRouter<Front>,
}

/// To which family a route belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// hive's own API.
    Own,
    /// What Hummingbot's clients speak.
    DropIn,
    /// The page, and what operators ask.
    Operation,
}

/// A parameter behind the question mark.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// Its type in JSON Schema.
    pub kind: &'static str,
}

/// What a route answers with a status.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// When.
    pub about: &'static str,
    /// Its type; none where there is no body.
    pub media: Option<&'static str>,
    /// What it looks like, where it is JSON.
    pub shape: Option<Describe>,
}

impl Answer {
    /// Returns an answer that is JSON.
    #[must_use]
    pub fn json(status: u16, about: &'static str, shape: Describe) -> Self {
        Self { status, about, media: Some("application/json"), shape: Some(shape) }
    }

    /// Returns an answer of another type.
    #[must_use]
    pub fn other(status: u16, about: &'static str, media: &'static str) -> Self {
        Self { status, about, media: Some(media), shape: None }
    }

    /// Returns an answer without a body.
    #[must_use]
    pub fn empty(status: u16, about: &'static str) -> Self {
        Self { status, about, media: None, shape: None }
    }
}
