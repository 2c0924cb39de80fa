//! Assignment of reviewers: a circulant graph, drawn anew for every round.
//!
//! Agent i's proposal goes to the agents i + s modulo n, for k different shifts s, none of them 0. So every proposal has
//! k reviewers, every agent reviews k proposals, nobody its own, and nobody chooses whom.

use rand::Rng;
use synod_common::opinion::below;
use synod_common::schedule::SessionId;
use synod_sim::NodeId;
use synod_sim::random::CounterKey;

/// Assignment of reviewers in one round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    agents: u32,
    /// In ascending order.
    shifts: Vec<u32>,
}

impl Assignment {
    /// The assignment of a round: `reviewers` to each proposal.
    ///
    /// # Panics
    /// If there are not so many other agents.
    pub fn draw(key: CounterKey, agents: u32, reviewers: u32, session: SessionId, round: u32) -> Assignment {
        assert!(reviewers < agents, "nobody reviews itself");
        let mut draws = key.draws(NodeId(0), NodeId(0), session << 16 | u64::from(round));
        let mut shifts: Vec<u32> = (1..agents).collect();
        for place in 0..reviewers as usize {
            let left = (shifts.len() - place) as u64;
            shifts.swap(place, place + below(draws.next_u64(), left) as usize);
        }
        shifts.truncate(reviewers as usize);
        shifts.sort_unstable();
        Assignment { agents, shifts }
    }

    /// Returns true if `reviewer` is to review the proposal of `proposer`.
    pub fn assigns(&self, reviewer: NodeId, proposer: NodeId) -> bool {
        let shift = (reviewer.0 + self.agents - proposer.0) % self.agents;
        self.shifts.binary_search(&shift).is_ok()
    }

    /// Proposers that `reviewer` is assigned to.
    pub fn targets(&self, reviewer: NodeId) -> impl Iterator<Item = NodeId> {
        self.shifts.iter().map(move |shift| NodeId((reviewer.0 + self.agents - shift) % self.agents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_sim::{Purpose, Streams};

    fn draw(agents: u32, reviewers: u32, round: u32) -> Assignment {
        Assignment::draw(Streams::new(5).counter(Purpose::Assignment), agents, reviewers, 3, round)
    }

    #[test]
    fn everybody_reviews_as_many_as_review_it_and_nobody_itself() {
        for (agents, reviewers) in [(2, 1), (4, 3), (12, 4), (20, 7), (50, 49)] {
            let assignment = draw(agents, reviewers, 1);
            let everybody = || (0..agents).map(NodeId);
            for agent in everybody() {
                let targets: Vec<NodeId> = assignment.targets(agent).collect();
                let reviewers_of = everybody().filter(|&reviewer| assignment.assigns(reviewer, agent));
                assert_eq!((targets.len(), reviewers_of.count()), (reviewers as usize, reviewers as usize));
                assert!(targets.iter().all(|&target| assignment.assigns(agent, target)));
                assert!(!targets.contains(&agent));
            }
        }
    }

    #[test]
    fn rounds_differ_and_repeat() {
        assert_eq!(draw(20, 7, 1), draw(20, 7, 1));
        assert_ne!(draw(20, 7, 1), draw(20, 7, 2));
    }

    #[test]
    fn every_shift_is_as_likely() {
        let mut counts = [0u32; 9];
        for round in 0..3_000 {
            draw(10, 3, round).shifts.iter().for_each(|&shift| counts[shift as usize - 1] += 1);
        }
        // Each is among three of nine a third of the time: 1,000 times, and 26 more or less.
        assert!(counts.iter().all(|&count| count.abs_diff(1_000) < 4 * 26), "{counts:?}");
    }
}
