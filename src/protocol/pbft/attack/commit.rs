//! Commits withheld: a coalition's way to keep a decision to a few (attack 18 of the catalogue, as insiders do it).

use super::super::{Message, Pbft};
use super::coalition::{Hand, Insiders};
use synod_common::coalition::Scheme;
use synod_sim::fault::{Copy, Verdict};

/// On liveness, and on agreement where a view change forgets what few have committed: the victims hear neither the
/// insiders' commits nor their proofs of what is committed.
#[derive(Debug)]
pub(super) struct Withheld;

impl Scheme<Pbft> for Withheld {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        let victims = hand.coalition.victims(hand.coalition.correct().len());
        match copy.message {
            Message::Commit(_) | Message::Committed(..) if victims.contains(&copy.to) => Verdict::Withhold,
            _ => Verdict::Pass,
        }
    }
}
