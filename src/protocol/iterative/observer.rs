//! The observer role: the outcomes of sessions that a node knows.

use super::config::Config;
use super::durable::Record;
use super::message::{Outcome, SessionResult, Timer};
use super::observation::Observation;
use super::state::{Iterative, Observer};
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::Context;

impl Observer {
    pub(super) fn new(config: &Rc<Config>, records: &[Record]) -> Observer {
        let mut concluded = vec![None; config.schedule.sessions as usize];
        for record in records {
            if let Record::Concluded(result) = record {
                concluded[result.session as usize] = Some(result.outcome);
            }
        }
        Observer { config: Rc::clone(config), concluded }
    }

    /// Returns true if `session` exists and its outcome is not known yet.
    pub(super) fn awaits(&self, session: SessionId) -> bool {
        self.outcome(session) == Some(None)
    }

    /// Returns the outcome of `session`, `Some(None)` if it is not known yet, `None` if there is no such session.
    pub(super) fn outcome(&self, session: SessionId) -> Option<Option<Outcome>> {
        self.concluded.get(usize::try_from(session).ok()?).copied()
    }

    /// Adopts the outcome of a session, which is final, and persists it.
    pub(super) fn conclude(&mut self, ctx: &mut Context<'_, Iterative>, result: Rc<SessionResult>) {
        let SessionResult { session, outcome, .. } = *result;
        let known = &mut self.concluded[session as usize];
        assert!(known.is_none() || !self.config.rules().outcomes_are_final, "an observer has one outcome");
        *known = Some(outcome);
        let right = match (outcome, &result.value) {
            (Outcome::Decided(_), Some(value)) => self.config.is_right(session, value),
            _ => false,
        };
        ctx.cancel_timer(Timer::Waited(session));
        let value = match outcome {
            Outcome::Decided(_) => result.value.clone(),
            Outcome::Aborted(_) => None,
        };
        ctx.persist(Record::Concluded(result));
        ctx.sync();
        ctx.observe(Observation::Concluded { session, outcome, value, right });
    }

    pub(super) fn retained_bytes(&self) -> usize {
        self.concluded.len()
    }
}
