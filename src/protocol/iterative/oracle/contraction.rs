//! I7: numbers come nearer, and stay among the honest ones.

use super::super::{Config, Iterative, Method, Observation, Round, SessionId};
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// I7: in numeric agreement every round shrinks the range of the honest numbers by the factor
/// ⌊(n − 2f − 1) / f⌋ + 1 at least, up to rounding, and to a point where nobody is faulty; and none leaves it.
#[derive(Debug)]
pub struct Contraction {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    /// The numbers of the correct agents after each round.
    numbers: SortedMap<(SessionId, Round), Vec<(NodeId, i64)>>,
    has_crashed: bool,
    correct: usize,
    checked: u64,
}

impl Contraction {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Contraction {
        let correct = config.everybody().filter(|&node| ground_truth.is_correct(node)).count();
        Contraction {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            numbers: SortedMap::new(),
            has_crashed: false,
            correct,
            checked: 0,
        }
    }

    /// The lowest and highest number after a round, once all are known.
    fn range(&self, session: SessionId, round: Round) -> Option<(i64, i64)> {
        let numbers = self.numbers.get(&(session, round)).filter(|numbers| numbers.len() == self.correct)?;
        let numbers = || numbers.iter().map(|&(_, number)| number);
        Some((numbers().min()?, numbers().max()?))
    }

    /// Returns true if every message between correct agents arrives in its round.
    fn is_synchronous(&self) -> bool {
        self.ground_truth.timely
            && self.ground_truth.lossless
            && !self.has_crashed
            && self.ground_truth.delay_max.is_some_and(|delay_max| delay_max < self.config.proposing)
    }

    fn judge(
        &mut self,
        node: NodeId,
        session: SessionId,
        round: Round,
        number: i64,
    ) -> Result<(), Violation> {
        let (n, f) = (self.config.agents.len() as u64, u64::from(self.config.faulty));
        let faulty = n - self.correct as u64;
        let Some((low, high)) = self.range(session, round - 1).filter(|_| faulty <= f) else { return Ok(()) };
        self.checked += 1;
        if !(low..=high).contains(&number) {
            let message = format_args!(
                "session {session}: after round {round} agent {node} has {number}, and honest numbers were {low} to \
                 {high}"
            );
            return Err(Violation::new([node], message).with("session", session).with("round", round));
        }
        let Some((now_low, now_high)) = self.range(session, round).filter(|_| self.is_synchronous()) else {
            return Ok(());
        };
        let most = match f {
            0 => 0,
            _ => low.abs_diff(high).div_ceil((n - 2 * f - 1) / f + 1),
        };
        if now_low.abs_diff(now_high) <= most {
            return Ok(());
        }
        let message = format_args!(
            "session {session}: round {round} leaves honest numbers {} apart, and may leave {most} of {}",
            now_low.abs_diff(now_high),
            low.abs_diff(high)
        );
        Err(Violation::new([node], message).with("session", session).with("round", round))
    }
}

impl Oracle<Iterative> for Contraction {
    fn name(&self) -> &'static str {
        "contraction"
    }

    fn claim(&self) -> &'static str {
        "I7: rounds of numeric agreement contract the honest numbers, and none leaves their range"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Iterative>) -> Result<(), Violation> {
        if !matches!(self.config.method, Method::Agreement { .. }) {
            return Ok(());
        }
        if let Event::Crashed { node } = *event {
            self.has_crashed |= self.ground_truth.is_correct(node);
        }
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        let &Observation::Averaged { session, round, number } = claim else { return Ok(()) };
        let numbers = self.numbers.entry((session, round)).or_default();
        // Who is back from a crash says again where it stands.
        if numbers.iter().all(|&(other, _)| other != node) {
            numbers.push((node, number));
        }
        self.numbers.retain(|&(other, old), _| other == session && old + 1 >= round);
        if round == 0 { Ok(()) } else { self.judge(node, session, round, number) }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
