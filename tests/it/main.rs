//! The one integration binary: every test file of the project is a module of it.

mod candles;
mod configuration;
mod decimal;
mod fetch;
mod golden;
mod indicator;
mod oracle;
mod patch;
mod position;
mod profile;
mod readme;
mod recipe;
mod registration;
mod tidy;
mod verbs;
