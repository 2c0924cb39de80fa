//! A node's storage: a log of records of which a crash may lose what was not synced.

use super::collections::reserve_one;
use serde::Serialize;

/// The effect of a crash on a node's storage.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Damage {
    /// Nothing is lost: a process crash, not a machine crash.
    None,
    /// Unsynced records are lost.
    Unsynced,
    /// As `Unsynced`, but the disk was writing: everything unsynced made it except the last record, which is torn.
    Torn,
    /// Everything is lost.
    All,
}

/// One node's log. Records belong to scopes, so that protocols that share a node share the log and its syncs
/// without reading each other's records.
#[derive(Debug)]
pub(super) struct Storage<R> {
    entries: Vec<Entry<R>>,
    /// Truncations that are not carried out yet.
    truncations: Vec<Truncation>,
    /// Numbers what is written next: a record or a truncation.
    next: u64,
    /// The number of the first write that is not durable.
    durable: u64,
    torn: bool,
    wiped: bool,
}

#[derive(Clone, Debug)]
struct Entry<R> {
    number: u64,
    scope: u64,
    record: R,
}

/// The records of `scope` before `number` are no longer needed.
#[derive(Copy, Clone, Debug)]
struct Truncation {
    number: u64,
    scope: u64,
}

impl<R: Clone> Storage<R> {
    pub(super) fn new() -> Storage<R> {
        Storage {
            entries: Vec::new(),
            truncations: Vec::new(),
            next: 0,
            durable: 0,
            torn: false,
            wiped: false,
        }
    }

    pub(super) fn persist(&mut self, scope: u64, record: R) {
        reserve_one(&mut self.entries);
        self.entries.push(Entry { number: self.next, scope, record });
        self.next += 1;
    }

    pub(super) fn truncate(&mut self, scope: u64) {
        self.truncations.push(Truncation { number: self.next, scope });
        self.next += 1;
    }

    /// Returns the number of the next write: what is written so far lies before it.
    pub(super) fn position(&self) -> u64 {
        self.next
    }

    /// Makes durable what was written before `position`; returns how many records were forgotten.
    pub(super) fn sync(&mut self, position: u64) -> usize {
        let before = self.entries.len();
        let due = self.truncations.partition_point(|truncation| truncation.number < position);
        if due > 0 {
            let due: Vec<Truncation> = self.truncations.drain(..due).collect();
            let is_forgotten = |entry: &Entry<R>| {
                due.iter().any(|cut| cut.scope == entry.scope && entry.number < cut.number)
            };
            self.entries.retain(|entry| !is_forgotten(entry));
        }
        self.durable = self.durable.max(position);
        before - self.entries.len()
    }

    /// Does what `damage` says; returns how many records were lost.
    pub(super) fn crash(&mut self, damage: Damage) -> usize {
        let before = self.entries.len();
        self.torn = false;
        self.truncations.clear();
        match damage {
            Damage::None => {}
            Damage::Unsynced => {
                let durable = self.entries.partition_point(|entry| entry.number < self.durable);
                self.entries.truncate(durable);
            }
            Damage::Torn => {
                self.torn = self.entries.pop_if(|entry| entry.number >= self.durable).is_some();
            }
            Damage::All => {
                self.entries.clear();
                self.wiped = true;
            }
        }
        self.durable = self.next;
        before - self.entries.len()
    }

    /// Returns what a node that starts now finds.
    pub(super) fn records(&self) -> (Vec<R>, bool) {
        (self.entries.iter().map(|entry| entry.record.clone()).collect(), self.torn)
    }

    /// Returns true if the disk was ever lost.
    pub(super) fn is_wiped(&self) -> bool {
        self.wiped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Storage<u32> {
        let mut storage = Storage::new();
        storage.persist(0, 1);
        storage.sync(storage.position());
        storage.persist(0, 2);
        storage.persist(0, 3);
        storage
    }

    #[test]
    fn a_crash_loses_what_its_damage_says() {
        for (damage, left, torn) in [
            (Damage::None, vec![1, 2, 3], false),
            (Damage::Unsynced, vec![1], false),
            (Damage::Torn, vec![1, 2], true),
            (Damage::All, vec![], false),
        ] {
            let mut storage = written();
            storage.crash(damage);
            assert_eq!(storage.records(), (left, torn), "{damage:?}");
        }
    }

    #[test]
    fn a_sync_covers_what_was_written_before_it_began() {
        let mut storage = written();
        let begun = storage.position();
        storage.truncate(0);
        storage.persist(0, 4);
        assert_eq!(storage.sync(begun), 0, "the truncation came later");
        storage.crash(Damage::Unsynced);
        assert_eq!(storage.records().0, [1, 2, 3]);
    }

    #[test]
    fn nothing_synced_is_ever_torn() {
        let mut storage = written();
        storage.sync(storage.position());
        storage.crash(Damage::Torn);
        assert_eq!(storage.records(), (vec![1, 2, 3], false));
    }

    #[test]
    fn a_truncation_and_what_replaces_it_become_durable_together() {
        let rewrite = |storage: &mut Storage<u32>| {
            storage.sync(storage.position());
            storage.persist(7, 70);
            storage.truncate(0);
            storage.persist(0, 9);
        };
        let mut storage = written();
        rewrite(&mut storage);
        storage.crash(Damage::Unsynced);
        assert_eq!(storage.records().0, [1, 2, 3]);

        let mut storage = written();
        rewrite(&mut storage);
        storage.sync(storage.position());
        storage.crash(Damage::Unsynced);
        assert_eq!(storage.records().0, [70, 9]);
    }
}
