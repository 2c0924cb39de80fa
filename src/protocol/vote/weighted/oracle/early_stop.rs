//! W1: an early outcome is the outcome.

use super::super::{Config, Observation, Outcome, Weighted};
use super::ledger::{Books, Ledger, agree};
use std::rc::Rc;
use synod_sim::{Event, EventTime, GroundTruth, Oracle, Violation};

/// W1: what a session comes to before its deadline, it comes to whatever those do who have not voted. All that they
/// could do is tried where they are at most twelve between two options, and the extremes otherwise.
#[derive(Debug)]
pub struct EarlyStop {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    books: Books,
    checked: u64,
}

/// As many completions as twelve voters have between two options: 3¹².
const MOST: u64 = 531_441;

impl EarlyStop {
    /// The oracle of a run of which `ground_truth` is true.
    pub fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> EarlyStop {
        let (config, ground_truth) = (Rc::clone(config), Rc::clone(ground_truth));
        EarlyStop { config, ground_truth, books: Books::default(), checked: 0 }
    }

    /// A completion in which something else wins than `winner`, as what wins then.
    fn counterexample(&self, ledger: &Ledger, winner: Option<u64>) -> Option<Option<u64>> {
        let open = ledger.open();
        let choices = ledger.choices(&self.config);
        let ways = (choices.len() as u64 + 1).checked_pow(open.len() as u32);
        if ways.is_some_and(|ways| ways <= MOST) {
            return self.search(&mut ledger.clone(), &open, &choices, winner);
        }
        ledger.extremes(&self.config).into_iter().find(|&other| !agree(&self.config, other, winner))
    }

    fn search(
        &self,
        ledger: &mut Ledger,
        open: &[u64],
        choices: &[u64],
        winner: Option<u64>,
    ) -> Option<Option<u64>> {
        let Some((&weight, rest)) = open.split_first() else {
            let end = ledger.winner(&self.config);
            return (!agree(&self.config, end, winner)).then_some(end);
        };
        let abstained = self.search(ledger, rest, choices, winner);
        abstained.or_else(|| {
            choices.iter().find_map(|&option| {
                ledger.add(option, weight);
                let found = self.search(ledger, rest, choices, winner);
                ledger.take(option, weight);
                found
            })
        })
    }
}

impl Oracle<Weighted> for EarlyStop {
    fn name(&self) -> &'static str {
        "early_stop"
    }

    fn claim(&self) -> &'static str {
        "W1: an early outcome is the outcome of every completion"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Weighted>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        let ledger = self.books.note(&self.config, claim);
        let (Some(ledger), Observation::Closed { session, outcome, early: true, .. }) = (ledger, claim)
        else {
            return Ok(());
        };
        self.checked += 1;
        let winner = winner(*outcome);
        match self.counterexample(&ledger, winner) {
            None => Ok(()),
            Some(other) => {
                let message = format_args!(
                    "session {session} ended early with {}, and votes that were open could have made it {}",
                    described(winner),
                    described(other)
                );
                Err(Violation::new([node], message).with("session", session))
            }
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

/// The option that has won by `outcome`, if one has.
pub(super) fn winner(outcome: Outcome) -> Option<u64> {
    match outcome {
        Outcome::Decided(option) => Some(option),
        Outcome::Undecided(_) | Outcome::Aborted(_) => None,
    }
}

/// A winner, for messages.
pub(super) fn described(winner: Option<u64>) -> String {
    winner.map_or_else(|| "no decision".to_owned(), |option| format!("option {option}"))
}
