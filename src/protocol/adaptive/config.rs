//! What every member is told, and what follows from it.

use super::bug::{Bug, Rules};
use serde::Serialize;
use std::rc::Rc;
use synod_compose::Abortable;
use synod_sim::{Duration, NodeId};

/// How much a protocol bears: the security lattice, from the least.
#[derive(
    Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// One voter, one vote; voters may crash.
    Majority,
    /// Words weigh differently; voters may crash.
    Crash,
    /// Members may do what they like.
    Byzantine,
}

/// What every node is told.
pub struct Config<C: Abortable> {
    /// The rungs, by falling level.
    pub chain: Vec<Rung<C>>,
    /// The least level that may decide.
    pub floor: Level,
    /// f: the number of members that may be faulty: n − f abort messages close a rung, and where members may lie f + 1
    /// equal SETTLED messages decide for one that was away.
    pub faulty: u32,
    /// How many members there are.
    pub members: u32,
    /// When who has no outcome gives up, from the start.
    pub max_time: Duration,
    /// The least time in a rung.
    pub dwell: Duration,
    /// How often a member says that it is there; who is not heard of for three times as long counts as failed.
    pub heartbeat: Duration,
    /// The share of members, in parts per million, whose failure is a reason to leave a rung.
    pub failures_ppm: u32,
    /// The bug of a mutant.
    pub bug: Option<Bug>,
}

/// One protocol of the chain.
pub struct Rung<C: Abortable> {
    /// What it bears.
    pub level: Level,
    /// Configuration, the same for every node.
    pub child: Rc<C::Config>,
    /// Who opens it, once the one before is closed.
    pub opener: NodeId,
    /// How long a decision takes, by estimate: with less than one and a half times that left it is time for it.
    pub cost: Duration,
}

impl<C: Abortable> Config<C> {
    /// What it goes by.
    #[inline]
    pub(crate) fn rules(&self) -> &'static Rules {
        Rules::of(self.bug)
    }

    /// The rung after `rung`, if there is one that bears enough.
    pub fn next(&self, rung: u32) -> Option<u32> {
        let next = self.chain.get(rung as usize + 1)?;
        (next.level >= self.floor || !self.rules().keeps_floor).then_some(rung + 1)
    }

    /// True if members may lie. Then the word of one who has decided is not enough, and it goes on with the others.
    pub fn may_lie(&self) -> bool {
        self.floor == Level::Byzantine
    }

    /// Number of abort messages that close a rung.
    pub fn abort_quorum(&self) -> usize {
        (self.members - self.faulty) as usize
    }

    /// How long before the end `rung` has to start.
    pub fn lead_time(&self, rung: u32) -> Duration {
        let cost = self.chain[rung as usize].cost.as_nanos();
        Duration::from_nanos(cost.saturating_add(cost / 2))
    }

    pub(super) fn assert_sound(&self) {
        assert!(!self.chain.is_empty(), "there is a protocol to try");
        assert!(self.chain[0].level >= self.floor, "the first rung bears enough");
        assert!(self.chain.is_sorted_by(|a, b| a.level >= b.level), "rungs come by falling level");
        assert!(self.faulty < self.members, "somebody is correct");
        assert!(!self.heartbeat.is_zero() && !self.max_time.is_zero(), "beats and decisions take time");
        for rung in &self.chain {
            assert_eq!(C::members(&rung.child), self.members as usize, "everybody takes part in every rung");
            assert!(rung.opener.0 < self.members, "the opener is a member");
        }
    }
}
