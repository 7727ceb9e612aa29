//! Which results are kept, for which keys, and which of them in memory?

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;

use crate::io::jobs::Kept;

/// The results of jobs. Several jobs may have the same.
#[derive(Debug, Default)]
pub(super) struct Results {
    kept: BTreeMap<u64, Item>,
    by_key: BTreeMap<String, u64>,
    stored_bytes: u64,
    recent: VecDeque<(u64, Arc<[u8]>)>,
    recent_bytes: u64,
    recent_bytes_max: u64,
    next_number: u64,
}

#[derive(Debug)]
struct Item {
    key: String,
    summary: Value,
    stored_bytes: u64,
    job_count: usize,
}

impl Results {
    pub(super) fn new(recent_bytes_max: u64) -> Self {
        Self { recent_bytes_max, next_number: 1, ..Self::default() }
    }

    /// Returns the number of the next result.
    pub(super) fn take_number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number - 1
    }

    /// Adds a result that no job has yet.
    pub(super) fn add(&mut self, kept: Kept, summary: Value) {
        self.next_number = self.next_number.max(kept.number + 1);
        self.stored_bytes += kept.stored_bytes;
        let item = Item { key: kept.key, summary, stored_bytes: kept.stored_bytes, job_count: 0 };
        self.kept.insert(kept.number, item);
    }

    /// Lets a result be found by its key from now on.
    pub(super) fn publish(&mut self, number: u64) {
        if let Some(item) = self.kept.get(&number)
            && !item.key.is_empty()
        {
            self.by_key.insert(item.key.clone(), number);
        }
    }

    /// Returns the result that is kept under a key.
    pub(super) fn find(&self, key: &str) -> Option<u64> {
        self.by_key.get(key).copied()
    }

    pub(super) fn summary(&self, number: u64) -> Option<&Value> {
        self.kept.get(&number).map(|item| &item.summary)
    }

    pub(super) fn stored_bytes(&self) -> u64 {
        self.stored_bytes
    }

    /// One more job has this result.
    pub(super) fn hold(&mut self, number: u64) {
        if let Some(item) = self.kept.get_mut(&number) {
            item.job_count += 1;
        }
    }

    /// A job that had this result goes. Returns whether the result went with it.
    pub(super) fn release(&mut self, number: u64) -> bool {
        let Some(item) = self.kept.get_mut(&number) else { return false };
        item.job_count = item.job_count.saturating_sub(1);
        if item.job_count > 0 {
            return false;
        }
        let item = self.kept.remove(&number).expect("it was found");
        self.stored_bytes -= item.stored_bytes;
        if self.by_key.get(&item.key) == Some(&number) {
            self.by_key.remove(&item.key);
        }
        if let Some(index) = self.recent.iter().position(|(recent, _)| *recent == number) {
            let (_, bytes) = self.recent.remove(index).expect("it was found");
            self.recent_bytes -= bytes.len() as u64;
        }
        true
    }

    /// Returns the results that no job has, and forgets them.
    pub(super) fn take_orphans(&mut self) -> Vec<u64> {
        let orphans = self.kept.iter().filter(|(_, item)| item.job_count == 0);
        let orphans: Vec<u64> = orphans.map(|(number, _)| *number).collect();
        for number in &orphans {
            self.release(*number);
        }
        orphans
    }

    /// Returns the bytes of a result where they are in memory.
    pub(super) fn recent(&self, number: u64) -> Option<Arc<[u8]>> {
        self.recent.iter().find(|(recent, _)| *recent == number).map(|(_, bytes)| bytes.clone())
    }

    /// Keeps the bytes of a result in memory, as long as no newer ones need the room.
    pub(super) fn remember(&mut self, number: u64, bytes: Arc<[u8]>) {
        let size = bytes.len() as u64;
        if size > self.recent_bytes_max || !self.kept.contains_key(&number) || self.recent(number).is_some() {
            return;
        }
        while self.recent_bytes + size > self.recent_bytes_max {
            let Some((_, oldest)) = self.recent.pop_front() else { break };
            self.recent_bytes -= oldest.len() as u64;
        }
        self.recent_bytes += size;
        self.recent.push_back((number, bytes));
    }
}
