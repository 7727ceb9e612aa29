//! The one integration binary: every test file of the project is a module of it.

mod decimal;
mod fetch;
mod oracle;
mod patch;
mod recipe;
mod registration;
