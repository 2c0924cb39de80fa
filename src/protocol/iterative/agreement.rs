//! Agreement on numbers without a coordinator: in each round agents tell each other their numbers, drop what liars could
//! have made up, and take a mean.
//!
//! Source: D. Dolev, N. Lynch, S. Pinter, E. Stark and W. Weihl, *Reaching approximate agreement in the presence of
//! faults*, J. ACM 33(3), 1986: the synchronous algorithm. It needs no signatures.
//!
//! Every round ends once everybody's number is there, and at the latest at a time that is the same for all. Whoever is
//! silent counts as if it had one's own number.

use super::averaging::{average, mean};
use super::config::Config;
use super::domain::Value;
use super::durable::Record;
use super::message::{Estimate, Message, Outcome, Round, SessionResult, Success, Timer};
use super::observation::{Observation, Reason};
use super::state::{Agreement, Iterative, Observer};
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::collections::SortedMap;
use synod_sim::{Context, NodeId, Time};

impl Agreement {
    pub(super) fn new(config: &Rc<Config>, me: NodeId, records: &[Record]) -> Agreement {
        let mut estimates = SortedMap::new();
        for record in records {
            match record {
                Record::Averaged { session, round, number } => {
                    estimates.insert(*session, (*round, *number));
                }
                Record::Concluded(result) => {
                    estimates.remove(&result.session);
                }
                _ => {}
            }
        }
        let observer = Observer::new(config, records);
        Agreement { config: Rc::clone(config), me, observer, estimates, heard: SortedMap::new() }
    }

    /// Handles the opening time of `session`.
    pub(super) fn open(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        if !self.observer.awaits(session) {
            return;
        }
        if self.me == self.config.coordinator && !self.estimates.contains_key(&session) {
            ctx.observe(Observation::Opened { session });
        }
        let (round, number) = match (self.estimates.get(&session), self.config.opinion(session, self.me)) {
            (Some(&estimate), _) => estimate,
            (None, Some(Value::Number(number))) => (0, number),
            (None, _) => unreachable!("everybody has a number: {:?}", self.config.domain),
        };
        self.adopt(ctx, session, round, number);
    }

    /// Adopts an estimate and broadcasts it, or concludes after the last round.
    fn adopt(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId, round: Round, number: i64) {
        let before = self.estimates.insert(session, (round, number));
        assert!(before.is_none_or(|(before, _)| before <= round), "rounds only rise");
        assert!(round <= self.config.rounds_max, "there are as many rounds as it takes");
        ctx.observe(Observation::Averaged { session, round, number });
        ctx.persist(Record::Averaged { session, round, number });
        ctx.sync();
        if round == self.config.rounds_max {
            return self.conclude(ctx, session, number);
        }
        let round = round + 1;
        ctx.broadcast(Message::Estimate(Estimate { session, round, number }));
        ctx.set_timer(Timer::Round(session), self.ends(session, round).since(ctx.now()));
        self.finish_if_complete(ctx, session);
    }

    /// Latest end of a round.
    fn ends(&self, session: SessionId, round: Round) -> Time {
        self.config.schedule.opens(session) + self.config.proposing.saturating_mul(u64::from(round))
    }

    /// Handles another agent's estimate.
    pub(super) fn on_estimate(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        from: NodeId,
        estimate: &Estimate,
    ) {
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
        let is_done = self.estimates.get(&session).is_some_and(|&(done, _)| round <= done);
        if is_done || !self.observer.awaits(session) {
            return ctx.observe(Observation::Late { from });
        }
        let agents = self.config.agents.len();
        let heard = self.heard.entry((session, round)).or_insert_with(|| vec![None; agents]);
        heard[from.index()].get_or_insert(number);
        self.finish_if_complete(ctx, session);
    }

    fn finish_if_complete(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        let Some(&(done, _)) = self.estimates.get(&session) else { return };
        let is_there = |heard: &Vec<Option<i64>>| heard.iter().flatten().count() + 1 == heard.len();
        if self.heard.get(&(session, done + 1)).is_some_and(is_there) {
            self.finish_round(ctx, session);
        }
    }

    /// Ends a round: a missing estimate counts as this agent's own.
    pub(super) fn finish_round(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        let Some(&(done, own)) = self.estimates.get(&session) else { return };
        let round = done + 1;
        assert!(round <= self.config.rounds_max, "there are as many rounds as it takes");
        let agents = self.config.agents.len();
        let heard = self.heard.remove(&(session, round)).unwrap_or_else(|| vec![None; agents]);
        let mut numbers: Vec<i64> = heard.into_iter().map(|number| number.unwrap_or(own)).collect();
        let number = if self.config.rules().trims_numbers {
            average(&mut numbers, self.config.faulty as usize)
        } else {
            mean(numbers.into_iter())
        };
        self.adopt(ctx, session, round, number);
    }

    fn conclude(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId, number: i64) {
        self.estimates.remove(&session);
        self.heard.retain(|&(other, _), _| other > session);
        ctx.cancel_timer(Timer::Round(session));
        let (outcome, value) = (Outcome::Decided(Success::Agreed), Value::Number(number));
        if self.me == self.config.coordinator {
            let round = self.config.rounds_max;
            ctx.observe(Observation::Closed { session, round, outcome });
            ctx.observe(Observation::Figure("rounds", u64::from(round)));
            ctx.observe(Observation::Figure("error_ppm", u64::from(self.config.error(session, &value))));
        }
        self.observer.conclude(ctx, Rc::new(SessionResult { session, outcome, value: Some(Rc::new(value)) }));
    }

    pub(super) fn retained_bytes(&self) -> usize {
        let heard = self.heard.values().map(|heard| 16 * heard.len()).sum::<usize>();
        heard + 24 * self.estimates.len() + self.observer.retained_bytes()
    }
}
