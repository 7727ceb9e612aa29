//! How does long work say how far it is?

/// Told of work that takes long enough to be watched.
///
/// One piece of work at a time: `begin`, any number of `advance`, `end`. Work that fails is not ended.
pub trait Progress: Sync {
    /// Announces a piece of work of `total` bytes; `None` where the size is not known beforehand.
    fn begin(&self, label: &str, total: Option<u64>);

    /// Announces a piece of work of `total` steps.
    fn begin_steps(&self, label: &str, total: u64);

    /// Tells that `count` more bytes, or steps, are done.
    fn advance(&self, count: u64);

    /// Tells that the piece of work is done.
    fn end(&self);
}

/// Progress that nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn begin(&self, _label: &str, _total: Option<u64>) {}

    fn begin_steps(&self, _label: &str, _total: u64) {}

    fn advance(&self, _count: u64) {}

    fn end(&self) {}
}
