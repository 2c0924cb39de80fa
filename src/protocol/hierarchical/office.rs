//! A representative at work: requests go down, votes and reports come up, results go down.

use super::count::{self, Count};
use super::message::{Call, Message, Partial, Timer};
use super::misreport::Misreport;
use super::observation::Observation;
use super::state::{Hierarchical, Session, refuse, within};
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_sim::{Context, Duration, NodeId, Recipients, Signed};
use synod_vote::Cast;
use synod_vote::weighted::{self, Cause, Deliberation, Outcome, Reason, Report, SessionId, Vote};

impl Hierarchical {
    /// A session has opened above.
    pub(super) fn called(&mut self, ctx: &mut Context<'_, Hierarchical>, from: NodeId, call: &Rc<Call>) {
        let session = call.session;
        if !self.heed(ctx, from, &call.tenure) {
            return;
        }
        let snapshot = self.config.vote.weighing.snapshot.digest();
        let refusal = if from != self.voter.chair() {
            Some(Reason::WrongSender)
        } else if (call.snapshot, call.tree) != (snapshot, self.config.tree.digest()) {
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
            match self.office.sessions.contains_key(&session) {
                false => self.preside(ctx, session, false),
                true => self.report_again(ctx, session),
            }
        }
        self.consider(ctx, session);
    }

    /// Votes in `session`, or says again what it has said.
    pub(super) fn consider(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let snapshot = self.config.vote.weighing.snapshot.digest();
        let deliberation = within(ctx, |ctx| self.voter.consider(ctx, session, snapshot));
        match deliberation {
            Some(Deliberation::Voted(vote)) => self.hand_in(ctx, &vote),
            Some(Deliberation::Before(vote)) if self.represents() => self.take_in(ctx, &vote),
            Some(Deliberation::Before(vote)) => {
                let again = Message::Ballot(weighted::Message::Vote(vote));
                ctx.resend(Recipients::One(self.voter.chair()), again);
            }
            None => {}
        }
    }

    /// A voter has thought long enough.
    pub(super) fn thought(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        if let Some(vote) = within(ctx, |ctx| self.voter.vote(ctx, session)) {
            self.hand_in(ctx, &vote);
        }
    }

    /// Hands in its own vote.
    fn hand_in(&mut self, ctx: &mut Context<'_, Hierarchical>, vote: &Signed<Vote>) {
        match self.represents() {
            true => self.take_in(ctx, vote),
            false => {
                ctx.send(self.voter.chair(), Message::Ballot(weighted::Message::Vote(vote.clone())));
            }
        }
    }

    /// Counts in `session` for those under it. If somebody else has counted before, this one asks them again.
    pub(super) fn preside(
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
            let outcome = Outcome::Aborted(Cause::Restart);
            return self.conclude(ctx, Report { session, outcome, certificate: Vec::new() });
        }
        let count = Count::new(&self.config, self.home);
        let state = Session { count, reported: None, is_closed: false, challenged: BTreeMap::new() };
        self.office.sessions.insert(session, state);
        if self.is_root() {
            let config = &self.config.vote;
            within(ctx, |ctx| {
                config.observe_opening(ctx, session, &config.weighing);
                ctx.persist(weighted::Record::Opened(session));
                ctx.sync();
            });
        }
        match is_inherited {
            false => {
                ctx.multicast(Recipients::List(self.juniors()), Message::Call(self.call(session)));
            }
            true => self.call_again(ctx, session, self.juniors()),
        }
        // Those under it have a heartbeat's time in any case.
        let closes = closes.max(ctx.now() + self.config.heartbeat);
        let wait = closes.since(ctx.now());
        ctx.set_timer(Timer::HalfTime(session), Duration::from_nanos(wait.as_nanos() / 2));
        if self.config.is_certified() {
            let three_quarters = u128::from(wait.as_nanos()) * 3 / 4;
            ctx.set_timer(Timer::LastQuarter(session), Duration::from_nanos(three_quarters as u64));
        }
        ctx.set_timer(Timer::Close(session), wait);
        if self.is_root() {
            self.consider(ctx, session);
        } else if let Some(vote) = self.voter.said(session).cloned() {
            self.take_in(ctx, &vote);
        }
    }

    fn call(&self, session: SessionId) -> Rc<Call> {
        Rc::new(Call {
            session,
            snapshot: self.config.vote.weighing.snapshot.digest(),
            tree: self.config.tree.digest(),
            tenure: self.succession.own(),
        })
    }

    /// Asks `whom` once more.
    pub(super) fn call_again(
        &self,
        ctx: &mut Context<'_, Hierarchical>,
        session: SessionId,
        whom: Rc<[NodeId]>,
    ) {
        if !whom.is_empty() {
            ctx.resend(Recipients::List(whom), Message::Call(self.call(session)));
        }
    }

    /// A vote has come in.
    pub(super) fn take(&mut self, ctx: &mut Context<'_, Hierarchical>, from: NodeId, vote: &Signed<Vote>) {
        if !self.represents() {
            // Whoever sends it has missed who represents this cell.
            let own = self.succession.own();
            if own.epoch > 0 {
                ctx.resend(Recipients::One(from), Message::Alive(own));
            }
            return refuse(ctx, Reason::WrongSender, from);
        }
        if !within(ctx, |ctx| ctx.verify(vote)) || vote.signer().0 >= self.config.tree.size() {
            return refuse(ctx, Reason::BadSignature, vote.signer());
        }
        self.fetched(ctx, vote);
        self.take_in(ctx, vote);
    }

    /// Counts a vote that is its signer's, and goes on.
    fn take_in(&mut self, ctx: &mut Context<'_, Hierarchical>, vote: &Signed<Vote>) {
        if self.count(ctx, vote) {
            self.proceed(ctx, vote.session);
        }
    }

    /// Counts a vote that is its signer's; false if it does not count.
    pub(super) fn count(&mut self, ctx: &mut Context<'_, Hierarchical>, vote: &Signed<Vote>) -> bool {
        let (session, from) = (vote.session, vote.signer());
        let is_own = self.is_root() || self.config.tree.home(from) == self.home;
        let Some(state) = self.office.session(session) else {
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
            ctx.observe(Observation::Ballot(proof));
        }
        let cast = state.count.cast(vote);
        match cast {
            Cast::Invalid => refuse(ctx, Reason::Invalid, from),
            // Others on the way up have said so already.
            Cast::Counted if is_own => {
                let counted = weighted::Observation::Counted { vote: vote.clone() };
                ctx.observe(Observation::Ballot(counted));
            }
            Cast::Counted | Cast::Repeated | Cast::Contradicted => {}
        }
        cast == Cast::Counted
    }

    /// A child reports.
    pub(super) fn reported(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        from: NodeId,
        partial: &Signed<Partial>,
    ) {
        let (session, cell, epoch) = (partial.session, partial.tenure.cell, partial.tenure.epoch);
        if !ctx.verify(partial) {
            return refuse(ctx, Reason::BadSignature, from);
        }
        let tree = &self.config.tree;
        let is_cell = (cell as usize) < tree.cells().len();
        if !is_cell || partial.signer() != from || tree.representative(cell, epoch) != from {
            return refuse(ctx, Reason::WrongSender, from);
        }
        if !self.represents() || tree.cell(cell).parent != Some(self.home) {
            ctx.resend(Recipients::One(from), Message::Alive(self.succession.own()));
            return refuse(ctx, Reason::WrongSender, from);
        }
        if !self.heed(ctx, from, &partial.tenure) {
            return;
        }
        if self.office.session(session).is_none() {
            return refuse(ctx, Reason::WrongSession, from);
        }
        if let Some(why) = self.fault(ctx, partial) {
            return self.expose(ctx, partial, why);
        }
        let state = self.office.session(session).expect("it is open");
        if !state.count.merge(partial) {
            return;
        }
        ctx.observe(Observation::Merged { session, cell, epoch });
        self.audit(ctx, partial);
        self.proceed(ctx, session);
    }

    /// What is wrong with a report, if something is.
    fn fault(&self, ctx: &mut Context<'_, Hierarchical>, partial: &Partial) -> Option<Misreport> {
        let votes = partial.votes();
        let are_signed = within(ctx, |ctx| votes.iter().all(|vote| ctx.verify(vote)));
        match are_signed {
            true => count::fault(&self.config, partial),
            false => Some(Misreport::UnsignedVotes),
        }
    }

    /// Something has come in: reports or decides, if that is all, or enough.
    pub(super) fn proceed(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let is_open = self.is_open(session);
        let reports_each = self.config.rules().reports_each_vote;
        let Some(state) = self.office.sessions.get_mut(&session) else { return };
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

    /// Reports what it has heard, if it has not reported that.
    fn report(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let reports_each = self.config.rules().reports_each_vote;
        let state = self.office.sessions.get_mut(&session).expect("it counts in the session");
        let heard = state.count.heard();
        let before = state.reported.replace(heard);
        if before.is_some_and(|before| before == heard) {
            return;
        }
        let (voters, said) = (state.count.voters(), state.count.said());
        let partial = ctx.sign(Partial { session, tenure: self.succession.own(), voters, said });
        let chair = Recipients::One(self.voter.chair());
        match before {
            Some(_) if !reports_each => ctx.resend(chair, Message::Partial(partial)),
            _ => ctx.multicast(chair, Message::Partial(partial)),
        }
    }

    /// Reports once more what it has reported.
    fn report_again(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let Some(state) = self.office.session(session).filter(|state| state.reported.is_some()) else {
            return;
        };
        let (voters, said) = (state.count.voters(), state.count.said());
        let partial = ctx.sign(Partial { session, tenure: self.succession.own(), voters, said });
        ctx.resend(Recipients::One(self.voter.chair()), Message::Partial(partial));
    }

    /// Half of its time is over: asks those once more of whom it has not heard.
    pub(super) fn half_time(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let Some(state) = self.office.sessions.get(&session).filter(|_| self.is_open(session)) else {
            return;
        };
        let tree = &self.config.tree;
        let is_silent = |node: &NodeId| *node != self.me && state.count.vote(tree.position(*node)).is_none();
        let members = tree.members(self.home).iter().copied().filter(is_silent);
        let children = tree.cell(self.home).children.iter();
        let silent = children.filter(|&&child| !state.count.has_reported(child));
        let whom = members.chain(silent.map(|&child| self.representative(child))).collect();
        self.call_again(ctx, session, whom);
    }

    /// Its time is over: what has been heard is reported, or decides.
    pub(super) fn close(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        let is_open = self.is_open(session);
        let Some(state) = self.office.session(session) else { return };
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

    /// The root has the outcome.
    fn decide(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        session: SessionId,
        outcome: Outcome,
        early: bool,
    ) {
        let count = &self.office.sessions[&session].count;
        ctx.observe(Observation::Heard { session, voters: count.voters() });
        let sums = count.sums().options.into_iter().collect();
        let closed = weighted::Observation::Closed { session, outcome, early, votes: count.heard(), sums };
        ctx.observe(Observation::Ballot(closed));
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
        self.conclude(ctx, Report { session, outcome, certificate });
    }

    /// Somebody tells what came of a session.
    pub(super) fn told(&mut self, ctx: &mut Context<'_, Hierarchical>, from: NodeId, report: &Rc<Report>) {
        // That nothing was decided, nobody can prove: only the way that results take vouches for it.
        let is_on_its_way = !self.config.is_certified() || from == self.voter.chair();
        let refusal = if !self.is_open(report.session) {
            Some(Reason::WrongSession)
        } else if !is_on_its_way && !matches!(report.outcome, Outcome::Decided(_)) {
            Some(Reason::WrongSender)
        } else if !within(ctx, |ctx| self.voter.is_proven(ctx, report)) {
            Some(Reason::Unproven)
        } else {
            None
        };
        match refusal {
            Some(reason) => refuse(ctx, reason, from),
            None => self.conclude(ctx, Report::clone(report)),
        }
    }

    /// Knows what came of a session, and passes it on.
    fn conclude(&mut self, ctx: &mut Context<'_, Hierarchical>, report: Report) {
        let session = report.session;
        let report = Rc::new(report);
        self.stop_watching(ctx);
        ctx.cancel_timer(Timer::HalfTime(session));
        ctx.cancel_timer(Timer::LastQuarter(session));
        within(ctx, |ctx| self.voter.conclude(ctx, Report::clone(&report)));
        let before = self.reports.insert(session, Rc::clone(&report));
        assert!(before.is_none(), "a session has one outcome");
        if self.represents() {
            let result = Message::Ballot(weighted::Message::Result(report));
            ctx.multicast(Recipients::List(self.juniors()), result);
        }
    }

    /// Answers who waits for a result, once there is one.
    pub(super) fn answer(
        &mut self,
        ctx: &mut Context<'_, Hierarchical>,
        from: NodeId,
        session: SessionId,
        vote: Option<&Signed<Vote>>,
    ) {
        let is_member = self.config.tree.home(from) == self.home;
        if let Some(vote) = vote.filter(|_| is_member && self.represents()) {
            self.take(ctx, from, vote);
        }
        self.tell(ctx, from, session);
    }

    /// It has waited for long enough to ask, or to give up.
    pub(super) fn waited(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        self.complain(ctx, session);
        within(ctx, |ctx| self.voter.waited(ctx, session));
        if !self.is_open(session) {
            self.stop_watching(ctx);
        }
    }
}
