//! All agents settle the same outcome.

use super::super::{Auction, Observation};
use std::rc::Rc;
use synod_economics::auction::Outcome;
use synod_sim::{Digest, Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// Correct agents settle the same winner, price and transcript, across crashes as well.
#[derive(Debug)]
pub struct OneOutcome {
    ground_truth: Rc<GroundTruth>,
    first: Option<(NodeId, Outcome, Digest)>,
    checked: u64,
}

impl OneOutcome {
    /// The oracle of a run of which `ground_truth` is true.
    pub fn new(ground_truth: &Rc<GroundTruth>) -> OneOutcome {
        OneOutcome { ground_truth: Rc::clone(ground_truth), first: None, checked: 0 }
    }
}

impl Oracle<Auction> for OneOutcome {
    fn name(&self) -> &'static str {
        "one_outcome"
    }

    fn claim(&self) -> &'static str {
        "all agents settle the same winner, price and transcript"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Auction>) -> Result<(), Violation> {
        let Some((node, &Observation::Settled { outcome, digest, .. })) = self.ground_truth.claim(event)
        else {
            return Ok(());
        };
        self.checked += 1;
        let &mut (other, first, theirs) = self.first.get_or_insert((node, outcome, digest));
        if (first, theirs) == (outcome, digest) {
            return Ok(());
        }
        let message = format_args!(
            "agent {other} settled {first:?}, agent {node} {outcome:?}, or by another transcript"
        );
        Err(Violation::new([other, node], message).held(other, "digest", theirs).held(node, "digest", digest))
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
