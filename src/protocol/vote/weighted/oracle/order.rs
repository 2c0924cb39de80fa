//! W3: the order in which votes arrive means nothing.

use super::super::{Config, DecisionRule, Observation, Outcome, Weighted};
use super::early_stop::{described, winner};
use super::ledger::{Books, Ledger, agree};
use crate::UndecidedReason;
use std::rc::Rc;
use synod_sim::{Event, EventTime, GroundTruth, Oracle, Violation};

/// W3: the outcome follows from who voted for what, whatever order that came in, and the reason with it.
#[derive(Debug)]
pub struct Order {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    books: Books,
    checked: u64,
}

impl Order {
    /// The oracle of a run of which `ground_truth` is true.
    pub fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Order {
        let (config, ground_truth) = (Rc::clone(config), Rc::clone(ground_truth));
        Order { config, ground_truth, books: Books::default(), checked: 0 }
    }

    /// Why nothing is decided by these votes and no others.
    fn reason(&self, ledger: &Ledger) -> UndecidedReason {
        match self.config.decision_rule {
            DecisionRule::Majority | DecisionRule::OfTotal { .. }
                if ledger.cast() < ledger.needed(&self.config) =>
            {
                UndecidedReason::ThresholdInfeasible
            }
            DecisionRule::Majority | DecisionRule::OfTotal { .. } => UndecidedReason::NoConsensus,
            _ if ledger.cast() == 0 || !ledger.is_quorate(&self.config) => {
                UndecidedReason::InsufficientParticipation
            }
            _ => UndecidedReason::NoConsensus,
        }
    }
}

impl Oracle<Weighted> for Order {
    fn name(&self) -> &'static str {
        "order"
    }

    fn claim(&self) -> &'static str {
        "W3: the outcome, and the reason where there is none, follow from the votes in any order"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Weighted>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        let ledger = self.books.note(&self.config, claim);
        let (Some(ledger), Observation::Closed { session, outcome, early, .. }) = (ledger, claim) else {
            return Ok(());
        };
        self.checked += 1;
        let (found, expected) = (winner(*outcome), ledger.winner(&self.config));
        if !agree(&self.config, found, expected) {
            let (found, expected) = (described(found), described(expected));
            let message = format_args!("session {session} came to {found}, and its votes make it {expected}");
            return Err(Violation::new([node], message).with("session", session));
        }
        match *outcome {
            // An early rejection leaves open what those would have said who have not voted.
            Outcome::Undecided(why)
                if (!early || ledger.open().is_empty()) && why != self.reason(&ledger) =>
            {
                let truth = self.reason(&ledger);
                let message =
                    format_args!("session {session} is undecided for {why:?}, and truly for {truth:?}");
                Err(Violation::new([node], message).with("session", session))
            }
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
