//! Recipes: what the file says, what we will do, and what it resolved to.

pub mod schema;

pub mod resolve;

pub mod edit;

pub mod lint;

pub mod lock;

pub mod closure;

pub mod error;

pub mod located;
