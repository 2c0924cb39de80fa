//! What a protocol must be able to do to be another's child: decide once.

use crate::protocol::hierarchical::{self, Hierarchical};
use crate::protocol::iterative::{self, Iterative};
use crate::protocol::pbft::{self, Pbft, Workload};
use crate::protocol::vote::Why;
use crate::protocol::weighted::{self, Cause, Outcome, Weighted};
use crate::sim::{Digest, Duration, Ground, Oracle, Protocol, Time};
use serde::Serialize;
use std::fmt::Debug;
use std::rc::Rc;

/// A protocol whose members make one decision.
pub trait Decide: Protocol + Debug {
    /// The end that a claim tells of, if it does: the member that makes it has done its part.
    fn ending(claim: &Self::Observation) -> Option<Ending>;

    /// What a child is told that starts at `now`, by its member's clock, to decide about `proposal`; about what its
    /// configuration says, if that is `None`.
    fn starting(config: &Self::Config, now: Time, proposal: Option<u64>) -> Self::Config;

    /// How many nodes take part.
    fn members(config: &Self::Config) -> usize;

    /// Its oracles.
    fn oracles(config: &Rc<Self::Config>, ground: &Ground) -> Vec<Box<dyn Oracle<Self>>>;
}

/// How a child ended, as one member sees it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Ending {
    /// With this decision.
    Decided(u64),
    /// Without one, and why.
    Undecided(&'static str),
}

impl Ending {
    /// True if it is only that the member has not heard in time: others may know more.
    pub fn is_unheard(&self) -> bool {
        matches!(self, Ending::Undecided("silence" | "out_of_time"))
    }
}

/// One decision: a session whose value is the proposal, and no other is valid.
impl Decide for Pbft {
    fn ending(claim: &pbft::Observation) -> Option<Ending> {
        match claim {
            pbft::Observation::Decided { request, .. } => Some(Ending::Decided(request.0)),
            pbft::Observation::Aborted { .. } => Some(Ending::Undecided("out_of_time")),
            _ => None,
        }
    }

    fn starting(config: &pbft::Config, _: Time, proposal: Option<u64>) -> pbft::Config {
        let mut config = config.clone();
        let Workload::Session(session) = &mut config.workload else {
            panic!("a child of PBFT's makes one decision")
        };
        session.at = Duration::ZERO;
        if let Some(value) = proposal {
            session.operation.value = value;
            session.valid = value..=value;
        }
        config
    }

    fn members(config: &pbft::Config) -> usize {
        config.nodes()
    }

    fn oracles(config: &Rc<pbft::Config>, ground: &Ground) -> Vec<Box<dyn Oracle<Pbft>>> {
        pbft::oracle::all(config, ground)
    }
}

/// One session. What it is about is the context of the question, and its outcome one of the options; where the
/// question was settled before, everyone holds the settled option.
impl Decide for Weighted {
    fn ending(claim: &weighted::Observation) -> Option<Ending> {
        let weighted::Observation::Concluded { outcome, .. } = claim else { return None };
        Some(match outcome {
            Outcome::Decided(option) => Ending::Decided(*option),
            Outcome::Undecided(Why::NoConsensus) => Ending::Undecided("no_consensus"),
            Outcome::Undecided(Why::InsufficientParticipation) => {
                Ending::Undecided("insufficient_participation")
            }
            Outcome::Undecided(Why::ThresholdInfeasible) => Ending::Undecided("threshold_infeasible"),
            Outcome::Aborted(Cause::Silence) => Ending::Undecided("silence"),
            Outcome::Aborted(Cause::Restart) => Ending::Undecided("coordinator_restarted"),
        })
    }

    fn starting(config: &weighted::Config, now: Time, _: Option<u64>) -> weighted::Config {
        let schedule = weighted::Schedule { first: now.since(Time::ZERO), ..config.schedule };
        weighted::Config { schedule, ..config.clone() }
    }

    fn members(config: &weighted::Config) -> usize {
        config.voters()
    }

    fn oracles(config: &Rc<weighted::Config>, ground: &Ground) -> Vec<Box<dyn Oracle<Weighted>>> {
        weighted::oracle::all(config, ground)
    }
}

/// One session. Its outcome is the digest of the value that was selected.
impl Decide for Iterative {
    fn ending(claim: &iterative::Observation) -> Option<Ending> {
        use iterative::{Cause, Outcome};
        let iterative::Observation::Concluded { outcome, value, .. } = claim else { return None };
        Some(match outcome {
            Outcome::Decided(_) => Ending::Decided(word(&Digest::of(value))),
            Outcome::Aborted(Cause::Stagnation) => Ending::Undecided("stagnation"),
            Outcome::Aborted(Cause::RoundsExhausted) => Ending::Undecided("rounds_exhausted"),
            Outcome::Aborted(Cause::Deadline) => Ending::Undecided("out_of_time"),
            Outcome::Aborted(Cause::InsufficientParticipation) => {
                Ending::Undecided("insufficient_participation")
            }
            Outcome::Aborted(Cause::Silence) => Ending::Undecided("silence"),
            Outcome::Aborted(Cause::Restart) => Ending::Undecided("coordinator_restarted"),
        })
    }

    fn starting(config: &iterative::Config, now: Time, _: Option<u64>) -> iterative::Config {
        let schedule = iterative::Schedule { first: now.since(Time::ZERO), ..config.schedule };
        iterative::Config { schedule, ..config.clone() }
    }

    fn members(config: &iterative::Config) -> usize {
        config.agents.len()
    }

    fn oracles(config: &Rc<iterative::Config>, ground: &Ground) -> Vec<Box<dyn Oracle<Iterative>>> {
        iterative::oracle::all(config, ground)
    }
}

/// One session, whose outcome is one of the options.
impl Decide for Hierarchical {
    fn ending(claim: &hierarchical::Observation) -> Option<Ending> {
        match claim {
            hierarchical::Observation::Ballot(claim) => Weighted::ending(claim),
            _ => None,
        }
    }

    fn starting(config: &hierarchical::Config, now: Time, proposal: Option<u64>) -> hierarchical::Config {
        let vote = Rc::new(Weighted::starting(&config.vote, now, proposal));
        hierarchical::Config { vote, ..config.clone() }
    }

    fn members(config: &hierarchical::Config) -> usize {
        config.vote.voters()
    }

    fn oracles(config: &Rc<hierarchical::Config>, ground: &Ground) -> Vec<Box<dyn Oracle<Hierarchical>>> {
        hierarchical::oracle::all(config, ground)
    }
}

/// The first eight bytes of a digest, as a number.
pub(super) fn word(Digest(bytes): &Digest) -> u64 {
    u64::from_le_bytes(*bytes.first_chunk().expect("a digest has more than eight bytes"))
}
