//! How a session passes from one coordinator to another: the steps that it takes before all, and a result that is one
//! only once most agents have written it down.

use super::message::{Message, Report, Stage, Step, Timer};
use super::state::{Agent, Coordinator, Iterative};
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::{Context, NodeId, Recipients};

impl Coordinator {
    /// Leads `session` on from the last step of whoever led it before, if there is one.
    pub(super) fn take_over(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        session: SessionId,
        step: Option<&Step>,
    ) {
        let Some(step) = step else { return self.open(ctx, agent, session) };
        if self.config.closed(session) <= ctx.now() && !matches!(step.stage, Stage::Closed(_)) {
            // Everybody is about to give it up.
            return;
        }
        let call = self.enter(ctx, session, step.progress.clone());
        match &step.stage {
            Stage::Called(_) => self.call(ctx, agent, call),
            Stage::Handed(gathered) => {
                let state = self.sessions.get_mut(&session).expect("it is open");
                assert_eq!(
                    gathered.round, state.call.round,
                    "a step is of the round after those that are over"
                );
                let proposals = gathered.proposals.iter();
                state.proposals = proposals.map(|proposal| (proposal.signer(), proposal.clone())).collect();
                self.hand_out(ctx, agent, session);
            }
            Stage::Closed(report) => self.settle(ctx, agent, Rc::clone(report)),
        }
    }

    /// Says to all where the session stands.
    pub(super) fn announce(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        session: SessionId,
        stage: Stage,
    ) {
        let Some(succession) = &mut agent.succession else {
            return ctx.broadcast(match stage {
                Stage::Called(call) => Message::Call(call),
                Stage::Handed(gathered) => Message::Gathered(gathered),
                Stage::Closed(report) => Message::Result(report),
            });
        };
        let state = self.sessions.get_mut(&session).expect("it is open");
        let step =
            Rc::new(Step { term: succession.term(), session, progress: state.progress.clone(), stage });
        state.step = Some(Rc::clone(&step));
        succession.accept(ctx, &step);
        ctx.broadcast(Message::Step(step));
    }

    /// Asks all to write down what a session has come to.
    pub(super) fn settle(&mut self, ctx: &mut Context<'_, Iterative>, agent: &mut Agent, report: Rc<Report>) {
        let session = report.session;
        for timer in [Timer::Grace, Timer::Phase, Timer::Remind, Timer::Deadline] {
            ctx.cancel_timer(timer(session));
        }
        let state = self.sessions.get_mut(&session).expect("it is open");
        state.closing = Some((Rc::clone(&report), [self.me].into()));
        self.announce(ctx, agent, session, Stage::Closed(Rc::clone(&report)));
        if !self.config.rules().told_once_accepted {
            self.tell(ctx, agent, report);
        }
    }

    /// `from` has written down what a session has come to.
    pub(super) fn accepted(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        from: NodeId,
        session: SessionId,
    ) {
        let state = self.sessions.get_mut(&session);
        let Some((report, accepted)) = state.and_then(|state| state.closing.as_mut()) else { return };
        assert_eq!(report.session, session, "agents accept what the session has come to");
        accepted.insert(from);
        if accepted.len() >= self.config.majority() {
            let report = Rc::clone(report);
            self.tell(ctx, agent, report);
        }
    }

    /// Says that it is there, or asks those again who have not accepted a result.
    pub(super) fn beat(&mut self, ctx: &mut Context<'_, Iterative>, agent: &Agent, session: SessionId) {
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
                ctx.resend(Recipients::List(silent.into()), Message::Step(Rc::clone(step)));
            }
            _ => ctx.broadcast(Message::Leading(agent.term(), session)),
        }
        ctx.set_timer(Timer::Heartbeat(session), heartbeat);
    }

    /// Leads no more: somebody else does.
    pub(super) fn resign(&mut self, ctx: &mut Context<'_, Iterative>) {
        for session in std::mem::take(&mut self.sessions).into_keys() {
            self.leave(ctx, session);
        }
    }

    /// Somebody else tells what came of a session.
    pub(super) fn learn(&mut self, ctx: &mut Context<'_, Iterative>, report: &Rc<Report>) {
        if self.sessions.remove(&report.session).is_some() {
            self.leave(ctx, report.session);
        }
        self.reports.entry(report.session).or_insert_with(|| Rc::clone(report));
    }
}
