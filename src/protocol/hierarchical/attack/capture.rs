//! Attack 60: more liars in one place than it bears, though fewer than the whole does.

use super::super::message::{Partial, Said};
use super::super::{Hierarchical, Message};
use super::Hand;
use synod_common::coalition::Scheme;
use synod_sim::fault::{Copy, Verdict};
use synod_vote::Ballot;
use synod_vote::weighted::{self, Vote};

/// On containment: a cluster that has been captured is worth what its liars weigh where votes are tallied, and the
/// whole cluster's voice where it is delegated.
#[derive(Debug)]
pub(super) struct Capture;

impl Scheme<Hierarchical> for Capture {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        let sessions = hand.coalition.config.vote.schedule.sessions;
        let is_on = |session: u64| session < hand.coalition.part(sessions);
        let lie = |session: u64| hand.coalition.config.vote.lie(session);
        match copy.message {
            // Whoever asks repeats its vote, the one that its own state machine has cast.
            Message::Ballot(weighted::Message::Ask(..)) => Verdict::Withhold,
            Message::Ballot(weighted::Message::Vote(vote)) if is_on(vote.session) => {
                if !hand.coalition.holds(vote.signer()) {
                    return Verdict::Pass;
                }
                let ballot = Ballot { option: lie(vote.session), ..vote.ballot };
                let lying = hand.reseal(vote, Vote { ballot, ..Vote::clone(vote) });
                Verdict::Replace(Message::Ballot(weighted::Message::Vote(lying)))
            }
            Message::Partial(partial) if is_on(partial.session) => {
                let Said::Voice(_) = partial.said else { return Verdict::Pass };
                let said = Said::Voice(Some(lie(partial.session)));
                let lying = Partial { said, ..Partial::clone(partial) };
                Verdict::Replace(Message::Partial(hand.reseal(partial, lying)))
            }
            _ => Verdict::Pass,
        }
    }
}
