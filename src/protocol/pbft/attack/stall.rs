//! How insiders bring view changes about: a primary that stops.

use super::super::{Message, Pbft, Sequence, View};
use super::coalition::Hand;
use std::collections::BTreeMap;
use synod_common::coalition::Scheme;
use synod_sim::fault::{Copy, Verdict};

/// A scheme about view changes, of insiders that bring them about: in each view that one of them leads, its first slot
/// is proposed, so that there is something to report in the view change, and no other; in a session, which has no
/// other, none.
#[derive(Debug)]
pub(super) struct Stalling<S> {
    /// The first slot of each view.
    first: BTreeMap<View, Sequence>,
    scheme: S,
}

impl<S> Stalling<S> {
    pub(super) fn with(scheme: S) -> Stalling<S> {
        Stalling { first: BTreeMap::new(), scheme }
    }

    /// True if `copy` is a proposal that is never to be made.
    fn withholds(&mut self, hand: &Hand<'_, '_>, copy: &Copy<'_, Message>) -> bool {
        match copy.message {
            Message::PrePrepare(proposal, _) if hand.is_own(proposal) => {
                let first = *self.first.entry(proposal.view).or_insert(proposal.sequence);
                proposal.sequence > first || hand.coalition.config.session().is_some()
            }
            _ => false,
        }
    }
}

impl<S: Scheme<Pbft>> Scheme<Pbft> for Stalling<S> {
    fn speak(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        match self.withholds(hand, copy) {
            true => Verdict::Withhold,
            false => self.scheme.speak(hand, copy),
        }
    }

    fn hear(&mut self, hand: &mut Hand<'_, '_>, copy: &Copy<'_, Message>) -> Verdict<Message> {
        self.scheme.hear(hand, copy)
    }
}
