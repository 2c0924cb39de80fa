//! The counters themselves.

use super::bug::{Bug, Rules};
use super::command::{Command, CounterId, Output};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use synod_log::{Part, Service};

/// The bounds of every counter, both of which it may reach.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bounds {
    least: i64,
    most: i64,
}

/// All counters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Snapshot")]
pub struct Counters {
    bounds: Bounds,
    /// What counters hold that were ever added to; the others hold zero.
    values: BTreeMap<CounterId, i64>,
    /// The bug of a mutant: all replicas have it, those that are restored from a snapshot as well.
    bug: Option<Bug>,
}

/// What a replica reads of a snapshot.
#[derive(Deserialize)]
struct Snapshot {
    bounds: Bounds,
    values: BTreeMap<CounterId, i64>,
    bug: Option<Bug>,
}

impl From<Snapshot> for Counters {
    fn from(Snapshot { bounds, mut values, bug }: Snapshot) -> Counters {
        if !Rules::of(bug).snapshots_hold_debts {
            values.retain(|_, value| *value >= 0);
        }
        Counters { bounds, values, bug }
    }
}

impl Bounds {
    /// Returns the bounds `least` and `most`; `None` if zero, where counters begin, is not within them.
    pub fn new(least: i64, most: i64) -> Option<Bounds> {
        (least <= 0 && most >= 0).then_some(Bounds { least, most })
    }

    /// Returns the least that a counter may hold.
    pub fn least(self) -> i64 {
        self.least
    }

    /// Returns the most that a counter may hold.
    pub fn most(self) -> i64 {
        self.most
    }
}

impl Counters {
    /// Returns counters of zero, with the bug of a mutant.
    pub fn new(bounds: Bounds, bug: Option<Bug>) -> Counters {
        Counters { bounds, values: BTreeMap::new(), bug }
    }

    /// Returns the bounds of every counter.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    fn value(&self, counter: CounterId) -> i64 {
        self.values.get(&counter).copied().unwrap_or(0)
    }

    fn add(&mut self, counter: CounterId, amount: i64) -> Output {
        let value = self.value(counter);
        match self.sum(value, amount) {
            Some(sum) => {
                self.values.insert(counter, sum);
                Output::Holds(sum)
            }
            None => Output::OutOfBounds(value),
        }
    }

    /// Returns the sum, if it may be.
    fn sum(&self, value: i64, amount: i64) -> Option<i64> {
        let (Bounds { least, most }, rules) = (self.bounds, Rules::of(self.bug));
        let margin = i64::from(!rules.bounds_are_within);
        let judged = |sum: i64| if rules.bounds_the_sum { sum } else { value };
        let is_within = |sum: &i64| (least + margin..=most - margin).contains(&judged(*sum));
        let sum = value.checked_add(amount).filter(is_within);
        if rules.refuses_beyond { sum } else { Some(value.saturating_add(amount).clamp(least, most)) }
    }
}

impl Service for Counters {
    const NAME: &'static str = "counter";
    type Command = Command;
    type Output = Output;

    fn apply(&mut self, command: &Command) -> Output {
        match *command {
            Command::Add { counter, amount } => self.add(counter, amount),
            Command::Read { counter } => Output::Holds(self.value(counter)),
        }
    }

    fn is_read(command: &Command) -> bool {
        matches!(command, Command::Read { .. })
    }

    fn read(&self, command: &Command) -> Output {
        Output::Holds(self.value(command.counter()))
    }

    fn part(command: &Command) -> Part {
        Part::numbered("counter ", command.counter().0.into())
    }

    fn is_noop(command: &Command, output: &Output) -> bool {
        Counters::is_read(command) || matches!(output, Output::OutOfBounds(_))
    }

    fn owes(_: (&Command, Option<&Output>), other: (&Command, Option<&Output>)) -> bool {
        !Counters::is_read(other.0) && other.1.is_none_or(|told| !Counters::is_noop(other.0, told))
    }
}

impl fmt::Display for Counters {
    /// What the only counter holds, or all counters with what they hold.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.values.len() <= 1 {
            return self.values.values().next().unwrap_or(&0).fmt(out);
        }
        for (place, (counter, value)) in self.values.iter().enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            write!(out, "{separator}{counter}: {value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use synod_log::laws::{Input, check};

    proptest! {
        #[test]
        fn it_keeps_the_laws_of_a_service(steps in vec((any::<bool>(), 0..3u32, -6..7i64), 0..60)) {
            let input = |(reads, counter, amount)| {
                let counter = CounterId(counter);
                Input::Command(if reads { Command::Read { counter } } else { Command::Add { counter, amount } })
            };
            let inputs: Vec<_> = steps.into_iter().map(input).collect();
            check(&Counters::new(Bounds::new(-8, 8).expect("bounds"), None), &inputs);
        }
    }

    #[test]
    fn sums_stay_within_bounds_and_never_wrap() {
        let counter = CounterId(1);
        let mut counters = Counters::new(Bounds::new(-3, i64::MAX).expect("bounds"), None);
        for (amount, output) in [
            (5, Output::Holds(5)),
            (-9, Output::OutOfBounds(5)),
            (-8, Output::Holds(-3)),
            (i64::MIN, Output::OutOfBounds(-3)),
            (4, Output::Holds(1)),
            (i64::MAX, Output::OutOfBounds(1)),
            (i64::MAX - 1, Output::Holds(i64::MAX)),
            (1, Output::OutOfBounds(i64::MAX)),
        ] {
            assert_eq!(counters.apply(&Command::Add { counter, amount }), output, "{amount}");
        }
        let other = Command::Add { counter: CounterId(2), amount: -1 };
        assert_eq!(counters.apply(&other), Output::Holds(-1));
        assert_eq!(counters.to_string(), "counter 1: 9223372036854775807, counter 2: -1");
        assert_eq!(Bounds::new(1, 2), None);
    }
}
