//! Agreement, for every protocol that says what its nodes settle.

use synod_sim::collections::TreeMap;
use synod_sim::{
    Event, EventTime, GroundTruth, NodeId, Observation, Oracle, Protocol, Settled, SettledValue, Violation,
};

/// Agreement: no two correct nodes settle an instance differently, and none settles it twice differently.
///
/// It knows nothing but what observations say of themselves by [`Observation::settles`], so every protocol has it
/// without a line of its own; one that judges agreement itself has its own in its place.
#[derive(Debug)]
pub struct Agreement {
    correct: Vec<bool>,
    /// What was settled first, and by whom, in the latest instances.
    settled: TreeMap<u64, (NodeId, SettledValue)>,
    checked: u64,
}

/// How many instances are remembered: runs of a day have millions, and nobody lags as far behind.
const KEPT: usize = 1 << 16;

impl Agreement {
    /// Its name.
    pub const NAME: &'static str = "agreement";

    /// An oracle of what the correct nodes of `ground_truth` settle.
    pub fn new(ground_truth: &GroundTruth) -> Agreement {
        Agreement { correct: ground_truth.correct.clone(), settled: TreeMap::new(), checked: 0 }
    }

    fn note(&mut self, node: NodeId, settled: Settled) -> Result<(), Violation> {
        let Settled { instance, value } = settled;
        let is_correct = self.correct.get(node.index()).copied().unwrap_or(false);
        let is_forgotten = self.settled.len() == KEPT
            && self.settled.first_key_value().is_some_and(|(&first, _)| instance < first);
        if !is_correct || is_forgotten {
            return Ok(());
        }
        self.checked += 1;
        let (first, held) = *self.settled.entry(instance).or_insert((node, value));
        if self.settled.len() > KEPT {
            self.settled.pop_first();
        }
        if held == value {
            return Ok(());
        }
        let message = format_args!("instance {instance}: agent {first} has {held}, agent {node} has {value}");
        let violation = Violation::new([first, node], message);
        Err(holding(holding(violation, first, held), node, value).with("instance", instance))
    }
}

fn holding(violation: Violation, node: NodeId, value: SettledValue) -> Violation {
    match value {
        SettledValue::Number(number) => violation.held(node, "value", number),
        SettledValue::Digest(digest) => violation.held(node, "digest", digest),
    }
}

impl<P: Protocol> Oracle<P> for Agreement {
    fn name(&self) -> &'static str {
        Agreement::NAME
    }

    fn claim(&self) -> &'static str {
        "No two correct agents settle the same instance of agreement differently."
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, P>) -> Result<(), Violation> {
        let Event::Observed { node, observation } = *event else { return Ok(()) };
        match observation.settles() {
            Some(settled) => self.note(node, settled),
            None => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_sim::{Duration, Time};

    fn oracle() -> Agreement {
        let mut ground_truth = GroundTruth::undisturbed(3, Duration::ZERO, Time::ZERO);
        ground_truth.correct[2] = false;
        Agreement::new(&ground_truth)
    }

    #[test]
    fn an_instance_has_one_value() {
        let mut oracle = oracle();
        oracle.note(NodeId(0), Settled::number(1, 7)).expect("the first");
        oracle.note(NodeId(1), Settled::number(1, 7)).expect("the same");
        oracle.note(NodeId(1), Settled::number(2, 8)).expect("another instance");
        oracle.note(NodeId(2), Settled::number(2, 9)).expect("it is faulty");
        let violation = oracle.note(NodeId(1), Settled::number(1, 8)).expect_err("another value");
        assert_eq!(violation.agents, [NodeId(0), NodeId(1)]);
        assert_eq!(violation.message, "instance 1: agent 0 has 7, agent 1 has 8");
        oracle.note(NodeId(1), Settled::number(2, 9)).expect_err("it has settled on 8 itself");
        assert_eq!(oracle.checked, 5);
    }

    #[test]
    fn the_long_gone_is_forgotten() {
        let mut oracle = oracle();
        for instance in 0..2 * KEPT as u64 {
            oracle.note(NodeId(0), Settled::number(instance, 1)).expect("the first");
        }
        assert_eq!(oracle.settled.len(), KEPT);
        oracle.note(NodeId(1), Settled::number(5, 2)).expect("nobody remembers");
        oracle.note(NodeId(1), Settled::number(KEPT as u64, 2)).expect_err("the oldest that is known");
    }
}
