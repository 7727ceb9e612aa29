//! End to end: the binary as a user, a script or a CI job starts it, on small projects of its own, without a network.

mod audit;
mod bisect;
mod build;
mod codes;
mod configuration;
mod formats;
mod fresh;
mod goldens;
mod help;
mod install;
mod lint;
mod locks;
mod mending;
mod output;
mod outputs;
mod patch_drop;
mod patch_new;
mod patch_refresh;
mod patch_series;
pub(crate) mod project;
mod rebase;
mod reports;
mod review;
mod run;
mod series;
mod tag;
