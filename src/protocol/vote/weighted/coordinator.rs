//! The coordinator: it opens sessions, counts votes and announces results.

use super::config::Config;
use super::durable::Record;
use super::message::{AbortReason, Message, Outcome, Proposal, SessionResult, Timer, Vote};
use super::observation::{Observation, Reason};
use super::state::{Coordinator, Session, Voter, Weighted};
use super::voter::Deliberation;
use super::weighing::{Source, Weighing};
use crate::expertise::Memory;
use crate::fairness;
use crate::tally::{Cast, Tally};
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::collections::SortedMap;
use synod_sim::{Context, NodeId, Recipients, Signed};

impl Coordinator {
    pub(super) fn new(config: &Rc<Config>, records: &[Record]) -> Coordinator {
        let mut coordinator = Coordinator {
            config: Rc::clone(config),
            expertise: config.expertise(),
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
                Record::Learned(answers) => coordinator.learn(answers),
                Record::Voted(_) => {}
            }
        }
        coordinator
    }

    /// After a crash: aborts open sessions, since their votes are lost.
    pub(super) fn recover(&mut self, ctx: &mut Context<'_, Weighted>, voter: &mut Voter) {
        for session in std::mem::take(&mut self.interrupted) {
            self.close(ctx, voter, session, Outcome::Aborted(AbortReason::Restart));
        }
    }

    /// Opens `session`, unless it is too late for it: freezes the weights, and asks all voters.
    pub(super) fn open(&mut self, ctx: &mut Context<'_, Weighted>, voter: &mut Voter, session: SessionId) {
        let closes = self.config.opens(session) + self.config.deadline;
        if voter.outcome(session) != Some(None) || closes <= ctx.now() {
            return;
        }
        let weighing = self.weigh(ctx);
        let snapshot = weighing.snapshot.clone();
        let terms = self.config.terms(snapshot.total());
        self.config.observe_opening(ctx, session, &weighing);
        let proposal = ctx.sign(Proposal { session, snapshot: snapshot.digest() });
        let state = Session {
            proposal: proposal.clone(),
            tally: Tally::new(terms, snapshot.clone()),
            votes: vec![None; self.config.voters()],
            is_over: false,
        };
        self.sessions.insert(session, state);
        ctx.persist(Record::Opened(session));
        ctx.sync();
        ctx.broadcast(Message::Request(proposal));
        let half = self.config.opens(session) + self.config.half_time();
        ctx.set_timer(Timer::HalfTime(session), half.since(ctx.now()));
        ctx.set_timer(Timer::Deadline(session), closes.since(ctx.now()));
        if let Some(Deliberation::Voted(vote)) = voter.deliberate(ctx, session, snapshot.digest()) {
            self.on_vote(ctx, voter, &vote);
        }
    }

    /// Weights of the session that opens, after learning from the sessions before.
    fn weigh(&mut self, ctx: &mut Context<'_, Weighted>) -> Rc<Weighing> {
        let over: Vec<(SessionId, Session)> =
            self.sessions.extract_if(.., |_, state| state.is_over).collect();
        if !self.config.learns() {
            return Rc::clone(&self.config.weighing);
        }
        for (session, state) in over {
            let truth = self.config.polls[session as usize].truth;
            let is_right =
                |vote: &Option<Signed<Vote>>| vote.as_ref().map(|vote| vote.ballot.option == truth);
            let answers: Vec<Option<bool>> = state.votes.iter().map(is_right).collect();
            self.learn(&answers);
            ctx.persist(Record::Learned(Rc::new(answers)));
        }
        Rc::new(self.config.weigh(&self.expertise))
    }

    /// Learns who was right.
    fn learn(&mut self, answers: &[Option<bool>]) {
        let memory = self.memory();
        for (known, answer) in self.expertise.iter_mut().zip(answers) {
            if let Some(is_right) = *answer {
                known.learn(is_right, memory);
            }
        }
    }

    fn memory(&self) -> Memory {
        match self.config.source {
            Source::Earned { memory, .. } => memory,
            Source::Equal | Source::Given => Memory::WHOLE,
        }
    }

    /// Handles a vote.
    pub(super) fn on_vote(
        &mut self,
        ctx: &mut Context<'_, Weighted>,
        voter: &mut Voter,
        vote: &Signed<Vote>,
    ) {
        let (session, from) = (vote.session, vote.signer());
        let refuse =
            |ctx: &mut Context<'_, Weighted>, reason| ctx.observe(Observation::Rejected { reason, from });
        if !ctx.verify(vote) {
            return refuse(ctx, Reason::BadSignature);
        }
        let Some(state) = self.sessions.get_mut(&session) else { return refuse(ctx, Reason::WrongSession) };
        let first = state.votes.get(from.index()).and_then(Option::as_ref);
        if let Some(first) = first.filter(|first| first.digest() != vote.digest()) {
            ctx.observe(Observation::DoubleVote { first: first.clone(), second: vote.clone() });
        }
        if vote.snapshot != state.proposal.snapshot {
            return refuse(ctx, Reason::WrongSnapshot);
        }
        let is_first = first.is_none();
        match state.tally.cast(from.index(), vote.ballot) {
            Cast::Invalid => return refuse(ctx, Reason::Invalid),
            Cast::Repeated | Cast::Contradicted => return,
            Cast::Counted => {}
        }
        if is_first {
            state.votes[from.index()] = Some(vote.clone());
        }
        if state.is_over {
            // It tells of its voter, and changes nothing.
            return;
        }
        ctx.observe(Observation::Counted { vote: vote.clone() });
        if !self.config.rules().weights_are_frozen {
            self.move_weights(session, vote);
        }
        self.stop_early(ctx, voter, session);
    }

    /// Answers who waits for a result, once there is one.
    pub(super) fn on_ask(
        &mut self,
        ctx: &mut Context<'_, Weighted>,
        voter: &mut Voter,
        from: NodeId,
        session: SessionId,
        vote: Option<&Signed<Vote>>,
    ) {
        if let Some(vote) = vote {
            self.on_vote(ctx, voter, vote);
        }
        if let Some(result) = self.results.get(&session) {
            ctx.resend(Recipients::One(from), Message::Result(Rc::clone(result)));
        }
    }

    /// Handles half time: requests the missing votes again.
    pub(super) fn on_half_time(
        &mut self,
        ctx: &mut Context<'_, Weighted>,
        voter: &mut Voter,
        session: SessionId,
    ) {
        let Some(state) = self.sessions.get_mut(&session).filter(|state| !state.is_over) else { return };
        let is_silent =
            |node: &NodeId| state.tally.ballot(node.index()).is_none() && *node != self.config.coordinator;
        let silent: Vec<NodeId> = (0..self.config.voters() as u32).map(NodeId).filter(is_silent).collect();
        if !silent.is_empty() {
            ctx.repeat(Recipients::List(silent.into()), Message::Request(state.proposal.clone()));
        }
        if !self.config.rules().late_votes_stay_open {
            state.tally.forget_open();
            self.stop_early(ctx, voter, session);
        }
    }

    /// Handles the deadline: the votes so far decide.
    pub(super) fn on_deadline(
        &mut self,
        ctx: &mut Context<'_, Weighted>,
        voter: &mut Voter,
        session: SessionId,
    ) {
        let Some(state) = self.sessions.get(&session).filter(|state| !state.is_over) else { return };
        let outcome = state.tally.close().into();
        self.observe_closing(ctx, session, outcome, false);
        self.close(ctx, voter, session, outcome);
    }

    /// Closes `session` if nothing that is open can change its outcome.
    fn stop_early(&mut self, ctx: &mut Context<'_, Weighted>, voter: &mut Voter, session: SessionId) {
        let tally = &self.sessions[&session].tally;
        let verdict = if tally.is_complete() {
            Some(tally.close())
        } else {
            tally.verdict().filter(|_| self.config.early)
        };
        if let Some(verdict) = verdict {
            let outcome = verdict.into();
            self.observe_closing(ctx, session, outcome, true);
            self.close(ctx, voter, session, outcome);
        }
    }

    fn observe_closing(
        &self,
        ctx: &mut Context<'_, Weighted>,
        session: SessionId,
        outcome: Outcome,
        early: bool,
    ) {
        let tally = &self.sessions[&session].tally;
        let sums = tally.sums().options.iter().map(|(&option, &weight)| (option, weight)).collect();
        ctx.observe(Observation::Closed { session, outcome, early, votes: tally.votes(), sums });
    }

    /// Closes `session` with `outcome`, and announces it.
    fn close(
        &mut self,
        ctx: &mut Context<'_, Weighted>,
        voter: &mut Voter,
        session: SessionId,
        outcome: Outcome,
    ) {
        let state = self.sessions.get_mut(&session);
        let certificate = match (outcome, &state) {
            (Outcome::Decided(option), Some(state)) if self.config.faulty_ppm > 0 => {
                let is_for = |vote: &&Signed<Vote>| vote.ballot.option == option;
                state.votes.iter().flatten().filter(is_for).cloned().collect()
            }
            _ => Vec::new(),
        };
        if let Some(state) = state {
            assert!(!state.is_over, "a session closes once");
            state.is_over = true;
        }
        let result = Rc::new(SessionResult { session, outcome, certificate });
        self.assert_certified(&result);
        let before = self.results.insert(session, Rc::clone(&result));
        assert!(before.is_none(), "a session has one outcome");
        ctx.cancel_timer(Timer::HalfTime(session));
        ctx.cancel_timer(Timer::Deadline(session));
        // What it tells others it remembers: the outcome is its own first.
        voter.conclude(ctx, Rc::clone(&result));
        ctx.broadcast(Message::Result(result));
    }

    /// A decision that needs a certificate has one: its votes weigh the quorum, which the threshold is no less than.
    fn assert_certified(&self, result: &SessionResult) {
        let snapshot = &self.config.weighing.snapshot;
        let (Outcome::Decided(_), Some(quorum)) = (result.outcome, self.config.quorum(snapshot.total()))
        else {
            return;
        };
        let weights = result.certificate.iter().map(|vote| snapshot.weights()[vote.signer().index()]);
        let is_certified = weights.sum::<u64>() >= quorum;
        assert!(is_certified || self.config.bug.is_some(), "a decision has a quorum's votes");
    }

    /// A mutant's: what a vote shows about its voter counts at once.
    fn move_weights(&mut self, session: SessionId, vote: &Signed<Vote>) {
        let is_right = vote.ballot.option == self.config.polls[session as usize].truth;
        let memory = self.memory();
        self.expertise[vote.signer().index()].learn(is_right, memory);
        let snapshot = self.config.weigh(&self.expertise).snapshot;
        if let Some(state) = self.sessions.get_mut(&session) {
            state.tally.reweigh(snapshot);
        }
    }

    pub(super) fn retained_bytes(&self) -> usize {
        self.sessions.values().map(|state| 64 + 16 * state.votes.len()).sum()
    }
}

impl Config {
    /// Tells of a session that opens: what is questionable about it, and how its weights are spread.
    pub fn observe_opening(
        &self,
        ctx: &mut Context<'_, Weighted>,
        session: SessionId,
        weighing: &Rc<Weighing>,
    ) {
        for warning in self.warnings(weighing) {
            ctx.observe(Observation::Warned(warning));
        }
        let weights = weighing.snapshot.weights();
        ctx.observe(Observation::Spread("gini_ppm", fairness::gini_ppm(weights)));
        ctx.observe(Observation::Spread("entropy_ppm", fairness::entropy_ppm(weights)));
        ctx.observe(Observation::Spread("largest_weight_ppm", fairness::largest_ppm(weights)));
        ctx.observe(Observation::Opened { session, weighing: Rc::clone(weighing) });
    }
}
