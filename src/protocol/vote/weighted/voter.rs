//! A voter: it votes once in a session, and learns the result.

use super::config::Config;
use super::durable::Record;
use super::message::{AbortReason, Message, Outcome, Proposal, SessionResult, Timer, Vote};
use super::observation::{Observation, Reason};
use super::state::{Voter, Weighted};
use crate::tally::Ballot;
use std::rc::Rc;
use synod_common::schedule::SessionId;
use synod_sim::collections::SortedMap;
use synod_sim::{Context, Digest, NodeId, Recipients, Signed, sort};

/// The outcome of a deliberation.
#[derive(Debug)]
pub enum Deliberation {
    /// A new vote.
    Voted(Signed<Vote>),
    /// The vote that it had cast before.
    Repeated(Signed<Vote>),
}

impl Voter {
    /// The voter `me`, with what it remembers from before a crash.
    pub fn new(config: &Rc<Config>, me: NodeId, records: &[Record]) -> Voter {
        let mut voter = Voter {
            config: Rc::clone(config),
            me,
            parent: config.coordinator,
            parts: SortedMap::new(),
            concluded: vec![None; config.schedule.sessions as usize].into(),
        };
        for record in records {
            match record {
                Record::Voted(vote) => {
                    voter.parts.entry(vote.session).or_default().vote = Some(vote.clone());
                }
                Record::Concluded(result) => {
                    voter.concluded[result.session as usize] = Some(result.outcome);
                    voter.parts.remove(&result.session);
                }
                Record::Opened(_) | Record::Learned(_) => {}
            }
        }
        voter
    }

    /// Sets the node that it reports to.
    pub fn set_parent(&mut self, parent: NodeId) {
        self.parent = parent;
    }

    /// The node that it reports to.
    pub fn parent(&self) -> NodeId {
        self.parent
    }

    /// The vote that it has cast in `session`, if it has.
    pub fn cast_vote(&self, session: SessionId) -> Option<&Signed<Vote>> {
        self.parts.get(&session)?.vote.as_ref()
    }

    /// Returns true if it has been asked in `session`.
    pub fn has_been_asked(&self, session: SessionId) -> bool {
        self.parts.get(&session).is_some_and(|part| part.was_asked)
    }

    /// Opens `session`, and sets the timer for its outcome.
    pub fn open(&mut self, ctx: &mut Context<'_, Weighted>, session: SessionId) {
        if self.concluded[session as usize].is_some() {
            return;
        }
        let over = self.config.opens(session) + self.config.patience();
        if over <= ctx.now() {
            // It was down throughout.
            return self.give_up(ctx, session);
        }
        // Older sessions no longer matter.
        self.parts.retain(|&other, _| other + 1 >= session);
        self.parts.entry(session).or_default();
        let half = self.config.opens(session) + self.config.half_time();
        ctx.set_timer(Timer::Waited(session), half.since(ctx.now()));
    }

    /// Handles the coordinator's request for a vote.
    pub(super) fn on_request(
        &mut self,
        ctx: &mut Context<'_, Weighted>,
        from: NodeId,
        proposal: &Signed<Proposal>,
    ) {
        let Proposal { session, snapshot } = **proposal;
        let refusal = if !ctx.verify(proposal) {
            Some(Reason::BadSignature)
        } else if from != self.parent || proposal.signer() != from {
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
            None => match self.deliberate(ctx, session, snapshot) {
                Some(Deliberation::Voted(vote)) => ctx.send(from, Message::Vote(vote)),
                Some(Deliberation::Repeated(vote)) => ctx.resend(Recipients::One(from), Message::Vote(vote)),
                None => {}
            },
        }
    }

    /// Returns true if it has to answer in `session`: it is open, or its result has overtaken the request, in which
    /// case the vote counts for its voter's record alone.
    pub fn is_to_answer(&self, session: SessionId) -> bool {
        match self.outcome(session) {
            None => false,
            Some(None) => true,
            Some(Some(_)) => {
                self.parts.get(&session).is_some_and(|part| !part.was_asked && part.vote.is_none())
            }
        }
    }

    /// Deliberates about `session`, unless it has; returns its vote, if it is ready.
    pub fn deliberate(
        &mut self,
        ctx: &mut Context<'_, Weighted>,
        session: SessionId,
        snapshot: Digest,
    ) -> Option<Deliberation> {
        let part = self.parts.entry(session).or_default();
        if let Some(vote) = &part.vote {
            return Some(Deliberation::Repeated(vote.clone()));
        }
        if std::mem::replace(&mut part.was_asked, true) {
            // It is thinking, or will not answer.
            return None;
        }
        part.snapshot = Some(Box::new(snapshot));
        self.config.polls[session as usize].opinions[self.me.index()]?;
        let thinking = self.config.agents[self.me.index()].traits.thinking;
        if thinking.is_zero() {
            return self.vote(ctx, session).map(Deliberation::Voted);
        }
        ctx.set_timer(Timer::Thought(session), thinking);
        None
    }

    /// Casts its vote after deliberation, persisted before it is sent; `None` if it has no opinion.
    pub fn vote(&mut self, ctx: &mut Context<'_, Weighted>, session: SessionId) -> Option<Signed<Vote>> {
        let part = self.parts.get_mut(&session)?;
        let opinion = self.config.polls[session as usize].opinions[self.me.index()]?;
        let snapshot = *part.snapshot.take()?;
        let confidence_ppm = if self.config.confidence {
            self.config.agents[self.me.index()].traits.competence_ppm
        } else {
            1_000_000
        };
        let option = (opinion + u64::from(self.config.life)) % self.config.options;
        let vote = ctx.sign(Vote { session, snapshot, ballot: Ballot { option, confidence_ppm } });
        part.vote = Some(vote.clone());
        ctx.observe(Observation::Voted { session });
        ctx.persist(Record::Voted(vote.clone()));
        ctx.sync();
        Some(vote)
    }

    /// Handles a session's result.
    pub(super) fn on_result(
        &mut self,
        ctx: &mut Context<'_, Weighted>,
        from: NodeId,
        result: &Rc<SessionResult>,
    ) {
        let refusal = if from != self.parent {
            Some(Reason::WrongSender)
        } else if self
            .outcome(result.session)
            .is_none_or(|outcome| outcome.is_some() && self.config.rules().outcomes_are_final)
        {
            Some(Reason::WrongSession)
        } else if !self.is_proven(ctx, result) {
            Some(Reason::Unproven)
        } else {
            None
        };
        match refusal {
            Some(reason) => ctx.observe(Observation::Rejected { reason, from }),
            None => self.conclude(ctx, Rc::clone(result)),
        }
    }

    /// Returns true if `result` carries the proof that it needs: the certificate of a decision, where the coordinator
    /// may lie. An undecided outcome has no proof.
    pub fn is_proven(&self, ctx: &mut Context<'_, Weighted>, result: &SessionResult) -> bool {
        let Outcome::Decided(option) = result.outcome else { return true };
        let snapshot = &self.config.weighing.snapshot;
        let Some(quorum) = self.config.quorum(snapshot.total()) else { return true };
        let signers = sort::distinct(result.certificate.iter().map(Signed::signer).collect());
        let is_for = |vote: &Vote| {
            (vote.session, vote.snapshot, vote.ballot.option) == (result.session, snapshot.digest(), option)
        };
        let weight: u64 = signers.iter().filter_map(|signer| snapshot.weights().get(signer.index())).sum();
        signers.len() == result.certificate.len()
            && weight >= quorum
            && result.certificate.iter().all(|vote| is_for(vote) && ctx.verify(vote))
    }

    /// Handles the end of a wait: asks for the result, or gives up.
    pub fn on_waited(&mut self, ctx: &mut Context<'_, Weighted>, session: SessionId) {
        let Some(part) = self.parts.get_mut(&session) else { return };
        if self.me == self.parent && part.was_asked {
            // It has opened the session, and will close it.
            return;
        }
        if !std::mem::replace(&mut part.has_asked, true) {
            if self.me != self.parent {
                ctx.send(self.parent, Message::Ask(session, part.vote.clone()));
            }
            let over = self.config.opens(session) + self.config.patience();
            return ctx.set_timer(Timer::Waited(session), over.since(ctx.now()));
        }
        self.give_up(ctx, session);
    }

    fn give_up(&mut self, ctx: &mut Context<'_, Weighted>, session: SessionId) {
        let outcome = Outcome::Aborted(AbortReason::Silence);
        self.conclude(ctx, Rc::new(SessionResult { session, outcome, certificate: Vec::new() }));
    }

    /// Adopts the only outcome of a session.
    pub fn conclude(&mut self, ctx: &mut Context<'_, Weighted>, result: Rc<SessionResult>) {
        let SessionResult { session, outcome, .. } = *result;
        let place = &mut self.concluded[session as usize];
        assert!(place.is_none() || !self.config.rules().outcomes_are_final, "an observer has one outcome");
        *place = Some(outcome);
        self.parts.entry(session).or_default();
        ctx.cancel_timer(Timer::Waited(session));
        ctx.persist(Record::Concluded(result));
        ctx.sync();
        let right = outcome == Outcome::Decided(self.config.polls[session as usize].truth);
        ctx.observe(Observation::Concluded { session, outcome, right });
    }

    /// The outcome of `session`, if known; `None` if there is no such session.
    pub fn outcome(&self, session: SessionId) -> Option<Option<Outcome>> {
        self.concluded.get(usize::try_from(session).ok()?).copied()
    }

    /// What it holds, in bytes.
    pub fn retained_bytes(&self) -> usize {
        self.parts.len() * 64 + self.concluded.len()
    }
}
