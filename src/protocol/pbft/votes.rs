//! One ballot: what each replica voted for, the first vote of each counting.

use crate::sim::{Body, Digest, Signed};

/// The votes for one slot of one view and one phase.
#[derive(Debug)]
pub(super) struct Votes<B> {
    /// By sender; empty until the first vote.
    by_sender: Vec<Option<Signed<B>>>,
    /// Votes by digest. Correct replicas vote for one, so this is short.
    counts: Vec<(Digest, u32)>,
    /// Second votes that contradict first ones: proof against their senders, one a sender.
    conflicting: Vec<Signed<B>>,
}

/// What a vote amounted to.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Cast {
    /// It counts.
    Counted,
    /// Its sender has voted the same before.
    Repeated,
    /// Its sender has voted otherwise before.
    Conflicting,
}

impl<B> Default for Votes<B> {
    fn default() -> Votes<B> {
        Votes { by_sender: Vec::new(), counts: Vec::new(), conflicting: Vec::new() }
    }
}

impl<B: Body> Votes<B> {
    /// Takes the vote of one of `n` replicas for `digest`.
    pub(super) fn cast(&mut self, n: usize, vote: &Signed<B>, digest: Digest) -> Cast {
        if self.by_sender.is_empty() {
            self.by_sender.resize(n, None);
        }
        let sender = vote.signer();
        match &self.by_sender[sender.index()] {
            Some(first) if first.digest() == vote.digest() => Cast::Repeated,
            Some(_) => {
                if self.conflicting.iter().all(|other| other.signer() != sender) {
                    self.conflicting.push(vote.clone());
                }
                Cast::Conflicting
            }
            None => {
                self.by_sender[sender.index()] = Some(vote.clone());
                self.add(digest);
                Cast::Counted
            }
        }
    }

    /// Counts a vote that is not a sender's first: for mutants.
    pub(super) fn add(&mut self, digest: Digest) {
        match self.counts.iter_mut().find(|(of, _)| *of == digest) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((digest, 1)),
        }
    }

    /// How many replicas voted for `digest`.
    pub(super) fn count(&self, digest: Digest) -> usize {
        self.counts.iter().find(|(of, _)| *of == digest).map_or(0, |&(_, count)| count as usize)
    }

    /// How many votes there are, for whatever.
    pub(super) fn total(&self) -> usize {
        self.counts.iter().map(|&(_, count)| count as usize).sum()
    }

    /// The votes, by sender.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Signed<B>> {
        self.by_sender.iter().flatten()
    }

    /// The vote of the replica with this index.
    pub(super) fn of(&self, sender: usize) -> Option<&Signed<B>> {
        self.by_sender.get(sender)?.as_ref()
    }
}
