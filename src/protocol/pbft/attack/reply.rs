//! Attack 35, on what clients believe: f insiders agree on a wrong result, one voice too few.

use super::super::{ClientId, Message, Outcome, Reply};
use super::coalition::{Hand, Lots, Scheme};
use crate::sim::fault::{Copy, Verdict};

/// The result of a request that is struck is off by one, whoever of the insiders tells it.
#[derive(Debug)]
pub(super) struct Lying {
    lots: Lots<(ClientId, u64)>,
}

impl Lying {
    pub(super) fn new() -> Lying {
        Lying { lots: Lots::new() }
    }
}

impl Scheme for Lying {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        match copy.message {
            Message::Reply(reply)
                if hand.is_own(reply)
                    && self.lots.strike(hand.coalition, (reply.client, reply.timestamp)) =>
            {
                let Outcome { height, previous } = reply.outcome;
                let outcome = Outcome { height: height + 1, previous };
                let body = Reply { outcome, ..(**reply).clone() };
                Verdict::Replace(Message::Reply(hand.reseal(reply, body)))
            }
            _ => Verdict::Pass,
        }
    }
}
