//! An agent: it proposes, reviews what others propose, moves towards what is selected, and learns what came of it.

use super::message::{Call, Cause, Gathered, Message, Outcome, Proposal, Report, Review, Round};
use super::observation::{Observation, Reason};
use super::observer::Observer;
use super::value::Value;
use super::{Bug, Config, Iterative, Record, Timer, WHOLE};
use crate::protocol::schedule::SessionId;
use crate::sim::{Context, NodeId, Recipients, Signed};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What an agent knows.
#[derive(Debug)]
pub struct Agent {
    config: Rc<Config>,
    me: NodeId,
    observer: Observer,
    /// What it has said in the sessions that are open for it, and in the last one.
    parts: BTreeMap<SessionId, Part>,
}

/// An agent's part in a session.
#[derive(Debug, Default)]
struct Part {
    /// Its last proposal: where it stands.
    proposal: Option<Signed<Proposal>>,
    /// Its last reviews, all of one round.
    reviews: Option<Reviews>,
    /// What it thinks about.
    task: Option<Task>,
    /// True once it has asked for the result.
    has_asked: bool,
}

/// The reviews of one round: none, where nothing was assigned.
#[derive(Clone, Debug)]
struct Reviews {
    round: Round,
    given: Rc<[Signed<Review>]>,
}

/// Something to think about.
#[derive(Clone, Debug)]
enum Task {
    Propose(Rc<Call>),
    Review(Rc<Gathered>),
}

/// What an agent says when it is asked.
#[derive(Debug)]
pub(super) enum Answer {
    Proposal(Signed<Proposal>),
    Reviews(Rc<[Signed<Review>]>),
}

/// Whether an answer is new.
#[derive(Debug)]
pub(super) enum Said {
    Now(Answer),
    Before(Answer),
}

impl Agent {
    pub(super) fn new(config: &Rc<Config>, me: NodeId, records: &[Record]) -> Agent {
        let mut parts: BTreeMap<SessionId, Part> = BTreeMap::new();
        for record in records {
            match record {
                Record::Proposed(proposal) => {
                    parts.entry(proposal.session).or_default().proposal = Some(proposal.clone());
                }
                Record::Reviewed { session, round, reviews } => {
                    let reviews = Reviews { round: *round, given: Rc::clone(reviews) };
                    parts.entry(*session).or_default().reviews = Some(reviews);
                }
                Record::Concluded(report) => {
                    parts.remove(&report.session);
                }
                Record::Opened(_) | Record::Averaged { .. } => {}
            }
        }
        Agent { config: Rc::clone(config), me, observer: Observer::new(config, records), parts }
    }

    /// The time of `session` has come: it has this long to have an outcome.
    pub(super) fn open(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        if !self.observer.awaits(session) {
            return;
        }
        if self.config.given_up(session) <= ctx.now() {
            // It was down all the time.
            return self.give_up(ctx, session);
        }
        // What was said before the last session matters no more.
        self.parts.retain(|&other, _| other + 1 >= session);
        self.parts.entry(session).or_default();
        ctx.set_timer(Timer::Waited(session), self.config.closed(session).since(ctx.now()));
    }

    /// A round begins: what it says, if it is ready to say something.
    pub(super) fn called(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        from: NodeId,
        call: &Rc<Call>,
    ) -> Option<Said> {
        self.heed(ctx, from, call.session)?;
        let part = self.parts.entry(call.session).or_default();
        match &part.proposal {
            Some(proposal) if proposal.round == call.round => {
                Some(Said::Before(Answer::Proposal(proposal.clone())))
            }
            _ if call.round <= part.round() => {
                ctx.observe(Observation::Rejected { reason: Reason::WrongRound, from });
                None
            }
            _ => self.consider(ctx, call.session, Task::Propose(Rc::clone(call))),
        }
    }

    /// Proposals are there to be reviewed: what it says, if it is ready to say something.
    pub(super) fn handed(
        &mut self,
        ctx: &mut Context<'_, Iterative>,
        from: NodeId,
        gathered: &Rc<Gathered>,
    ) -> Option<Said> {
        self.heed(ctx, from, gathered.session)?;
        let part = self.parts.entry(gathered.session).or_default();
        match &part.reviews {
            Some(Reviews { round, given }) if *round == gathered.round => {
                Some(Said::Before(Answer::Reviews(Rc::clone(given))))
            }
            _ if gathered.round < part.round() => {
                ctx.observe(Observation::Rejected { reason: Reason::WrongRound, from });
                None
            }
            _ => self.consider(ctx, gathered.session, Task::Review(Rc::clone(gathered))),
        }
    }

    /// Whether a message of `from` about `session` is to be heeded.
    fn heed(&self, ctx: &mut Context<'_, Iterative>, from: NodeId, session: SessionId) -> Option<()> {
        let reason = if from != self.config.coordinator {
            Reason::WrongSender
        } else if !self.observer.awaits(session) {
            Reason::WrongSession
        } else {
            return Some(());
        };
        ctx.observe(Observation::Rejected { reason, from });
        None
    }

    /// Thinks about `task`, and no more about what came before it.
    fn consider(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId, task: Task) -> Option<Said> {
        // Who has no opinion proposes and reviews nothing.
        self.config.opinion(session, self.me)?;
        let part = self.parts.entry(session).or_default();
        let is_new = part.task.as_ref().is_none_or(|other| other.place() < task.place());
        if !is_new {
            return None;
        }
        part.task = Some(task);
        let thinking = self.config.agents[self.me.index()].thinking;
        if thinking.is_zero() {
            return self.thought(ctx, session).map(Said::Now);
        }
        ctx.set_timer(Timer::Thought(session), thinking);
        None
    }

    /// What it has come to think: written down before it is said.
    pub(super) fn thought(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) -> Option<Answer> {
        let part = self.parts.get_mut(&session)?;
        let stand = part.proposal.as_ref().map(|proposal| Rc::clone(&proposal.value));
        let stand = match stand {
            Some(stand) => stand,
            None => Rc::new(self.config.opinion(session, self.me)?),
        };
        match part.task.take()? {
            Task::Propose(call) => {
                let value = match &call.selected {
                    Some(selected) => self.config.domain.pulled(&stand, selected, self.config.pull_ppm),
                    None => Value::clone(&stand),
                };
                let confidence_ppm = self.config.agents[self.me.index()].competence_ppm;
                let (round, value) = (call.round, Rc::new(value));
                let proposal = ctx.sign(Proposal { session, round, value, confidence_ppm });
                part.proposal = Some(proposal.clone());
                ctx.persist(Record::Proposed(proposal.clone()));
                ctx.sync();
                Some(Answer::Proposal(proposal))
            }
            Task::Review(gathered) => {
                let round = gathered.round;
                let given: Rc<[Signed<Review>]> = self.config.reviews(ctx, self.me, &stand, &gathered).into();
                part.reviews = Some(Reviews { round, given: Rc::clone(&given) });
                ctx.persist(Record::Reviewed { session, round, reviews: Rc::clone(&given) });
                ctx.sync();
                Some(Answer::Reviews(given))
            }
        }
    }

    /// The coordinator tells what came of a session.
    pub(super) fn told(&mut self, ctx: &mut Context<'_, Iterative>, from: NodeId, report: &Rc<Report>) {
        let is_known = match self.observer.outcome(report.session) {
            None => true,
            Some(outcome) => outcome.is_some() && !self.config.has(Bug::OutcomeTwice),
        };
        if from != self.config.coordinator {
            ctx.observe(Observation::Rejected { reason: Reason::WrongSender, from });
        } else if is_known {
            ctx.observe(Observation::Rejected { reason: Reason::WrongSession, from });
        } else {
            self.conclude(ctx, Rc::clone(report));
        }
    }

    /// Waited for long enough to ask, or to give up.
    pub(super) fn waited(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        let Some(part) = self.parts.get_mut(&session) else { return };
        if std::mem::replace(&mut part.has_asked, true) {
            return self.give_up(ctx, session);
        }
        if self.me != self.config.coordinator {
            ctx.send(self.config.coordinator, Message::Ask(session));
        }
        ctx.set_timer(Timer::Waited(session), self.config.given_up(session).since(ctx.now()));
    }

    fn give_up(&mut self, ctx: &mut Context<'_, Iterative>, session: SessionId) {
        let outcome = Outcome::Aborted(Cause::Silence);
        self.conclude(ctx, Rc::new(Report { session, outcome, value: None }));
    }

    /// Takes an outcome for its own.
    pub(super) fn conclude(&mut self, ctx: &mut Context<'_, Iterative>, report: Rc<Report>) {
        if let Some(part) = self.parts.get_mut(&report.session)
            && part.task.take().is_some()
        {
            ctx.cancel_timer(Timer::Thought(report.session));
        }
        self.observer.conclude(ctx, report);
    }

    /// True if it has no outcome of `session` yet.
    pub(super) fn awaits(&self, session: SessionId) -> bool {
        self.observer.awaits(session)
    }

    pub(super) fn retained_bytes(&self) -> usize {
        let part = |part: &Part| {
            let reviews = part.reviews.as_ref().map_or(0, |reviews| reviews.given.len());
            part.proposal.as_ref().map_or(0, Signed::size) + 64 * reviews
        };
        self.observer.retained_bytes() + self.parts.values().map(part).sum::<usize>()
    }
}

impl Part {
    /// The last round in which it has said something.
    fn round(&self) -> Round {
        let proposed = self.proposal.as_ref().map_or(0, |proposal| proposal.round);
        proposed.max(self.reviews.as_ref().map_or(0, |reviews| reviews.round))
    }
}

impl Task {
    /// Where in a session it belongs.
    fn place(&self) -> (Round, bool) {
        match self {
            Task::Propose(call) => (call.round, false),
            Task::Review(gathered) => (gathered.round, true),
        }
    }
}

impl Config {
    /// What `me`, who stands at `stand`, thinks of those proposals that it is to review: the nearer, the better.
    fn reviews(
        &self,
        ctx: &mut Context<'_, Iterative>,
        me: NodeId,
        stand: &Value,
        gathered: &Gathered,
    ) -> Vec<Signed<Review>> {
        let Gathered { session, round, ref proposals } = *gathered;
        let assignment = self.assignment(session, round);
        let mut reviews = Vec::new();
        for proposal in proposals {
            let proposer = proposal.signer();
            let is_own = proposer == me && self.has(Bug::SelfReview);
            if !is_own && (proposer == me || !assignment.assigns(me, proposer)) {
                continue;
            }
            if !ctx.verify(proposal) {
                ctx.observe(Observation::Rejected { reason: Reason::BadSignature, from: proposer });
                continue;
            }
            let score_ppm = WHOLE - self.distance(stand, &proposal.value);
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

impl Said {
    /// Sends it to `to`: once more, if it was said before.
    pub(super) fn send(self, ctx: &mut Context<'_, Iterative>, to: NodeId) {
        match self {
            Said::Now(answer) => answer.messages().into_iter().for_each(|message| ctx.send(to, message)),
            Said::Before(answer) => {
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
