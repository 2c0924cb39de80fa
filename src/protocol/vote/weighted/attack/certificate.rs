//! Two certificates for two outcomes, by a faulty coordinator.

use super::super::{Message, Outcome, SessionId, SessionResult, Vote, Weighted};
use super::coalition::{AttackContext, Insiders};
use crate::Ballot;
use std::rc::Rc;
use synod_common::coalition::Strategy;
use synod_sim::collections::SortedMap;
use synod_sim::inject::{Action, Envelope};
use synod_sim::{NodeId, Signed};

/// On safety: the victims are shown a certificate for the strongest other option, in which every insider has voted as
/// well. It is shown as soon as it weighs as much as the insiders can make it, whether or not that is enough: a voter
/// that took it would break agreement.
#[derive(Debug)]
pub(super) struct Two {
    /// Votes of correct voters that an insider has received.
    heard: SortedMap<SessionId, SortedMap<NodeId, Signed<Vote>>>,
}

impl Two {
    pub(super) fn new() -> Two {
        Two { heard: SortedMap::new() }
    }

    /// The best proof that there is for another option than `option`.
    fn other(
        &self,
        ctx: &AttackContext<'_, '_>,
        result: &SessionResult,
        option: u64,
    ) -> Option<SessionResult> {
        let heard = self.heard.get(&result.session)?;
        let weights = ctx.coalition.config.weighing.snapshot.weights();
        let mut sums: SortedMap<u64, u64> = SortedMap::new();
        for (voter, vote) in heard {
            *sums.entry(vote.ballot.option).or_default() += weights[voter.index()];
        }
        sums.remove(&option);
        let (&other, _) = sums.iter().max_by_key(|&(_, &weight)| weight)?;
        let mut certificate: Vec<Signed<Vote>> =
            heard.values().filter(|vote| vote.ballot.option == other).cloned().collect();
        let example = certificate.first()?.clone();
        let ballot = Ballot { option: other, ..example.ballot };
        for &insider in ctx.coalition.insiders() {
            certificate.push(ctx.sign(Vote { ballot, ..(*example).clone() }, insider));
        }
        Some(SessionResult { session: result.session, outcome: Outcome::Decided(other), certificate })
    }
}

impl Strategy<Weighted> for Two {
    fn on_send(
        &mut self,
        ctx: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        let Message::Result(result) = envelope.message else { return Action::Pass };
        let Outcome::Decided(option) = result.outcome else { return Action::Pass };
        let correct = ctx.coalition.correct();
        let victims = ctx.coalition.scaled(correct.len() as u64) as usize;
        if !correct[correct.len() - victims..].contains(&envelope.to) {
            return Action::Pass;
        }
        match self.other(ctx, result, option) {
            Some(other) => Action::Replace(Message::Result(Rc::new(other))),
            None => Action::Drop,
        }
    }

    fn on_receive(
        &mut self,
        _: &mut AttackContext<'_, '_>,
        envelope: &Envelope<'_, Message>,
    ) -> Action<Message> {
        if let Message::Vote(vote) = envelope.message {
            self.heard.entry(vote.session).or_default().entry(vote.signer()).or_insert_with(|| vote.clone());
        }
        Action::Pass
    }
}
