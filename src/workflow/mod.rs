//! workflow.
