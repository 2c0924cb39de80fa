//! Agreement on numbers without a coordinator: in each round agents tell each other their numbers, drop what liars could
//! have made up, and take a mean.
//!
//! Source: D. Dolev, N. Lynch, S. Pinter, E. Stark and W. Weihl, *Reaching approximate agreement in the presence of
//! faults*, J. ACM 33(3), 1986: the synchronous algorithm. It needs no signatures.
//!
//! Every round ends once everybody's number is there, and at the latest at a time that is the same for all. Whoever is
//! silent counts as if it had one's own number.

use super::message::{Estimate, Message, Outcome, Report, Round, Success};
use super::observation::{Observation, Reason};
use super::observer::Observer;
use super::value::Value;
use super::{Config, Iterative, Record, Timer};
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::{Context, NodeId, Time};

/// By what factor a round shrinks the range of the honest numbers at least, rounded up: c = ⌊(n − 2f − 1) / f⌋ + 1.
/// `None` where nobody lies: one round is enough.
pub fn contraction(agents: u32, faulty: u32) -> Option<u32> {
    (agents - 2 * faulty - 1).checked_div(faulty).map(|factor| factor + 1)
}

/// How many rounds it takes until numbers of this range are within `tolerance`: one at least.
///
/// # Panics
/// If a third of the agents are faulty, or nothing is tolerated.
pub fn rounds(range: u64, tolerance: u64, agents: u32, faulty: u32) -> Round {
    assert!(agents > 3 * faulty && tolerance > 0, "numbers come no nearer");
    let Some(factor) = contraction(agents, faulty) else { return 1 };
    let shrunk = |range: &u64| Some(range.div_ceil(u64::from(factor)));
    std::iter::successors(Some(range), shrunk)
        .position(|range| range <= tolerance)
        .map_or(1, |rounds| rounds.max(1) as Round)
}

/// The next number of an agent that has these: the mean, rounded down, of every f-th of those left when the f lowest and
/// the f highest are dropped.
pub fn average(numbers: &mut [i64], faulty: usize) -> i64 {
    numbers.sort_unstable();
    let kept = &numbers[faulty..numbers.len() - faulty];
    mean(kept.iter().copied().step_by(faulty.max(1)))
}

fn mean(numbers: impl Iterator<Item = i64>) -> i64 {
    let (sum, count) =
        numbers.fold((0i128, 0i128), |(sum, count), number| (sum + i128::from(number), count + 1));
    sum.div_euclid(count) as i64
}

/// What an agent knows.
#[derive(Debug)]
pub struct Agreement {
    config: Rc<Config>,
    me: NodeId,
    observer: Observer,
    /// Where it stands in the sessions that are open for it: after so many rounds, at this number.
    stands: BTreeMap<SessionId, (Round, i64)>,
    /// What others have told it that it has still to use.
    heard: BTreeMap<(SessionId, Round), Vec<Option<i64>>>,
}

impl Agreement {
    pub(super) fn new(config: &Rc<Config>, me: NodeId, records: &[Record]) -> Agreement {
        let mut stands = BTreeMap::new();
        for record in records {
            match record {
                Record::Averaged { session, round, number } => {
                    stands.insert(*session, (*round, *number));
                }
                Record::Concluded(report) => {
                    stands.remove(&report.session);
                }
                _ => {}
            }
        }
        let observer = Observer::new(config, records);
        Agreement { config: Rc::clone(config), me, observer, stands, heard: BTreeMap::new() }
    }

    /// The time of `session` has come.
    pub(super) fn open(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        if !self.observer.awaits(session) {
            return;
        }
        if self.me == self.config.coordinator && !self.stands.contains_key(&session) {
            ctx.observe(Observation::Opened { session });
        }
        let (round, number) = match (self.stands.get(&session), self.config.opinion(session, self.me)) {
            (Some(&stand), _) => stand,
            (None, Some(Value::Number(number))) => (0, number),
            (None, _) => unreachable!("everybody has a number: {:?}", self.config.domain),
        };
        self.stand(ctx, session, round, number);
    }

    /// Takes a number for its own, and tells the others; or the session is over with it.
    fn stand(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId, round: Round, number: i64) {
        self.stands.insert(session, (round, number));
        ctx.observe(Observation::Averaged { session, round, number });
        ctx.persist(Record::Averaged { session, round, number });
        ctx.sync();
        if round == self.config.rounds_max {
            return self.conclude(ctx, session, number);
        }
        let round = round + 1;
        ctx.broadcast(Message::Estimate(Estimate { session, round, number }));
        ctx.set_timer(Timer::Round(session), self.ends(session, round).since(ctx.now()));
        self.use_if_complete(ctx, session);
    }

    /// When a round ends at the latest.
    fn ends(&self, session: SessionId, round: Round) -> Time {
        self.config.schedule.opens(session) + self.config.proposing.saturating_mul(u64::from(round))
    }

    /// Another agent tells its number.
    pub(super) fn told(&mut self, ctx: &mut Context<'_, Iterative>, from: NodeId, estimate: &Estimate) {
        let Estimate { session, round, number } = *estimate;
        let reason = if self.observer.outcome(session).is_none() {
            Some(Reason::WrongSession)
        } else if !self.config.domain.admits(&Value::Number(number)) {
            Some(Reason::Invalid)
        } else if round == 0 || round > self.config.rounds_max {
            Some(Reason::WrongRound)
        } else {
            None
        };
        if let Some(reason) = reason {
            return ctx.observe(Observation::Rejected { reason, from });
        }
        let is_done = self.stands.get(&session).is_some_and(|&(done, _)| round <= done);
        if is_done || !self.observer.awaits(session) {
            return ctx.observe(Observation::Late { from });
        }
        let agents = self.config.agents.len();
        let heard = self.heard.entry((session, round)).or_insert_with(|| vec![None; agents]);
        heard[from.index()].get_or_insert(number);
        self.use_if_complete(ctx, session);
    }

    fn use_if_complete(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        let Some(&(done, _)) = self.stands.get(&session) else { return };
        let is_there = |heard: &Vec<Option<i64>>| heard.iter().flatten().count() + 1 == heard.len();
        if self.heard.get(&(session, done + 1)).is_some_and(is_there) {
            self.round_over(ctx, session);
        }
    }

    /// A round is over: whoever has told nothing counts as if it had told one's own number.
    pub(super) fn round_over(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        let Some(&(done, own)) = self.stands.get(&session) else { return };
        let round = done + 1;
        let agents = self.config.agents.len();
        let heard = self.heard.remove(&(session, round)).unwrap_or_else(|| vec![None; agents]);
        let mut numbers: Vec<i64> = heard.into_iter().map(|number| number.unwrap_or(own)).collect();
        let number = if self.config.rules().trims_numbers {
            average(&mut numbers, self.config.faulty as usize)
        } else {
            mean(numbers.into_iter())
        };
        self.stand(ctx, session, round, number);
    }

    fn conclude(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId, number: i64) {
        self.stands.remove(&session);
        self.heard.retain(|&(other, _), _| other > session);
        ctx.cancel_timer(Timer::Round(session));
        let (outcome, value) = (Outcome::Decided(Success::Agreed), Value::Number(number));
        if self.me == self.config.coordinator {
            let round = self.config.rounds_max;
            ctx.observe(Observation::Closed { session, round, outcome });
            ctx.observe(Observation::Figure("rounds", u64::from(round)));
            ctx.observe(Observation::Figure("error_ppm", u64::from(self.config.error(session, &value))));
        }
        self.observer.conclude(ctx, Rc::new(Report { session, outcome, value: Some(Rc::new(value)) }));
    }

    pub(super) fn retained_bytes(&self) -> usize {
        let heard = self.heard.values().map(|heard| 16 * heard.len()).sum::<usize>();
        heard + 24 * self.stands.len() + self.observer.retained_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn factors_and_rounds_are_those_of_the_paper() {
        let factors = [(4, 1), (10, 1), (10, 3), (7, 2), (5, 0)].map(|(n, f)| contraction(n, f));
        assert_eq!(factors, [Some(2), Some(8), Some(2), Some(2), None]);
        assert_eq!(rounds(1_000, 10, 4, 1), 7);
        assert_eq!(rounds(1_000, 10, 10, 1), 3);
        assert_eq!(rounds(u64::MAX, 1, 4, 1), 64);
        assert_eq!([rounds(1_000, 10, 9, 0), rounds(5, 10, 4, 1)], [1, 1]);
    }

    #[test]
    fn means_round_down() {
        assert_eq!(average(&mut [-2, -1], 0), -2);
        assert_eq!(average(&mut [i64::MAX, i64::MAX, i64::MIN], 1), i64::MAX);
        // f = 2: of 3 4 5 6 the first and the third.
        assert_eq!(average(&mut [1, 2, 3, 4, 5, 6, 7, 8], 2), 4);
    }

    proptest! {
        /// Whatever each liar tells each of two honest agents, they come nearer by the factor.
        #[test]
        fn honest_numbers_contract(
            (agents, faulty) in (1u32..4).prop_flat_map(|faulty| (3 * faulty + 1..16, Just(faulty))),
            honest in prop::collection::vec(-1_000i64..1_000, 16),
            lies in prop::collection::vec((-5_000i64..5_000, -5_000i64..5_000), 4),
        ) {
            let honest = &honest[..(agents - faulty) as usize];
            let lies = &lies[..faulty as usize];
            let (low, high) = (*honest.iter().min().expect("some"), *honest.iter().max().expect("some"));
            let told = |lie: &dyn Fn(&(i64, i64)) -> i64| {
                average(&mut honest.iter().copied().chain(lies.iter().map(lie)).collect::<Vec<_>>(), faulty as usize)
            };
            let (a, b) = (told(&|lie| lie.0), told(&|lie| lie.1));
            prop_assert!((low..=high).contains(&a) && (low..=high).contains(&b));
            let factor = contraction(agents, faulty).expect("some lie");
            prop_assert!(a.abs_diff(b) <= low.abs_diff(high).div_ceil(u64::from(factor)));
        }
    }
}
