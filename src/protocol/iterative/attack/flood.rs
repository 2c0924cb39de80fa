//! Attack 53: more reviews than anybody asked for.

use super::super::{Iterative, Message, Review, WHOLE};
use synod_common::coalition::{AttackContext, Strategy};
use synod_sim::NodeId;
use synod_sim::inject::{Action, Envelope};

/// On liveness and memory: after each review come others of the same proposal, of one's own, of proposals that are
/// others' to review, of rounds that are over or have not begun. The first one counts; what differs from it proves the
/// lie, and nothing else is kept.
#[derive(Debug)]
pub(super) struct Bomb;

/// Number of extra reviews after each, at full strength.
const MOST: u64 = 16;

impl Strategy<Iterative> for Bomb {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_, Iterative>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        if let Message::Review(review) = envelope.message {
            let agents = ctx.coalition.config.agents.len() as u64;
            for turn in 0..ctx.coalition.scaled(MOST) {
                let body = match turn % 4 {
                    0 => Review { score_ppm: turn as u32, ..(**review).clone() },
                    1 => Review { proposer: envelope.from, score_ppm: WHOLE, ..(**review).clone() },
                    2 => Review {
                        proposer: NodeId(((u64::from(review.proposer.0) + turn) % agents) as u32),
                        ..(**review).clone()
                    },
                    _ => {
                        Review { round: (review.round + turn as u32).saturating_sub(8), ..(**review).clone() }
                    }
                };
                let signed = ctx.reseal(review, body);
                ctx.send(envelope.from, envelope.to, Message::Review(signed));
            }
        }
        Action::Pass
    }
}
