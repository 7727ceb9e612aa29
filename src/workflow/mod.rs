//! Use cases: one file for each. They read through `io`, hand values to the domain, and return a value.

pub mod report;
