//! How insiders bring view changes about: a primary that stops.

use super::super::{Message, Sequence, View};
use super::coalition::Hand;
use crate::sim::fault::Copy;
use std::collections::BTreeMap;

/// In each view that an insider leads, its first slot is proposed, so that there is something to report in the view
/// change, and no other; in a session, which has no other, none.
#[derive(Debug, Default)]
pub(super) struct Stall {
    /// The first slot of each view.
    first: BTreeMap<View, Sequence>,
}

impl Stall {
    /// True if `copy` is a proposal that is never to be made.
    pub(super) fn withholds(&mut self, hand: &Hand<'_, '_>, copy: &Copy<'_, Message>) -> bool {
        match copy.message {
            Message::PrePrepare(proposal, _) if hand.is_own(proposal) => {
                let first = *self.first.entry(proposal.view).or_insert(proposal.sequence);
                proposal.sequence > first || hand.coalition.config.session().is_some()
            }
            _ => false,
        }
    }
}
