//! Leader election: a coordinator that falls silent is replaced.
//!
//! Each term has one leader; that of the first is the coordinator. Every step of a leader carries the whole state of
//! the session, so that another agent can continue from it. Agents persist a step before they act on it, and ignore
//! earlier terms once they know of a later one. A result is chosen once a majority has persisted it, and only then
//! announced.
//!
//! Terms are assigned to agents in turn. An agent that hears nothing from its leader for a failover timeout campaigns
//! for its own next term. Once a majority has promised, it continues from the latest step that they have accepted. Any
//! two majorities intersect, so it finds any result that may have been announced, and no earlier leader can have
//! another one accepted. This is Paxos with a stable leader (multi-Paxos), one instance a step; only the last step has
//! to be agreed on, since the others do not decide anything.
//!
//! It assumes crash faults and durable storage.
//!
//! Source: L. Lamport, *The Part-Time Parliament*, ACM TOCS 16(2), 1998.

use super::bug::Standing;
use super::config::Config;
use super::durable::Record;
use super::message::{Message, Promise, Round, Step, StepAction, Term, Timer};
use super::observation::{Observation, Reason};
use super::state::{Agent, Candidacy, Coordinator, Iterative, LeaderElection};
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::{Context, NodeId, Recipients};

impl Step {
    /// Returns the step's place in the order of all steps. Later steps replace earlier ones.
    fn place(&self) -> (SessionId, Term, Round, u8) {
        let (round, action) = match &self.action {
            StepAction::Propose(call) => (call.round, 0),
            StepAction::Review(gathered) => (gathered.round, 1),
            StepAction::Close(_) => (Round::MAX, 2),
        };
        (self.session, self.term, round, action)
    }
}

impl LeaderElection {
    /// Recovers from `records`; `None` if failover is not configured.
    pub(super) fn new(config: &Rc<Config>, me: NodeId, records: &[Record]) -> Option<LeaderElection> {
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
        Some(LeaderElection { config: Rc::clone(config), me, term, accepted, candidacy: None, has_crashed })
    }

    pub(super) fn term(&self) -> Term {
        self.term
    }

    /// Returns true if this agent leads and may open sessions.
    pub(super) fn may_open(&self) -> bool {
        self.config.leader(self.term) == self.me && self.candidacy.is_none() && !self.has_crashed
    }

    /// Restarts the failover timer, or cancels it if this agent leads. Its delay is proportional to the number of terms
    /// until this agent's own, so that agents campaign one after another.
    pub(super) fn reset_failover_timer(&self, ctx: &mut Context<'_, Iterative>) {
        let timeout = self.config.failover.expect("failover is configured");
        if self.may_open() {
            ctx.cancel_timer(Timer::Failover)
        } else {
            ctx.set_timer(Timer::Failover, timeout.saturating_mul(self.terms_until_own()))
        }
    }

    /// Returns the number of terms from the current one to this agent's own next term, at least 1.
    fn terms_until_own(&self) -> u64 {
        let n = self.config.agents.len() as u64;
        match (u64::from(self.me.0) + n - u64::from(self.config.leader(self.term).0)) % n {
            0 => n,
            distance => distance,
        }
    }

    /// Adopts a later term, durably. A candidacy for the current term ends.
    fn adopt_term(&mut self, ctx: &mut Context<'_, Iterative>, term: Term) {
        assert!(term > self.term, "terms only grow");
        (self.term, self.candidacy, self.has_crashed) = (term, None, false);
        ctx.persist(Record::Promised(term));
        ctx.sync();
    }

    /// Checks that a message of `term` is from its leader, and adopts a later term. Returns false if the message must
    /// be ignored.
    fn accept_term(&mut self, ctx: &mut Context<'_, Iterative>, from: NodeId, term: Term) -> bool {
        if from != self.config.leader(term) || from == self.me {
            ctx.observe(Observation::Rejected { reason: Reason::WrongSender, from });
            return false;
        }
        if term < self.term && !self.config.rules().heeds_stale_terms {
            ctx.resend(Recipients::One(from), Message::Outdated(self.term));
            return false;
        }
        if term > self.term {
            self.adopt_term(ctx, term);
        }
        true
    }

    /// Accepts a step, durably, unless a later one is accepted. Returns true if `step` is now the last accepted one.
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

    /// Returns the last accepted step, if it belongs to `session`.
    fn accepted_in(&self, session: SessionId) -> Option<&Rc<Step>> {
        self.accepted.as_ref().filter(|step| step.session == session)
    }

    /// Campaigns for this agent's next own term.
    fn campaign(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        self.adopt_term(ctx, self.term + self.terms_until_own());
        let own = (self.me, self.accepted_in(session).cloned());
        self.candidacy = Some(Candidacy { session, promises: [own].into() });
        ctx.observe(Observation::Claimed { session, term: self.term });
        ctx.broadcast(Message::Claim(self.term, session));
        self.reset_failover_timer(ctx);
    }

    /// Handles a promise. Once a majority has promised, returns the session to lead and the step to continue from, if
    /// any.
    fn on_promise(&mut self, from: NodeId, promise: &Promise) -> Option<(SessionId, Option<Rc<Step>>)> {
        let candidacy = self.candidacy.as_mut()?;
        if (promise.term, promise.session) != (self.term, candidacy.session) {
            return None;
        }
        candidacy.promises.insert(from, promise.accepted.clone());
        if candidacy.promises.len() < self.config.majority() {
            return None;
        }
        let Candidacy { session, promises } = self.candidacy.take().expect("there is a candidacy, see above");
        let steps = promises.into_values().flatten();
        let latest = match self.config.rules().goes_on_from {
            Standing::Latest => steps.max_by_key(|step| step.place()),
            Standing::Earliest => steps.min_by_key(|step| step.place()),
        };
        Some((session, latest))
    }

    pub(super) fn retained_bytes(&self) -> usize {
        let promises = self.candidacy.as_ref().map_or(0, |candidacy| candidacy.promises.len());
        8 * promises + self.accepted.as_ref().map_or(0, |step| step.progress.retained_bytes())
    }
}

/// Handles the messages of the leader election.
pub(super) fn on_message(
    ctx: &mut Context<'_, Iterative>,
    agent: &mut Agent,
    coordinator: &mut Coordinator,
    from: NodeId,
    message: &Message,
) {
    let open = agent.session();
    let Some(election) = &mut agent.election else { return };
    let before = election.term;
    match message {
        Message::Step(step) => {
            if election.accept_term(ctx, from, step.term) {
                on_step(ctx, agent, from, step);
            }
        }
        Message::Leading(term, _) => {
            election.accept_term(ctx, from, *term);
        }
        Message::Claim(term, session) => {
            if election.accept_term(ctx, from, *term) {
                let accepted = election.accepted_in(*session).cloned();
                ctx.send(from, Message::Promise(Promise { term: *term, session: *session, accepted }));
                // The candidate may just have missed the result.
                coordinator.on_ask(ctx, from, *session);
            }
        }
        Message::Promise(promise) => {
            if open == Some(promise.session)
                && let Some((session, step)) = election.on_promise(from, promise)
            {
                let from = step.as_ref().map(|step| (step.term, step.progress.rounds()));
                let term = election.term;
                election.reset_failover_timer(ctx);
                ctx.observe(Observation::TookOver { session, term, from });
                coordinator.take_over(ctx, agent, session, step.as_deref());
            }
            return;
        }
        Message::Accepted(term, session) => {
            if *term == election.term {
                coordinator.on_accepted(ctx, agent, from, *session);
            }
            return;
        }
        Message::Outdated(term) => {
            if *term > election.term {
                election.adopt_term(ctx, *term);
            }
        }
        Message::Result(result) => {
            coordinator.learn_result(ctx, result);
            return agent.on_result(ctx, from, result);
        }
        _ => return ctx.observe(Observation::Rejected { reason: Reason::WrongSender, from }),
    }
    let after = agent.term();
    if after != before {
        coordinator.step_down(ctx);
    }
    if let (Some(_), Some(election)) = (agent.session(), &agent.election) {
        election.reset_failover_timer(ctx);
    }
}

/// Handles a step of the leader.
fn on_step(ctx: &mut Context<'_, Iterative>, agent: &mut Agent, from: NodeId, step: &Rc<Step>) {
    let Some(election) = &mut agent.election else { return };
    let last = election.accepted_in(step.session).map(|accepted| accepted.term);
    if !election.accept(ctx, step) {
        return;
    }
    if last.is_some_and(|last| last != step.term) {
        agent.cancel_task(ctx, step.session);
    }
    let response = match &step.action {
        StepAction::Propose(call) => agent.on_call(ctx, from, call),
        StepAction::Review(gathered) => agent.on_gathered(ctx, from, gathered),
        StepAction::Close(_) => return ctx.send(from, Message::Accepted(step.term, step.session)),
    };
    if let Some(response) = response {
        response.send(ctx, from);
    }
}

/// Handles the failover timer.
pub(super) fn campaign(ctx: &mut Context<'_, Iterative>, agent: &mut Agent, coordinator: &mut Coordinator) {
    let (Some(session), Some(election)) = (agent.session(), &mut agent.election) else { return };
    coordinator.step_down(ctx);
    election.campaign(ctx, session);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Call;

    fn step(session: SessionId, term: Term, action: StepAction) -> Step {
        Step { term, session, progress: Default::default(), action }
    }

    fn called(session: SessionId, term: Term, round: Round) -> Step {
        step(session, term, StepAction::Propose(Rc::new(Call { session, round, selected: None })))
    }

    /// A delayed step must never replace a later one, and in particular not a result.
    #[test]
    fn steps_come_one_after_another() {
        use crate::{AbortReason, Gathered, Outcome, SessionResult};
        let handed =
            step(0, 0, StepAction::Review(Rc::new(Gathered { session: 0, round: 1, proposals: Vec::new() })));
        let outcome = Outcome::Aborted(AbortReason::Stagnation);
        let closed =
            step(0, 0, StepAction::Close(Rc::new(SessionResult { session: 0, outcome, value: None })));
        let all = [called(0, 0, 1), handed, called(0, 0, 2), closed, called(0, 1, 1), called(1, 0, 1)];
        let places: Vec<_> = all.iter().map(Step::place).collect();
        assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
    }
}
