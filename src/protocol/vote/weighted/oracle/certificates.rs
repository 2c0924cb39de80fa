//! W7: one decision.

use super::super::{Config, Observation, Outcome, SessionId, Weighted};
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// W7: no two correct observers decide a session for different options, as long as no more weight is faulty than is
/// declared, or where none is declared, as long as those are correct whose word is taken.
#[derive(Debug)]
pub struct Certificates {
    ground_truth: Rc<GroundTruth>,
    holds: bool,
    decided: SortedMap<SessionId, (NodeId, u64)>,
    checked: u64,
}

impl Certificates {
    /// Where nobody is to lie, the word of those `trusted` is taken.
    pub fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>, trusted: &[NodeId]) -> Certificates {
        let weights = config.weighing.snapshot.weights();
        let is_faulty = |&(voter, _): &(usize, &u64)| !ground_truth.is_correct(NodeId(voter as u32));
        let faulty: u64 = weights.iter().enumerate().filter(is_faulty).map(|(_, weight)| weight).sum();
        let holds = match config.faulty_ppm {
            0 => trusted.iter().all(|&node| ground_truth.is_correct(node)),
            share => {
                u128::from(faulty) * 1_000_000 <= u128::from(share) * u128::from(weights.iter().sum::<u64>())
            }
        };
        Certificates { ground_truth: Rc::clone(ground_truth), holds, decided: SortedMap::new(), checked: 0 }
    }
}

impl Oracle<Weighted> for Certificates {
    fn name(&self) -> &'static str {
        "certificates"
    }

    fn claim(&self) -> &'static str {
        "W7: no session is decided for two options"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Weighted>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        let &Observation::Concluded { session, outcome: Outcome::Decided(option), .. } = claim else {
            return Ok(());
        };
        if !self.holds {
            return Ok(());
        }
        self.checked += 1;
        let (other, theirs) = *self.decided.entry(session).or_insert((node, option));
        if theirs == option {
            Ok(())
        } else {
            let message = format_args!(
                "session {session}: agent {other} has option {theirs}, agent {node} option {option}"
            );
            Err(Violation::new([other, node], message)
                .with("session", session)
                .held(other, "option", theirs)
                .held(node, "option", option))
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
