//! Lies about the state: attacks 33 and 34. Castro and Liskov, TOCS 2002, sections 4.3 and 5.3, have quorums and
//! digests against them.

use super::super::{Checkpoint, Message, Operation, Pbft, Snapshot};
use super::coalition::{Hand, Insiders};
use std::rc::Rc;
use synod_common::coalition::{Lots, Scheme};
use synod_sim::fault::{Copy, Verdict};
use synod_sim::{Digest, NodeId};

/// Attack 33, on the agreement about states: the same lie from all insiders.
#[derive(Debug)]
pub(super) struct Lie;

impl Scheme<Pbft> for Lie {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        let victims = hand.coalition.victims(hand.coalition.correct().len());
        match copy.message {
            Message::Checkpoint(vote) if hand.is_own(vote) && victims.contains(&copy.to) => {
                let digest = Digest::of(&("a state that never was", vote.sequence));
                let body = Checkpoint { digest, ..(**vote).clone() };
                Verdict::Replace(Message::Checkpoint(hand.reseal(vote, body)))
            }
            _ => Verdict::Pass,
        }
    }
}

/// Attack 34, on the agreement about states: the lie comes with the proof of the truth.
#[derive(Debug)]
pub(super) struct BadSnapshot {
    /// By copy.
    lots: Lots<(NodeId, u64)>,
}

impl BadSnapshot {
    pub(super) fn new() -> BadSnapshot {
        BadSnapshot { lots: Lots::new() }
    }
}

impl Scheme<Pbft> for BadSnapshot {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        let Message::State(snapshot, proof) = copy.message else { return Verdict::Pass };
        if !self.lots.strike(hand.coalition, (copy.from, copy.number)) {
            return Verdict::Pass;
        }
        let mut lie = Snapshot::clone(snapshot);
        lie.ledger.apply(&Operation::new(u64::MAX, 0));
        Verdict::Replace(Message::State(Rc::new(lie), Rc::clone(proof)))
    }
}
