//! A pipeline: stages one after the other, each among members of its own, in which the decision of one is the proposal
//! of the next.
//!
//! A member of a stage that has ended signs how, and hands that over to the members of the next. They start on the same
//! word of v members, where at least one of any v is correct: v = f + 1 where f members may lie, 1 where none does.
//! These v signatures are the decision's certificate. The next stage's signatures are bound to it, so that nothing
//! said about one proposal counts for another. Every stage has a deadline; where it passes, or most members of a stage say
//! that it ended without a decision, so does the pipeline, and every member says which stage it was and why.

mod message;
mod node;
mod observation;
pub mod oracle;

pub use message::{Handover, Message};
pub use node::{Pipeline, Record, Timer};
pub use observation::{MARKS, Observation, Reason};

use super::bug::Rules;
use super::decide::{Decide, word};
use std::rc::Rc;
use synod_sim::{Digest, Duration, Members, NodeId, Time};

/// What every node is told.
pub struct Config<C: Decide> {
    /// The stages, in their order.
    pub stages: Vec<Stage<C>>,
    /// How often a member that waits for the stage before asks what became of it.
    pub ask_interval: Duration,
    /// What else it goes by.
    pub rules: Rules,
}

/// A stage.
pub struct Stage<C: Decide> {
    /// Who takes part: the child's node i is the node `members[i]`.
    pub members: Rc<[NodeId]>,
    /// What the child's nodes are told, but for the proposal.
    pub child: Rc<C::Config>,
    /// v: of so many members at least one is correct.
    pub vouchers: usize,
    /// When it is over at the latest, by each member's clock.
    pub ends: Time,
}

impl<C: Decide> Config<C> {
    /// What it goes by.
    #[inline]
    pub(crate) fn rules(&self) -> Rules {
        self.rules.in_force()
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

    fn members(&self, stage: u32) -> Members<'_> {
        Members::Some(&self.stages[stage as usize].members)
    }

    fn assert_sound(&self) {
        assert!(!self.stages.is_empty(), "a pipeline has stages");
        assert!(!self.ask_interval.is_zero(), "asking takes time");
        assert!(self.stages.is_sorted_by_key(|stage| stage.ends), "stages end in their order");
        for stage in &self.stages {
            assert_eq!(C::members(&stage.child), stage.members.len(), "every member is a node of the child");
            assert!(stage.vouchers > 0 && stage.vouchers <= stage.members.len(), "members vouch");
        }
    }
}

/// What binds a stage's signatures and storage to what it is about.
fn session(stage: u32, proposal: Option<u64>) -> u64 {
    word(&Digest::of(&(stage, proposal)))
}
