//! Membership: majorities of one configuration, or of two in joint consensus (Ongaro and Ousterhout 2014, §6).

use serde::Serialize;
use synod_sim::{NodeId, sort};

/// A configuration: the members, by the latest such entry of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// The voters, by number.
    pub voters: Vec<NodeId>,
    /// The old voters in joint consensus, where decisions take majorities of both sets; empty otherwise.
    pub outgoing: Vec<NodeId>,
    /// Learners: members that replicate the log and do not vote.
    pub learners: Vec<NodeId>,
    /// Number of planned membership changes completed once this is committed.
    pub changes: u32,
}

/// The least number of `voters` that is more than half of them.
pub fn majority(voters: usize) -> usize {
    voters / 2 + 1
}

impl Configuration {
    /// Returns true in joint consensus.
    pub fn is_joint(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// Returns true if `node` is a voter.
    pub fn is_voter(&self, node: NodeId) -> bool {
        self.voters.contains(&node) || self.outgoing.contains(&node)
    }

    /// Voters and learners, each once, by number.
    pub fn members(&self) -> Vec<NodeId> {
        sort::distinct([&self.voters[..], &self.outgoing, &self.learners].concat())
    }

    /// The highest level that a majority has reached, of both sets of voters while there are two; 0 if there is none.
    ///
    /// `levels` is scratch.
    pub fn level(&self, levels: &mut Vec<u64>, of: impl Fn(NodeId) -> u64) -> u64 {
        let incoming = level_of_majority(&self.voters, levels, &of);
        if self.is_joint() { incoming.min(level_of_majority(&self.outgoing, levels, &of)) } else { incoming }
    }

    /// Its size on the wire and in storage, in bytes.
    pub fn size(&self) -> usize {
        4 + 4 * (self.voters.len() + self.outgoing.len() + self.learners.len())
    }
}

/// The highest level that a majority of `voters` has reached.
pub(super) fn level_of_majority(voters: &[NodeId], levels: &mut Vec<u64>, of: impl Fn(NodeId) -> u64) -> u64 {
    level_of(majority(voters.len()), voters.iter().copied(), levels, of)
}

/// The highest level that `count` of `nodes` have reached; 0 if there are fewer.
pub(super) fn level_of(
    count: usize,
    nodes: impl Iterator<Item = NodeId>,
    levels: &mut Vec<u64>,
    of: impl Fn(NodeId) -> u64,
) -> u64 {
    levels.clear();
    levels.extend(nodes.map(of));
    if levels.len() < count {
        return 0;
    }
    sort::descending(levels);
    levels[count - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(numbers: &[u32]) -> Vec<NodeId> {
        numbers.iter().copied().map(NodeId).collect()
    }

    fn configuration(voters: &[u32], outgoing: &[u32], learners: &[u32]) -> Configuration {
        let [voters, outgoing, learners] = [voters, outgoing, learners].map(nodes);
        Configuration { voters, outgoing, learners, changes: 0 }
    }

    #[test]
    fn any_two_majorities_meet() {
        for voters in 1..=100 {
            assert!(2 * majority(voters) > voters && 2 * (majority(voters) - 1) <= voters);
        }
    }

    #[test]
    fn a_level_is_reached_when_a_majority_has_reached_it() {
        let reached = |configuration: Configuration, levels: &[u64]| {
            configuration.level(&mut Vec::new(), |node| levels[node.index()])
        };
        assert_eq!(reached(configuration(&[0], &[], &[]), &[7]), 7);
        assert_eq!(reached(configuration(&[0, 1], &[], &[]), &[7, 3]), 3);
        assert_eq!(reached(configuration(&[0, 1, 2], &[], &[]), &[7, 3, 5]), 5);
        assert_eq!(reached(configuration(&[0, 1, 2, 3], &[], &[]), &[9, 3, 5, 4]), 4);
        assert_eq!(
            reached(configuration(&[0, 1, 2], &[], &[3, 4]), &[7, 1, 1, 7, 7]),
            1,
            "learners do not count"
        );
        let joint = configuration(&[2, 3, 4], &[0, 1, 2], &[]);
        assert_eq!(reached(joint.clone(), &[9, 8, 7, 6, 5]), 6, "the new majority is behind");
        assert_eq!(reached(joint, &[1, 2, 7, 6, 5]), 2, "the old majority is behind");
    }

    #[test]
    fn members_are_listed_once() {
        assert_eq!(configuration(&[1, 2], &[0, 1], &[0, 3]).members(), nodes(&[0, 1, 2, 3]));
    }
}
