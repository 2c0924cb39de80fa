//! I2: the best proposal is never lost.

use super::super::{Iterative, Observation, SessionId};
use crate::sim::{Event, Ground, Moment, Oracle, Violation};
use std::collections::BTreeMap;
use std::rc::Rc;

/// I2: the score of the selected proposal is the best of all so far, and so never falls.
#[derive(Debug)]
pub struct Elitism {
    ground: Rc<Ground>,
    best: BTreeMap<SessionId, u32>,
    checked: u64,
}

impl Elitism {
    pub(super) fn new(ground: &Rc<Ground>) -> Elitism {
        Elitism { ground: Rc::clone(ground), best: BTreeMap::new(), checked: 0 }
    }
}

impl Oracle<Iterative> for Elitism {
    fn name(&self) -> &'static str {
        "elitism"
    }

    fn claim(&self) -> &'static str {
        "I2: the selected proposal has the best score of all so far"
    }

    fn on_event(&mut self, _: Moment, event: &Event<'_, Iterative>) -> Result<(), Violation> {
        match self.ground.claim(event) {
            Some((_, &Observation::Scored { session, score_ppm, .. })) => {
                let best = self.best.entry(session).or_default();
                *best = score_ppm.max(*best);
                Ok(())
            }
            Some((node, &Observation::Selected { session, round, score_ppm, .. })) => {
                self.checked += 1;
                let best = self.best.get(&session).copied().unwrap_or(0);
                if score_ppm == best {
                    return Ok(());
                }
                let message = format_args!(
                    "round {round} of session {session} selects a score of {score_ppm} ppm, and the best so far is {best}"
                );
                Err(Violation::new([node], message))
            }
            Some((_, Observation::Closed { session, .. })) => {
                self.best.remove(session);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
