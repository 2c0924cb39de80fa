//! What every member is told, and what follows from it.

use super::bug::{Bug, Rules};
use std::rc::Rc;
use synod_common::decide::{Abortable, Level};
use synod_sim::{Duration, NodeId};

/// Configuration, the same for every node.
pub struct Config<C: Abortable> {
    /// The rungs, by falling level.
    pub chain: Vec<Rung<C>>,
    /// The lowest level that may decide.
    pub floor: Level,
    /// f: the number of members that may be faulty: n − f abort messages close a rung, and where members may lie f + 1
    /// equal SETTLED messages decide for one that was away.
    pub faulty: u32,
    /// Number of members.
    pub members: u32,
    /// Time from the start after which a member without an outcome gives up.
    pub max_time: Duration,
    /// Minimum time in a rung.
    pub dwell: Duration,
    /// Heartbeat interval; a member that is silent for three intervals counts as failed.
    pub heartbeat: Duration,
    /// Share of failed members, in parts per million, that triggers an abort.
    pub failures_ppm: u32,
    /// The injected bug, in a mutant.
    pub bug: Option<Bug>,
}

/// One protocol of the chain.
pub struct Rung<C: Abortable> {
    /// Its level.
    pub level: Level,
    /// Configuration, the same for every node.
    pub child: Rc<C::Config>,
    /// The member that opens it, once the one before is closed.
    pub opener: NodeId,
    /// Estimated time of a decision: the rung has to start when one and a half times that is left.
    pub cost: Duration,
}

impl<C: Abortable> Config<C> {
    /// What it goes by.
    #[inline]
    pub(crate) fn rules(&self) -> &'static Rules {
        Rules::of(self.bug)
    }

    /// The rung after `rung`, if its level reaches the floor.
    pub fn next(&self, rung: u32) -> Option<u32> {
        let next = self.chain.get(rung as usize + 1)?;
        (next.level >= self.floor || !self.rules().keeps_floor).then_some(rung + 1)
    }

    /// Returns true if members may lie. Then one member's decision is not enough, and a member that has decided still
    /// aborts with the others.
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
