//! R7: nobody disturbs a leader whom a majority hears.

use super::super::{Config, Configuration, Message, Observation, Raft, Term};
use super::quorum::{decide, first_members};
use std::rc::Rc;
use synod_sim::network::Recipients;
use synod_sim::{Duration, Event, EventTime, GroundTruth, NodeId, Oracle, Time, Violation};

/// R7: with pre-vote on, no new term begins while a majority hears a leader steadily, unless that leader hands over: a
/// replica that was cut off asks first, is told no, and comes back in the term in which it left.
///
/// A replica hears a leader when it answers its appends. It does so steadily if the answers have been no more than E/2
/// apart for at least 4E + 2Δ, so that no pre-vote granted before can still be on its way. The majority is one of the
/// voters that the replica which begins the term goes by.
///
/// The premise: there is a Δ; and delays are within it from the start, or the system has been stable for that long.
#[derive(Debug)]
pub struct TermStability {
    ground_truth: Rc<GroundTruth>,
    /// How long a majority must have heard its leader steadily, and from when on that means something.
    premise: Option<(Duration, Time)>,
    /// E/2.
    pause: Duration,
    /// The term that each replica leads.
    leading: Vec<Option<Term>>,
    hearing: Vec<Hearing>,
    configurations: Vec<Rc<Configuration>>,
    /// Targets of leadership transfers that have not campaigned since.
    transfer_targets: Vec<bool>,
    /// The highest term so far.
    highest: Term,
    checked: u64,
}

/// Whom a replica hears.
#[derive(Copy, Clone, Debug)]
struct Hearing {
    leader: NodeId,
    term: Term,
    /// Since when steadily.
    since: Time,
    last: Time,
}

impl TermStability {
    pub(super) fn new(config: &Config, ground_truth: &Rc<GroundTruth>) -> TermStability {
        let replicas = config.replicas as usize;
        let nobody = Hearing { leader: NodeId(0), term: 0, since: Time::ZERO, last: Time::ZERO };
        TermStability {
            premise: premise(config, ground_truth),
            ground_truth: Rc::clone(ground_truth),
            pause: Duration::from_nanos(config.election_timeout.as_nanos() / 2),
            leading: vec![None; replicas],
            hearing: vec![nobody; replicas],
            configurations: vec![first_members(config); replicas],
            transfer_targets: vec![false; replicas],
            highest: 0,
            checked: 0,
        }
    }

    /// `node` answered an append of `leader` in `term`.
    #[inline]
    fn on_answer(&mut self, at: Time, node: NodeId, leader: NodeId, term: Term) {
        let hearing = &mut self.hearing[node.index()];
        let is_same = (hearing.leader, hearing.term) == (leader, term);
        if !is_same || at.since(hearing.last) > self.pause {
            *hearing = Hearing { leader, term, since: at, last: at };
        }
        hearing.last = at;
    }

    /// The leader whom a majority, as `node` goes by, hears steadily.
    fn settled(&self, at: Time, node: NodeId) -> Option<(NodeId, Term)> {
        let (span, _) = self.premise.filter(|&(_, from)| at >= from)?;
        let terms = (0..).map(NodeId).zip(&self.leading);
        let (leader, term) =
            terms.filter_map(|(node, term)| Some((node, (*term)?))).max_by_key(|&(_, term)| term)?;
        let hears = |voter: NodeId| {
            let hearing = self.hearing[voter.index()];
            voter == leader
                || ((hearing.leader, hearing.term) == (leader, term)
                    && at.since(hearing.last) <= self.pause
                    && hearing.last.since(hearing.since) >= span)
        };
        decide(&self.configurations[node.index()], hears).then_some((leader, term))
    }

    fn on_term(&mut self, at: Time, node: NodeId, term: Term) -> Result<(), Violation> {
        if term <= self.highest {
            return Ok(());
        }
        self.highest = term;
        let settled = self
            .settled(at, node)
            .filter(|_| self.ground_truth.is_correct(node) && !self.transfer_targets[node.index()]);
        match settled {
            None => Ok(()),
            Some((leader, held)) => {
                let message = format_args!(
                    "agent {node} began term {term}, though a majority hears agent {leader}, the leader of term {held}, \
                     steadily"
                );
                Err(Violation::new([node, leader], message).with("term", term))
            }
        }
    }

    fn on_crash(&mut self, node: NodeId) {
        if let Some(leading) = self.leading.get_mut(node.index()) {
            *leading = None;
            self.hearing[node.index()].term = 0;
        }
    }
}

/// How long is steadily, and from when on.
fn premise(config: &Config, ground_truth: &GroundTruth) -> Option<(Duration, Time)> {
    let span = config.election_timeout.saturating_mul(4) + ground_truth.delay_max?.saturating_mul(2);
    let from = if ground_truth.timely { Time::ZERO } else { ground_truth.stable_from? + span };
    config.pre_vote.then_some((span, from))
}

impl Oracle<Raft> for TermStability {
    fn name(&self) -> &'static str {
        "term_stability"
    }

    fn claim(&self) -> &'static str {
        "R7: with pre-vote, no new term begins while a majority hears a leader steadily, unless that leader hands over"
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Raft>) -> Result<(), Violation> {
        if self.premise.is_none() {
            return Ok(());
        }
        match *event {
            Event::Sent {
                from,
                to: &Recipients::One(leader),
                message: Message::AppendEntriesReply(reply),
                ..
            } => {
                self.on_answer(moment.at, from, leader, reply.term);
            }
            Event::Crashed { node } => self.on_crash(node),
            Event::Observed { node, observation } => match *observation {
                Observation::TermEntered { term } => return self.on_term(moment.at, node, term),
                Observation::PreVoteStarted { .. } => {
                    self.checked += u64::from(self.settled(moment.at, node).is_some());
                }
                Observation::Campaigned { transfer: true, .. } => self.transfer_targets[node.index()] = false,
                Observation::TransferStarted { target } => self.transfer_targets[target.index()] = true,
                Observation::Elected { term, .. } => self.leading[node.index()] = Some(term),
                Observation::SteppedDown { .. } => self.leading[node.index()] = None,
                Observation::Configured { ref configuration, .. } => {
                    self.configurations[node.index()] = Rc::clone(configuration);
                }
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{Rig, answer, config, configured, elected, entered, ground_truth};
    use super::*;

    /// Agent 0 leads term 1 of five, and `voters` hear it every millisecond for two seconds.
    fn heard_by(voters: &[u32]) -> Rig<TermStability> {
        let mut rig = Rig::new(TermStability::new(&config(5), &Rc::new(ground_truth(5))));
        rig.observe(0, entered(1)).expect("the first term");
        rig.observe(0, elected(1, 0, 0)).expect("leads");
        for _ in 0..2_000 / voters.len() {
            voters.iter().for_each(|&voter| rig.send(voter, 0, answer(1)).expect("hears it"));
        }
        rig
    }

    #[test]
    fn whoever_is_cut_off_does_not_begin_a_term() {
        let mut rig = heard_by(&[1, 2]);
        rig.observe(4, Observation::PreVoteStarted { term: 2 }).expect("it may ask");
        assert_eq!(rig.oracle.checked(), 1);
        rig.observe(4, entered(1)).expect("it hears of the term");
        let violation = rig.observe(4, entered(2)).expect_err("it may not begin one");
        assert_eq!(violation.agents, [NodeId(4), NodeId(0)]);
    }

    #[test]
    fn a_leader_whom_a_minority_hears_may_be_replaced() {
        heard_by(&[1]).observe(4, entered(2)).expect("two of five hear it");
        let mut rig = heard_by(&[1, 2]);
        rig.at += Duration::from_millis(200);
        rig.observe(4, entered(2)).expect("nobody has heard it lately");
        let mut rig = heard_by(&[1, 2]);
        rig.restart(2).expect("a crash");
        rig.observe(4, entered(2)).expect("one of two has forgotten");
        let mut rig = heard_by(&[1, 2]);
        rig.restart(0).expect("a crash");
        rig.observe(4, entered(2)).expect("nobody leads");
    }

    #[test]
    fn hearing_it_must_have_lasted() {
        let mut rig = Rig::new(TermStability::new(&config(3), &Rc::new(ground_truth(3))));
        rig.observe(0, elected(1, 0, 0)).expect("leads");
        rig.send(1, 0, answer(1)).expect("hears it");
        rig.observe(2, entered(2)).expect("its pre-votes were under way");
    }

    #[test]
    fn whoever_is_wanted_may_begin_one() {
        let mut rig = heard_by(&[1, 2]);
        rig.observe(0, Observation::TransferStarted { target: NodeId(3) }).expect("hands over");
        rig.observe(3, entered(2)).expect("is wanted");
        rig.observe(3, Observation::Campaigned { term: 2, transfer: true }).expect("is wanted");
        rig.observe(3, entered(3)).expect_err("once");
    }

    #[test]
    fn the_majority_is_one_of_those_whom_the_disturber_asks() {
        let mut rig = heard_by(&[1, 2]);
        rig.observe(4, configured(1, &[2, 3, 4], &[])).expect("it goes by others");
        rig.observe(4, entered(2)).expect("one of three hears the leader");
    }

    #[test]
    fn without_pre_vote_or_a_bound_nothing_is_promised() {
        let config = Config { pre_vote: false, ..config(3) };
        assert!(TermStability::new(&config, &Rc::new(ground_truth(3))).premise.is_none());
        let unbounded = GroundTruth { delay_max: None, ..ground_truth(3) };
        assert!(TermStability::new(&config, &Rc::new(unbounded)).premise.is_none());
        let unstable = GroundTruth { timely: false, stable_from: None, ..ground_truth(3) };
        assert!(TermStability::new(&config, &Rc::new(unstable)).premise.is_none());
    }
}
