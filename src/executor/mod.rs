//! Executors: what a controller creates to trade. Configurations and states, no simulation.

pub mod active;
pub mod close_type;
pub mod info;
pub mod position;

pub use close_type::CloseType;
pub use info::ExecutorInfo;
