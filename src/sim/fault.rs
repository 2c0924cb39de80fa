//! Where a fault plan takes hold of a run: scheduled interventions, and interceptors on a node's wire.

use super::partition::Cut;
use super::protocol::Protocol;
use super::storage::Damage;
use super::{Duration, NodeId, Time};
use serde::Serialize;
use std::cell::RefCell;
use std::rc::Rc;

/// Something that happens to the system at a set time.
#[derive(Clone, Debug)]
pub enum Intervention {
    /// A node stops at once: its volatile state, timers, waiting messages and unreleased effects are gone.
    Crash {
        /// Which.
        node: NodeId,
        /// What becomes of its storage.
        damage: Damage,
    },
    /// A node that is down is built anew from its durable records.
    Restart {
        /// Which.
        node: NodeId,
    },
    /// A cut begins.
    Cut {
        /// The id that heals it.
        id: u32,
        /// Who is cut off from whom.
        cut: Cut,
    },
    /// A cut ends.
    Heal {
        /// Its id.
        id: u32,
    },
}

/// What an interceptor says of one copy.
#[derive(Clone, Debug)]
pub enum Verdict<M> {
    /// Not mine: ask the next.
    Pass,
    /// It is never sent.
    Withhold,
    /// It is sent, but arrives this much later.
    Delay(Duration),
    /// This is sent in its place.
    Replace(M),
}

/// A fault between a node's handler and the network.
pub trait Interceptor<P: Protocol> {
    /// True if it ever concerns what `node` sends.
    fn covers(&self, node: NodeId) -> bool;

    /// The verdict on the copy for `to` of what `from` sends. Interceptors are asked in order, and the first that
    /// does not pass decides.
    fn outbound(&mut self, at: Time, from: NodeId, to: NodeId, message: &P::Message) -> Verdict<P::Message>;
}

/// What a fault did, shared between the kernel, which counts, and the report.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Effects {
    /// Copies that it kept from arriving.
    pub dropped: u64,
    /// Copies that it held back.
    pub delayed: u64,
    /// Copies that it changed.
    pub altered: u64,
    /// Messages that it made up.
    pub forged: u64,
    /// Copies that it repeated.
    pub duplicated: u64,
}

impl Effects {
    /// Everything that it did, in number.
    pub fn total(&self) -> u64 {
        self.dropped + self.delayed + self.altered + self.forged + self.duplicated
    }
}

/// A counter that a fault and its report share.
pub type SharedEffects = Rc<RefCell<Effects>>;
