//! Every observer has one outcome, in time.

use super::super::{Config, Observation, SessionId, Weighted};
use std::rc::Rc;
use synod_sim::collections::TreeSet;
use synod_sim::{End, Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// A correct observer reports one outcome of each session, across crashes as well; and one that is never down and
/// never late has reported it when twice the deadline is over.
#[derive(Debug)]
pub struct OneOutcome {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    reported: TreeSet<(NodeId, SessionId)>,
    crashed: TreeSet<NodeId>,
    checked: u64,
}

impl OneOutcome {
    /// The oracle of a run of which `ground_truth` is true.
    pub fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> OneOutcome {
        OneOutcome {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            reported: TreeSet::new(),
            crashed: TreeSet::new(),
            checked: 0,
        }
    }
}

impl Oracle<Weighted> for OneOutcome {
    fn name(&self) -> &'static str {
        "one_outcome"
    }

    fn claim(&self) -> &'static str {
        "every observer reports one outcome of a session, once, and by twice the deadline"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Weighted>) -> Result<(), Violation> {
        if let Event::Crashed { node } = *event {
            self.crashed.insert(node);
        }
        let Some((node, &Observation::Concluded { session, .. })) = self.ground_truth.claim(event) else {
            return Ok(());
        };
        self.checked += 1;
        if self.reported.insert((node, session)) {
            Ok(())
        } else {
            let message = format_args!("agent {node} reported what came of session {session} twice");
            Err(Violation::new([node], message).with("session", session))
        }
    }

    fn on_end(&mut self, end: &End) -> Result<(), Violation> {
        if !self.ground_truth.timely || self.ground_truth.delay_max.is_none() {
            return Ok(());
        }
        for session in 0..self.config.schedule.sessions {
            if self.config.opens(session) + self.config.patience() >= end.at {
                break;
            }
            let is_missing = |node: &NodeId| {
                self.ground_truth.requires_progress(*node)
                    && !self.crashed.contains(node)
                    && !self.reported.contains(&(*node, session))
            };
            if let Some(node) = (0..self.config.voters() as u32).map(NodeId).find(is_missing) {
                let message = format_args!("agent {node} has no outcome of session {session}");
                return Err(Violation::new([node], message).with("session", session));
            }
        }
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
