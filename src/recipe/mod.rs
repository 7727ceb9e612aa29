//! Recipes: what the file says, what we will do, and what it resolved to.

pub mod resolve;
