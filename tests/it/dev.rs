//! The edit loop: files that change are seen, and shown to an environment that stays what it is.

mod overlay;
mod rounds;
mod running;
mod watch;
