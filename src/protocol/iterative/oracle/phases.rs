//! I5: the silent hold nobody up.

use super::super::{AbortReason, Config, Iterative, Observation, Outcome, Phase, SessionId};
use std::rc::Rc;
use synod_sim::{Duration, End, Event, EventTime, GroundTruth, NodeId, Oracle, Time, Violation};

/// I5: where no more than f are silent, and the network lets the others answer in time, every phase is over when its
/// time is up.
#[derive(Debug)]
pub struct Phases {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    /// The phase under way: of which session, until when.
    open: Option<(SessionId, Time)>,
    is_disturbed: bool,
    checked: u64,
}

impl Phases {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Phases {
        let (config, ground_truth) = (Rc::clone(config), Rc::clone(ground_truth));
        Phases { config, ground_truth, open: None, is_disturbed: false, checked: 0 }
    }

    /// Returns true if at least n − f answer in this phase, in time.
    fn holds(&self, session: SessionId, phase: Phase) -> bool {
        let Some(delay_max) = self.ground_truth.delay_max else { return false };
        let answers = |&node: &NodeId| {
            let agent = &self.config.agents[node.index()];
            let takes =
                delay_max.saturating_mul(2).as_nanos().saturating_add(agent.traits.thinking.as_nanos());
            self.ground_truth.is_correct(node)
                && self.ground_truth.requires_progress(node)
                && self.config.opinion(session, node).is_some()
                && Duration::from_nanos(takes) < self.config.length(phase)
        };
        let answers = self.config.everybody().filter(answers).count();
        self.ground_truth.timely
            && self.ground_truth.lossless
            && !self.is_disturbed
            && answers + self.config.faulty as usize >= self.config.agents.len()
    }

    fn late(&self, session: SessionId) -> Violation {
        let message =
            format_args!("a phase of session {session} went on after its time, and enough have answered");
        Violation::new([self.config.coordinator], message).with("session", session)
    }
}

impl Oracle<Iterative> for Phases {
    fn name(&self) -> &'static str {
        "phases"
    }

    fn claim(&self) -> &'static str {
        "I5: with at most f silent, every phase ends by its time"
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Iterative>) -> Result<(), Violation> {
        if let Event::Crashed { node } = *event
            && self.ground_truth.is_correct(node)
        {
            (self.is_disturbed, self.open) = (true, None);
        }
        if let Some((session, until)) = self.open
            && moment.at > until
        {
            return Err(self.late(session));
        }
        match self.ground_truth.claim(event) {
            // Two may lead for a while, and agents follow one of them.
            Some((_, Observation::Claimed { .. })) => {
                (self.is_disturbed, self.open) = (true, None);
                Ok(())
            }
            Some((_, &Observation::Began { session, phase, .. })) if self.holds(session, phase) => {
                self.checked += 1;
                self.open = Some((session, moment.at + self.config.length(phase)));
                Ok(())
            }
            Some((_, Observation::Ended { .. })) => {
                self.open = None;
                Ok(())
            }
            Some((_, &Observation::Closed { session, outcome, .. })) => match (self.open.take(), outcome) {
                (Some(_), Outcome::Aborted(AbortReason::InsufficientParticipation)) => {
                    Err(self.late(session))
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn on_end(&mut self, end: &End) -> Result<(), Violation> {
        match self.open {
            Some((session, until)) if end.at > until => Err(self.late(session)),
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
