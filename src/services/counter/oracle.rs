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

    const NAME: &'static str = "counter";
    const CLAIM: &'static str =
        "a counter holds the sum of what was added to it, stays within its bounds, and refuses nothing else";

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
