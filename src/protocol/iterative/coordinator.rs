//! The coordinator: it leads sessions round by round, and announces their results.

use super::agent::{Answer, Response};
use super::config::Config;
use super::distance::WHOLE;
use super::durable::Record;
use super::gathering::{Change, Expiry};
use super::message::{
    AbortReason, Call, Gathered, Message, Outcome, Proposal, Review, Round, SessionResult, StepAction, Timer,
};
use super::observation::{Closing, Observation, Phase, Reason};
use super::progress::{Candidate, RefinementProgress};
use super::state::{Agent, Coordinator, Iterative, Session};
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::collections::SortedMap;
use synod_sim::{Context, Duration, NodeId, Recipients, Signed};

impl Coordinator {
    pub(super) fn new(config: &Rc<Config>, me: NodeId, records: &[Record]) -> Coordinator {
        let mut coordinator = Coordinator {
            config: Rc::clone(config),
            me,
            sessions: SortedMap::new(),
            results: SortedMap::new(),
            interrupted: Vec::new(),
        };
        for record in records {
            match record {
                Record::Opened(session) => coordinator.interrupted.push(*session),
                Record::Concluded(result) => {
                    coordinator.interrupted.retain(|&session| session != result.session);
                    coordinator.results.insert(result.session, Rc::clone(result));
                }
                _ => {}
            }
        }
        coordinator
    }

    /// After a crash: aborts open sessions, since their votes and answers are lost.
    pub(super) fn recover(&mut self, ctx: &mut Context<'_, Iterative>, agent: &mut Agent) {
        for session in std::mem::take(&mut self.interrupted) {
            self.close(ctx, agent, session, Outcome::Aborted(AbortReason::Restart));
        }
    }

    /// Opens `session`, unless its deadline has passed.
    pub(super) fn open(&mut self, ctx: &mut Context<'_, Iterative>, agent: &mut Agent, session: SessionId) {
        let closed = self.config.closed(session);
        if !agent.awaits(session) || closed <= ctx.now() {
            return;
        }
        ctx.observe(Observation::Opened { session });
        if agent.election.is_none() {
            ctx.persist(Record::Opened(session));
            ctx.sync();
        }
        let call = self.begin_session(ctx, session, RefinementProgress::default());
        self.start_round(ctx, agent, call);
    }

    /// Begins or resumes `session` at the round after `progress`.
    pub(super) fn begin_session(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        session: SessionId,
        progress: RefinementProgress,
    ) -> Rc<Call> {
        if self.config.rules().time_runs_out {
            ctx.set_timer(Timer::Deadline(session), self.config.closed(session).since(ctx.now()));
        }
        if let Some(heartbeat) = self.config.heartbeat() {
            ctx.set_timer(Timer::Heartbeat(session), heartbeat);
        }
        let call = Rc::new(Call { session, round: progress.rounds() + 1, selected: progress.value() });
        let state = Session {
            phase: Phase::Propose,
            gathering: self.config.gathering(Phase::Propose),
            call: Rc::clone(&call),
            proposals: SortedMap::new(),
            handed: None,
            reviews: SortedMap::new(),
            owed: Vec::new(),
            progress,
            step: None,
            closing: None,
        };
        self.sessions.insert(session, state);
        call
    }

    /// Starts a round.
    pub(super) fn start_round(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        call: Rc<Call>,
    ) {
        let session = call.session;
        let state = self.sessions.get_mut(&session).expect("it is open");
        assert_eq!(call.round, state.progress.rounds() + 1, "rounds come one after the other");
        assert!(call.round >= state.call.round, "rounds only rise");
        state.call = Rc::clone(&call);
        state.proposals.clear();
        state.reviews.clear();
        state.handed = None;
        self.begin(ctx, session, Phase::Propose);
        self.announce_step(ctx, agent, session, StepAction::Propose(Rc::clone(&call)));
        let response = agent.on_call(ctx, self.me, &call);
        self.take_own_response(ctx, agent, response);
    }

    /// Starts the review phase: hands out the proposals.
    pub(super) fn start_review(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        session: SessionId,
    ) {
        let state = self.sessions.get_mut(&session).expect("it is open");
        let round = state.call.round;
        let proposals: Vec<_> = state.proposals.values().cloned().collect();
        let assignment = self.config.assignment(session, round);
        let owed = |agent| assignment.targets(agent).filter(|target| state.proposals.contains_key(target));
        state.owed = self.config.everybody().map(|agent| owed(agent).count() as u32).collect();
        let gathered = Rc::new(Gathered { session, round, proposals });
        state.handed = Some(Rc::clone(&gathered));
        let idle: Vec<NodeId> =
            self.config.everybody().filter(|agent| state.owed[agent.index()] == 0).collect();
        self.begin(ctx, session, Phase::Review);
        self.announce_step(ctx, agent, session, StepAction::Review(Rc::clone(&gathered)));
        for idle in idle {
            self.note_answer(ctx, agent, session, idle);
        }
        let response = agent.on_gathered(ctx, self.me, &gathered);
        self.take_own_response(ctx, agent, response);
    }

    fn begin(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId, phase: Phase) {
        let state = self.sessions.get_mut(&session).expect("it is open");
        state.phase = phase;
        state.gathering = self.config.gathering(phase);
        ctx.observe(Observation::Began { session, round: state.call.round, phase });
        let length = self.config.length(phase);
        ctx.set_timer(Timer::Remind(session), halved(length));
        if self.config.rules().time_runs_out {
            ctx.set_timer(Timer::Phase(session), length);
        }
    }

    /// Routes its agent's response to the leader.
    pub(super) fn route_response(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        response: Option<Response>,
    ) {
        match response {
            Some(response) if agent.leader() != self.me => response.send(ctx, agent.leader()),
            response => self.take_own_response(ctx, agent, response),
        }
    }

    /// Takes its own agent's response, without a message.
    fn take_own_response(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        response: Option<Response>,
    ) {
        match response {
            Some(Response::New(Answer::Proposal(proposal))) => self.on_proposal(ctx, agent, &proposal),
            Some(Response::New(Answer::Reviews(reviews))) => {
                reviews.iter().for_each(|review| self.on_review(ctx, agent, review));
            }
            Some(Response::Repeated(_)) | None => {}
        }
    }

    /// Handles a proposal.
    pub(super) fn on_proposal(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        proposal: &Signed<Proposal>,
    ) {
        let (session, from) = (proposal.session, proposal.signer());
        if !ctx.verify(proposal) {
            return refuse(ctx, Reason::BadSignature, from);
        }
        let state = self.sessions.get_mut(&session).filter(|state| state.closing.is_none());
        let Some(state) = state else { return self.reject_late(ctx, session, from) };
        if !self.config.domain.admits(&proposal.value) || proposal.confidence_ppm > WHOLE {
            return refuse(ctx, Reason::Invalid, from);
        }
        if proposal.round > state.call.round {
            return refuse(ctx, Reason::WrongRound, from);
        }
        if let Some(first) = state.proposals.get(&from).filter(|first| first.round == proposal.round) {
            if first.digest() != proposal.digest() {
                let (first, second) = (first.clone(), proposal.clone());
                ctx.observe(Observation::DoubleProposal { first, second });
            }
            return;
        }
        if proposal.round < state.call.round || state.phase != Phase::Propose {
            return ctx.observe(Observation::Late { from });
        }
        state.proposals.insert(from, proposal.clone());
        self.note_answer(ctx, agent, session, from);
    }

    /// Handles a review.
    pub(super) fn on_review(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        review: &Signed<Review>,
    ) {
        let (session, from, proposer) = (review.session, review.signer(), review.proposer);
        if !ctx.verify(review) {
            return refuse(ctx, Reason::BadSignature, from);
        }
        let state = self.sessions.get_mut(&session).filter(|state| state.closing.is_none());
        let Some(state) = state else { return self.reject_late(ctx, session, from) };
        if review.score_ppm > WHOLE {
            return refuse(ctx, Reason::Invalid, from);
        }
        if review.round < state.call.round {
            return ctx.observe(Observation::Late { from });
        }
        if review.round > state.call.round || state.phase != Phase::Review {
            return refuse(ctx, Reason::WrongRound, from);
        }
        let is_own = from == proposer && self.config.rules().reviews_own;
        let assignment = self.config.assignment(session, review.round);
        let is_known = state.proposals.get(&proposer).is_some_and(|known| known.digest() == review.proposal);
        if !is_known || !(is_own || assignment.assigns(from, proposer)) {
            return refuse(ctx, Reason::Unassigned, from);
        }
        if let Some(first) = state.reviews.get(&(proposer, from)) {
            if first.digest() != review.digest() {
                let (first, second) = (first.clone(), review.clone());
                ctx.observe(Observation::DoubleReview { first, second });
            }
            return;
        }
        state.reviews.insert((proposer, from), review.clone());
        ctx.observe(Observation::Counted(review.clone()));
        if !is_own {
            let owed = &mut state.owed[from.index()];
            *owed = owed.checked_sub(1).expect("who reviews owes a review");
        }
        if state.owed[from.index()] == 0 {
            self.note_answer(ctx, agent, session, from);
        }
    }

    /// Rejects an answer to a session that is not open.
    fn reject_late(&self, ctx: &mut Context<'_, Iterative>, session: SessionId, from: NodeId) {
        if self.results.contains_key(&session) || self.sessions.contains_key(&session) {
            ctx.observe(Observation::Late { from })
        } else {
            refuse(ctx, Reason::WrongSession, from)
        }
    }

    /// Notes the answer of `from` in the current phase.
    fn note_answer(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        session: SessionId,
        from: NodeId,
    ) {
        let state = self.sessions.get_mut(&session).expect("it is open");
        match (state.gathering.answer(from), self.config.grace) {
            (Change::Complete, _) => self.end(ctx, agent, session, Closing::Complete),
            (Change::Enough, Some(grace)) => ctx.set_timer(Timer::Grace(session), grace),
            (Change::Enough, None) | (Change::None, _) => {}
        }
    }

    /// Enough have answered, and the grace period is over.
    pub(super) fn on_grace_over(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        session: SessionId,
    ) {
        self.end(ctx, agent, session, Closing::Grace);
    }

    /// Handles the end of a phase's time.
    pub(super) fn on_phase_timeout(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        session: SessionId,
    ) {
        let Some(state) = self.sessions.get_mut(&session) else { return };
        match state.gathering.expire() {
            Expiry::Close => self.end(ctx, agent, session, Closing::Deadline),
            Expiry::GiveUp => {
                self.finish(ctx, agent, session, Outcome::Aborted(AbortReason::InsufficientParticipation));
            }
            Expiry::Extend(by) => {
                ctx.observe(Observation::Extended { session });
                ctx.set_timer(Timer::Phase(session), by);
                ctx.set_timer(Timer::Remind(session), halved(by));
                self.remind(ctx, session);
            }
        }
    }

    /// Reminds the agents that have not answered.
    pub(super) fn remind(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        let Some(state) = self.sessions.get(&session) else { return };
        let silent: Vec<NodeId> = state.gathering.silent().filter(|&agent| agent != self.me).collect();
        if !silent.is_empty() {
            let message = match (&state.step, &state.handed, state.phase) {
                (Some(step), ..) => Message::Step(Rc::clone(step)),
                (None, Some(gathered), Phase::Review) => Message::Gathered(Rc::clone(gathered)),
                (None, ..) => Message::Call(Rc::clone(&state.call)),
            };
            ctx.repeat(Recipients::List(silent.into()), message);
        }
    }

    /// Ends the current phase.
    fn end(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        session: SessionId,
        closing: Closing,
    ) {
        let Some(state) = self.sessions.get(&session) else { return };
        ctx.cancel_timer(Timer::Grace(session));
        ctx.cancel_timer(Timer::Phase(session));
        ctx.cancel_timer(Timer::Remind(session));
        ctx.observe(Observation::Ended { session, closing });
        match state.phase {
            Phase::Propose => self.start_review(ctx, agent, session),
            Phase::Review => self.analyse(ctx, agent, session),
        }
    }

    /// Ends a round: selects the best proposal so far, and continues or ends the session.
    fn analyse(&mut self, ctx: &mut Context<'_, Iterative>, agent: &mut Agent, session: SessionId) {
        let state = self.sessions.get_mut(&session).expect("it is open");
        let round = state.call.round;
        assert_eq!(round, state.progress.rounds() + 1, "rounds come one after the other");
        let mut candidates = Vec::new();
        for (&proposer, proposal) in &state.proposals {
            let of = (proposer, NodeId(0))..=(proposer, NodeId(u32::MAX));
            let reviews: Vec<_> = state.reviews.range(of).map(|(_, review)| review.clone()).collect();
            if let Some(candidate) = Candidate::judge(&self.config, proposal, &reviews) {
                let score_ppm = candidate.score_ppm;
                ctx.observe(Observation::Scored { session, round, proposer, score_ppm });
                candidates.push(candidate);
            }
        }
        let proposals: SortedMap<NodeId, Rc<super::domain::Value>> =
            state.proposals.iter().map(|(&agent, proposal)| (agent, Rc::clone(&proposal.value))).collect();
        let Some((selected, measures)) = state.progress.select(&self.config, candidates, proposals) else {
            // Those who have reviewed had nothing to review that has come in.
            return self.finish(
                ctx,
                agent,
                session,
                Outcome::Aborted(AbortReason::InsufficientParticipation),
            );
        };
        let (value, score_ppm) = (Rc::clone(&selected.value), selected.score_ppm);
        ctx.observe(Observation::Selected { session, round, value: Rc::clone(&value), score_ppm, measures });
        match state.progress.outcome(&self.config, round) {
            Some(outcome) => self.finish(ctx, agent, session, outcome),
            None => self.start_round(
                ctx,
                agent,
                Rc::new(Call { session, round: round + 1, selected: Some(value) }),
            ),
        }
    }

    /// Handles the session's deadline.
    pub(super) fn on_deadline(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        session: SessionId,
    ) {
        self.finish(ctx, agent, session, Outcome::Aborted(AbortReason::Deadline));
    }

    /// Ends a session that is open.
    fn finish(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        session: SessionId,
        outcome: Outcome,
    ) {
        let Some(state) = self.sessions.get(&session) else { return };
        let round: Round = state.call.round;
        ctx.observe(Observation::Closed { session, round, outcome });
        ctx.observe(Observation::Figure("rounds", u64::from(round)));
        for (figure, value) in state.progress.figures(&self.config, session) {
            ctx.observe(Observation::Figure(figure, value));
        }
        self.close(ctx, agent, session, outcome);
    }

    /// Closes `session` with `outcome`, and announces it.
    fn close(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        session: SessionId,
        outcome: Outcome,
    ) {
        let value = self.sessions.get(&session).and_then(|state| state.progress.value());
        let result = Rc::new(SessionResult { session, outcome, value });
        match agent.election {
            Some(_) => self.propose_result(ctx, agent, result),
            None => self.announce_result(ctx, agent, result),
        }
    }

    /// Cancels the timers of `session`.
    pub(super) fn cancel_timers(&self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        for timer in [Timer::Grace, Timer::Phase, Timer::Remind, Timer::Deadline] {
            ctx.cancel_timer(timer(session));
        }
        if self.config.failover.is_some() {
            ctx.cancel_timer(Timer::Heartbeat(session));
        }
    }

    /// Announces a session's result.
    pub(super) fn announce_result(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        agent: &mut Agent,
        result: Rc<SessionResult>,
    ) {
        self.sessions.remove(&result.session);
        self.cancel_timers(ctx, result.session);
        let before = self.results.insert(result.session, Rc::clone(&result));
        assert!(before.is_none(), "a session has one outcome");
        // What it tells others it remembers: the outcome is its own first.
        agent.conclude(ctx, Rc::clone(&result));
        ctx.broadcast(Message::Result(result));
    }

    /// Answers who waits for a result, once there is one.
    pub(super) fn on_ask(&self, ctx: &mut Context<'_, Iterative>, from: NodeId, session: SessionId) {
        if let Some(result) = self.results.get(&session) {
            ctx.resend(Recipients::One(from), Message::Result(Rc::clone(result)));
        }
    }

    /// Returns true if it leads `session`.
    pub(super) fn leads(&self, session: SessionId) -> bool {
        self.sessions.contains_key(&session)
    }

    pub(super) fn retained_bytes(&self) -> usize {
        let session = |state: &Session| {
            let proposals = state.proposals.values().map(Signed::size).sum::<usize>();
            proposals + state.reviews.values().map(Signed::size).sum::<usize>()
        };
        self.sessions.values().map(session).sum::<usize>() + 32 * self.results.len()
    }
}

/// Time of the reminder within a span.
fn halved(span: Duration) -> Duration {
    Duration::from_nanos(span.as_nanos() / 2)
}

fn refuse(ctx: &mut Context<'_, Iterative>, reason: Reason, from: NodeId) {
    ctx.observe(Observation::Rejected { reason, from });
}
