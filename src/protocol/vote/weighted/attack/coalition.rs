//! Helpers of coalitions in a vote.

use super::super::{Config, Message, Vote, Weighted};
use synod_common::coalition::{self, Strategy};
use synod_sim::inject::{Action, Envelope};
use synod_sim::{NodeId, Signed};

pub(super) type Coalition = coalition::Coalition<Weighted>;
pub(super) type AttackContext<'a, 'w> = coalition::AttackContext<'a, 'w, Weighted>;

/// What insiders of a vote know.
pub(super) trait Insiders {
    /// The correct voters.
    fn correct(&self) -> Vec<NodeId>;

    /// An option that is not the truth of `session`: the same for all insiders.
    fn lie(&self, session: u64) -> u64;
}

impl Insiders for Coalition {
    fn correct(&self) -> Vec<NodeId> {
        self.correct_among(self.config.voters() as u32)
    }

    fn lie(&self, session: u64) -> u64 {
        self.config.lie(session)
    }
}

impl Config {
    /// An option that is not the truth of `session`.
    pub fn lie(&self, session: u64) -> u64 {
        let truth = self.polls.get(session as usize).map_or(0, |poll| poll.truth);
        (truth + 1) % self.options
    }
}

/// What insiders of a vote can do.
pub(super) trait Recast {
    /// `vote` with other contents, as its signer's.
    fn recast(&self, vote: &Signed<Vote>, body: Vote) -> Message;
}

impl Recast for AttackContext<'_, '_> {
    fn recast(&self, vote: &Signed<Vote>, body: Vote) -> Message {
        Message::Vote(self.reseal(vote, body))
    }
}

/// A strategy of insiders that never send ASK, since ASK repeats the vote that the correct state machine has cast.
pub(super) struct NeverAsking<S>(pub(super) S);

impl<S: Strategy<Weighted>> Strategy<Weighted> for NeverAsking<S> {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        match envelope.message {
            Message::Ask(..) => Action::Drop,
            _ => self.0.on_send(ctx, envelope),
        }
    }

    fn on_receive(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        self.0.on_receive(ctx, envelope)
    }
}
