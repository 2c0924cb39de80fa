//! The log between the watermarks: for every open slot its ballots, view by view.

use super::message::{Batch, Commit, PrePrepare, Prepare, Prepared, Sequence, View};
use super::votes::Votes;
use crate::sim::{Digest, Signed};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The open slots.
#[derive(Debug, Default)]
pub(super) struct Log {
    slots: BTreeMap<Sequence, Slot>,
}

/// A slot.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// The ballots, by view; rarely more than one.
    rounds: Vec<(View, Round)>,
    /// The prepared certificate of the highest view, kept until a stable checkpoint covers the slot.
    pub(super) certificate: Option<Rc<Prepared>>,
    /// What it committed to, once it has.
    pub(super) committed: Option<(View, Digest)>,
    /// The batches that proposals for it named.
    batches: Vec<(Digest, Batch)>,
}

/// A slot's ballots in one view.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// The accepted proposal.
    pub(super) pre_prepare: Option<Signed<PrePrepare>>,
    /// A proposal that came before its view did.
    pub(super) early: Option<(Signed<PrePrepare>, Batch)>,
    pub(super) prepares: Votes<Prepare>,
    pub(super) commits: Votes<Commit>,
    /// True once a commit has been sent.
    pub(super) prepared: bool,
    /// True once a quorum has committed.
    pub(super) committed: bool,
}

impl Log {
    pub(super) fn slot(&mut self, sequence: Sequence) -> &mut Slot {
        self.slots.entry(sequence).or_default()
    }

    pub(super) fn get(&self, sequence: Sequence) -> Option<&Slot> {
        self.slots.get(&sequence)
    }

    pub(super) fn get_mut(&mut self, sequence: Sequence) -> Option<&mut Slot> {
        self.slots.get_mut(&sequence)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Sequence, &Slot)> {
        self.slots.iter().map(|(&sequence, slot)| (sequence, slot))
    }

    pub(super) fn highest(&self) -> Sequence {
        self.slots.last_key_value().map_or(0, |(&sequence, _)| sequence)
    }

    /// Forgets the slots up to `sequence`.
    pub(super) fn forget(&mut self, sequence: Sequence) {
        self.slots = self.slots.split_off(&(sequence + 1));
    }

    /// Forgets the ballots of the views before `view`; certificates stay.
    pub(super) fn enter(&mut self, view: View) {
        self.slots.values_mut().for_each(|slot| slot.rounds.retain(|&(of, _)| of >= view));
    }

    pub(super) fn forget_certificates(&mut self) {
        self.slots.values_mut().for_each(|slot| slot.certificate = None);
    }

    /// The batch that `digest` names, if a proposal brought it.
    pub(super) fn batch(&self, digest: Digest) -> Option<Batch> {
        if digest == super::NULL_BATCH {
            return Some(Batch::null());
        }
        self.slots.values().find_map(|slot| slot.batch(digest))
    }
}

impl Slot {
    pub(super) fn round(&mut self, view: View) -> &mut Round {
        if let Some(place) = self.rounds.iter().position(|&(of, _)| of == view) {
            return &mut self.rounds[place].1;
        }
        self.rounds.push((view, Round::default()));
        &mut self.rounds.last_mut().expect("just pushed").1
    }

    pub(super) fn get_round(&self, view: View) -> Option<&Round> {
        self.rounds.iter().find(|&&(of, _)| of == view).map(|(_, round)| round)
    }

    pub(super) fn rounds(&self) -> impl Iterator<Item = &Round> {
        self.rounds.iter().map(|(_, round)| round)
    }

    pub(super) fn batch(&self, digest: Digest) -> Option<Batch> {
        if digest == super::NULL_BATCH {
            return Some(Batch::null());
        }
        self.batches.iter().find(|(of, _)| *of == digest).map(|(_, batch)| batch.clone())
    }

    pub(super) fn keep_batch(&mut self, digest: Digest, batch: &Batch) {
        if self.batch(digest).is_none() {
            self.batches.push((digest, batch.clone()));
        }
    }

    /// Keeps `certificate` if it is of a higher view than the one held.
    pub(super) fn certify(&mut self, certificate: Rc<Prepared>) {
        let view = |certificate: &Rc<Prepared>| certificate.pre_prepare.view;
        if self.certificate.as_ref().is_none_or(|held| view(held) < view(&certificate)) {
            self.certificate = Some(certificate);
        }
    }

    /// The modelled size of what the slot holds, in bytes.
    pub(super) fn retained_bytes(&self) -> usize {
        let votes: usize = self.rounds().map(|round| round.prepares.total() + round.commits.total()).sum();
        let batches: usize = self.batches.iter().map(|(_, batch)| batch.size()).sum();
        64 * votes + batches + self.certificate.as_ref().map_or(0, |certificate| certificate.size())
    }
}
