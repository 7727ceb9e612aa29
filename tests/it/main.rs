//! The one integration binary: every test file of the project is a module of it.

mod candles;
mod causal;
mod configuration;
mod dca;
mod decimal;
mod decisions;
mod fetch;
mod golden;
mod grid;
mod hold;
mod indicator;
mod oracle;
mod oracle_case;
mod order;
mod patch;
mod position;
mod position_oracle;
mod profile;
mod readme;
mod recipe;
mod registration;
mod replays;
mod small_candles;
mod tidy;
mod verbs;
mod whole;
