//! No bidder floods the log.

use super::super::{Auction, Config, Limit, Observation};
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_economics::Bidder;
use synod_sim::{Event, EventTime, GroundTruth, Oracle, Time, Violation};

/// No window of the log's time holds more entries of one bidder than the limit.
#[derive(Debug)]
pub struct RateLimit {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    /// When the entries of each bidder were made.
    entered: BTreeMap<Bidder, Vec<Time>>,
    checked: u64,
}

impl RateLimit {
    /// The oracle of a run of which `ground_truth` is true.
    pub fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> RateLimit {
        RateLimit {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            entered: BTreeMap::new(),
            checked: 0,
        }
    }
}

impl Oracle<Auction> for RateLimit {
    fn name(&self) -> &'static str {
        "rate_limit"
    }

    fn claim(&self) -> &'static str {
        "no window of the log's time holds more entries of one bidder than the limit"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Auction>) -> Result<(), Violation> {
        let Some((node, &Observation::Entered { entry, .. })) = self.ground_truth.claim(event) else {
            return Ok(());
        };
        self.checked += 1;
        let Limit { most, window } = self.config.limit;
        let times = self.entered.entry(entry.bidder).or_default();
        times.push(entry.at);
        let within = times.iter().filter(|earlier| entry.at.since(**earlier) < window).count();
        if within <= most as usize {
            return Ok(());
        }
        let message = format_args!(
            "bidder {} has {within} entries in a window that holds {most}, the last at {}",
            entry.bidder, entry.at
        );
        Err(Violation::new([node], message).with("entries", within as u64))
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
