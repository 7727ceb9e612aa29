//! Jobs: taken, worked on, watched, stopped, kept, found again; and none is lost or done twice, whenever the process dies.

mod cache;
mod events;
mod kill;
mod play;
mod queue;
mod restart;
mod states;
mod stop;
mod store;
