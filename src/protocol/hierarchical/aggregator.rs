//! Aggregation: vote requests go down, votes and reports come up, results go down.

use super::count::{self, Count};
use super::message::{Message, Partial, Timer, VoteRequest};
use super::misreport::Misreport;
use super::observation::Observation;
use super::state::{Hierarchical, Session, refuse, within};
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Context, Duration, NodeId, Recipients, Signed};
use synod_vote::Cast;
use synod_vote::weighted::{
    self, AbortReason, Deliberation, Outcome, Reason, SessionId, SessionResult, Vote,
};

impl Hierarchical {
    /// Handles the parent's vote request.
    pub(super) fn on_vote_request(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        from: NodeId,
        request: &Rc<VoteRequest>,
    ) {
        let session = request.session;
        if !self.accept_epoch(ctx, from, &request.certificate) {
            return;
        }
        let snapshot = self.config.vote.weighing.snapshot.digest();
        let refusal = if from != self.voter.parent() {
            Some(Reason::WrongSender)
        } else if (request.snapshot, request.tree) != (snapshot, self.config.tree.digest()) {
            Some(Reason::WrongSnapshot)
        } else if !self.voter.is_to_answer(session) {
            Some(Reason::WrongSession)
        } else {
            None
        };
        if let Some(reason) = refusal {
            return refuse(ctx, reason, from);
        }
        if self.represents() {
            if self.aggregator.sessions.contains_key(&session) {
                self.report_again(ctx, session)
            } else {
                self.start_session(ctx, session, false)
            }
        }
        self.deliberate(ctx, session);
    }

    /// Votes in `session`, or repeats its vote.
    pub(super) fn deliberate(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let snapshot = self.config.vote.weighing.snapshot.digest();
        let deliberation = within(ctx, |ctx| self.voter.deliberate(ctx, session, snapshot));
        match deliberation {
            Some(Deliberation::Voted(vote)) => self.submit(ctx, &vote),
            Some(Deliberation::Repeated(vote)) if self.represents() => self.count_and_proceed(ctx, &vote),
            Some(Deliberation::Repeated(vote)) => {
                let again = Message::FlatVote(weighted::Message::Vote(vote));
                ctx.repeat(Recipients::One(self.voter.parent()), again);
            }
            None => {}
        }
    }

    /// Handles the end of a voter's thinking time.
    pub(super) fn on_thought(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        if let Some(vote) = within(ctx, |ctx| self.voter.vote(ctx, session)) {
            self.submit(ctx, &vote);
        }
    }

    /// Submits its own vote.
    fn submit(&mut self, ctx: &mut Context<'_, Hierarchical>, vote: &Signed<Vote>) {
        if self.represents() {
            self.count_and_proceed(ctx, vote)
        } else {
            ctx.send(self.voter.parent(), Message::FlatVote(weighted::Message::Vote(vote.clone())));
        }
    }

    /// Starts aggregating `session` for the subtree. If another representative has done so before, it asks the children
    /// again.
    pub(super) fn start_session(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        session: SessionId,
        is_inherited: bool,
    ) {
        let rank = self.config.tree.cell(self.home).rank;
        let closes = self.config.closes(session, rank);
        if self.is_root() && closes <= ctx.now() && !is_inherited {
            // It was down when the session was to open.
            return;
        }
        if self.is_root() && is_inherited && !self.config.is_recoverable() {
            let outcome = Outcome::Aborted(AbortReason::Restart);
            let certificate = Vec::new();
            return self.conclude(ctx, Rc::new(SessionResult { session, outcome, certificate }));
        }
        let count = Count::new(&self.config, self.home);
        let state = Session { count, reported: None, is_closed: false, challenged: SortedMap::new() };
        self.aggregator.sessions.insert(session, state);
        if self.is_root() {
            let config = &self.config.vote;
            within(ctx, |ctx| {
                config.observe_opening(ctx, session, &config.weighing);
                ctx.persist(weighted::Record::Opened(session));
                ctx.sync();
            });
        }
        if is_inherited {
            self.request_again(ctx, session, self.children());
        } else {
            ctx.multicast(
                Recipients::List(self.children()),
                Message::VoteRequest(self.vote_request(session)),
            );
        }
        // The children have a heartbeat's time in any case.
        let closes = closes.max(ctx.now() + self.config.heartbeat);
        let wait = closes.since(ctx.now());
        ctx.set_timer(Timer::HalfTime(session), Duration::from_nanos(wait.as_nanos() / 2));
        if self.config.is_certified() {
            let three_quarters = u128::from(wait.as_nanos()) * 3 / 4;
            ctx.set_timer(Timer::LastQuarter(session), Duration::from_nanos(three_quarters as u64));
        }
        ctx.set_timer(Timer::Close(session), wait);
        if self.is_root() {
            self.deliberate(ctx, session);
        } else if let Some(vote) = self.voter.cast_vote(session).cloned() {
            self.count_and_proceed(ctx, &vote);
        }
    }

    fn vote_request(&self, session: SessionId) -> Rc<VoteRequest> {
        Rc::new(VoteRequest {
            session,
            snapshot: self.config.vote.weighing.snapshot.digest(),
            tree: self.config.tree.digest(),
            certificate: self.succession.own_certificate(self.home),
        })
    }

    /// Repeats the vote request to `whom`.
    pub(super) fn request_again(
        &self,
        ctx: &mut Context<'_, Hierarchical>,
        session: SessionId,
        whom: Rc<[NodeId]>,
    ) {
        if !whom.is_empty() {
            ctx.repeat(Recipients::List(whom), Message::VoteRequest(self.vote_request(session)));
        }
    }

    /// Handles a vote.
    pub(super) fn on_vote(&mut self, ctx: &mut Context<'_, Hierarchical>, from: NodeId, vote: &Signed<Vote>) {
        if !self.represents() {
            // The sender does not know the cell's representative.
            let own = self.succession.own_certificate(self.home);
            if own.epoch > 0 {
                ctx.resend(Recipients::One(from), Message::Alive(own));
            }
            return refuse(ctx, Reason::WrongSender, from);
        }
        if !within(ctx, |ctx| ctx.verify(vote)) || vote.signer().0 >= self.config.tree.size() {
            return refuse(ctx, Reason::BadSignature, vote.signer());
        }
        self.on_vote_fetched(ctx, vote);
        self.count_and_proceed(ctx, vote);
    }

    /// Counts a vote whose signature is valid, and proceeds.
    fn count_and_proceed(&mut self, ctx: &mut Context<'_, Hierarchical>, vote: &Signed<Vote>) {
        if self.count(ctx, vote) {
            self.proceed(ctx, vote.session);
        }
    }

    /// Counts a vote whose signature is valid; returns false if it does not count.
    pub(super) fn count(&mut self, ctx: &mut Context<'_, Hierarchical>, vote: &Signed<Vote>) -> bool {
        let (session, from) = (vote.session, vote.signer());
        let is_own = self.is_root() || self.config.tree.home(from) == self.home;
        let Some(state) = self.aggregator.session(session) else {
            refuse(ctx, Reason::WrongSession, from);
            return false;
        };
        if vote.snapshot != self.config.vote.weighing.snapshot.digest() {
            refuse(ctx, Reason::WrongSnapshot, from);
            return false;
        }
        let first = state.count.vote(self.config.tree.position(from)).cloned();
        if let Some(first) = first.filter(|first| first.digest() != vote.digest()) {
            let proof = weighted::Observation::DoubleVote { first, second: vote.clone() };
            ctx.observe(Observation::FlatVote(proof));
        }
        let cast = state.count.cast(vote);
        match cast {
            Cast::Invalid => refuse(ctx, Reason::Invalid, from),
            // Others on the way up have said so already.
            Cast::Counted if is_own => {
                let counted = weighted::Observation::Counted { vote: vote.clone() };
                ctx.observe(Observation::FlatVote(counted));
            }
            Cast::Counted | Cast::Repeated | Cast::Contradicted => {}
        }
        cast == Cast::Counted
    }

    /// Handles a child's report.
    pub(super) fn on_report(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        from: NodeId,
        partial: &Signed<Partial>,
    ) {
        let (session, cell, epoch) = (partial.session, partial.certificate.cell, partial.certificate.epoch);
        if !ctx.verify(partial) {
            return refuse(ctx, Reason::BadSignature, from);
        }
        let tree = &self.config.tree;
        let is_cell = (cell as usize) < tree.cells().len();
        if !is_cell || partial.signer() != from || tree.representative(cell, epoch) != from {
            return refuse(ctx, Reason::WrongSender, from);
        }
        if !self.represents() || tree.cell(cell).parent != Some(self.home) {
            ctx.resend(Recipients::One(from), Message::Alive(self.succession.own_certificate(self.home)));
            return refuse(ctx, Reason::WrongSender, from);
        }
        if !self.accept_epoch(ctx, from, &partial.certificate) {
            return;
        }
        if self.aggregator.session(session).is_none() {
            return refuse(ctx, Reason::WrongSession, from);
        }
        if let Some(why) = self.fault(ctx, partial) {
            return self.report_fault(ctx, partial, why);
        }
        let state = self.aggregator.session(session).expect("it is open");
        if !state.count.merge(partial) {
            return;
        }
        ctx.observe(Observation::Merged { session, cell, epoch });
        self.audit(ctx, partial);
        self.proceed(ctx, session);
    }

    /// The fault in a report, if there is one.
    fn fault(&self, ctx: &mut Context<'_, Hierarchical>, partial: &Partial) -> Option<Misreport> {
        let votes = partial.votes();
        let are_signed = within(ctx, |ctx| votes.iter().all(|vote| ctx.verify(vote)));
        if are_signed { count::fault(&self.config, partial) } else { Some(Misreport::UnsignedVotes) }
    }

    /// Reports or decides, if all votes are in, or enough.
    pub(super) fn proceed(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let is_open = self.is_open(session);
        let reports_each = self.config.rules().reports_each_vote;
        let Some(state) = self.aggregator.sessions.get_mut(&session) else { return };
        if self.config.tree.cell(self.home).parent.is_none() {
            if is_open && let Some(verdict) = state.count.verdict() {
                self.decide(ctx, session, verdict.into(), true);
            }
            return;
        }
        if state.is_closed || state.count.is_complete() || reports_each {
            self.report(ctx, session);
        }
    }

    /// Reports the aggregate, unless nothing has changed.
    fn report(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let reports_each = self.config.rules().reports_each_vote;
        let state = self.aggregator.sessions.get_mut(&session).expect("it counts in the session");
        let heard = state.count.heard();
        let before = state.reported.replace(heard);
        if before.is_some_and(|before| before == heard) {
            return;
        }
        let (voters, body) = (state.count.voters(), state.count.report_body());
        let partial = ctx.sign(Partial {
            session,
            certificate: self.succession.own_certificate(self.home),
            voters,
            body,
        });
        let parent = Recipients::One(self.voter.parent());
        match before {
            Some(_) if !reports_each => ctx.resend(parent, Message::Partial(partial)),
            _ => ctx.multicast(parent, Message::Partial(partial)),
        }
    }

    /// Repeats the last report.
    fn report_again(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let Some(state) = self.aggregator.session(session).filter(|state| state.reported.is_some()) else {
            return;
        };
        let (voters, body) = (state.count.voters(), state.count.report_body());
        let partial = ctx.sign(Partial {
            session,
            certificate: self.succession.own_certificate(self.home),
            voters,
            body,
        });
        ctx.repeat(Recipients::One(self.voter.parent()), Message::Partial(partial));
    }

    /// Handles half time: asks those again that have not answered.
    pub(super) fn on_half_time(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let Some(state) = self.aggregator.sessions.get(&session).filter(|_| self.is_open(session)) else {
            return;
        };
        let tree = &self.config.tree;
        let is_silent = |node: &NodeId| *node != self.me && state.count.vote(tree.position(*node)).is_none();
        let members = tree.members(self.home).iter().copied().filter(is_silent);
        let children = tree.cell(self.home).children.iter();
        let silent = children.filter(|&&child| !state.count.has_reported(child));
        let whom = members.chain(silent.map(|&child| self.representative(child))).collect();
        self.request_again(ctx, session, whom);
    }

    /// Handles the closing time: reports the aggregate, or decides.
    pub(super) fn on_close(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let is_open = self.is_open(session);
        let Some(state) = self.aggregator.session(session) else { return };
        state.is_closed = true;
        match self.config.tree.cell(self.home).parent {
            Some(_) => self.report(ctx, session),
            None if is_open => {
                let outcome = state.count.closed().into();
                self.decide(ctx, session, outcome, false);
            }
            None => {}
        }
    }

    /// Closes a session at the root.
    fn decide(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        session: SessionId,
        outcome: Outcome,
        early: bool,
    ) {
        let count = &self.aggregator.sessions[&session].count;
        ctx.observe(Observation::Heard { session, voters: count.voters() });
        let sums = count.sums().options.into_iter().collect();
        let closed = weighted::Observation::Closed { session, outcome, early, votes: count.heard(), sums };
        ctx.observe(Observation::FlatVote(closed));
        let certificate: Vec<Signed<Vote>> = match outcome {
            Outcome::Decided(option) if self.config.is_certified() => {
                count.votes().filter(|vote| vote.ballot.option == option).cloned().collect()
            }
            _ => Vec::new(),
        };
        if let (Outcome::Decided(_), Some(quorum)) = (outcome, self.config.quorum()) {
            let weight =
                |vote: &Signed<Vote>| self.config.weight_at(self.config.tree.position(vote.signer()));
            let weight = certificate.iter().map(weight).sum::<u64>();
            assert!(weight >= quorum, "a decision has a quorum's votes");
        }
        self.conclude(ctx, Rc::new(SessionResult { session, outcome, certificate }));
    }

    /// Handles a session's result.
    pub(super) fn on_result(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        from: NodeId,
        result: &Rc<SessionResult>,
    ) {
        // An undecided outcome has no proof: it counts only if it comes from the parent.
        let is_on_its_way = !self.config.is_certified() || from == self.voter.parent();
        let refusal = if !self.is_open(result.session) {
            Some(Reason::WrongSession)
        } else if !is_on_its_way && !matches!(result.outcome, Outcome::Decided(_)) {
            Some(Reason::WrongSender)
        } else if !within(ctx, |ctx| self.voter.is_proven(ctx, result)) {
            Some(Reason::Unproven)
        } else {
            None
        };
        match refusal {
            Some(reason) => refuse(ctx, reason, from),
            None => self.conclude(ctx, Rc::clone(result)),
        }
    }

    /// Records a session's result, and forwards it to the children.
    fn conclude(&mut self, ctx: &mut Context<'_, Hierarchical>, result: Rc<SessionResult>) {
        let session = result.session;
        self.stop_watching(ctx);
        ctx.cancel_timer(Timer::HalfTime(session));
        ctx.cancel_timer(Timer::LastQuarter(session));
        within(ctx, |ctx| self.voter.conclude(ctx, Rc::clone(&result)));
        let before = self.results.insert(session, Rc::clone(&result));
        assert!(before.is_none(), "a session has one outcome");
        if self.represents() {
            let result = Message::FlatVote(weighted::Message::Result(result));
            ctx.multicast(Recipients::List(self.children()), result);
        }
    }

    /// Handles ASK: counts the vote in it, and sends the result, if there is one.
    pub(super) fn on_ask(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        from: NodeId,
        session: SessionId,
        vote: Option<&Signed<Vote>>,
    ) {
        let is_member = self.config.tree.home(from) == self.home;
        if let Some(vote) = vote.filter(|_| is_member && self.represents()) {
            self.on_vote(ctx, from, vote);
        }
        self.send_result(ctx, from, session);
    }

    /// Handles the end of a wait: asks for the result, or gives up.
    pub(super) fn on_waited(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        self.suspect_if_not_asked(ctx, session);
        within(ctx, |ctx| self.voter.on_waited(ctx, session));
        if !self.is_open(session) {
            self.stop_watching(ctx);
        }
    }
}
