//! No late bid counts.

use super::super::{Auction, Config, Observation};
use std::rc::Rc;
use synod_sim::{Event, EventTime, GroundTruth, Oracle, Violation};

/// CLOSE comes no earlier than the deadline, whatever counts was entered before it, and nothing is entered behind it.
#[derive(Debug)]
pub struct NoLateBid {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    is_closed: bool,
    checked: u64,
}

impl NoLateBid {
    /// The oracle of a run of which `ground_truth` is true.
    pub fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> NoLateBid {
        NoLateBid {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            is_closed: false,
            checked: 0,
        }
    }
}

impl Oracle<Auction> for NoLateBid {
    fn name(&self) -> &'static str {
        "no_late_bid"
    }

    fn claim(&self) -> &'static str {
        "a bid counts if it was entered before CLOSE, and CLOSE is not before the deadline"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Auction>) -> Result<(), Violation> {
        let deadline = self.config.terms.closes;
        match self.ground_truth.claim(event) {
            Some((node, &Observation::Entered { place, entry })) if self.is_closed => {
                let message = format_args!(
                    "a bid of bidder {} was entered at place {place}, behind CLOSE",
                    entry.bidder
                );
                Err(Violation::new([node], message).held(node, "place", place))
            }
            Some((node, Observation::Closed { settlement })) => {
                self.is_closed = true;
                self.checked += 1;
                if settlement.close.at < deadline {
                    let message =
                        format_args!("the auction was closed at {}, before {deadline}", settlement.close.at);
                    return Err(Violation::new([node], message));
                }
                match settlement.transcript.iter().find(|entry| entry.at >= deadline) {
                    None => Ok(()),
                    Some(late) => {
                        let message =
                            format_args!("a bid of bidder {} counts that came at {}", late.bidder, late.at);
                        Err(Violation::new([node], message).with("at", late.at))
                    }
                }
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
