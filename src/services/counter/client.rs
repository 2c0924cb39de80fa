//! Clients of the counters, as clients behave.

use super::command::{Command, CounterId, Output};
use super::machine::Counters;
use super::params::CounterParams;
use crate::draw::{admits, below};
use synod_log::Source;
use synod_sim::Stream;

/// A client adds, for the most part in one direction, until it is told that a bound is reached; then it turns round. So
/// counters are near their bounds most of the time.
#[derive(Clone, Debug)]
pub struct CounterClient {
    params: CounterParams,
    /// True if it takes away for the most part.
    descends: bool,
}

/// In four additions, so many go in the client's direction.
const ONWARDS: u32 = 3;

impl CounterClient {
    /// Returns a client that has asked nothing yet.
    pub fn new(params: CounterParams) -> CounterClient {
        CounterClient { params, descends: false }
    }
}

impl Source for CounterClient {
    type Service = Counters;

    fn draw(&mut self, stream: &mut Stream, _: u64) -> Command {
        let counter = CounterId(below(stream, self.params.counters));
        if admits(self.params.read, stream) {
            return Command::Read { counter };
        }
        let amount = 1 + i64::from(below(stream, self.params.largest));
        let turns = below(stream, 4) >= ONWARDS;
        Command::Add { counter, amount: if self.descends != turns { -amount } else { amount } }
    }

    fn learn(&mut self, command: &Command, output: &Output) {
        if let (Command::Add { amount, .. }, Output::OutOfBounds(_)) = (command, output) {
            self.descends = *amount > 0;
        }
    }
}
