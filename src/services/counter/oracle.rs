//! The oracle of the counters: bounds, and conservation.

use super::command::{Command, CounterId, Output};
use super::machine::{Bounds, Counters};
use crate::judge::{Judge, Operation};
use std::collections::BTreeMap;
use synod_sim::{OperationId, Violation};

/// Judges what clients were told of counters.
///
/// What a counter holds is the sum of all additions that took effect. So what a client is told lies between what it
/// would be if of all additions whose outcome nobody knew in between only those below zero had taken effect, and if only
/// those above zero had. An addition is refused only if its sum is out of bounds.
#[derive(Debug)]
pub struct CounterJudge {
    bounds: Bounds,
    counters: BTreeMap<CounterId, Account>,
    checked: u64,
}

/// Amounts that were added, those below and those above zero apart.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    below: i128,
    above: i128,
}

/// What is known of a counter.
#[derive(Copy, Clone, Debug, Default)]
struct Account {
    /// Of additions that took effect, as clients were told.
    certain: Sums,
    /// Of additions that are under way, or were lost to their clients.
    possible: Sums,
}

impl Sums {
    fn add(&mut self, amount: i64) {
        *(if amount < 0 { &mut self.below } else { &mut self.above }) += i128::from(amount);
    }

    fn take_away(&mut self, amount: i64) {
        *(if amount < 0 { &mut self.below } else { &mut self.above }) -= i128::from(amount);
    }

    fn since(self, earlier: Sums) -> Sums {
        Sums { below: self.below - earlier.below, above: self.above - earlier.above }
    }
}

impl CounterJudge {
    /// Creates the judge of counters with these bounds.
    pub fn new(bounds: Bounds) -> CounterJudge {
        CounterJudge { bounds, counters: BTreeMap::new(), checked: 0 }
    }

    fn account(&mut self, command: &Command) -> &mut Account {
        self.counters.entry(command.counter()).or_default()
    }

    /// Takes an addition off those whose outcome nobody knows.
    fn settle(&mut self, command: &Command) {
        if let Command::Add { amount, .. } = *command {
            self.account(command).possible.take_away(amount);
        }
    }

    /// Judges what the counter held before the operation took effect.
    fn judge_held(&self, operation: &Operation<CounterJudge>, held: i128) -> Result<(), Violation> {
        let Account { certain, possible } = self.counters[&operation.command.counter()];
        let before = operation.memory;
        let since = certain.since(before);
        let known = before.below + before.above;
        let least = known + since.below + possible.below;
        let most = known + since.above + possible.above;
        if (least..=most).contains(&held) {
            return Ok(());
        }
        let counter = operation.command.counter();
        let message = format_args!("{counter} held {held} then, but additions make it {least} to {most}");
        Err(operation
            .violation(message)
            .with("counter", counter.0)
            .with("held", held as i64)
            .with("least", least as i64)
            .with("most", most as i64))
    }

    fn judge_bounds(&self, operation: &Operation<CounterJudge>, value: i64) -> Result<(), Violation> {
        let (least, most) = (self.bounds.least(), self.bounds.most());
        if (least..=most).contains(&value) {
            return Ok(());
        }
        let counter = operation.command.counter();
        let message = format_args!("{counter} holds {value}, out of its bounds {least} and {most}");
        Err(operation.violation(message).with("counter", counter.0).with("held", value))
    }
}

impl Judge for CounterJudge {
    type Service = Counters;
    /// What was certain of the counter.
    type Memory = Sums;

    const CLAIM: &'static str = "a counter holds its sum, within its bounds, and refuses nothing else";

    fn on_invoked(&mut self, _: u64, _: OperationId, command: &Command) -> Sums {
        let account = self.account(command);
        if let Command::Add { amount, .. } = *command {
            account.possible.add(amount);
        }
        account.certain
    }

    fn on_answered(
        &mut self,
        _: u64,
        operation: &Operation<CounterJudge>,
        output: &Output,
    ) -> Result<(), Violation> {
        self.checked += 1;
        self.settle(&operation.command);
        let (Output::Holds(value) | Output::OutOfBounds(value)) = *output;
        self.judge_bounds(operation, value)?;
        match (&operation.command, output) {
            (Command::Read { .. }, Output::Holds(_)) => self.judge_held(operation, value.into()),
            (&Command::Add { amount, .. }, Output::Holds(_)) => {
                self.judge_held(operation, i128::from(value) - i128::from(amount))?;
                self.account(&operation.command).certain.add(amount);
                Ok(())
            }
            (&Command::Add { amount, .. }, Output::OutOfBounds(_)) => {
                self.judge_held(operation, value.into())?;
                let sum = i128::from(value) + i128::from(amount);
                let (least, most) = (self.bounds.least().into(), self.bounds.most().into());
                if !(least..=most).contains(&sum) {
                    return Ok(());
                }
                let counter = operation.command.counter();
                let message = format_args!("{counter} refused though {sum} is within its bounds");
                Err(operation.violation(message).with("counter", counter.0).with("held", value))
            }
            (Command::Read { .. }, Output::OutOfBounds(_)) => {
                Err(operation.violation("a read was refused").with("held", value))
            }
        }
    }

    fn on_failed(&mut self, operation: &Operation<CounterJudge>) {
        self.settle(&operation.command);
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::Does::*;
    use crate::judge::tests::{Does, objection};

    const COUNTER: CounterId = CounterId(1);

    fn add(amount: i64) -> Does<Counters> {
        Asks(Command::Add { counter: COUNTER, amount })
    }

    fn read() -> Does<Counters> {
        Asks(Command::Read { counter: COUNTER })
    }

    fn holds(value: i64) -> Does<Counters> {
        Hears(Output::Holds(value))
    }

    /// Asserts that the judge of counters from -5 to 5 objects in these words, or to nothing.
    #[track_caller]
    fn assert_judged(entries: Vec<(u32, Does<Counters>)>, words: Option<&str>) {
        let judge = CounterJudge::new(Bounds::new(-5, 5).expect("bounds"));
        let objection = objection(judge, entries);
        match words {
            None => assert_eq!(objection, None),
            Some(words) => assert!(objection.as_ref().is_some_and(|it| it.contains(words)), "{objection:?}"),
        }
    }

    #[test]
    fn sums_are_exact_where_they_are_known() {
        let history = |held| {
            vec![(1, add(3)), (1, holds(3)), (2, add(-1)), (2, holds(2)), (3, read()), (3, holds(held))]
        };
        assert_judged(history(2), None);
        assert_judged(history(3), Some("counter 1 held 3 then, but additions make it 2 to 2"));
        assert_judged(vec![(1, add(3)), (1, Fails), (2, read()), (2, holds(3))], Some("make it 0 to 0"));
        assert_judged(vec![(1, add(3)), (1, holds(4))], Some("held 1 then"));
    }

    #[test]
    fn what_nobody_knows_makes_room_on_its_side() {
        for end in [|| GivesUp, || Crashes] {
            let history = |held| vec![(1, add(3)), (1, end()), (2, read()), (2, holds(held))];
            assert_judged(history(0), None);
            assert_judged(history(3), None);
            assert_judged(history(-1), Some("make it 0 to 3"));
            assert_judged(history(4), Some("make it 0 to 3"));
        }
        // What has ended meanwhile may have come before or after.
        let history = |held| vec![(1, read()), (2, add(-2)), (2, holds(-2)), (3, add(1)), (1, holds(held))];
        [-2, 0, 1].into_iter().for_each(|held| assert_judged(history(held), None));
        assert_judged(history(2), Some("make it -2 to 1"));
    }

    #[test]
    fn bounds_hold_and_nothing_else_is_refused() {
        let refused = |value| Hears(Output::OutOfBounds(value));
        assert_judged(vec![(1, add(6)), (1, refused(0)), (2, read()), (2, holds(0))], None);
        assert_judged(vec![(1, add(6)), (1, holds(6))], Some("out of its bounds -5 and 5"));
        assert_judged(vec![(1, add(5)), (1, refused(0))], Some("though 5 is within its bounds"));
        assert_judged(vec![(1, add(6)), (1, refused(1))], Some("held 1 then"));
        assert_judged(vec![(1, read()), (1, refused(0))], Some("a read was refused"));
    }
}
