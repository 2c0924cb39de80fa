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

#[cfg(test)]
mod tests {
    use super::*;
    use synod_log::Service;
    use synod_sim::{Purpose, Streams};

    #[test]
    fn clients_go_from_bound_to_bound() {
        let mut stream = Streams::new(1).stream(Purpose::Node, 0);
        let params = CounterParams { counters: 1, ..CounterParams::default() };
        let mut client = CounterClient::new(params);
        let mut counters = Counters::new(params.bounds(), None);
        let (mut reads, mut refused) = (0, [0, 0]);
        for number in 1..=3_000 {
            let command = client.draw(&mut stream, number);
            let output = counters.apply(&command);
            client.learn(&command, &output);
            match (command, output) {
                (Command::Read { .. }, _) => reads += 1,
                (Command::Add { amount, .. }, Output::OutOfBounds(_)) => {
                    assert!((1..=10).contains(&amount.abs()));
                    refused[usize::from(amount > 0)] += 1;
                }
                _ => {}
            }
        }
        assert!((800..1_000).contains(&reads), "{reads}");
        assert!(refused.iter().all(|&count| count > 100), "{refused:?}");
    }

    #[test]
    fn three_in_four_additions_go_in_the_clients_direction() {
        let mut stream = Streams::new(2).stream(Purpose::Node, 0);
        let params = CounterParams { largest: 4, ..CounterParams::default() };
        for descends in [false, true] {
            let mut client = CounterClient { descends, ..CounterClient::new(params) };
            let (mut additions, mut onwards, mut sum) = (0, 0, 0);
            for number in 0..20_000 {
                if let Command::Add { amount, .. } = client.draw(&mut stream, number) {
                    additions += 1;
                    onwards += i64::from((amount < 0) == descends);
                    sum += amount.abs();
                }
            }
            // Four standard errors: of three quarters of 14,000, and of amounts from 1 to 4.
            assert!((13_740..14_260).contains(&additions), "{additions}");
            assert!((4 * onwards - 3 * additions).abs() < 4 * 205, "{onwards} of {additions}");
            assert!((2 * sum - 5 * additions).abs() < 2 * 530, "{sum} by {additions}");
        }
    }
}
