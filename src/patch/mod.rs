//! Patches: reading unified diffs, placing their hunks, and telling what state they are in.
