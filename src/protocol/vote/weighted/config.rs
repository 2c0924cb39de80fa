//! What every node of a weighted vote is told, and what follows from it.

use super::weighing::{Source, Warning, Weighing};
use crate::bug::{Bug, Quorum, Rules};
use crate::expertise::Expertise;
use crate::rule::{Rule, VoteTerms};
use std::rc::Rc;
use synod_common::opinion::Poll;
use synod_common::profile::Profile;
use synod_common::schedule::{Schedule, SessionId};
use synod_sim::{Duration, NodeId, Time};

/// Configuration, the same for every node.
#[derive(Clone, Debug)]
pub struct Config {
    /// The coordinator, which votes as well.
    pub coordinator: NodeId,
    /// The decision rule.
    pub decision_rule: DecisionRule,
    /// Number of options.
    pub options: u64,
    /// True if a vote's weight is multiplied by its voter's confidence.
    pub confidence: bool,
    /// True if a session stops early, once open votes cannot change its outcome.
    pub early: bool,
    /// Deadline for votes.
    pub deadline: Duration,
    /// When sessions open, by each node's own clock.
    pub schedule: Schedule,
    /// Source of weights.
    pub source: Source,
    /// The cap: the largest share of all weight of one voter, in parts per million.
    pub cap_ppm: Option<u32>,
    /// F, as a part of all weight, in parts per million: 0 if voters and coordinator do not lie.
    pub faulty_ppm: u32,
    /// Profiles of the voters, by number.
    pub agents: Rc<[Profile]>,
    /// Truth and opinions of each session. A node reads its own opinion alone; the coordinator learns the truth once
    /// the session is over.
    pub polls: Rc<[Poll]>,
    /// The initial weights, known to all.
    pub weighing: Rc<Weighing>,
    /// The injected bug, in a mutant.
    pub bug: Option<Bug>,
    /// Number of the twin that has this configuration; 0 for a correct node.
    pub life: u32,
}

/// The decision rule, in shares of whatever weight there is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum DecisionRule {
    /// More than half of all weight: ⌊W/2⌋ + 1.
    Majority,
    /// ⌈θW⌉.
    OfTotal {
        /// θ > ½, in parts per million.
        share_ppm: u32,
    },
    /// The most weight; of equal ones the lowest option.
    Plurality,
    /// A share of the weight cast.
    OfCast {
        /// θ > ½, in parts per million.
        share_ppm: u32,
        /// ρ, the share of all weight that must be cast, in parts per million.
        participation_ppm: u32,
    },
    /// The weighted median of numbers.
    Median {
        /// How far from the median of all votes it may lie.
        tolerance: u64,
    },
}

impl Config {
    /// A vote of `agents` on `polls`, among so many `options`: a majority of all weight, one vote each, with early
    /// stops, no faults, a deadline of 1 s and sessions 3 s apart.
    pub fn new(agents: impl Into<Rc<[Profile]>>, polls: impl Into<Rc<[Poll]>>, options: u64) -> Config {
        let (agents, polls) = (agents.into(), polls.into());
        let deadline = Duration::from_secs(1);
        let schedule = Schedule {
            sessions: polls.len() as u64,
            first: Duration::ZERO,
            every: deadline.saturating_mul(3),
        };
        let weighing = Rc::new(Weighing::new(Source::Equal, None, (&agents, &[]), None));
        Config {
            coordinator: NodeId(0),
            decision_rule: DecisionRule::Majority,
            options,
            confidence: false,
            early: true,
            deadline,
            schedule,
            source: Source::Equal,
            cap_ppm: None,
            faulty_ppm: 0,
            agents,
            polls,
            weighing,
            bug: None,
            life: 0,
        }
    }

    /// The same configuration with weights by `source` under a cap.
    pub fn weighed(self, source: Source, cap_ppm: Option<u32>) -> Config {
        if (self.source, self.cap_ppm) == (source, cap_ppm) {
            return self;
        }
        Config { source, cap_ppm, ..self }.weighed_anew()
    }

    /// The same as simple consensus: one voter, one vote, and an option wins with the votes of more than half of all
    /// registered voters, ⌊n/2⌋ + 1, who do not lie.
    ///
    /// Votes are final, and a voter that is silent counts for nothing but stays in n. Voters may crash and the outcome is
    /// the same for all who hear it; a coordinator that crashes leaves the observers without one, which each finds out by
    /// itself and says so. Fault-free it takes 3(n − 1) messages: request, vote and result.
    pub fn simple(self) -> Config {
        let vote = Config { decision_rule: DecisionRule::Majority, confidence: false, faulty_ppm: 0, ..self };
        vote.weighed(Source::Equal, None)
    }

    /// The same configuration with a bug.
    pub fn with_bug(self, bug: Option<Bug>) -> Config {
        if self.bug == bug { self } else { Config { bug, ..self }.weighed_anew() }
    }

    fn weighed_anew(mut self) -> Config {
        self.weighing = Rc::new(self.weigh(&self.expertise()));
        self
    }

    /// Initial expertise of the voters.
    pub fn expertise(&self) -> Vec<Expertise> {
        self.agents.iter().map(|agent| Expertise::from(&agent.traits.record)).collect()
    }

    /// Weights from the given expertise.
    pub fn weigh(&self, known: &[Expertise]) -> Weighing {
        Weighing::new(self.source, self.cap_ppm, (&self.agents, known), self.bug)
    }

    /// Number of voters.
    pub fn voters(&self) -> usize {
        self.agents.len()
    }

    /// F, of `total` weight.
    pub fn faulty(&self, total: u64) -> u64 {
        share(self.faulty_ppm, total, Round::Down)
    }

    /// Q, of `total` weight: two certificates of it share more than F. `None` where none are needed.
    pub fn quorum(&self, total: u64) -> Option<u64> {
        if self.faulty_ppm == 0 {
            return None;
        }
        match self.rules().quorum {
            Quorum::Intersecting => Some((total + self.faulty(total)) / 2 + 1),
            Quorum::Threshold => Some(self.threshold(total)),
        }
    }

    /// ⌈θW⌉, of `total` weight, where the rule has one.
    fn threshold(&self, total: u64) -> u64 {
        match self.decision_rule {
            DecisionRule::OfTotal { share_ppm } => share(share_ppm, total, Round::Up),
            _ => total / 2 + 1,
        }
    }

    /// Terms of a vote with `total` weight.
    pub fn terms(&self, total: u64) -> VoteTerms {
        let rule = match self.decision_rule {
            DecisionRule::Majority | DecisionRule::OfTotal { .. } => {
                Rule::OfTotal { threshold: self.threshold(total).max(self.quorum(total).unwrap_or(0)) }
            }
            DecisionRule::Plurality => Rule::Plurality,
            DecisionRule::OfCast { share_ppm, participation_ppm } => {
                Rule::OfCast { share_ppm, participation: share(participation_ppm, total, Round::Up) }
            }
            DecisionRule::Median { tolerance } => Rule::Median { tolerance },
        };
        VoteTerms { rule, options: self.options, confidence: self.confidence, bug: self.bug }
    }

    /// Warnings about sessions under these weights.
    pub fn warnings(&self, weighing: &Weighing) -> Vec<Warning> {
        let total = weighing.snapshot.total();
        let needed = match self.terms(total).rule {
            Rule::OfTotal { threshold } => threshold,
            _ => 0,
        };
        let infeasible = (needed > total - self.faulty(total)).then_some(Warning::ThresholdInfeasible);
        infeasible.into_iter().chain(weighing.warning()).collect()
    }

    /// Opening time of `session`.
    pub fn opens(&self, session: SessionId) -> Time {
        self.schedule.opens(session)
    }

    /// Time that an observer waits for a result, from the session's opening.
    pub fn patience(&self) -> Duration {
        self.deadline.saturating_mul(2)
    }

    /// Half of the deadline, when missing votes are requested again.
    pub fn half_time(&self) -> Duration {
        Duration::from_nanos(self.deadline.as_nanos() / 2)
    }

    /// What it goes by.
    #[inline]
    pub(crate) fn rules(&self) -> &'static Rules {
        Rules::of(self.bug)
    }

    /// The same where everyone who has an opinion holds `option`.
    pub fn with_init_value(&self, option: u64) -> Config {
        let settle = |poll: &Poll| Poll {
            opinions: poll.opinions.iter().map(|opinion| opinion.map(|_| option)).collect(),
            truth: poll.truth,
        };
        Config { polls: self.polls.iter().map(settle).collect(), ..self.clone() }
    }

    /// Checks what every configuration keeps to.
    ///
    /// # Panics
    /// If it does not.
    pub fn assert_sound(&self) {
        assert!(self.coordinator.index() < self.voters(), "the coordinator is a voter");
        assert!(self.deadline.as_nanos() > 1, "waiting takes time");
        assert_eq!(self.polls.len() as u64, self.schedule.sessions, "every session has its poll");
        assert!(
            self.polls.iter().all(|poll| poll.opinions.len() == self.voters()),
            "everyone has an opinion"
        );
        assert_eq!(self.weighing.snapshot.weights().len(), self.voters(), "everyone has a weight");
        assert!(self.schedule.every >= self.patience(), "a session is over before the next one opens");
        let is_certified =
            matches!(self.decision_rule, DecisionRule::Majority | DecisionRule::OfTotal { .. });
        assert!(self.faulty_ppm == 0 || is_certified, "certificates are for shares of all weight");
        assert!(self.faulty_ppm == 0 || !self.learns(), "where the coordinator may lie, weights stay");
    }

    /// Returns true if weights change from session to session.
    pub fn learns(&self) -> bool {
        self.source.learns()
    }
}

enum Round {
    Up,
    Down,
}

/// A part of `total`.
fn share(ppm: u32, total: u64, round: Round) -> u64 {
    let product = u128::from(ppm) * u128::from(total);
    match round {
        Round::Up => product.div_ceil(1_000_000) as u64,
        Round::Down => (product / 1_000_000) as u64,
    }
}
