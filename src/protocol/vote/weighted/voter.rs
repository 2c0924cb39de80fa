//! A voter: it makes up its mind once in a session, and learns what came of it.

use super::config::Config;
use super::durable::Record;
use super::message::{Cause, Message, Outcome, Proposal, Report, Timer, Vote};
use super::observation::{Observation, Reason};
use super::state::{Voter, Weighted};
use crate::tally::Ballot;
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::{Context, Digest, NodeId, Recipients, Signed};

/// What a voter has to say when it is asked.
#[derive(Debug)]
pub enum Deliberation {
    /// Something new.
    Voted(Signed<Vote>),
    /// What it has said before.
    Before(Signed<Vote>),
}

impl Voter {
    /// The voter `me`, with what it remembers from before a crash.
    pub fn new(config: &Rc<Config>, me: NodeId, records: &[Record]) -> Voter {
        let mut voter = Voter {
            config: Rc::clone(config),
            me,
            chair: config.coordinator,
            parts: BTreeMap::new(),
            concluded: vec![None; config.schedule.sessions as usize],
        };
        for record in records {
            match record {
                Record::Voted(vote) => {
                    voter.parts.entry(vote.session).or_default().vote = Some(vote.clone());
                }
                Record::Concluded(report) => {
                    voter.concluded[report.session as usize] = Some(report.outcome);
                    voter.parts.remove(&report.session);
                }
                Record::Opened(_) | Record::Learned(_) => {}
            }
        }
        voter
    }

    /// From now on it hears of sessions from `chair`.
    pub fn follow(&mut self, chair: NodeId) {
        self.chair = chair;
    }

    /// Whom it hears of sessions from.
    pub fn chair(&self) -> NodeId {
        self.chair
    }

    /// What it has said in `session`, if it remembers.
    pub fn said(&self, session: SessionId) -> Option<&Signed<Vote>> {
        self.parts.get(&session)?.vote.as_ref()
    }

    /// True if it has been asked in `session`.
    pub fn has_been_asked(&self, session: SessionId) -> bool {
        self.parts.get(&session).is_some_and(|part| part.snapshot.is_some())
    }

    /// The time of `session` has come: it has this long to have an outcome.
    pub fn open(&mut self, ctx: &mut Context<'_, Weighted>, session: SessionId) {
        if self.concluded[session as usize].is_some() {
            return;
        }
        let over = self.config.opens(session) + self.config.patience();
        if over <= ctx.now() {
            // It was down all the time.
            return self.give_up(ctx, session);
        }
        // What was said before the last session matters no more.
        self.parts.retain(|&other, _| other + 1 >= session);
        self.parts.entry(session).or_default();
        let half = self.config.opens(session) + self.config.half_time();
        ctx.set_timer(Timer::Waited(session), half.since(ctx.now()));
    }

    /// The coordinator asks for its vote.
    pub(super) fn asked(
        &mut self,
        ctx: &mut Context<'_, Weighted>,
        from: NodeId,
        proposal: &Signed<Proposal>,
    ) {
        let Proposal { session, snapshot } = **proposal;
        let refusal = if !ctx.verify(proposal) {
            Some(Reason::BadSignature)
        } else if from != self.chair || proposal.signer() != from {
            Some(Reason::WrongSender)
        } else if !self.is_to_answer(session) {
            Some(Reason::WrongSession)
        } else if self.config.faulty_ppm > 0 && snapshot != self.config.weighing.snapshot.digest() {
            Some(Reason::WrongSnapshot)
        } else {
            None
        };
        match refusal {
            Some(reason) => ctx.observe(Observation::Rejected { reason, from }),
            None => match self.consider(ctx, session, snapshot) {
                Some(Deliberation::Voted(vote)) => ctx.send(from, Message::Vote(vote)),
                Some(Deliberation::Before(vote)) => ctx.resend(Recipients::One(from), Message::Vote(vote)),
                None => {}
            },
        }
    }

    /// True if it is to answer in `session`: it is open, or its result has overtaken the question. Then the answer
    /// changes nothing but its voter's record.
    pub fn is_to_answer(&self, session: SessionId) -> bool {
        match self.outcome(session) {
            None => false,
            Some(None) => true,
            Some(Some(_)) => {
                self.parts.get(&session).is_some_and(|part| part.snapshot.is_none() && part.vote.is_none())
            }
        }
    }

    /// Thinks about `session`, if it has not; what it says about it, if it is ready to say.
    pub fn consider(
        &mut self,
        ctx: &mut Context<'_, Weighted>,
        session: SessionId,
        snapshot: Digest,
    ) -> Option<Deliberation> {
        let part = self.parts.entry(session).or_default();
        if let Some(vote) = &part.vote {
            return Some(Deliberation::Before(vote.clone()));
        }
        if part.snapshot.is_some() {
            // It is thinking, or will not answer.
            return None;
        }
        part.snapshot = Some(snapshot);
        self.config.polls[session as usize].opinions[self.me.index()]?;
        let thinking = self.config.agents[self.me.index()].thinking;
        if thinking.is_zero() {
            return self.vote(ctx, session).map(Deliberation::Voted);
        }
        ctx.set_timer(Timer::Thought(session), thinking);
        None
    }

    /// Its vote, now that it has thought: written down before it is sent. `None` if it has none.
    pub fn vote(&mut self, ctx: &mut Context<'_, Weighted>, session: SessionId) -> Option<Signed<Vote>> {
        let part = self.parts.get_mut(&session)?;
        let opinion = self.config.polls[session as usize].opinions[self.me.index()]?;
        let snapshot = part.snapshot?;
        let confidence_ppm = match self.config.confidence {
            true => self.config.agents[self.me.index()].competence_ppm,
            false => 1_000_000,
        };
        let option = (opinion + u64::from(self.config.life)) % self.config.options;
        let vote = ctx.sign(Vote { session, snapshot, ballot: Ballot { option, confidence_ppm } });
        part.vote = Some(vote.clone());
        ctx.observe(Observation::Voted { session });
        ctx.persist(Record::Voted(vote.clone()));
        ctx.sync();
        Some(vote)
    }

    /// The coordinator tells what came of a session.
    pub(super) fn told(&mut self, ctx: &mut Context<'_, Weighted>, from: NodeId, report: &Rc<Report>) {
        let refusal = if from != self.chair {
            Some(Reason::WrongSender)
        } else if self
            .outcome(report.session)
            .is_none_or(|outcome| outcome.is_some() && self.config.rules().outcomes_are_final)
        {
            Some(Reason::WrongSession)
        } else if !self.is_proven(ctx, report) {
            Some(Reason::Unproven)
        } else {
            None
        };
        match refusal {
            Some(reason) => ctx.observe(Observation::Rejected { reason, from }),
            None => self.conclude(ctx, Report::clone(report)),
        }
    }

    /// True if `report` proves what it says, as far as that has to be proven: a decision, where the coordinator may
    /// lie. That nothing was decided, nobody else can tell.
    pub fn is_proven(&self, ctx: &mut Context<'_, Weighted>, report: &Report) -> bool {
        let Outcome::Decided(option) = report.outcome else { return true };
        let snapshot = &self.config.weighing.snapshot;
        let Some(quorum) = self.config.quorum(snapshot.total()) else { return true };
        let mut signers: Vec<NodeId> = report.certificate.iter().map(Signed::signer).collect();
        signers.sort_unstable();
        signers.dedup();
        let is_for = |vote: &Vote| {
            (vote.session, vote.snapshot, vote.ballot.option) == (report.session, snapshot.digest(), option)
        };
        let weight: u64 = signers.iter().filter_map(|signer| snapshot.weights().get(signer.index())).sum();
        signers.len() == report.certificate.len()
            && weight >= quorum
            && report.certificate.iter().all(|vote| is_for(vote) && ctx.verify(vote))
    }

    /// Waited for long enough to ask, or to give up.
    pub fn waited(&mut self, ctx: &mut Context<'_, Weighted>, session: SessionId) {
        let Some(part) = self.parts.get_mut(&session) else { return };
        if self.me == self.chair && part.snapshot.is_some() {
            // It has opened the session, and will close it.
            return;
        }
        if !std::mem::replace(&mut part.has_asked, true) {
            if self.me != self.chair {
                ctx.send(self.chair, Message::Ask(session, part.vote.clone()));
            }
            let over = self.config.opens(session) + self.config.patience();
            return ctx.set_timer(Timer::Waited(session), over.since(ctx.now()));
        }
        self.give_up(ctx, session);
    }

    fn give_up(&mut self, ctx: &mut Context<'_, Weighted>, session: SessionId) {
        let outcome = Outcome::Aborted(Cause::Silence);
        self.conclude(ctx, Report { session, outcome, certificate: Vec::new() });
    }

    /// Takes an outcome for its own, the only one in this session.
    pub fn conclude(&mut self, ctx: &mut Context<'_, Weighted>, report: Report) {
        let Report { session, outcome, .. } = report;
        let place = &mut self.concluded[session as usize];
        assert!(place.is_none() || !self.config.rules().outcomes_are_final, "an observer has one outcome");
        *place = Some(outcome);
        self.parts.entry(session).or_default();
        ctx.cancel_timer(Timer::Waited(session));
        ctx.persist(Record::Concluded(Rc::new(report)));
        ctx.sync();
        let right = outcome == Outcome::Decided(self.config.polls[session as usize].truth);
        ctx.observe(Observation::Concluded { session, outcome, right });
    }

    /// What it knows of `session`: `None` if there is no such session.
    pub fn outcome(&self, session: SessionId) -> Option<Option<Outcome>> {
        self.concluded.get(usize::try_from(session).ok()?).copied()
    }

    /// What it holds, in bytes.
    pub fn retained_bytes(&self) -> usize {
        self.parts.len() * 64 + self.concluded.len()
    }
}
