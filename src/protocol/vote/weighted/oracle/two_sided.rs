//! W6: what is certain ends a session, whichever way it goes.

use super::super::{Config, Observation, SessionId, Weighted};
use super::early_stop::described;
use super::ledger::{Books, agree};
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// W6: where sessions end early, they end with the vote that makes the outcome certain, be it a decision or none.
#[derive(Debug)]
pub struct TwoSided {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    books: Books,
    /// Sessions that are open although their outcome is certain, each with the outcome.
    certain: SortedMap<SessionId, Option<u64>>,
    checked: u64,
}

impl TwoSided {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> TwoSided {
        let (config, ground_truth) = (Rc::clone(config), Rc::clone(ground_truth));
        TwoSided { config, ground_truth, books: Books::default(), certain: SortedMap::new(), checked: 0 }
    }

    fn object(node: NodeId, session: SessionId, outcome: Option<u64>) -> Result<(), Violation> {
        let outcome = described(outcome);
        let message =
            format_args!("session {session} went on when it was certain that it would come to {outcome}");
        Err(Violation::new([node], message).with("session", session))
    }
}

impl Oracle<Weighted> for TwoSided {
    fn name(&self) -> &'static str {
        "two_sided"
    }

    fn claim(&self) -> &'static str {
        "W6: rejection ends a session as early as acceptance does"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Weighted>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        if !self.config.early {
            return Ok(());
        }
        if let Observation::Counted { vote } = claim
            && let Some(&outcome) = self.certain.get(&vote.session)
        {
            return Self::object(node, vote.session, outcome);
        }
        self.books.note(&self.config, claim);
        match claim {
            Observation::Counted { vote } => {
                let Some(ledger) = self.books.of(vote.session) else { return Ok(()) };
                self.checked += 1;
                let ends = ledger.extremes(&self.config);
                if ends.iter().all(|a| ends.iter().all(|b| agree(&self.config, *a, *b))) {
                    self.certain.insert(vote.session, ends[0]);
                }
                Ok(())
            }
            Observation::Closed { session, early, .. } => match (self.certain.remove(session), early) {
                (Some(outcome), false) => Self::object(node, *session, outcome),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
