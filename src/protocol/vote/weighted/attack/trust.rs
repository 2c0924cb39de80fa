//! Attacks 38, 39 and 41: weight that is earned to be abused, weight that is made up, weight of another time.

use super::super::{Message, Vote, Weighted};
use super::coalition::{Hand, Insiders, Recast};
use crate::Ballot;
use synod_common::coalition::Scheme;
use synod_sim::Digest;
use synod_sim::fault::{Copy, Verdict};

/// On safety: insiders earn weight by being right, and spend it on one lie. The cap bounds what they can have.
#[derive(Debug)]
pub(super) struct Defect;

impl Scheme<Weighted> for Defect {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        let Message::Vote(vote) = copy.message else { return Verdict::Pass };
        let sessions = hand.coalition.config.schedule.sessions;
        let defects = vote.session >= sessions - hand.coalition.part(sessions).min(sessions);
        let lie = hand.coalition.lie(vote.session);
        let option = match hand.coalition.config.polls.get(vote.session as usize) {
            Some(poll) if !defects => poll.truth,
            _ => lie,
        };
        let ballot = Ballot { option, ..vote.ballot };
        Verdict::Replace(hand.recast(vote, Vote { ballot, ..(**vote).clone() }))
    }
}

/// On safety: insiders lie together and claim a confidence above certainty, so that their votes would weigh more than
/// they do.
#[derive(Debug)]
pub(super) struct Inflate;

impl Scheme<Weighted> for Inflate {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        let Message::Vote(vote) = copy.message else { return Verdict::Pass };
        let confidence_ppm = 1_000_000 + hand.coalition.part(1_000_000) as u32;
        let ballot = Ballot { option: hand.coalition.lie(vote.session), confidence_ppm };
        Verdict::Replace(hand.recast(vote, Vote { ballot, ..(**vote).clone() }))
    }
}

/// On safety: votes that name the weights of the start, which may not be those of the session, or such as never were.
#[derive(Debug)]
pub(super) struct OldWeights;

impl Scheme<Weighted> for OldWeights {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        let Message::Vote(vote) = copy.message else { return Verdict::Pass };
        if !hand.coalition.strikes() {
            return Verdict::Pass;
        }
        let first = hand.coalition.config.weighing.snapshot.digest();
        let snapshot = if vote.snapshot == first { Digest::of(&first) } else { first };
        Verdict::Replace(hand.recast(vote, Vote { snapshot, ..(**vote).clone() }))
    }
}
