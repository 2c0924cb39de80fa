//! A coordinator that is replaced when it falls silent.
//!
//! In each term one agent leads, the coordinator in the first. Every step that it takes holds all that another needs to
//! go on from there; agents write a step down before they do what it asks, and heed no earlier term once they know of a
//! later one. A result is one once most agents have written it down, and only then told.
//!
//! Whoever has heard nothing of its leader for too long claims the next term that is its own. Once most agents have
//! promised it, it goes on from the latest step that they know. Any two majorities meet, so that it finds a result that
//! may have been told, and nobody who led before can have another one written down. This is Paxos with a stable leader,
//! on one step after another; only the last has to be agreed on, for what the others select is proposals alike.
//!
//! Agents must not lie, nor lose what they have written.
//!
//! Source: L. Lamport, *The Part-Time Parliament*, ACM TOCS 16(2), 1998.

use super::bug::Standing;
use super::config::Config;
use super::durable::Record;
use super::message::{Message, Promise, Round, Stage, Step, Term, Timer};
use super::observation::{Observation, Reason};
use super::state::{Agent, Claim, Coordinator, Iterative, Succession};
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::{Context, NodeId, Recipients};

impl Step {
    /// Where it stands among all steps: later ones replace earlier ones.
    fn place(&self) -> (SessionId, Term, Round, u8) {
        let (round, stage) = match &self.stage {
            Stage::Called(call) => (call.round, 0),
            Stage::Handed(gathered) => (gathered.round, 1),
            Stage::Closed(_) => (Round::MAX, 2),
        };
        (self.session, self.term, round, stage)
    }
}

impl Succession {
    /// What an agent with these records knows; `None` if the coordinator is not replaced.
    pub(super) fn new(config: &Rc<Config>, me: NodeId, records: &[Record]) -> Option<Succession> {
        config.failover?;
        let (mut term, mut accepted) = (0, None);
        let kept = if config.rules().keeps_promises { records } else { &[] };
        for record in kept {
            match record {
                Record::Promised(promised) => {
                    assert!(*promised > term, "terms only grow");
                    term = *promised;
                }
                Record::Accepted(step) => {
                    let before = accepted.as_ref().map(|before: &Rc<Step>| before.place());
                    let advances = before < Some(step.place()) || !config.rules().steps_only_advance;
                    assert!(advances, "accepted steps only advance");
                    accepted = Some(Rc::clone(step));
                }
                _ => {}
            }
        }
        let has_crashed = !records.is_empty();
        Some(Succession { config: Rc::clone(config), me, term, accepted, claim: None, has_crashed })
    }

    pub(super) fn term(&self) -> Term {
        self.term
    }

    /// True if it leads, and it is for this agent to open sessions.
    pub(super) fn may_open(&self) -> bool {
        self.config.leader(self.term) == self.me && self.claim.is_none() && !self.has_crashed
    }

    /// Expects to hear of its leader: the farther this agent is from its turn, the longer it waits.
    pub(super) fn expect(&self, ctx: &mut Context<'_, Iterative>) {
        let silence = self.config.failover.expect("the coordinator is replaced");
        match self.may_open() {
            true => ctx.cancel_timer(Timer::Failover),
            false => ctx.set_timer(Timer::Failover, silence.saturating_mul(self.until_its_turn())),
        }
    }

    /// How many terms it is until this agent's next.
    fn until_its_turn(&self) -> u64 {
        let n = self.config.agents.len() as u64;
        match (u64::from(self.me.0) + n - u64::from(self.config.leader(self.term).0)) % n {
            0 => n,
            distance => distance,
        }
    }

    /// Knows of a later term from now on.
    fn enter(&mut self, ctx: &mut Context<'_, Iterative>, term: Term) {
        assert!(term > self.term, "terms only grow");
        (self.term, self.claim, self.has_crashed) = (term, None, false);
        ctx.persist(Record::Promised(term));
        ctx.sync();
    }

    /// Hears of whoever leads in `term`; true if it is to be heeded.
    fn hear(&mut self, ctx: &mut Context<'_, Iterative>, from: NodeId, term: Term) -> bool {
        if from != self.config.leader(term) || from == self.me {
            ctx.observe(Observation::Rejected { reason: Reason::WrongSender, from });
            return false;
        }
        if term < self.term && !self.config.rules().heeds_stale_terms {
            ctx.resend(Recipients::One(from), Message::Outdated(self.term));
            return false;
        }
        if term > self.term {
            self.enter(ctx, term);
        }
        true
    }

    /// Accepts a step, unless it knows of a later one: true if it is the last that it has accepted, now or before.
    pub(super) fn accept(&mut self, ctx: &mut Context<'_, Iterative>, step: &Rc<Step>) -> bool {
        let before = self.accepted.as_ref().map(|accepted| accepted.place());
        if before > Some(step.place()) && self.config.rules().steps_only_advance {
            return false;
        }
        if before != Some(step.place()) {
            self.accepted = Some(Rc::clone(step));
            ctx.persist(Record::Accepted(Rc::clone(step)));
            ctx.sync();
        }
        true
    }

    /// The term of the last step that it has accepted in `session`.
    fn accepted_in(&self, session: SessionId) -> Option<&Rc<Step>> {
        self.accepted.as_ref().filter(|step| step.session == session)
    }

    /// Claims the next term that is its own.
    fn claim(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        self.enter(ctx, self.term + self.until_its_turn());
        let own = (self.me, self.accepted_in(session).cloned());
        self.claim = Some(Claim { session, promises: [own].into() });
        ctx.observe(Observation::Claimed { session, term: self.term });
        ctx.broadcast(Message::Claim(self.term, session));
        self.expect(ctx);
    }

    /// Takes a promise; with the last one that it takes, the session to lead and from where.
    fn promised(&mut self, from: NodeId, promise: &Promise) -> Option<(SessionId, Option<Rc<Step>>)> {
        let claim = self.claim.as_mut()?;
        if (promise.term, promise.session) != (self.term, claim.session) {
            return None;
        }
        claim.promises.insert(from, promise.accepted.clone());
        if claim.promises.len() < self.config.majority() {
            return None;
        }
        let Claim { session, promises } = self.claim.take().expect("it claims");
        let steps = promises.into_values().flatten();
        let latest = match self.config.rules().goes_on_from {
            Standing::Latest => steps.max_by_key(|step| step.place()),
            Standing::Earliest => steps.min_by_key(|step| step.place()),
        };
        Some((session, latest))
    }

    pub(super) fn retained_bytes(&self) -> usize {
        let claimed = self.claim.as_ref().map_or(0, |claim| claim.promises.len());
        8 * claimed + self.accepted.as_ref().map_or(0, |step| step.progress.retained_bytes())
    }
}

/// Handles what agents and those who lead them say of terms and steps.
pub(super) fn on_message(
    ctx: &mut Context<'_, Iterative>,
    agent: &mut Agent,
    coordinator: &mut Coordinator,
    from: NodeId,
    message: &Message,
) {
    let open = agent.session();
    let Some(succession) = &mut agent.succession else { return };
    let before = succession.term;
    match message {
        Message::Step(step) => {
            if succession.hear(ctx, from, step.term) {
                taken(ctx, agent, from, step);
            }
        }
        Message::Leading(term, _) => {
            succession.hear(ctx, from, *term);
        }
        Message::Claim(term, session) => {
            if succession.hear(ctx, from, *term) {
                let accepted = succession.accepted_in(*session).cloned();
                ctx.send(from, Message::Promise(Promise { term: *term, session: *session, accepted }));
                // Whoever claims may just have missed the result.
                coordinator.asked(ctx, from, *session);
            }
        }
        Message::Promise(promise) => {
            if open == Some(promise.session)
                && let Some((session, step)) = succession.promised(from, promise)
            {
                let from = step.as_ref().map(|step| (step.term, step.progress.rounds()));
                let term = succession.term;
                succession.expect(ctx);
                ctx.observe(Observation::TookOver { session, term, from });
                coordinator.take_over(ctx, agent, session, step.as_deref());
            }
            return;
        }
        Message::Accepted(term, session) => {
            if *term == succession.term {
                coordinator.accepted(ctx, agent, from, *session);
            }
            return;
        }
        Message::Outdated(term) => {
            if *term > succession.term {
                succession.enter(ctx, *term);
            }
        }
        Message::Result(report) => {
            coordinator.learn(ctx, report);
            return agent.told(ctx, from, report);
        }
        _ => return ctx.observe(Observation::Rejected { reason: Reason::WrongSender, from }),
    }
    let after = agent.term();
    if after != before {
        coordinator.resign(ctx);
    }
    if let (Some(_), Some(succession)) = (agent.session(), &agent.succession) {
        succession.expect(ctx);
    }
}

/// Takes a step of whoever leads, and does what it asks.
fn taken(ctx: &mut Context<'_, Iterative>, agent: &mut Agent, from: NodeId, step: &Rc<Step>) {
    let Some(succession) = &mut agent.succession else { return };
    let last = succession.accepted_in(step.session).map(|accepted| accepted.term);
    if !succession.accept(ctx, step) {
        return;
    }
    if last.is_some_and(|last| last != step.term) {
        agent.think_no_more(ctx, step.session);
    }
    let said = match &step.stage {
        Stage::Called(call) => agent.called(ctx, from, call),
        Stage::Handed(gathered) => agent.handed(ctx, from, gathered),
        Stage::Closed(_) => return ctx.send(from, Message::Accepted(step.term, step.session)),
    };
    if let Some(said) = said {
        said.send(ctx, from);
    }
}

/// Nothing has been heard of whoever leads for too long.
pub(super) fn claim(ctx: &mut Context<'_, Iterative>, agent: &mut Agent, coordinator: &mut Coordinator) {
    let (Some(session), Some(succession)) = (agent.session(), &mut agent.succession) else { return };
    coordinator.resign(ctx);
    succession.claim(ctx, session);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Call;

    fn step(session: SessionId, term: Term, stage: Stage) -> Step {
        Step { term, session, progress: Default::default(), stage }
    }

    fn called(session: SessionId, term: Term, round: Round) -> Step {
        step(session, term, Stage::Called(Rc::new(Call { session, round, selected: None })))
    }

    /// What is late in the network never takes the place of what came after it, a result least of all.
    #[test]
    fn steps_come_one_after_another() {
        use crate::{Cause, Gathered, Outcome, Report};
        let handed =
            step(0, 0, Stage::Handed(Rc::new(Gathered { session: 0, round: 1, proposals: Vec::new() })));
        let outcome = Outcome::Aborted(Cause::Stagnation);
        let closed = step(0, 0, Stage::Closed(Rc::new(Report { session: 0, outcome, value: None })));
        let all = [called(0, 0, 1), handed, called(0, 0, 2), closed, called(0, 1, 1), called(1, 0, 1)];
        let places: Vec<_> = all.iter().map(Step::place).collect();
        assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
    }
}
