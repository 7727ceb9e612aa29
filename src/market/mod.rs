//! market.
