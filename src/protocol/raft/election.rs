//! Elections: pre-vote, votes, and leader stickiness.
//!
//! A follower that hears from no leader first asks whether a campaign could win (pre-vote, thesis §9.6), then raises
//! its term and asks for votes. Whoever has heard from a leader within an election timeout votes for nobody (§4.2.3),
//! unless that leader itself wants another; in return a leader that hears from no majority for as long steps down
//! (CheckQuorum, §6.2). One without the other would lock a connected majority out.

use super::durable::Record;
use super::entry::Term;
use super::membership::majority;
use super::message::{Campaign, Message, RequestVote, Vote};
use super::observation::{Observation, Reason};
use super::state::{Candidacy, Ctx, Replica, Role, Timer};
use rand::Rng;
use synod_sim::{Duration, NodeId, Recipients};

impl Replica {
    /// Draws a new election timeout from [E, 2E).
    ///
    /// The timer itself is left to run: if it expires early, it is armed for what is left. A leader's every message
    /// would else cost an event of the queue.
    pub(super) fn reset_election_timeout(&mut self, ctx: &mut Ctx<'_>) {
        let base = self.config.election_timeout;
        let extra = if self.config.rules().timeouts_vary {
            ((u128::from(ctx.rng().next_u64()) * u128::from(base.as_nanos())) >> 64) as u64
        } else {
            0
        };
        self.deadline = ctx.now() + base + Duration::from_nanos(extra);
    }

    /// Draws a new election timeout, and arms the timer.
    pub(super) fn restart_election_timer(&mut self, ctx: &mut Ctx<'_>) {
        self.reset_election_timeout(ctx);
        ctx.set_timer(Timer::Election, self.deadline.since(ctx.now()));
    }

    pub(super) fn on_election_timer(&mut self, ctx: &mut Ctx<'_>) {
        let left = self.deadline.since(ctx.now());
        if !left.is_zero() {
            // A clock that was set back would show far too much.
            let left = left.min(self.config.election_timeout.saturating_mul(2));
            self.deadline = ctx.now() + left;
            return ctx.set_timer(Timer::Election, left);
        }
        if self.wins_by_live_majority() {
            return self.win(ctx);
        }
        if !self.is_promotable() {
            return self.restart_election_timer(ctx);
        }
        self.heard_at = None;
        let kind = if self.config.pre_vote { Campaign::PreVote } else { Campaign::Election };
        self.campaign(ctx, kind);
    }

    /// Returns true if it may campaign: it is a voter, or was one before a change that may not be committed, in which
    /// case its log may be the only one that the others would vote for (thesis, §4.2.2).
    fn is_promotable(&self) -> bool {
        let before = self.configurations.at(self.commit).1;
        self.configurations.latest().is_voter(self.me) || before.is_voter(self.me)
    }

    /// Asks all voters for their votes.
    pub(super) fn campaign(&mut self, ctx: &mut Ctx<'_>, kind: Campaign) {
        self.leader = None;
        if kind != Campaign::PreVote || !self.config.rules().pre_vote_keeps_term {
            self.adopt_term(ctx, self.term + 1, Some(self.me));
        }
        let term = if kind == Campaign::PreVote { self.term + 1 } else { self.term };
        ctx.observe(match kind {
            Campaign::PreVote => Observation::PreVoteStarted { term },
            Campaign::Election => Observation::Campaigned { term, transfer: false },
            Campaign::Transfer => Observation::Campaigned { term, transfer: true },
        });
        self.role = Role::Candidate(Candidacy { kind, granted: vec![self.me], answered: vec![self.me] });
        self.restart_election_timer(ctx);
        let configuration = self.configurations.latest();
        let voters = configuration.members().into_iter();
        let voters: Vec<_> = voters.filter(|&node| node != self.me && configuration.is_voter(node)).collect();
        if !voters.is_empty() {
            let (last_index, last_term) = (self.log.last_index(), self.log.last_term());
            let request = RequestVote { term, last_index, last_term, kind };
            ctx.multicast(Recipients::List(voters.into()), Message::RequestVote(request));
        }
        self.check_votes(ctx);
    }

    pub(super) fn on_request_vote(&mut self, ctx: &mut Ctx<'_>, from: NodeId, request: &RequestVote) {
        let pre = request.kind == Campaign::PreVote;
        let is_up_to_date = self.is_up_to_date(request);
        let sticks = request.kind != Campaign::Transfer && self.sticks_to_leader(ctx);
        let granted = if pre {
            request.term > self.term && is_up_to_date && !sticks
        } else if request.term < self.term || (sticks && request.term > self.term) {
            false
        } else {
            let is_free = self.voted_for.is_none_or(|candidate| candidate == from)
                || request.term > self.term
                || !self.config.rules().one_vote_a_term;
            let granted = is_free && is_up_to_date;
            let is_new = request.term > self.term || self.voted_for != Some(from);
            if request.term > self.term || (granted && is_new) {
                self.adopt_term(ctx, request.term, granted.then_some(from));
            }
            granted
        };
        if granted && !pre {
            self.reset_election_timeout(ctx);
        } else if granted && !self.config.rules().pre_vote_keeps_timer {
            self.heard_at = Some(ctx.now());
            self.reset_election_timeout(ctx);
        }
        let term = if granted { request.term } else { self.term };
        ctx.send(from, Message::Vote(Vote { term, pre, granted }));
    }

    /// Returns true if the candidate's log holds everything that may be committed here.
    fn is_up_to_date(&self, request: &RequestVote) -> bool {
        if !self.config.rules().compares_last_terms {
            return request.last_index >= self.log.last_index();
        }
        (request.last_term, request.last_index) >= (self.log.last_term(), self.log.last_index())
    }

    /// Returns true if this replica leads, or has heard from a leader within an election timeout.
    fn sticks_to_leader(&self, ctx: &Ctx<'_>) -> bool {
        let is_recent = |heard| ctx.now().since(heard) < self.config.election_timeout;
        self.config.check_quorum
            && (matches!(self.role, Role::Leader(_)) || self.heard_at.is_some_and(is_recent))
    }

    pub(super) fn on_vote(&mut self, ctx: &mut Ctx<'_>, from: NodeId, vote: &Vote) {
        let is_granted_pre_vote = vote.pre && vote.granted;
        if vote.term > self.term && !is_granted_pre_vote {
            return self.adopt_term(ctx, vote.term, None);
        }
        let Role::Candidate(candidacy) = &mut self.role else { return };
        let is_pre = candidacy.kind == Campaign::PreVote;
        let asked = if is_pre { self.term + 1 } else { self.term };
        if vote.pre != is_pre || (vote.granted && vote.term != asked) {
            return;
        }
        insert_once(&mut candidacy.answered, from);
        if vote.granted {
            insert_once(&mut candidacy.granted, from);
        }
        self.check_votes(ctx);
    }

    fn check_votes(&mut self, ctx: &mut Ctx<'_>) {
        let Role::Candidate(candidacy) = &self.role else { return };
        let has_granted = |node| u64::from(candidacy.granted.contains(&node));
        if self.config.quorum_level(self.configurations.latest(), &mut self.levels, has_granted) > 0 {
            self.win(ctx);
        }
    }

    /// A mutant's idea of a majority, once the election timer expires.
    fn wins_by_live_majority(&mut self) -> bool {
        let Role::Candidate(candidacy) = &self.role else { return false };
        let needed = majority(candidacy.answered.len());
        !self.config.rules().majority_of_all && candidacy.granted.len() >= needed
    }

    fn win(&mut self, ctx: &mut Ctx<'_>) {
        let Role::Candidate(candidacy) = &self.role else { return };
        match candidacy.kind {
            Campaign::PreVote => self.campaign(ctx, Campaign::Election),
            Campaign::Election | Campaign::Transfer => self.become_leader(ctx),
        }
    }

    /// Adopts `term`, or stays in it, with a vote for `voted_for`, which is durable before any message leaves.
    pub(super) fn adopt_term(&mut self, ctx: &mut Ctx<'_>, term: Term, voted_for: Option<NodeId>) {
        assert!(term >= self.term, "terms only rise");
        let is_new = term > self.term;
        let is_first = is_new || self.voted_for.is_none() || self.voted_for == voted_for;
        assert!(is_first || !self.config.rules().one_vote_a_term, "a vote is given once a term");
        if is_new {
            self.step_down(ctx, Reason::HigherTerm);
            self.role = Role::Follower;
            self.leader = None;
        }
        self.term = term;
        self.voted_for = voted_for;
        let kept = if self.config.rules().persists_votes { voted_for } else { None };
        ctx.persist(Record::Vote(term, kept));
        ctx.sync();
        if is_new {
            ctx.observe(Observation::TermEntered { term });
        }
        if let Some(candidate) = voted_for {
            ctx.observe(Observation::VoteGranted { term, candidate });
        }
    }

    /// Steps down, if it leads.
    pub(super) fn step_down(&mut self, ctx: &mut Ctx<'_>, reason: Reason) {
        let Role::Leader(_) = self.role else { return };
        let Role::Leader(lead) = std::mem::replace(&mut self.role, Role::Follower) else { return };
        ctx.observe(Observation::SteppedDown { term: self.term, reason });
        ctx.cancel_timer(Timer::Heartbeat);
        ctx.cancel_timer(Timer::Transfer);
        ctx.cancel_timer(Timer::Tick);
        self.leader = None;
        self.redirect_reads(ctx, *lead);
        self.restart_election_timer(ctx);
    }

    /// Follows the leader of `term`; false if it cannot be one.
    pub(super) fn follow(&mut self, ctx: &mut Ctx<'_>, term: Term, leader: NodeId) -> bool {
        if term > self.term {
            self.adopt_term(ctx, term, None);
        }
        if matches!(self.role, Role::Leader(_)) {
            // Two leaders in one term, which only a mutant has.
            return false;
        }
        self.role = Role::Follower;
        self.leader = Some(leader);
        self.heard_at = Some(ctx.now());
        self.reset_election_timeout(ctx);
        true
    }
}

fn insert_once(nodes: &mut Vec<NodeId>, node: NodeId) {
    if !nodes.contains(&node) {
        nodes.push(node);
    }
}
