//! The real Hummingbot as a second engine, and what it needs: programs within bounds, probes, comparisons.

mod process;
mod sandbox;
