//! What every node of a refinement is told, and what follows from it.

use super::assignment::Assignment;
use super::averaging;
use super::bug::{Bug, Rules, Texts};
use super::distance::{self, WHOLE};
use super::domain::{Domain, Value};
use super::gathering::{self, Gathering};
use super::measure::Thresholds;
use super::message::{Round, Term};
use super::observation::Phase;
use std::rc::Rc;
use synod_common::opinion::Poll;
use synod_common::profile::Profile;
use synod_common::schedule::{Schedule, SessionId};
use synod_sim::random::CounterKey;
use synod_sim::{Duration, NodeId, Purpose, Streams, Time};

/// What every node is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who coordinates; it takes part as well.
    pub coordinator: NodeId,
    /// After how long a silence of the coordinator another takes over, and after so much longer the next; `None` for a
    /// coordinator that is not replaced. It takes agents that do not lie.
    pub failover: Option<Duration>,
    /// How agents come together.
    pub method: Method,
    /// What is proposed.
    pub domain: Rc<Domain>,
    /// f: how many agents may be silent, or lie.
    pub faulty: u32,
    /// True if those may lie: then n ≥ 3f + 1, and otherwise n ≥ 2f + 1.
    pub lies: bool,
    /// How long agents have to propose, or for a round of numeric agreement.
    pub proposing: Duration,
    /// How long they have to review.
    pub reviewing: Duration,
    /// How much longer a phase waits for the others once n − f have answered; `None` to wait for its time. Where agents
    /// may lie it takes n ≥ 3f + 2.
    pub grace: Option<Duration>,
    /// How long a session lasts at most.
    pub deadline: Duration,
    /// How many rounds it has at most; in numeric agreement, how many it has.
    pub rounds_max: Round,
    /// How near agents have to be to have converged,
    pub thresholds: Thresholds,
    /// and for how many rounds in a row.
    pub stable_rounds: u32,
    /// From which score on a proposal is good enough, if agents approve of it, in parts per million.
    pub good_enough_ppm: Option<u32>,
    /// True if the coordinator can tell how good a proposal truly is; that is half of the score then.
    pub evaluator: bool,
    /// α: which part of the way to the selected proposal agents go in a round, in parts per million. What is left of the
    /// way after r rounds is (1 − α)^r.
    pub pull_ppm: u32,
    /// When sessions open, by each node's own clock.
    pub schedule: Schedule,
    /// What the agents are like, by number.
    pub agents: Rc<[Profile]>,
    /// What is true of each session, and what everyone thinks of it at first, as options of the domain. An agent looks
    /// at its own opinion alone.
    pub polls: Rc<[Poll]>,
    /// Draws who reviews whom.
    pub assignments: CounterKey,
    /// The bug of a mutant.
    pub bug: Option<Bug>,
    /// Which of the lives of a node that leads several is told this; 0 for a node as it should be.
    pub life: u32,
}

/// How agents come together.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// They review each other's proposals, and move towards the best.
    Refinement,
    /// They average numbers.
    Agreement {
        /// How near honest numbers are in the end.
        tolerance: u64,
    },
}

impl Config {
    /// A refinement of `domain` by `agents` with these opinions: f = 0, phases of 1 s, at most 10 rounds, thresholds of
    /// 10 % for dispersion and drift, two thirds of the reviewers approving with 80 % or more, two such rounds, and a
    /// pull of 60 %.
    pub fn new(
        domain: Domain,
        agents: impl Into<Rc<[Profile]>>,
        polls: impl Into<Rc<[Poll]>>,
        streams: &Streams,
    ) -> Config {
        let (agents, polls) = (agents.into(), polls.into());
        let second = Duration::from_secs(1);
        let config = Config {
            coordinator: NodeId(0),
            failover: None,
            method: Method::Refinement,
            domain: Rc::new(domain),
            faulty: 0,
            lies: true,
            proposing: second,
            reviewing: second,
            grace: None,
            deadline: Duration::MAX,
            rounds_max: 10,
            thresholds: Thresholds {
                dispersion_ppm: 100_000,
                drift_ppm: 100_000,
                approval_ppm: 660_000,
                approves_ppm: 800_000,
            },
            stable_rounds: 2,
            good_enough_ppm: None,
            evaluator: false,
            pull_ppm: 600_000,
            schedule: Schedule { sessions: polls.len() as u64, first: Duration::ZERO, every: Duration::ZERO },
            agents,
            polls,
            assignments: streams.counter(Purpose::Assignment),
            bug: None,
            life: 0,
        };
        config.apart()
    }

    /// The same with sessions so far apart that one is over before the next opens.
    pub fn apart(mut self) -> Config {
        self.schedule.every = self.patience();
        self
    }

    /// The same as an agreement on numbers, which has as many rounds as it takes.
    ///
    /// # Panics
    /// If the domain is not one of numbers.
    pub fn agreeing(mut self, tolerance: u64) -> Config {
        let Domain::Number { low, high, .. } = *self.domain else { panic!("only numbers have means") };
        self.rounds_max =
            averaging::rounds(high.abs_diff(low), tolerance, self.agents.len() as u32, self.faulty);
        self.method = Method::Agreement { tolerance };
        self.apart()
    }

    /// The agents, by number.
    pub fn everybody(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.agents.len() as u32).map(NodeId)
    }

    /// How many must answer in a phase: n − f.
    pub fn needed(&self) -> usize {
        let spared = if self.rules().does_without_faulty { self.faulty as usize } else { 0 };
        self.agents.len() - spared
    }

    /// Who leads in a term: the coordinator at first, and then the agents in order, in a ring.
    pub fn leader(&self, term: Term) -> NodeId {
        let n = self.agents.len() as u64;
        NodeId(((u64::from(self.coordinator.0) + term) % n) as u32)
    }

    /// How often whoever leads says so, if it is replaced when it is silent: three times in that silence.
    pub(super) fn heartbeat(&self) -> Option<Duration> {
        self.failover.map(|silence| Duration::from_nanos(silence.as_nanos() / 3))
    }

    /// How many are most of the agents: any two such sets have an agent in common.
    pub fn majority(&self) -> usize {
        self.agents.len() / 2 + 1
    }

    /// k: how many review each proposal.
    pub fn reviewers(&self) -> u32 {
        (self.agents.len() as u32 - 1).min(3 * self.faulty + 1)
    }

    /// Who reviews whom in a round.
    pub fn assignment(&self, session: SessionId, round: Round) -> Assignment {
        Assignment::draw(self.assignments, self.agents.len() as u32, self.reviewers(), session, round)
    }

    /// How long a phase lasts, if it is not extended.
    pub fn length(&self, phase: Phase) -> Duration {
        match phase {
            Phase::Propose => self.proposing,
            Phase::Review => self.reviewing,
        }
    }

    pub(super) fn gathering(&self, phase: Phase) -> Gathering {
        Gathering::new(self.length(phase), self.needed(), self.agents.len())
    }

    /// How long a session lasts at most: its deadline, or if that is sooner r_max rounds of phases that are all
    /// extended as often as they may be.
    pub fn lasts(&self) -> Duration {
        let rounds = u64::from(self.rounds_max);
        let longest = match self.method {
            Method::Agreement { .. } => self.proposing.saturating_mul(rounds),
            Method::Refinement => self.round().saturating_mul(gathering::LONGEST * rounds),
        };
        longest.min(self.deadline)
    }

    /// How long both phases of a round last, if none is extended.
    fn round(&self) -> Duration {
        Duration::from_nanos(self.proposing.as_nanos().saturating_add(self.reviewing.as_nanos()))
    }

    /// When `session` is closed at the latest.
    pub fn closed(&self, session: SessionId) -> Time {
        self.schedule.opens(session) + self.lasts()
    }

    /// When an observer gives `session` up that has heard nothing of its outcome.
    pub fn given_up(&self, session: SessionId) -> Time {
        self.schedule.opens(session) + self.patience()
    }

    /// How long an observer waits for an outcome, from when the session opens.
    pub fn patience(&self) -> Duration {
        Duration::from_nanos(self.lasts().as_nanos().saturating_add(self.round().as_nanos()))
    }

    /// What `agent` thinks of `session` at first, if anything.
    pub fn opinion(&self, session: SessionId, agent: NodeId) -> Option<Value> {
        let option = self.polls[session as usize].opinions[agent.index()]?;
        Some(self.domain.value((option + u64::from(self.life)) % self.domain.options()))
    }

    /// What is true of `session`.
    pub fn truth(&self, session: SessionId) -> Value {
        self.domain.value(self.polls[session as usize].truth)
    }

    /// How far `value` is from what is true of `session`, in parts per million.
    pub fn error(&self, session: SessionId, value: &Value) -> u32 {
        self.domain.distance(&self.truth(session), value)
    }

    /// True if `value` is as near to what is true as agents have to be to each other.
    pub fn is_right(&self, session: SessionId, value: &Value) -> bool {
        self.error(session, value) <= self.thresholds.dispersion_ppm
    }

    /// How good a proposal truly is, where that can be told.
    pub(super) fn quality(&self, session: SessionId, value: &Value) -> Option<u32> {
        self.evaluator.then(|| WHOLE - self.error(session, value))
    }

    /// What the word of `agent` weighs where approval is counted.
    pub(super) fn weight(&self, agent: NodeId) -> u64 {
        self.agents[agent.index()].weight
    }

    /// How far apart two values are, in parts per million.
    pub(super) fn distance(&self, a: &Value, b: &Value) -> u32 {
        let blind = match self.rules().texts {
            Texts::Shingles => None,
            Texts::Words => distance::of_words(a, b),
        };
        blind.unwrap_or_else(|| self.domain.distance(a, b))
    }

    /// What it goes by.
    #[inline]
    pub(crate) fn rules(&self) -> &'static Rules {
        Rules::of(self.bug)
    }

    pub(super) fn assert_sound(&self) {
        let (n, f) = (self.agents.len() as u32, self.faulty);
        assert!(n >= 2 && self.coordinator.0 < n, "refinement takes two, one of them to coordinate");
        assert!(n > if self.lies { 3 * f } else { 2 * f }, "{n} agents do not bear {f} faulty ones");
        assert!(self.grace.is_none() || !self.lies || f == 0 || n >= 3 * f + 2, "grace takes n >= 3f + 2");
        assert!(
            self.failover.is_none_or(|silence| !self.lies && f > 0 && silence.as_nanos() >= 3),
            "a coordinator is replaced where agents crash and do not lie"
        );
        assert!(self.proposing.as_nanos() > 1 && self.reviewing.as_nanos() > 1, "waiting takes time");
        assert!((1..1 << 16).contains(&self.rounds_max), "a session has rounds");
        assert!(self.stable_rounds > 0, "converging shows in a round");
        assert_eq!(self.polls.len() as u64, self.schedule.sessions, "every session has its poll");
        assert!(self.polls.iter().all(|poll| poll.opinions.len() == n as usize), "everyone has a place");
        assert!(self.schedule.every >= self.patience(), "a session is over before the next one opens");
    }
}
