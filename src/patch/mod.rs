//! Patches: reading unified diffs, placing their hunks, and telling what state they are in.
//!
//! The floor is pure: bytes in, values out. Reading order: [`diff`] says what a patch is, [`mod@parse`] makes one from text
//! and [`mod@print`] text of one, [`mod@apply`] puts it onto files and says in which [`state`] it found them, [`series`] does
//! that in order, [`depend`] says which patches need which, [`carry`] takes one along to another release and [`walk`] a
//! series through many, [`make`] writes one, [`refresh`] and [`rebase`] bring one up to date, [`mod@lint`] reports what is
//! wrong with the text itself.
//!
//! What is absent is a promise: without a user's [consent](state::Consent) no fuzz (context is matched byte for byte) and
//! no write where two places fit or where the result could not be told from the input; never success of a patch of which
//! any part was left out.

pub mod diff;
pub mod parse;
pub mod print;

pub mod state;

pub mod apply;
pub mod carry;
pub mod merge;
pub mod moved;
pub mod series;
pub mod walk;

pub mod depend;
pub mod make;
pub mod rebase;
pub mod refresh;

pub mod lint;

mod binary;
mod blob;
mod compact;
mod conflict;
mod error;
mod path;
mod payload;
mod place;
mod read;
mod reverse;
mod text;
mod write;

pub use apply::apply;
pub use apply::apply_with;
pub use binary::Binary;
pub use diff::Note;
pub use diff::Patch;
pub use error::Cause;
pub use error::Error;
pub use lint::lint;
pub use parse::parse;
pub use parse::parse_stripped;
pub use print::print;
pub use state::Consent;
pub use state::State;
pub use text::Span;
