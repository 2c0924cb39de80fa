//! I1: sessions end.

use super::super::{Config, Iterative, Observation, SessionId};
use std::rc::Rc;
use synod_sim::collections::TreeSet;
use synod_sim::{Duration, End, Ending, Event, EventTime, GroundTruth, NodeId, Oracle, Time, Violation};

/// I1: a session that opens is closed by its deadline, or if that is sooner when all phases of all rounds have lasted as
/// long as they can; and an observer that is never down and never late has an outcome soon after.
#[derive(Debug)]
pub struct Termination {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    concluded: TreeSet<(NodeId, SessionId)>,
    crashed: TreeSet<NodeId>,
    checked: u64,
}

impl Termination {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Termination {
        Termination {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            concluded: TreeSet::new(),
            crashed: TreeSet::new(),
            checked: 0,
        }
    }

    /// Returns true if clocks are right and nobody is slow, so that deadlines mean what they say.
    fn holds(&self) -> bool {
        self.ground_truth.timely && self.ground_truth.delay_max.is_some()
    }

    /// When `node` must have an outcome of `session`.
    fn due(&self, node: NodeId, session: SessionId) -> Time {
        if node == self.config.coordinator && self.config.failover.is_none() {
            self.config.closed(session)
        } else {
            self.config.given_up(session)
        }
    }
}

impl Oracle<Iterative> for Termination {
    fn name(&self) -> &'static str {
        "termination"
    }

    fn claim(&self) -> &'static str {
        "I1: sessions end by their deadline, and every observer knows soon after"
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Iterative>) -> Result<(), Violation> {
        if let Event::Crashed { node } = *event {
            self.crashed.insert(node);
        }
        let Some((node, &Observation::Concluded { session, .. })) = self.ground_truth.claim(event) else {
            return Ok(());
        };
        self.concluded.insert((node, session));
        if !self.holds() || self.crashed.contains(&node) {
            return Ok(());
        }
        self.checked += 1;
        if moment.at <= self.due(node, session) {
            Ok(())
        } else {
            Err(Violation::new([node], format_args!("session {session} ended late for agent {node}"))
                .with("session", session))
        }
    }

    fn on_end(&mut self, end: &End) -> Result<(), Violation> {
        if !self.holds() {
            return Ok(());
        }
        let is_over = |due: Time| due < end.at || end.ending == Ending::Quiescent;
        for session in 0..self.config.schedule.sessions {
            let is_missing = |node: &NodeId| {
                self.ground_truth.requires_progress(*node)
                    && !self.crashed.contains(node)
                    && !self.concluded.contains(&(*node, session))
                    && is_over(self.due(*node, session))
            };
            if let Some(node) = self.config.everybody().find(is_missing) {
                let message = format_args!("session {session} never ended for agent {node}");
                return Err(Violation::new([node], message).with("session", session));
            }
        }
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }

    fn bound(&self) -> Option<Duration> {
        self.holds().then(|| self.config.patience())
    }
}
