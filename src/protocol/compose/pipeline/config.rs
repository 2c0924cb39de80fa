//! What every node of a pipeline is told, and what follows from it.

use crate::bug::{Bug, Rules};
use std::rc::Rc;
use synod_common::decide::{Decide, word};
use synod_sim::{Digest, Duration, Members, NodeId, Time};

/// Configuration, the same for every node.
pub struct Config<C: Decide> {
    /// The stages, in their order.
    pub stages: Vec<Stage<C>>,
    /// Interval at which a member that waits for the stage before asks how it ended.
    pub ask_interval: Duration,
    /// The injected bug, in a mutant.
    pub bug: Option<Bug>,
}

/// A stage.
pub struct Stage<C: Decide> {
    /// The members: the child's node i is the node `members[i]`.
    pub members: Rc<[NodeId]>,
    /// Configuration of the child but for the proposal.
    pub child: Rc<C::Config>,
    /// v: of so many members at least one is correct.
    pub vouchers: usize,
    /// Deadline, by each member's clock.
    pub ends: Time,
}

impl<C: Decide> Config<C> {
    /// What it goes by.
    #[inline]
    pub(crate) fn rules(&self) -> &'static Rules {
        Rules::of(self.bug)
    }

    /// The last stage's number.
    pub fn last(&self) -> u32 {
        self.stages.len() as u32 - 1
    }

    /// The place of `node` among the members of `stage`.
    pub fn place(&self, stage: u32, node: NodeId) -> Option<NodeId> {
        let members = &self.stages.get(stage as usize)?.members;
        members.iter().position(|&member| member == node).map(|place| NodeId(place as u32))
    }

    pub(super) fn members(&self, stage: u32) -> Members<'_> {
        Members::Some(&self.stages[stage as usize].members)
    }

    pub(super) fn assert_sound(&self) {
        assert!(!self.stages.is_empty(), "a pipeline has stages");
        assert!(!self.ask_interval.is_zero(), "asking takes time");
        assert!(self.stages.is_sorted_by_key(|stage| stage.ends), "stages end in their order");
        for stage in &self.stages {
            assert_eq!(C::members(&stage.child), stage.members.len(), "every member is a node of the child");
            assert!(stage.vouchers > 0 && stage.vouchers <= stage.members.len(), "members vouch");
        }
    }
}

/// Session number that binds a stage's signatures and storage to its proposal.
pub(super) fn session(stage: u32, proposal: Option<u64>) -> u64 {
    word(&Digest::of(&(stage, proposal)))
}
