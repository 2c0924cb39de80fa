//! Who the members are, and how they change: joint consensus (Ongaro and Ousterhout 2014, §6), new members as learners
//! first.

use crate::sim::NodeId;
use serde::Serialize;

/// The members, as the latest such entry of a log has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// The voters, by number.
    pub voters: Vec<NodeId>,
    /// While one set of voters gives way to another, those before: decisions take a majority of either. Empty at all
    /// other times.
    pub outgoing: Vec<NodeId>,
    /// Members that hear everything and decide nothing.
    pub learners: Vec<NodeId>,
    /// How many of the planned changes have been carried out once this is committed.
    pub changes: u32,
}

impl Configuration {
    /// True while decisions take two majorities.
    pub fn is_joint(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// Its size on the wire and in storage, in bytes.
    pub fn size(&self) -> usize {
        4 + 4 * (self.voters.len() + self.outgoing.len() + self.learners.len())
    }
}
