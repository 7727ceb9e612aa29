//! Executors: what a controller creates to trade. Configurations and states, no simulation.

pub mod config;
pub mod position;

pub mod active;
pub mod close_type;
pub mod dca;
pub mod grid;
pub mod hold;
pub mod info;
pub mod ladder;
pub mod order;
pub mod snapshot;

pub use active::ActiveExecutor;
pub use active::ExecutorId;
pub use close_type::CloseType;
pub use config::ExecutorConfig;
pub use info::ExecutorInfo;
pub use info::OpenExecutor;
pub use snapshot::Snapshot;
