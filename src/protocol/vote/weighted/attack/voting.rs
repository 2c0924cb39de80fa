//! Attacks 36, 37 and 40: votes flipped, votes in other names, votes held back.

use super::super::{Message, Vote, Weighted};
use super::coalition::{Hand, Recast};
use crate::Ballot;
use synod_common::coalition::Scheme;
use synod_sim::fault::{Copy, Verdict};
use synod_sim::{Duration, NodeId};

/// On safety: a second vote after the first. The first one counts, and both together prove the lie.
#[derive(Debug)]
pub(super) struct Flip;

impl Scheme<Weighted> for Flip {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        if let Message::Vote(vote) = copy.message
            && hand.coalition.strikes()
        {
            let option = (vote.ballot.option + 1) % hand.coalition.config.options;
            let other = Vote { ballot: Ballot { option, ..vote.ballot }, ..(**vote).clone() };
            let flipped = hand.recast(vote, other);
            hand.send(copy.from, copy.to, flipped);
        }
        Verdict::Pass
    }
}

/// On safety (J. Douceur, *The Sybil attack*, IPTPS 2002): votes in names whose keys the insiders do not hold, of
/// voters and of nobody. The weight of the insiders is all the weight that they get.
#[derive(Debug)]
pub(super) struct Sybil;

impl Scheme<Weighted> for Sybil {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        if let Message::Vote(vote) = copy.message {
            let voters = hand.coalition.config.voters() as u64;
            let first = voters - hand.coalition.part(voters).min(voters);
            // One name more than there are voters.
            for name in first..=voters {
                let name = NodeId(name as u32);
                if !hand.coalition.holds(name) {
                    let forged = Message::Vote(hand.wire.forge.impersonate(vote, name));
                    hand.send(copy.from, copy.to, forged);
                }
            }
        }
        Verdict::Pass
    }
}

/// On fairness: who votes last knows most. Votes are told to the coordinator alone and a session may end before, so
/// that waiting gains nothing.
#[derive(Debug)]
pub(super) struct LastMover;

impl Scheme<Weighted> for LastMover {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        match copy.message {
            Message::Vote(_) => {
                let deadline = hand.coalition.config.deadline.as_nanos();
                Verdict::Delay(Duration::from_nanos(hand.coalition.part(deadline)))
            }
            _ => Verdict::Pass,
        }
    }
}
