//! What was acknowledged counts, and nothing that was never bid.

use super::super::{Auction, Entry, Observation, Settlement};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// A bid that its bidder holds an acknowledgement of stands in the transcript, at the place that it was told, with its
/// amount; and no correct bidder's bid stands there twice, or was not made.
#[derive(Debug)]
pub struct Transcript {
    ground_truth: Rc<GroundTruth>,
    /// What each bidder has bid, in minor units, by number.
    placed: BTreeMap<(NodeId, u32), i64>,
    /// What each bidder was told: units and place.
    acknowledged: BTreeMap<(NodeId, u32), (i64, u64)>,
    settlement: Option<Rc<Settlement>>,
    checked: u64,
}

impl Transcript {
    /// The oracle of a run of which `ground_truth` is true.
    pub fn new(ground_truth: &Rc<GroundTruth>) -> Transcript {
        Transcript {
            ground_truth: Rc::clone(ground_truth),
            placed: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            settlement: None,
            checked: 0,
        }
    }

    /// Checks what a bidder was told against the transcript.
    fn judge_acknowledged(
        &mut self,
        (node, number): (NodeId, u32),
        (units, place): (i64, u64),
    ) -> Result<(), Violation> {
        let Some(settlement) = &self.settlement else { return Ok(()) };
        self.checked += 1;
        let entry = settlement.transcript.get(place as usize);
        let is_there = entry.is_some_and(|entry| {
            (entry.bidder.0, entry.number, entry.amount.units()) == (node.0, number, units)
        });
        if is_there {
            return Ok(());
        }
        let message = format_args!(
            "bid {number} of agent {node}, {units}, was acknowledged at place {place} and is not there"
        );
        Err(Violation::new([node], message).held(node, "number", number).held(node, "place", place))
    }

    /// Checks that what is in the transcript was bid, once.
    fn judge_transcript(&self, settlement: &Settlement) -> Result<(), Violation> {
        let mut seen = BTreeSet::new();
        for Entry { bidder, number, amount, .. } in &settlement.transcript {
            let node = NodeId(bidder.0);
            let is_new = seen.insert((node, *number));
            let was_placed = self.placed.get(&(node, *number)) == Some(&amount.units());
            if self.ground_truth.is_correct(node) && !(is_new && was_placed) {
                let message =
                    format_args!("bid {number} of agent {node}, {amount}, was not made, or counts twice");
                return Err(Violation::new([node], message).with("number", *number));
            }
        }
        Ok(())
    }
}

impl Oracle<Auction> for Transcript {
    fn name(&self) -> &'static str {
        "transcript"
    }

    fn claim(&self) -> &'static str {
        "every acknowledged bid is in the transcript, and no bid that was not made"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Auction>) -> Result<(), Violation> {
        match self.ground_truth.claim(event) {
            Some((node, &Observation::Placed { number, amount })) => {
                self.placed.insert((node, number), amount.units());
                Ok(())
            }
            Some((node, &Observation::Acknowledged { number, amount, place })) => {
                self.acknowledged.insert((node, number), (amount.units(), place));
                self.judge_acknowledged((node, number), (amount.units(), place))
            }
            Some((_, Observation::Closed { settlement })) => {
                self.settlement = Some(Rc::clone(settlement));
                self.judge_transcript(settlement)?;
                let acknowledged = self.acknowledged.clone();
                acknowledged.into_iter().try_for_each(|(bid, told)| self.judge_acknowledged(bid, told))
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
