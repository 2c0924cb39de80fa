//! I2: the best proposal is never lost.

use super::super::{Iterative, Observation, SessionId};
use super::lineage::Lineages;
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// I2: the score of the selected proposal is the best of all so far, and so never falls.
#[derive(Debug)]
pub struct Elitism {
    ground_truth: Rc<GroundTruth>,
    /// The best score so far after each round,
    best: Lineages<u32>,
    /// and in the round under way.
    scored: SortedMap<(SessionId, NodeId), u32>,
    checked: u64,
}

impl Elitism {
    pub(super) fn new(ground_truth: &Rc<GroundTruth>) -> Elitism {
        Elitism {
            ground_truth: Rc::clone(ground_truth),
            best: Lineages::default(),
            scored: SortedMap::new(),
            checked: 0,
        }
    }
}

impl Oracle<Iterative> for Elitism {
    fn name(&self) -> &'static str {
        "elitism"
    }

    fn claim(&self) -> &'static str {
        "I2: the selected proposal has the best score of all so far"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Iterative>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        self.best.note(node, claim);
        match *claim {
            Observation::Scored { session, score_ppm, .. } => {
                let best = self.scored.entry((session, node)).or_default();
                *best = score_ppm.max(*best);
                Ok(())
            }
            Observation::Selected { session, round, score_ppm, .. } => {
                self.checked += 1;
                let rounds = self.best.of(session, node);
                let before = rounds.last().copied().unwrap_or(0);
                let best = before.max(self.scored.remove(&(session, node)).unwrap_or(0));
                rounds.push(best);
                if score_ppm == best {
                    return Ok(());
                }
                let message = format_args!(
                    "round {round} of session {session} selects a score of {score_ppm} ppm, and the best so far is {best}"
                );
                Err(Violation::new([node], message).with("session", session).with("round", round))
            }
            Observation::TookOver { session, .. } => {
                self.scored.remove(&(session, node));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
