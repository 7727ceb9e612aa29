//! Webhooks: what `hive.toml` may say, what a message looks like, and that none is lost or sent twice under two ids.

mod bodies;
mod delivery;
mod receiver;
mod schedule;
mod settings;
