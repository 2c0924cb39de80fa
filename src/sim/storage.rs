//! A node's storage: a log of records of which a crash may lose what was not synced.

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
    entries: Vec<(u64, R)>,
    synced: usize,
    /// Truncations that the next sync carries out: (scope, entries before which it forgets).
    truncations: Vec<(u64, usize)>,
    torn: bool,
    wiped: bool,
}

impl<R: Clone> Storage<R> {
    pub(super) fn new() -> Storage<R> {
        Storage { entries: Vec::new(), synced: 0, truncations: Vec::new(), torn: false, wiped: false }
    }

    pub(super) fn persist(&mut self, scope: u64, record: R) {
        self.entries.push((scope, record));
    }

    pub(super) fn truncate(&mut self, scope: u64) {
        self.truncations.push((scope, self.entries.len()));
    }

    /// Makes what was written durable; returns how many records were forgotten.
    pub(super) fn sync(&mut self) -> usize {
        let before = self.entries.len();
        if !self.truncations.is_empty() {
            let truncations = std::mem::take(&mut self.truncations);
            let mut place = 0;
            self.entries.retain(|(scope, _)| {
                place += 1;
                !truncations.iter().any(|&(of, before)| of == *scope && place <= before)
            });
        }
        self.synced = self.entries.len();
        before - self.synced
    }

    /// Does what `damage` says; returns how many records were lost.
    pub(super) fn crash(&mut self, damage: Damage) -> usize {
        let before = self.entries.len();
        self.torn = false;
        self.truncations.clear();
        match damage {
            Damage::None => {}
            Damage::Unsynced => self.entries.truncate(self.synced),
            Damage::Torn if self.entries.len() > self.synced => {
                self.entries.pop();
                self.torn = true;
            }
            Damage::Torn => {}
            Damage::All => {
                self.entries.clear();
                self.wiped = true;
            }
        }
        self.synced = self.entries.len();
        before - self.synced
    }

    /// Returns what a node that starts now finds.
    pub(super) fn records(&self) -> (Vec<R>, bool) {
        (self.entries.iter().map(|(_, record)| record.clone()).collect(), self.torn)
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
        storage.sync();
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
    fn nothing_synced_is_ever_torn() {
        let mut storage = written();
        storage.sync();
        storage.crash(Damage::Torn);
        assert_eq!(storage.records(), (vec![1, 2, 3], false));
    }

    #[test]
    fn a_truncation_and_what_replaces_it_become_durable_together() {
        let rewrite = |storage: &mut Storage<u32>| {
            storage.sync();
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
        storage.sync();
        storage.crash(Damage::Unsynced);
        assert_eq!(storage.records().0, [70, 9]);
    }
}
