//! R4: what is committed is never lost.

use super::super::{Config, Configuration, Index, Observation, Raft, Term};
use super::log::{Entry, Logs};
use super::quorum::{decide, first_members};
use super::window::Window;
use std::rc::Rc;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// R4: a committed entry is in the log of every later leader and of everyone who ever held it; and what a replica takes
/// for committed is.
///
/// An entry is committed once it, or one after it in the same log, is durable at a majority of the members that the
/// leader of its own term goes by, and was made so in that term (Ongaro and Ousterhout 2014, §5.4.2). That is worked out
/// from what replicas made durable, whatever any of them counts.
#[derive(Debug)]
pub struct LeaderCompleteness {
    ground_truth: Rc<GroundTruth>,
    logs: Logs,
    /// The term of each replica.
    terms: Vec<Term>,
    /// The members that each replica goes by.
    configurations: Vec<Rc<Configuration>>,
    /// Each replica's latest leadership.
    leaderships: Vec<Leadership>,
    /// Who was elected last.
    latest: NodeId,
    committed: Window<Committed>,
    /// How far each replica takes its log for committed.
    claimed: Vec<Index>,
    checked: u64,
}

#[derive(Clone, Debug)]
struct Leadership {
    term: Term,
    leads: bool,
    /// The members that the leader went by when it last led.
    configuration: Rc<Configuration>,
    /// The last entry of the term that each replica has made durable while in the term.
    durable: Vec<Index>,
}

#[derive(Copy, Clone, Debug)]
struct Committed {
    entry: Entry,
    /// The term in which it was committed.
    term: Term,
}

impl LeaderCompleteness {
    pub(super) fn new(config: &Config, ground_truth: &Rc<GroundTruth>) -> LeaderCompleteness {
        let replicas = config.replicas as usize;
        let members = first_members(config);
        let durable = vec![0; replicas];
        let never = Leadership { term: 0, leads: false, configuration: Rc::clone(&members), durable };
        LeaderCompleteness {
            ground_truth: Rc::clone(ground_truth),
            logs: Logs::new(config.replicas, config.snapshot_trail),
            terms: vec![0; replicas],
            configurations: vec![members; replicas],
            leaderships: vec![never; replicas],
            latest: NodeId(0),
            committed: Window::new(config),
            claimed: vec![0; replicas],
            checked: 0,
        }
    }

    // ---- What is committed ----

    /// Who leads, or led, `term`.
    #[inline]
    fn leader_of(&self, term: Term) -> Option<NodeId> {
        if self.leaderships[self.latest.index()].term == term {
            return Some(self.latest);
        }
        let mut all = (0..).map(NodeId).zip(&self.leaderships);
        all.find(|(_, leadership)| leadership.term == term).map(|(leader, _)| leader)
    }

    /// `node` has made the entries of its term up to `index` durable.
    fn on_durable(&mut self, node: NodeId, index: Index) -> Result<(), Violation> {
        let Some(leader) = self.leader_of(self.terms[node.index()]) else { return Ok(()) };
        let durable = &mut self.leaderships[leader.index()].durable[node.index()];
        let before = std::mem::replace(durable, index.max(*durable));
        let last = self.committed.last().max(before);
        match (last + 1..=index).rev().find(|&index| self.is_decided(leader, index)) {
            Some(index) => self.commit(leader, index, node),
            None => Ok(()),
        }
    }

    /// Returns true if the leader's own term has made the entry at `index` durable at a majority.
    fn is_decided(&self, leader: NodeId, index: Index) -> bool {
        let Leadership { configuration, durable, .. } = &self.leaderships[leader.index()];
        decide(configuration, |voter| durable[voter.index()] >= index)
    }

    /// `leader` goes by other members: fewer may decide now.
    fn on_configured(&mut self, leader: NodeId) -> Result<(), Violation> {
        let leadership = &mut self.leaderships[leader.index()];
        if !leadership.leads {
            return Ok(());
        }
        leadership.configuration = Rc::clone(&self.configurations[leader.index()]);
        let durable = (0..).map(NodeId).zip(self.leaderships[leader.index()].durable.iter().copied());
        let is_new =
            |&(_, index): &(NodeId, Index)| index > self.committed.last() && self.is_decided(leader, index);
        match durable.filter(is_new).max_by_key(|&(_, index)| index) {
            Some((holder, index)) => self.commit(leader, index, holder),
            None => Ok(()),
        }
    }

    /// All up to `index` is committed, as it stands in the log of `holder`. Whoever leads a later term has it.
    fn commit(&mut self, leader: NodeId, index: Index, holder: NodeId) -> Result<(), Violation> {
        let term = self.leaderships[leader.index()].term;
        while self.committed.last() < index
            && let Some(&entry) = self.logs.of(holder).get(self.committed.last() + 1)
        {
            self.committed.push(Committed { entry, term });
        }
        let mut others = (0..).map(NodeId).zip(&self.leaderships);
        let lacks = |(node, later): &(NodeId, &Leadership)| {
            later.leads
                && later.term > term
                && self.ground_truth.is_correct(*node)
                && !self.holds(*node, index)
        };
        match others.find(lacks) {
            Some((node, later)) => Err(self.lacking(node, later.term, index)),
            None => Ok(()),
        }
    }

    /// Returns true if `node` holds what is committed at `index`, or a snapshot that covers it.
    fn holds(&self, node: NodeId, index: Index) -> bool {
        let log = self.logs.of(node);
        let Some(Committed { entry, .. }) = self.committed.get(index) else { return true };
        index <= log.base_index() || log.get(index) == Some(entry)
    }

    // ---- What is demanded ----

    fn on_elected(&mut self, node: NodeId, term: Term) -> Result<(), Violation> {
        self.latest = node;
        let leadership = &mut self.leaderships[node.index()];
        (leadership.term, leadership.leads) = (term, true);
        leadership.configuration = Rc::clone(&self.configurations[node.index()]);
        leadership.durable.fill(0);
        if !self.ground_truth.is_correct(node) {
            return Ok(());
        }
        self.checked += 1;
        let mut earlier = self.committed.iter().rev().filter(|(_, committed)| committed.term < term);
        match earlier.find(|&(index, _)| !self.holds(node, index)) {
            Some((index, _)) => Err(self.lacking(node, term, index)),
            None => Ok(()),
        }
    }

    fn lacking(&self, leader: NodeId, term: Term, index: Index) -> Violation {
        let Committed { entry, term: earlier } = self.committed.get(index).expect("it is committed");
        let message = format_args!(
            "agent {leader} leads term {term} without entry {index} of term {}, which was committed in term {earlier}",
            entry.0
        );
        Violation::new([leader], message).with("term", term).with("index", index)
    }

    /// `node` takes its log for committed up to `index`.
    fn on_claimed(&mut self, node: NodeId, index: Index) -> Result<(), Violation> {
        let before = std::mem::replace(&mut self.claimed[node.index()], index);
        if !self.ground_truth.is_correct(node) {
            return Ok(());
        }
        self.checked += 1;
        let last = self.committed.last();
        if index > last {
            let message = format_args!(
                "agent {node} takes entry {index} for committed, but only those up to {last} are durable at a majority"
            );
            return Err(Violation::new([node], message).with("index", index));
        }
        match (before + 1..=index).find(|&index| !self.holds(node, index)) {
            None => Ok(()),
            Some(index) => {
                let message = format_args!(
                    "agent {node} takes entry {index} for committed, but another one is, which it lacks"
                );
                Err(Violation::new([node], message).with("index", index))
            }
        }
    }

    /// `node` removes its entries from `index` on.
    fn on_truncated(&mut self, node: NodeId, index: Index) -> Result<(), Violation> {
        if let Some(leader) = self.leader_of(self.terms[node.index()]) {
            let durable = &mut self.leaderships[leader.index()].durable[node.index()];
            *durable = index.saturating_sub(1).min(*durable);
        }
        let held = self.logs.of(node).get(index);
        let is_lost = held.is_some() && held == self.committed.get(index).map(|committed| &committed.entry);
        if is_lost && self.ground_truth.is_correct(node) { Err(self.lost(node, index)) } else { Ok(()) }
    }

    /// `node` comes back with a log; `before` is what it had.
    fn on_recovered(&mut self, node: NodeId, before: &super::log::Log) -> Result<(), Violation> {
        self.claimed[node.index()] = self.logs.of(node).base_index();
        let had = |index: Index, committed: &Committed| before.get(index) == Some(&committed.entry);
        let lost = self
            .committed
            .iter()
            .find(|&(index, committed)| had(index, committed) && !self.holds(node, index));
        if let Some((index, _)) = lost.filter(|_| self.ground_truth.is_correct(node)) {
            return Err(self.lost(node, index));
        }
        // What the disk had taken before the crash, the replica had not claimed yet.
        let log = self.logs.of(node);
        let last = log.last_index();
        match log.get(last) {
            Some(&(term, _)) if term == self.terms[node.index()] => self.on_durable(node, last),
            _ => Ok(()),
        }
    }

    fn lost(&self, node: NodeId, index: Index) -> Violation {
        let term = self.committed.get(index).expect("it is committed").term;
        let message = format_args!("agent {node} lost entry {index}, which was committed in term {term}");
        Violation::new([node], message).with("index", index).with("term", term)
    }
}

impl Oracle<Raft> for LeaderCompleteness {
    fn name(&self) -> &'static str {
        "leader_completeness"
    }

    fn claim(&self) -> &'static str {
        "R4: what is durable at a majority in its leader's term is in the log of every later leader, and nothing else is \
         taken for committed"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Raft>) -> Result<(), Violation> {
        let (node, claim) = match *event {
            Event::Observed { node, observation } => (node, observation),
            Event::Crashed { node } => {
                if let Some(leadership) = self.leaderships.get_mut(node.index()) {
                    leadership.leads = false;
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        match *claim {
            Observation::Appended { index, term, .. } => {
                self.logs.follow(node, claim);
                if term == self.terms[node.index()] { self.on_durable(node, index) } else { Ok(()) }
            }
            Observation::Committed { index, .. } => self.on_claimed(node, index),
            Observation::TermEntered { term } => {
                self.terms[node.index()] = term;
                Ok(())
            }
            Observation::Elected { term, .. } => self.on_elected(node, term),
            Observation::SteppedDown { .. } => {
                self.leaderships[node.index()].leads = false;
                Ok(())
            }
            Observation::Configured { ref configuration, .. } => {
                self.configurations[node.index()] = Rc::clone(configuration);
                self.on_configured(node)
            }
            Observation::Truncated { from } => {
                let verdict = self.on_truncated(node, from);
                self.logs.follow(node, claim);
                verdict
            }
            Observation::SnapshotTaken { .. } => {
                self.logs.follow(node, claim);
                Ok(())
            }
            Observation::SnapshotInstalled { index, .. } => {
                self.logs.follow(node, claim);
                self.on_claimed(node, index)
            }
            Observation::Recovered { term, .. } => {
                let before = self.logs.of(node).clone();
                self.logs.follow(node, claim);
                self.terms[node.index()] = term;
                self.on_recovered(node, &before)
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
        Rig, appended, committed, config, configured, elected, entered, ground_truth, ground_without,
        recovered,
    };
    use super::*;

    /// Five replicas, of which agent 0 leads term 1 and has entry 1; agents 1 and 2 have it too.
    fn rig() -> Rig<LeaderCompleteness> {
        let mut rig = Rig::new(LeaderCompleteness::new(&config(5), &Rc::new(ground_truth(5))));
        (0..5).for_each(|node| rig.observe(node, entered(1)).expect("a term"));
        rig.observe(0, elected(1, 0, 0)).expect("leads");
        (0..3).for_each(|node| rig.observe(node, appended(1, 1, 1)).expect("durable"));
        rig
    }

    fn enter(rig: &mut Rig<LeaderCompleteness>, nodes: &[u32], term: Term) {
        nodes.iter().for_each(|&node| rig.observe(node, entered(term)).expect("a term"));
    }

    #[test]
    fn what_a_majority_holds_is_committed_and_nothing_else() {
        let mut rig = rig();
        rig.observe(0, committed(1, 1)).expect("three of five hold it");
        rig.observe(1, committed(1, 1)).expect("so it may know");
        rig.observe(3, committed(1, 1)).expect_err("it has not got it");
        for node in [0, 1] {
            rig.observe(node, appended(2, 1, 2)).expect("durable");
        }
        rig.observe(0, committed(2, 1)).expect_err("two of five hold it");
    }

    #[test]
    fn later_leaders_have_what_is_committed() {
        let mut rig = rig();
        enter(&mut rig, &[2, 3, 4], 2);
        rig.observe(2, elected(2, 1, 1)).expect("it has the entry");
        enter(&mut rig, &[3, 4], 3);
        let violation = rig.observe(3, elected(3, 0, 0)).expect_err("it lacks the entry");
        assert_eq!(violation.agents, [NodeId(3)]);
    }

    #[test]
    fn a_leader_of_an_earlier_term_may_lack_it() {
        let mut rig = rig();
        enter(&mut rig, &[4], 1);
        let mut other = Rig::new(LeaderCompleteness::new(&config(5), &Rc::new(ground_truth(5))));
        enter(&mut other, &[0, 1, 2], 2);
        other.observe(0, elected(2, 0, 0)).expect("leads");
        (0..3).for_each(|node| other.observe(node, appended(1, 2, 1)).expect("durable"));
        other.observe(4, elected(1, 0, 0)).expect("its votes were long on their way");
    }

    #[test]
    fn an_entry_committed_late_is_missed_in_who_leads_by_then() {
        let mut rig = rig();
        for node in [0, 1] {
            rig.observe(node, appended(2, 1, 2)).expect("durable");
        }
        enter(&mut rig, &[2, 3, 4], 2);
        rig.observe(2, elected(2, 1, 1)).expect("entry 2 is not committed");
        rig.observe(3, entered(1)).expect("a mutant goes back");
        rig.observe(3, appended(1, 1, 1)).expect("durable");
        rig.observe(3, appended(2, 1, 2)).expect_err("committed, but the leader of term 2 lacks it");
    }

    /// Ongaro and Ousterhout 2014, figure 8: an entry of an earlier term at a majority is not committed.
    #[test]
    fn entries_of_earlier_terms_are_not_committed_by_counting() {
        let figure_8 = || {
            let mut rig = Rig::new(LeaderCompleteness::new(&config(5), &Rc::new(ground_truth(5))));
            enter(&mut rig, &[0, 1, 2, 3, 4], 2);
            rig.observe(0, elected(2, 0, 0)).expect("leads");
            for node in [0, 1] {
                rig.observe(node, appended(1, 2, 1)).expect("durable");
            }
            enter(&mut rig, &[2, 3, 4], 3);
            rig.observe(4, elected(3, 0, 0)).expect("leads");
            rig.observe(4, appended(1, 3, 9)).expect("durable at one");
            enter(&mut rig, &[0, 1, 2], 4);
            rig.observe(0, elected(4, 1, 2)).expect("leads again");
            rig.observe(2, appended(1, 2, 1)).expect("durable at a third, in a later term");
            rig
        };
        figure_8().observe(0, committed(1, 4)).expect_err("agent 4 can still overwrite it");
        let mut rig = figure_8();
        enter(&mut rig, &[1, 2, 3, 4], 5);
        rig.observe(4, elected(5, 1, 3)).expect("nothing is committed");
        rig.observe(2, Observation::Truncated { from: 1 }).expect("nothing is committed");
        let mut rig = figure_8();
        (0..3).for_each(|node| rig.observe(node, appended(2, 4, 2)).expect("durable"));
        rig.observe(0, committed(2, 4)).expect("an entry of its own term, with all before it");
        enter(&mut rig, &[4], 5);
        rig.observe(4, elected(5, 1, 3)).expect_err("entry 1 is committed now");
    }

    #[test]
    fn joint_configurations_take_two_majorities_and_learners_none() {
        let mut rig = Rig::new(LeaderCompleteness::new(&config(5), &Rc::new(ground_truth(5))));
        enter(&mut rig, &[0, 1, 2, 3, 4], 1);
        rig.observe(0, configured(0, &[2, 3, 4], &[0, 1, 2])).expect("two sets of voters");
        rig.observe(0, elected(1, 0, 0)).expect("leads");
        for node in [2, 3, 4] {
            rig.observe(node, appended(1, 1, 1)).expect("durable at the new ones");
        }
        rig.observe(2, committed(1, 1)).expect_err("not at two of the old ones");
        rig.observe(0, configured(2, &[2, 3, 4], &[])).expect("the change is over");
        rig.observe(3, committed(1, 1)).expect("a majority of those who are left");
    }

    #[test]
    fn whoever_held_it_keeps_it() {
        rig().observe(2, Observation::Truncated { from: 1 }).expect_err("it is committed");
        rig().observe(2, recovered(1, None, (0, 0), &[])).expect_err("it was durable");
        rig().observe(2, recovered(1, None, (1, 1), &[])).expect("a snapshot covers it");
        rig().observe(3, recovered(1, None, (0, 0), &[])).expect("it never had it");
        let mut rig = rig();
        rig.observe(0, appended(2, 1, 2)).expect("durable at one");
        rig.observe(0, Observation::Truncated { from: 2 }).expect("not committed");
        for node in [1, 2] {
            rig.observe(node, appended(2, 1, 2)).expect("durable");
        }
        rig.observe(1, committed(2, 1)).expect_err("agent 0 has removed it");
    }

    #[test]
    fn what_the_disk_kept_unclaimed_counts() {
        let mut rig = Rig::new(LeaderCompleteness::new(&config(3), &Rc::new(ground_truth(3))));
        enter(&mut rig, &[0, 1, 2], 1);
        rig.observe(0, elected(1, 0, 0)).expect("leads");
        rig.observe(0, appended(1, 1, 0)).expect("durable");
        rig.observe(1, recovered(1, None, (0, 0), &[1])).expect("it crashed before it could say so");
        rig.observe(0, committed(1, 1)).expect("two of three hold it");
    }

    #[test]
    fn only_correct_replicas_are_bound() {
        let mut rig = Rig::new(LeaderCompleteness::new(&config(5), &Rc::new(ground_without(5, 4))));
        enter(&mut rig, &[4], 1);
        rig.observe(4, committed(3, 1)).expect("faulty");
        rig.observe(4, elected(1, 0, 0)).expect("faulty");
        assert_eq!(rig.oracle.checked(), 0);
    }
}
