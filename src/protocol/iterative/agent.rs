//! An agent: it proposes, reviews what others propose, moves towards what is selected, and learns what came of it.

use super::config::Config;
use super::distance::WHOLE;
use super::domain::Value;
use super::durable::Record;
use super::message::{
    AbortReason, Call, Gathered, Message, Outcome, Proposal, Review, Round, SessionResult, Term, Timer,
};
use super::observation::{Observation, Reason};
use super::state::{Agent, Iterative, LeaderElection, Observer, Part, Task};
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::collections::SortedMap;
use synod_sim::{Context, NodeId, Recipients, Signed};

/// An agent's answer to a call.
#[derive(Debug)]
pub(super) enum Answer {
    Proposal(Signed<Proposal>),
    Reviews(Rc<[Signed<Review>]>),
}

/// An answer, new or repeated.
#[derive(Debug)]
pub(super) enum Response {
    New(Answer),
    Repeated(Answer),
}

impl Agent {
    pub(super) fn new(config: &Rc<Config>, me: NodeId, records: &[Record]) -> Agent {
        let mut parts: SortedMap<SessionId, Part> = SortedMap::new();
        for record in records {
            match record {
                Record::Proposed(proposal) => {
                    parts.entry(proposal.session).or_default().propose(config, proposal);
                }
                Record::Reviewed { session, round, reviews } => {
                    parts.entry(*session).or_default().review(config, *round, reviews);
                }
                Record::Concluded(result) => {
                    parts.remove(&result.session);
                }
                Record::Opened(_) | Record::Averaged { .. } | Record::Promised(_) | Record::Accepted(_) => {}
            }
        }
        Agent {
            config: Rc::clone(config),
            me,
            observer: Observer::new(config, records),
            election: LeaderElection::new(config, me, records),
            parts,
        }
    }

    /// Opens `session`, and sets the timer for its outcome.
    pub(super) fn open(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        if !self.observer.awaits(session) {
            return;
        }
        if self.config.given_up(session) <= ctx.now() {
            // It was down throughout.
            return self.give_up(ctx, session);
        }
        // Older sessions no longer matter.
        self.parts.retain(|&other, _| other + 1 >= session);
        self.parts.entry(session).or_default();
        ctx.set_timer(Timer::Waited(session), self.config.closed(session).since(ctx.now()));
        if let Some(election) = &self.election {
            election.reset_failover_timer(ctx);
        }
    }

    /// The term in which it follows its leader.
    pub(super) fn term(&self) -> Term {
        self.election.as_ref().map_or(0, LeaderElection::term)
    }

    /// Its leader.
    pub(super) fn leader(&self) -> NodeId {
        self.config.leader(self.term())
    }

    /// Returns true if this agent may open sessions.
    pub(super) fn may_open(&self) -> bool {
        self.election.as_ref().is_none_or(LeaderElection::may_open)
    }

    /// The session that is open at it.
    pub(super) fn session(&self) -> Option<SessionId> {
        let (&session, _) = self.parts.last_key_value()?;
        self.awaits(session).then_some(session)
    }

    /// Handles the call of a round; returns its proposal, if it is ready.
    pub(super) fn on_call(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        from: NodeId,
        call: &Rc<Call>,
    ) -> Option<Response> {
        self.check_sender(ctx, from, call.session)?;
        let part = self.parts.entry(call.session).or_default();
        match part.proposals.get(&call.round) {
            Some(proposal) => Some(Response::Repeated(Answer::Proposal(proposal.clone()))),
            None if call.round <= part.round() && self.election.is_none() => {
                ctx.observe(Observation::Rejected { reason: Reason::WrongRound, from });
                None
            }
            None => self.start_task(ctx, call.session, Task::Propose(Rc::clone(call))),
        }
    }

    /// Handles the proposals to review; returns its reviews, if they are ready.
    pub(super) fn on_gathered(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        from: NodeId,
        gathered: &Rc<Gathered>,
    ) -> Option<Response> {
        self.check_sender(ctx, from, gathered.session)?;
        let part = self.parts.entry(gathered.session).or_default();
        match part.reviews.get(&gathered.round) {
            Some(given) if self.election.is_none() || self.config.covers(self.me, given, gathered) => {
                Some(Response::Repeated(Answer::Reviews(Rc::clone(given))))
            }
            None if gathered.round < part.round() && self.election.is_none() => {
                ctx.observe(Observation::Rejected { reason: Reason::WrongRound, from });
                None
            }
            _ => self.start_task(ctx, gathered.session, Task::Review(Rc::clone(gathered))),
        }
    }

    /// Checks that `from` leads and `session` is open.
    fn check_sender(&self, ctx: &mut Context<'_, Iterative>, from: NodeId, session: SessionId) -> Option<()> {
        let reason = if from != self.leader() && !self.config.rules().heeds_stale_terms {
            Reason::WrongSender
        } else if !self.observer.awaits(session) {
            Reason::WrongSession
        } else {
            return Some(());
        };
        ctx.observe(Observation::Rejected { reason, from });
        None
    }

    /// Starts `task`, which replaces any earlier one.
    fn start_task(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        session: SessionId,
        task: Task,
    ) -> Option<Response> {
        // An agent without an opinion neither proposes nor reviews.
        self.config.opinion(session, self.me)?;
        let part = self.parts.entry(session).or_default();
        let is_new = part.task.as_ref().is_none_or(|other| other.place() < task.place());
        if !is_new {
            return None;
        }
        part.task = Some(task);
        let thinking = self.config.agents[self.me.index()].traits.thinking;
        if thinking.is_zero() {
            return self.on_thought(ctx, session).map(Response::New);
        }
        ctx.set_timer(Timer::Thought(session), thinking);
        None
    }

    /// Handles the end of its thinking time: the answer, persisted before it is sent.
    pub(super) fn on_thought(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        session: SessionId,
    ) -> Option<Answer> {
        let part = self.parts.get_mut(&session)?;
        let task = part.task.take()?;
        let (round, is_review) = task.place();
        let until = if is_review { round } else { round - 1 };
        let own_value = match part.proposals.range(..=until).next_back() {
            Some((_, proposal)) => Rc::clone(&proposal.value),
            None => Rc::new(self.config.opinion(session, self.me)?),
        };
        match task {
            Task::Propose(call) => {
                let value = match &call.selected {
                    Some(selected) => self.config.domain.pulled(&own_value, selected, self.config.pull_ppm),
                    None => Value::clone(&own_value),
                };
                let confidence_ppm = self.config.agents[self.me.index()].traits.competence_ppm;
                let value = Rc::new(value);
                let proposal = ctx.sign(Proposal { session, round, value, confidence_ppm });
                part.propose(&self.config, &proposal);
                ctx.persist(Record::Proposed(proposal.clone()));
                ctx.sync();
                Some(Answer::Proposal(proposal))
            }
            Task::Review(gathered) => {
                let before = part.reviews.get(&round).map_or(&[][..], |given| given);
                let given = self.config.reviews(ctx, self.me, &own_value, &gathered, before);
                let given: Rc<[Signed<Review>]> = given.into();
                part.review(&self.config, round, &given);
                ctx.persist(Record::Reviewed { session, round, reviews: Rc::clone(&given) });
                ctx.sync();
                Some(Answer::Reviews(given))
            }
        }
    }

    /// Handles a session's result.
    pub(super) fn on_result(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        from: NodeId,
        result: &Rc<SessionResult>,
    ) {
        let is_known = match self.observer.outcome(result.session) {
            None => true,
            Some(outcome) => outcome.is_some() && self.config.rules().outcomes_are_final,
        };
        if self.election.is_none() && from != self.config.coordinator {
            ctx.observe(Observation::Rejected { reason: Reason::WrongSender, from });
        } else if is_known {
            ctx.observe(Observation::Rejected { reason: Reason::WrongSession, from });
        } else {
            self.conclude(ctx, Rc::clone(result));
        }
    }

    /// Cancels its task: another agent leads `session` now.
    pub(super) fn cancel_task(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        if let Some(part) = self.parts.get_mut(&session)
            && part.task.take().is_some()
        {
            ctx.cancel_timer(Timer::Thought(session));
        }
    }

    /// Waited for long enough to ask, or to give up.
    pub(super) fn on_waited(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        let Some(part) = self.parts.get_mut(&session) else { return };
        if std::mem::replace(&mut part.has_asked, true) {
            return self.give_up(ctx, session);
        }
        if self.me != self.leader() {
            ctx.send(self.leader(), Message::Ask(session));
        }
        ctx.set_timer(Timer::Waited(session), self.config.given_up(session).since(ctx.now()));
    }

    fn give_up(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        let outcome = Outcome::Aborted(AbortReason::Silence);
        self.conclude(ctx, Rc::new(SessionResult { session, outcome, value: None }));
    }

    /// Adopts an outcome.
    pub(super) fn conclude(&mut self, ctx: &mut Context<'_, Iterative>, result: Rc<SessionResult>) {
        self.cancel_task(ctx, result.session);
        if self.election.is_some() {
            ctx.cancel_timer(Timer::Failover);
        }
        self.observer.conclude(ctx, result);
    }

    /// Returns true if it has no outcome of `session` yet.
    pub(super) fn awaits(&self, session: SessionId) -> bool {
        self.observer.awaits(session)
    }

    pub(super) fn retained_bytes(&self) -> usize {
        let part = |part: &Part| {
            let reviews: usize = part.reviews.values().map(|given| given.len()).sum();
            part.proposals.values().map(Signed::size).sum::<usize>() + 64 * reviews
        };
        let parts = self.parts.values().map(part).sum::<usize>();
        self.observer.retained_bytes()
            + parts
            + self.election.as_ref().map_or(0, LeaderElection::retained_bytes)
    }
}

impl Part {
    /// The last round in which it has answered.
    fn round(&self) -> Round {
        let last = [self.proposals.keys().next_back(), self.reviews.keys().next_back()];
        last.into_iter().flatten().copied().max().unwrap_or(0)
    }

    fn propose(&mut self, config: &Config, proposal: &Signed<Proposal>) {
        if config.failover.is_none() {
            self.proposals.clear();
        }
        self.proposals.insert(proposal.round, proposal.clone());
    }

    fn review(&mut self, config: &Config, round: Round, given: &Rc<[Signed<Review>]>) {
        if config.failover.is_none() {
            self.reviews.clear();
        }
        self.reviews.insert(round, Rc::clone(given));
    }
}

impl Task {
    /// Its order within a session.
    fn place(&self) -> (Round, bool) {
        match self {
            Task::Propose(call) => (call.round, false),
            Task::Review(gathered) => (gathered.round, true),
        }
    }
}

impl Config {
    /// Returns true if the reviews by `me` cover all proposals assigned to it.
    fn covers(&self, me: NodeId, given: &[Signed<Review>], gathered: &Gathered) -> bool {
        let assignment = self.assignment(gathered.session, gathered.round);
        let mut proposers = gathered.proposals.iter().map(Signed::signer);
        proposers.all(|by| !assignment.assigns(me, by) || given.iter().any(|review| review.proposer == by))
    }

    /// The reviews by `me`, whose own proposal is `own_value`: the nearer a proposal, the higher its score. A review
    /// given `before` is repeated.
    fn reviews(
        &self,
        ctx: &mut Context<'_, Iterative>,
        me: NodeId,
        own_value: &Value,
        gathered: &Gathered,
        before: &[Signed<Review>],
    ) -> Vec<Signed<Review>> {
        let Gathered { session, round, ref proposals } = *gathered;
        let assignment = self.assignment(session, round);
        let mut reviews = Vec::new();
        for proposal in proposals {
            let proposer = proposal.signer();
            let is_own = proposer == me && self.rules().reviews_own;
            if !is_own && (proposer == me || !assignment.assigns(me, proposer)) {
                continue;
            }
            if !ctx.verify(proposal) {
                ctx.observe(Observation::Rejected { reason: Reason::BadSignature, from: proposer });
                continue;
            }
            if let Some(review) = before.iter().find(|review| review.proposer == proposer) {
                reviews.push(review.clone());
                continue;
            }
            let score_ppm = WHOLE - self.distance(own_value, &proposal.value);
            reviews.push(ctx.sign(Review {
                session,
                round,
                proposer,
                proposal: proposal.digest(),
                score_ppm,
            }));
        }
        reviews
    }
}

impl Response {
    /// Sends it to `to`, as a retransmission if it is repeated.
    pub(super) fn send(self, ctx: &mut Context<'_, Iterative>, to: NodeId) {
        match self {
            Response::New(answer) => answer.messages().into_iter().for_each(|message| ctx.send(to, message)),
            Response::Repeated(answer) => {
                let messages = answer.messages().into_iter();
                messages.for_each(|message| ctx.resend(Recipients::One(to), message));
            }
        }
    }
}

impl Answer {
    fn messages(self) -> Vec<Message> {
        match self {
            Answer::Proposal(proposal) => vec![Message::Proposal(proposal)],
            Answer::Reviews(reviews) => reviews.iter().cloned().map(Message::Review).collect(),
        }
    }
}
