//! The log between the watermarks: for every open slot its votes, view by view.

use super::ledger::Sequence;
use super::message::{Batch, Commit, NULL_BATCH, PrePrepare, Prepare, Prepared, View};
use super::votes::Votes;
use std::collections::VecDeque;
use std::rc::Rc;
use synod_sim::{Digest, Signed, Time};

/// The open slots: those above the low watermark, up to the highest that anything is known of.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The low watermark: the first open slot is the one after it.
    low: Sequence,
    slots: VecDeque<Slot>,
}

/// A slot.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// The votes, by view; rarely more than one view.
    rounds: Vec<(View, Round)>,
    /// The prepared certificate of the highest view, kept until a stable checkpoint covers the slot.
    pub(super) certificate: Option<Rc<Prepared>>,
    /// View and digest of its commitment, once it is committed.
    pub(super) committed: Option<(View, Digest)>,
    /// The quorum of commits that others showed, or that a view which is over had.
    pub(super) learnt: Option<Rc<[Signed<Commit>]>>,
    /// The batches that proposals for it named.
    batches: Vec<(Digest, Batch)>,
}

/// The state of a slot in one view.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// The accepted proposal.
    pub(super) pre_prepare: Option<Signed<PrePrepare>>,
    /// When it was accepted, by the replica's own clock; not known after a restart.
    pub(super) accepted_at: Option<Time>,
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
    /// The slot `sequence`, which must lie above the low watermark; the caller bounds how far.
    pub(super) fn slot(&mut self, sequence: Sequence) -> &mut Slot {
        let place = self.place(sequence).expect("only open slots are touched");
        if place >= self.slots.len() {
            self.slots.resize_with(place + 1, Slot::default);
        }
        &mut self.slots[place]
    }

    fn place(&self, sequence: Sequence) -> Option<usize> {
        sequence.checked_sub(self.low + 1).map(|place| place as usize)
    }

    /// The low watermark.
    pub(super) fn low(&self) -> Sequence {
        self.low
    }

    pub(super) fn get(&self, sequence: Sequence) -> Option<&Slot> {
        self.slots.get(self.place(sequence)?)
    }

    pub(super) fn get_mut(&mut self, sequence: Sequence) -> Option<&mut Slot> {
        let place = self.place(sequence)?;
        self.slots.get_mut(place)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Sequence, &Slot)> {
        (self.low + 1..).zip(&self.slots)
    }

    /// The highest open slot that anything is known of; the low watermark if none is.
    pub(super) fn highest(&self) -> Sequence {
        self.low + self.slots.len() as u64
    }

    /// Forgets the slots up to `sequence`.
    pub(super) fn forget(&mut self, sequence: Sequence) {
        if let Some(place) = self.place(sequence + 1) {
            self.slots.drain(..place.min(self.slots.len()));
            self.low = sequence;
        }
    }

    /// Discards the votes of the views before `view`; certificates and proofs of commitment stay.
    pub(super) fn discard_earlier_views(&mut self, view: View, strong: usize) {
        for slot in &mut self.slots {
            slot.learnt = slot.commit_proof(strong);
            slot.rounds.retain(|&(of, _)| of >= view);
        }
    }

    pub(super) fn forget_certificates(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.certificate = None);
    }

    /// The batch that `digest` names, if a proposal brought it.
    pub(super) fn batch(&self, digest: Digest) -> Option<Batch> {
        if digest == NULL_BATCH {
            return Some(Batch::null());
        }
        self.slots.iter().find_map(|slot| slot.batch(digest))
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
        if digest == NULL_BATCH {
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

    /// The quorum of commits for what the slot is committed to, if it is.
    pub(super) fn commit_proof(&self, strong: usize) -> Option<Rc<[Signed<Commit>]>> {
        if self.learnt.is_some() {
            return self.learnt.clone();
        }
        let (_, digest) = self.committed?;
        let round = self.rounds().find(|round| round.committed)?;
        Some(round.commits.iter().filter(|commit| commit.digest == digest).take(strong).cloned().collect())
    }

    /// The modelled size of what the slot holds, in bytes.
    pub(super) fn retained_bytes(&self) -> usize {
        let votes: usize = self.rounds().map(|round| round.prepares.total() + round.commits.total()).sum();
        let batches: usize = self.batches.iter().map(|(_, batch)| batch.size()).sum();
        64 * votes + batches + self.certificate.as_ref().map_or(0, |certificate| certificate.size())
    }
}
