//! Configuration of a refinement, and what follows from it.

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

/// Configuration, the same for every node.
#[derive(Clone, Debug)]
pub struct Config {
    /// The coordinator, which takes part as well.
    pub coordinator: NodeId,
    /// Failover timeout: time of silence after which the next agent campaigns, and again as long for each one after it;
    /// `None` without failover. Assumes agents that do not lie.
    pub failover: Option<Duration>,
    /// Method of agreement.
    pub method: Method,
    /// What is proposed.
    pub domain: Rc<Domain>,
    /// f: the number of agents that may be silent, or lie.
    pub faulty: u32,
    /// True if those may lie: then n ≥ 3f + 1, and otherwise n ≥ 2f + 1.
    pub lies: bool,
    /// Length of the proposal phase, or of a round of numeric agreement.
    pub proposing: Duration,
    /// Length of the review phase.
    pub reviewing: Duration,
    /// Extra time for the others once n − f have answered; `None` to wait until the phase ends. Where agents may lie it
    /// requires n ≥ 3f + 2.
    pub grace: Option<Duration>,
    /// Deadline of a session.
    pub deadline: Duration,
    /// Maximum number of rounds; in numeric agreement, the exact number.
    pub rounds_max: Round,
    /// Thresholds of convergence,
    pub thresholds: Thresholds,
    /// and the number of consecutive rounds that have to meet them.
    pub stable_rounds: u32,
    /// Score from which an approved proposal is good enough, in parts per million.
    pub good_enough_ppm: Option<u32>,
    /// True if the coordinator can evaluate proposals; true quality is half of the score then.
    pub evaluator: bool,
    /// α: which part of the way to the selected proposal agents go in a round, in parts per million. What is left of the
    /// way after r rounds is (1 − α)^r.
    pub pull_ppm: u32,
    /// When sessions open, by each node's own clock.
    pub schedule: Schedule,
    /// Profiles of the agents, by number.
    pub agents: Rc<[Profile]>,
    /// Truth and initial opinions of each session, as options of the domain. An agent reads its own opinion alone.
    pub polls: Rc<[Poll]>,
    /// Random stream of the assignments.
    pub assignments: CounterKey,
    /// The injected bug, in a mutant.
    pub bug: Option<Bug>,
    /// Number of the twin that has this configuration; 0 for a correct node.
    pub life: u32,
}

/// Method of agreement.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// Agents review each other's proposals, and move towards the best.
    Refinement,
    /// Agents average numbers.
    Agreement {
        /// Maximum distance of honest numbers at the end.
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

    /// The same configuration with sessions so far apart that one is over before the next opens.
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

    /// Number of answers that a phase requires: n − f.
    pub fn needed(&self) -> usize {
        let spared = if self.rules().does_without_faulty { self.faulty as usize } else { 0 };
        self.agents.len() - spared
    }

    /// Leader of a term: the coordinator first, then the agents in cyclic order.
    pub fn leader(&self, term: Term) -> NodeId {
        let n = self.agents.len() as u64;
        NodeId(((u64::from(self.coordinator.0) + term) % n) as u32)
    }

    /// How often whoever leads says so, if it is replaced when it is silent: three times in that silence.
    pub(super) fn heartbeat(&self) -> Option<Duration> {
        self.failover.map(|silence| Duration::from_nanos(silence.as_nanos() / 3))
    }

    /// Size of a majority: any two majorities intersect.
    pub fn majority(&self) -> usize {
        self.agents.len() / 2 + 1
    }

    /// k: the number of reviewers of each proposal.
    pub fn reviewers(&self) -> u32 {
        (self.agents.len() as u32 - 1).min(3 * self.faulty + 1)
    }

    /// Assignment of reviewers in a round.
    pub fn assignment(&self, session: SessionId, round: Round) -> Assignment {
        Assignment::draw(self.assignments, self.agents.len() as u32, self.reviewers(), session, round)
    }

    /// Length of a phase that is not extended.
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

    /// Length of a round's two phases, if none is extended.
    fn round(&self) -> Duration {
        Duration::from_nanos(self.proposing.as_nanos().saturating_add(self.reviewing.as_nanos()))
    }

    /// Latest closing time of `session`.
    pub fn closed(&self, session: SessionId) -> Time {
        self.schedule.opens(session) + self.lasts()
    }

    /// Time at which an observer without an outcome gives `session` up.
    pub fn given_up(&self, session: SessionId) -> Time {
        self.schedule.opens(session) + self.patience()
    }

    /// Time that an observer waits for an outcome, from the session's opening.
    pub fn patience(&self) -> Duration {
        Duration::from_nanos(self.lasts().as_nanos().saturating_add(self.round().as_nanos()))
    }

    /// Initial opinion of `agent` in `session`, if it has one.
    pub fn opinion(&self, session: SessionId, agent: NodeId) -> Option<Value> {
        let option = self.polls[session as usize].opinions[agent.index()]?;
        Some(self.domain.value((option + u64::from(self.life)) % self.domain.options()))
    }

    /// Truth of `session`.
    pub fn truth(&self, session: SessionId) -> Value {
        self.domain.value(self.polls[session as usize].truth)
    }

    /// Distance of `value` from the truth of `session`, in parts per million.
    pub fn error(&self, session: SessionId, value: &Value) -> u32 {
        self.domain.distance(&self.truth(session), value)
    }

    /// Returns true if `value` is within the dispersion threshold of the truth.
    pub fn is_right(&self, session: SessionId, value: &Value) -> bool {
        self.error(session, value) <= self.thresholds.dispersion_ppm
    }

    /// True quality of a proposal, where it can be evaluated.
    pub(super) fn quality(&self, session: SessionId, value: &Value) -> Option<u32> {
        self.evaluator.then(|| WHOLE - self.error(session, value))
    }

    /// Weight of `agent` in approval.
    pub(super) fn weight(&self, agent: NodeId) -> u64 {
        self.agents[agent.index()].traits.weight
    }

    /// Distance of two values, in parts per million.
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
