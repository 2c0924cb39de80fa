//! Every observer has one outcome.

use super::super::{Iterative, Observation, SessionId};
use std::rc::Rc;
use synod_sim::collections::TreeSet;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// A correct observer reports one outcome of each session, across crashes as well.
#[derive(Debug)]
pub struct OneOutcome {
    ground_truth: Rc<GroundTruth>,
    reported: TreeSet<(NodeId, SessionId)>,
    checked: u64,
}

impl OneOutcome {
    pub(super) fn new(ground_truth: &Rc<GroundTruth>) -> OneOutcome {
        OneOutcome { ground_truth: Rc::clone(ground_truth), reported: TreeSet::new(), checked: 0 }
    }
}

impl Oracle<Iterative> for OneOutcome {
    fn name(&self) -> &'static str {
        "one_outcome"
    }

    fn claim(&self) -> &'static str {
        "every observer reports one outcome of a session, once"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Iterative>) -> Result<(), Violation> {
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

    fn checked(&self) -> u64 {
        self.checked
    }
}
