//! The real Hummingbot as a second engine, and what it needs: programs within bounds, probes, comparisons.

mod against;
mod answer;
mod probe;
mod process;
mod real;
mod sandbox;
