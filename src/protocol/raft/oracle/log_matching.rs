//! R3: one entry makes the whole log before it.

use super::super::{Config, Index, Observation, Raft, Term};
use super::log::{Log, Logs};
use std::rc::Rc;
use synod_sim::{Digest, Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// R3: if two logs hold an entry of the same term at the same index, they hold the same entries up to there; and logs
/// have no gaps.
///
/// It is judged step by step: whoever appends an entry is compared with one log that holds an entry of that term
/// there, by what the entry is and by the term before it. What the logs hold earlier was compared when it was appended.
#[derive(Debug)]
pub struct LogMatching {
    ground_truth: Rc<GroundTruth>,
    logs: Logs,
    /// Whose log held the last entry that was compared: most likely it holds the next as well.
    recent: NodeId,
    checked: u64,
}

impl LogMatching {
    pub(super) fn new(config: &Config, ground_truth: &Rc<GroundTruth>) -> LogMatching {
        let logs = Logs::new(config.replicas, config.snapshot_trail);
        LogMatching { ground_truth: Rc::clone(ground_truth), logs, recent: NodeId(0), checked: 0 }
    }

    fn check(
        &mut self,
        node: NodeId,
        index: Index,
        (term, digest): (Term, Digest),
        before: Option<Term>,
    ) -> Result<(), Violation> {
        self.checked += 1;
        let holds = |other: NodeId, log: &Log| {
            other != node
                && log.get(index).is_some_and(|&(held, _)| held == term)
                && self.ground_truth.is_correct(other)
        };
        let other = if holds(self.recent, self.logs.of(self.recent)) {
            Some(self.recent)
        } else {
            self.logs.iter().find(|&(other, log)| holds(other, log)).map(|(other, _)| other)
        };
        let Some(other) = other else { return Ok(()) };
        self.recent = other;
        let log = self.logs.of(other);
        let held = log.get(index).expect("it holds it").1;
        if held != digest {
            let what = format_args!("entry {index} of term {term}");
            return Err(Violation::differ(what, (other, held), (node, digest))
                .with("index", index)
                .with("term", term));
        }
        if let (Some(theirs), Some(own)) = (log.term_at(index - 1), before)
            && theirs != own
        {
            let message = format_args!(
                "agents {other} and {node} both hold an entry of term {term} at {index}, but before it one of term \
                 {theirs} and one of term {own}"
            );
            return Err(Violation::new([other, node], message).with("index", index).with("term", term));
        }
        Ok(())
    }

    fn on_appended(
        &mut self,
        node: NodeId,
        index: Index,
        term: Term,
        digest: Digest,
    ) -> Result<(), Violation> {
        let last = self.logs.of(node).last_index();
        if index != last + 1 {
            let message = format_args!("agent {node} appended entry {index} to a log that ends at {last}");
            return Err(Violation::new([node], message).with("index", index).with("term", term));
        }
        self.check(node, index, (term, digest), self.logs.of(node).term_at(last))
    }

    fn on_recovered(
        &mut self,
        node: NodeId,
        base: (Index, Term),
        entries: &[(Term, Digest)],
    ) -> Result<(), Violation> {
        let before = std::iter::once(base.1).chain(entries.iter().map(|&(term, _)| term));
        let mut steps = (base.0 + 1..).zip(entries).zip(before);
        steps.try_for_each(|((index, &entry), before)| self.check(node, index, entry, Some(before)))
    }
}

impl Oracle<Raft> for LogMatching {
    fn name(&self) -> &'static str {
        "log_matching"
    }

    fn claim(&self) -> &'static str {
        "R3: logs that hold an entry of the same term at the same index are the same up to there"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Raft>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        match *claim {
            Observation::Appended { index, term, digest } => self.on_appended(node, index, term, digest)?,
            Observation::Recovered { base_index, base_term, ref entries, .. } => {
                self.on_recovered(node, (base_index, base_term), entries)?;
            }
            _ => {}
        }
        self.logs.follow(node, claim);
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::rig::{Rig, appended, config, ground_truth, ground_without, recovered};
    use super::*;

    fn rig() -> Rig<LogMatching> {
        let mut rig = Rig::new(LogMatching::new(&config(3), &Rc::new(ground_truth(3))));
        for (index, term) in [(1, 1), (2, 1), (3, 3)] {
            rig.observe(0, appended(index, term, index as u8)).expect("the leader's log");
        }
        rig
    }

    #[test]
    fn logs_that_agree_somewhere_agree_before() {
        let mut rig = rig();
        rig.observe(1, appended(1, 1, 1)).expect("the same");
        rig.observe(1, appended(2, 2, 9)).expect("another term: no match is claimed");
        rig.observe(1, appended(3, 3, 3)).expect_err("a match, though they differ before");
        rig.observe(2, appended(1, 1, 2)).expect_err("another entry of the same term");
        rig.observe(2, appended(2, 2, 2)).expect_err("a gap");
    }

    #[test]
    fn what_was_removed_is_compared_no_more() {
        let mut rig = rig();
        rig.observe(1, appended(1, 1, 1)).expect("the same");
        rig.observe(1, appended(2, 2, 9)).expect("another term");
        rig.observe(1, Observation::Truncated { from: 2 }).expect("taken back");
        rig.observe(1, appended(2, 1, 2)).expect("the same");
        rig.observe(1, appended(3, 3, 3)).expect("the same");
    }

    #[test]
    fn what_comes_back_is_compared_again() {
        let mut rig = rig();
        rig.observe(1, recovered(3, None, (2, 1), &[])).expect("nothing but a snapshot");
        let entries = |terms: &[u64]| recovered(3, None, (0, 0), terms);
        rig.observe(2, entries(&[2])).expect("nobody else has that");
        rig.observe(2, entries(&[1])).expect_err("that entry has another digest");
        rig.observe(1, appended(3, 3, 3)).expect("the snapshot ends with the same term");
        rig.observe(2, recovered(3, None, (2, 2), &[])).expect("a snapshot");
        rig.observe(2, appended(3, 3, 3)).expect_err("it ends with another term");
    }

    #[test]
    fn a_faulty_log_does_not_count() {
        let mut rig = Rig::new(LogMatching::new(&config(3), &Rc::new(ground_without(3, 0))));
        rig.observe(0, appended(1, 1, 1)).expect("faulty");
        rig.observe(1, appended(1, 1, 2)).expect("the first correct one");
        assert_eq!(rig.oracle.checked(), 1);
    }
}
