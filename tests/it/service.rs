//! The backtest service: its routes without a socket, and the binary with one.

mod house;
mod served;

mod access;
mod bad_input;
mod burst;
mod client;
mod description;
mod dropin;
mod events;
mod killed;
mod limits;
mod metrics;
mod page;
mod regression;
mod routes;
mod secrets;
mod stopping;
