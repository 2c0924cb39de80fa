//! R1: one leader a term.

use super::super::{Config, Configuration, Observation, Raft, Term};
use super::quorum::{decide, first_members};
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::units::plural;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// R1: a term has one leader at most, who has the votes of a majority; and a replica votes once a term, and remembers
/// it across restarts.
#[derive(Debug)]
pub struct ElectionSafety {
    ground_truth: Rc<GroundTruth>,
    /// Each replica's latest vote.
    votes: Vec<Option<(Term, NodeId)>>,
    /// For each replica the latest term that somebody voted for it in, and all who did.
    candidacies: Vec<(Term, Vec<bool>)>,
    /// The members that each replica goes by.
    configurations: Vec<Rc<Configuration>>,
    /// Who leads the latest terms.
    leaders: SortedMap<Term, NodeId>,
    checked: u64,
}

/// Of how many terms the leader is remembered. A candidate so late that its term is forgotten would have waited for its
/// votes through that many elections.
const TERMS: usize = 1024;

impl ElectionSafety {
    pub(super) fn new(config: &Config, ground_truth: &Rc<GroundTruth>) -> ElectionSafety {
        let replicas = config.replicas as usize;
        ElectionSafety {
            ground_truth: Rc::clone(ground_truth),
            votes: vec![None; replicas],
            candidacies: vec![(0, vec![false; replicas]); replicas],
            configurations: vec![first_members(config); replicas],
            leaders: SortedMap::new(),
            checked: 0,
        }
    }

    fn on_vote(&mut self, voter: NodeId, term: Term, candidate: NodeId) -> Result<(), Violation> {
        let candidacy = &mut self.candidacies[candidate.index()];
        if term > candidacy.0 {
            candidacy.0 = term;
            candidacy.1.fill(false);
        }
        if term == candidacy.0 {
            candidacy.1[voter.index()] = true;
        }
        let before = self.votes[voter.index()].replace((term, candidate));
        let is_second = before.is_some_and(|before| before.0 >= term && before != (term, candidate));
        match before.filter(|_| is_second && self.binds(voter)) {
            None => Ok(()),
            Some((earlier, other)) => {
                let message = format_args!(
                    "agent {voter} voted for agent {candidate} in term {term} after it had voted for agent {other} in \
                     term {earlier}"
                );
                Err(Violation::new([voter], message).with("term", term).with("candidate", candidate))
            }
        }
    }

    fn on_recovery(&mut self, node: NodeId, term: Term, voted_for: Option<NodeId>) -> Result<(), Violation> {
        let Some((promised, candidate)) = self.votes[node.index()] else { return Ok(()) };
        let remembers = term > promised || (term == promised && voted_for == Some(candidate));
        if remembers || !self.binds(node) {
            return Ok(());
        }
        let message = format_args!(
            "agent {node} voted for agent {candidate} in term {promised} and came back in term {term} without that vote"
        );
        Err(Violation::new([node], message).with("term", promised).with("candidate", candidate))
    }

    fn on_elected(&mut self, node: NodeId, term: Term) -> Result<(), Violation> {
        let first = *self.leaders.entry(term).or_insert(node);
        if self.leaders.len() > TERMS {
            self.leaders.pop_first();
        }
        if first != node {
            let message = format_args!("agents {first} and {node} both lead term {term}");
            return Err(Violation::new([first, node], message).with("term", term));
        }
        let (of, voters) = &self.candidacies[node.index()];
        if *of == term && decide(&self.configurations[node.index()], |voter| voters[voter.index()]) {
            return Ok(());
        }
        let votes = if *of == term { voters.iter().filter(|&&has| has).count() } else { 0 };
        let message = format_args!(
            "agent {node} leads term {term} with {}: no majority of its voters",
            plural(votes as u64, "vote")
        );
        Err(Violation::new([node], message).with("term", term))
    }

    fn binds(&mut self, node: NodeId) -> bool {
        let is_correct = self.ground_truth.is_correct(node);
        self.checked += u64::from(is_correct);
        is_correct
    }
}

impl Oracle<Raft> for ElectionSafety {
    fn name(&self) -> &'static str {
        "election_safety"
    }

    fn claim(&self) -> &'static str {
        "R1: a term has one leader at most, elected by a majority, and a replica votes once a term"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Raft>) -> Result<(), Violation> {
        let Event::Observed { node, observation } = *event else { return Ok(()) };
        match *observation {
            Observation::VoteGranted { term, candidate } => self.on_vote(node, term, candidate),
            Observation::Recovered { term, voted_for, .. } => self.on_recovery(node, term, voted_for),
            Observation::Elected { term, .. } if self.binds(node) => self.on_elected(node, term),
            Observation::Configured { ref configuration, .. } => {
                self.configurations[node.index()] = Rc::clone(configuration);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{
        Rig, config, configured, elected, ground_truth, ground_without, recovered, vote,
    };
    use super::*;

    fn rig(n: u32) -> Rig<ElectionSafety> {
        Rig::new(ElectionSafety::new(&config(n), &Rc::new(ground_truth(n))))
    }

    #[test]
    fn a_term_has_one_leader() {
        let mut rig = rig(3);
        for voter in [0, 1] {
            rig.observe(voter, vote(1, 0)).expect("one vote each");
        }
        rig.observe(0, elected(1, 0, 0)).expect("two of three");
        for voter in [1, 2] {
            rig.observe(voter, vote(2, 1)).expect("another term");
        }
        rig.observe(1, elected(2, 0, 0)).expect("two of three");
        assert_eq!(rig.oracle.checked(), 2);
        let violation = rig.observe(2, elected(2, 0, 0)).expect_err("a second leader");
        assert_eq!(violation.agents, [NodeId(1), NodeId(2)]);
    }

    #[test]
    fn a_leader_needs_a_majority_of_its_voters() {
        let mut rig = rig(5);
        for voter in [0, 1] {
            rig.observe(voter, vote(1, 0)).expect("one vote each");
        }
        rig.observe(0, elected(1, 0, 0)).expect_err("two of five");
        rig.observe(3, elected(2, 0, 0)).expect_err("nobody voted");
        rig.observe(4, configured(1, &[2, 3, 4], &[0, 1, 2])).expect("two sets of voters");
        for voter in [2, 3, 4] {
            rig.observe(voter, vote(3, 4)).expect("one vote each");
        }
        rig.observe(4, elected(3, 0, 0)).expect_err("one of the old three");
        rig.observe(0, vote(3, 4)).expect("in term 3 for the first time");
        let mut rig = rig_of_joint();
        rig.observe(4, elected(3, 0, 0)).expect("two of either");
    }

    fn rig_of_joint() -> Rig<ElectionSafety> {
        let mut rig = rig(5);
        rig.observe(4, configured(1, &[2, 3, 4], &[0, 1, 2])).expect("two sets of voters");
        for voter in [0, 2, 4] {
            rig.observe(voter, vote(3, 4)).expect("one vote each");
        }
        rig
    }

    #[test]
    fn a_voter_votes_once_a_term_whatever_happens_to_it() {
        let mut rig = rig(3);
        rig.observe(1, vote(4, 0)).expect("the first");
        rig.observe(1, vote(4, 0)).expect("the same again");
        rig.observe(1, recovered(4, Some(0), (0, 0), &[])).expect("it remembers");
        rig.observe(1, recovered(5, None, (0, 0), &[])).expect("a later term");
        rig.observe(1, recovered(4, None, (0, 0), &[])).expect_err("its vote is gone");
        rig.observe(1, recovered(3, None, (0, 0), &[])).expect_err("its term is gone");
        rig.observe(1, vote(4, 2)).expect_err("another");
        rig.observe(1, vote(3, 2)).expect_err("an earlier term");
    }

    #[test]
    fn what_a_faulty_replica_claims_is_not_held_against_anybody() {
        let mut rig = Rig::new(ElectionSafety::new(&config(3), &Rc::new(ground_without(3, 1))));
        rig.observe(0, vote(1, 0)).expect("correct");
        rig.observe(1, vote(1, 0)).expect("counts");
        rig.observe(1, vote(1, 2)).expect("faulty");
        rig.observe(0, elected(1, 0, 0)).expect("with both votes");
        rig.observe(2, vote(1, 2)).expect("correct");
        rig.observe(2, elected(1, 0, 0)).expect_err("two correct leaders are two leaders");
    }
}
