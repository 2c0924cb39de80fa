//! Handover of a session between coordinators: steps are replicated, and a result counts once a majority has persisted
//! it.

use super::message::{Message, SessionResult, Step, StepAction, Timer};
use super::state::{Agent, Coordinator, Iterative};
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::{Context, NodeId, Recipients};

impl Coordinator {
    /// Resumes `session` from the last step of its former leader, if there is one.
    pub(super) fn take_over(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        session: SessionId,
        step: Option<&Step>,
    ) {
        let Some(step) = step else { return self.open(ctx, agent, session) };
        if self.config.closed(session) <= ctx.now() && !matches!(step.action, StepAction::Close(_)) {
            // Everybody is about to give it up.
            return;
        }
        let call = self.begin_session(ctx, session, step.progress.clone());
        match &step.action {
            StepAction::Propose(_) => self.start_round(ctx, agent, call),
            StepAction::Review(gathered) => {
                let state = self.sessions.get_mut(&session).expect("it is open");
                assert_eq!(
                    gathered.round, state.call.round,
                    "a step is of the round after those that are over"
                );
                let proposals = gathered.proposals.iter();
                state.proposals = proposals.map(|proposal| (proposal.signer(), proposal.clone())).collect();
                self.start_review(ctx, agent, session);
            }
            StepAction::Close(result) => self.propose_result(ctx, agent, Rc::clone(result)),
        }
    }

    /// Replicates the next step of a session, or broadcasts its action without failover.
    pub(super) fn announce_step(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        session: SessionId,
        action: StepAction,
    ) {
        let Some(election) = &mut agent.election else {
            return ctx.broadcast(match action {
                StepAction::Propose(call) => Message::Call(call),
                StepAction::Review(gathered) => Message::Gathered(gathered),
                StepAction::Close(result) => Message::Result(result),
            });
        };
        let state = self.sessions.get_mut(&session).expect("it is open");
        let step = Rc::new(Step { term: election.term(), session, progress: state.progress.clone(), action });
        state.step = Some(Rc::clone(&step));
        election.accept(ctx, &step);
        ctx.broadcast(Message::Step(step));
    }

    /// Proposes a session's result for acceptance; phase 2a of Paxos.
    pub(super) fn propose_result(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        result: Rc<SessionResult>,
    ) {
        let session = result.session;
        for timer in [Timer::Grace, Timer::Phase, Timer::Remind, Timer::Deadline] {
            ctx.cancel_timer(timer(session));
        }
        let state = self.sessions.get_mut(&session).expect("it is open");
        state.closing = Some((Rc::clone(&result), [self.me].into()));
        self.announce_step(ctx, agent, session, StepAction::Close(Rc::clone(&result)));
        if !self.config.rules().told_once_accepted {
            self.announce_result(ctx, agent, result);
        }
    }

    /// Handles an acceptance; announces the result with a majority.
    pub(super) fn on_accepted(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        from: NodeId,
        session: SessionId,
    ) {
        let state = self.sessions.get_mut(&session);
        let Some((result, accepted)) = state.and_then(|state| state.closing.as_mut()) else { return };
        assert_eq!(result.session, session, "agents accept what the session has come to");
        accepted.insert(from);
        if accepted.len() >= self.config.majority() {
            let result = Rc::clone(result);
            self.announce_result(ctx, agent, result);
        }
    }

    /// Sends a heartbeat, or repeats the step to agents that have not accepted it.
    pub(super) fn on_heartbeat_timer(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &Agent,
        session: SessionId,
    ) {
        let (Some(state), Some(heartbeat)) = (self.sessions.get(&session), self.config.heartbeat()) else {
            return;
        };
        let silent = match &state.closing {
            Some((_, accepted)) => {
                self.config.everybody().filter(|agent| !accepted.contains(agent)).collect()
            }
            None => Vec::new(),
        };
        match &state.step {
            Some(step) if !silent.is_empty() => {
                ctx.repeat(Recipients::List(silent.into()), Message::Step(Rc::clone(step)));
            }
            _ => ctx.broadcast(Message::Leading(agent.term(), session)),
        }
        ctx.set_timer(Timer::Heartbeat(session), heartbeat);
    }

    /// Steps down: another agent leads.
    pub(super) fn step_down(&mut self, ctx: &mut Context<'_, Iterative>) {
        for session in std::mem::take(&mut self.sessions).into_keys() {
            self.cancel_timers(ctx, session);
        }
    }

    /// Learns a session's result from another leader.
    pub(super) fn learn_result(&mut self, ctx: &mut Context<'_, Iterative>, result: &Rc<SessionResult>) {
        if self.sessions.remove(&result.session).is_some() {
            self.cancel_timers(ctx, result.session);
        }
        self.results.entry(result.session).or_insert_with(|| Rc::clone(result));
    }
}
