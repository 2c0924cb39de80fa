//! Ballots: what each replica voted for in a slot and a phase, and for which states it vouches. The first vote of each
//! counts.

use super::ledger::Sequence;
use super::message::Checkpoint;
use synod_sim::collections::SortedMap;
use synod_sim::{Body, Digest, NodeId, Signed, sort};

/// The votes for one slot of one view and one phase.
///
/// Votes stand in order of arrival beside a bit set of their senders: a replica that hears a thousand votes touches
/// the end of one list and one bit.
#[derive(Debug)]
pub(super) struct Votes<B> {
    /// First vote of each replica, in order of arrival.
    votes: Vec<Signed<B>>,
    /// Bit set of the voters.
    senders: Vec<u64>,
    /// The digest first voted for, and how many voted for it.
    leading: (Digest, u32),
    /// The others: none, while correct replicas alone vote.
    trailing: Vec<(Digest, u32)>,
    /// Replicas that have voted twice differently: each is reported once.
    caught: Vec<NodeId>,
}

/// Effect of a vote.
#[derive(Debug)]
pub(super) enum Cast<B> {
    /// It counts.
    Counted,
    /// It says nothing new: its sender has voted the same before, or has been caught already.
    Repeated,
    /// Its sender has voted otherwise before: both votes together prove it faulty.
    Conflicting { first: Signed<B>, second: Signed<B> },
}

impl<B> Default for Votes<B> {
    fn default() -> Votes<B> {
        Votes {
            votes: Vec::new(),
            senders: Vec::new(),
            leading: (Digest::ZERO, 0),
            trailing: Vec::new(),
            caught: Vec::new(),
        }
    }
}

impl<B: Body> Votes<B> {
    /// Takes the vote of one of `n` replicas for `digest`.
    pub(super) fn cast(&mut self, n: usize, vote: &Signed<B>, digest: Digest) -> Cast<B> {
        if self.votes.is_empty() {
            self.senders.resize(n.div_ceil(64), 0);
            self.votes.reserve_exact(n);
        }
        let sender = vote.signer();
        let (word, bit) = (sender.index() / 64, 1 << (sender.index() % 64));
        if self.senders[word] & bit == 0 {
            self.senders[word] |= bit;
            self.votes.push(vote.clone());
            self.add(digest);
            return Cast::Counted;
        }
        let first = self.of(sender).expect("its bit is set");
        if first.digest() == vote.digest() || self.caught.contains(&sender) {
            return Cast::Repeated;
        }
        let first = first.clone();
        self.caught.push(sender);
        Cast::Conflicting { first, second: vote.clone() }
    }

    /// Counts one vote more for `digest`; on its own, what only mutants do.
    pub(super) fn add(&mut self, digest: Digest) {
        if self.leading.1 == 0 {
            self.leading = (digest, 1);
        } else if self.leading.0 == digest {
            self.leading.1 += 1;
        } else if let Some((_, count)) = self.trailing.iter_mut().find(|(of, _)| *of == digest) {
            *count += 1;
        } else {
            self.trailing.push((digest, 1));
        }
    }

    fn counts(&self) -> impl Iterator<Item = &(Digest, u32)> {
        std::iter::once(&self.leading).chain(&self.trailing)
    }

    /// Number of votes for `digest`.
    #[inline]
    pub(super) fn count(&self, digest: Digest) -> usize {
        self.counts().find(|(of, _)| *of == digest).map_or(0, |&(_, count)| count as usize)
    }

    /// Number of votes for any digest.
    pub(super) fn total(&self) -> usize {
        self.counts().map(|&(_, count)| count as usize).sum()
    }

    /// The first votes, in order of arrival.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Signed<B>> {
        self.votes.iter()
    }

    /// The first vote of `sender`.
    pub(super) fn of(&self, sender: NodeId) -> Option<&Signed<B>> {
        self.votes.iter().find(|vote| vote.signer() == sender)
    }
}

/// Checkpoint votes: all those within the window, and the latest beyond it of each sender, which bounds memory.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    /// By slot and sender.
    pub(super) votes: SortedMap<(Sequence, NodeId), Signed<Checkpoint>>,
}

impl Checkpoints {
    /// Takes a vote in; `high` is the high watermark. A sender's first vote for a slot counts.
    pub(super) fn insert(&mut self, vote: &Signed<Checkpoint>, high: Sequence) {
        if vote.sequence > high {
            let sender = vote.signer();
            let beyond = self.votes.range((high + 1, NodeId(0))..).find(|((_, of), _)| *of == sender);
            if let Some((&key, _)) = beyond {
                if key.0 >= vote.sequence {
                    return;
                }
                self.votes.remove(&key);
            }
        }
        self.votes.entry((vote.sequence, vote.signer())).or_insert_with(|| vote.clone());
    }

    /// The votes for `sequence`.
    pub(super) fn of(&self, sequence: Sequence) -> impl Iterator<Item = &Signed<Checkpoint>> {
        self.votes.range((sequence, NodeId(0))..=(sequence, NodeId(u32::MAX))).map(|(_, vote)| vote)
    }

    /// The votes for `sequence` and `digest`.
    pub(super) fn matching(&self, sequence: Sequence, digest: Digest) -> Vec<Signed<Checkpoint>> {
        self.of(sequence).filter(|vote| vote.digest == digest).cloned().collect()
    }

    /// The digest for `sequence` that at least `needed` replicas have signed.
    pub(super) fn certified_digest(&self, sequence: Sequence, needed: usize) -> Option<Digest> {
        let mut digests: Vec<Digest> = self.of(sequence).map(|vote| vote.digest).collect();
        sort::digests(&mut digests);
        digests.chunk_by(|a, b| a == b).find(|equal| equal.len() >= needed).map(|equal| equal[0])
    }

    /// The slots voted for, highest first.
    pub(super) fn sequences(&self) -> Vec<Sequence> {
        let mut sequences: Vec<_> = self.votes.keys().map(|&(sequence, _)| sequence).collect();
        sequences.dedup();
        sequences.reverse();
        sequences
    }

    /// The vote held of the sender of `vote` for its slot, if it is for another state.
    pub(super) fn contrary(&self, vote: &Signed<Checkpoint>) -> Option<Signed<Checkpoint>> {
        let held = self.votes.get(&(vote.sequence, vote.signer()))?;
        (held.digest != vote.digest).then(|| held.clone())
    }

    /// The votes held for other states after the slot of `vote`.
    pub(super) fn rivals(&self, vote: &Checkpoint) -> Vec<Signed<Checkpoint>> {
        self.of(vote.sequence).filter(|other| other.digest != vote.digest).cloned().collect()
    }

    /// Forgets the votes up to `sequence`.
    pub(super) fn forget(&mut self, sequence: Sequence) {
        self.votes = self.votes.split_off(&(sequence + 1, NodeId(0)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::Prepare;
    use super::*;
    use synod_sim::auth::Tag;

    fn vote(sender: u32, value: u8) -> Signed<Prepare> {
        let body = Prepare { view: 0, sequence: 1, digest: Digest([value; 32]) };
        Signed::with_tag(body, NodeId(sender), 0, Tag::Absent)
    }

    #[test]
    fn the_first_vote_of_each_counts() {
        let mut votes = Votes::default();
        let mut cast = |sender, value| votes.cast(70, &vote(sender, value), Digest([value; 32]));
        assert!(matches!(cast(3, 1), Cast::Counted));
        assert!(matches!(cast(3, 1), Cast::Repeated));
        let Cast::Conflicting { first, second } = cast(3, 2) else { panic!("a contradiction") };
        assert_eq!((first.digest, second.digest), (Digest([1; 32]), Digest([2; 32])));
        assert!(matches!(cast(3, 4), Cast::Repeated), "caught once is caught for good");
        assert!(matches!(cast(69, 1), Cast::Counted));
        assert!(matches!(cast(0, 2), Cast::Counted));
        assert_eq!(votes.count(Digest([1; 32])), 2);
        assert_eq!(votes.count(Digest([2; 32])), 1);
        assert_eq!(votes.total(), 3);
        assert_eq!(votes.of(NodeId(69)).map(|vote| vote.digest), Some(Digest([1; 32])));
    }
}
