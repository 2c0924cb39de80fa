//! The timing attack: part of the receivers hear an agent at once, the rest late.

use super::Conduct;
use crate::Delay;
use crate::grip::Grip;
use rand::seq::SliceRandom;
use synod_sim::fault::{Copy, Verdict, Way, Wire};
use synod_sim::{Duration, NodeId, Protocol};

/// Holds back what its agents send to some, always the same ones.
pub(super) struct Lateness {
    by: Duration,
    /// Who waits.
    waiting: Vec<NodeId>,
}

impl Lateness {
    pub(super) fn new<P: Protocol>(delay: &Delay, grip: &Grip<'_, P>) -> Lateness {
        let agents = grip.agents();
        let mut receivers: Vec<NodeId> =
            (0..grip.terms.nodes as u32).map(NodeId).filter(|node| !agents.contains(node)).collect();
        receivers.shuffle(&mut grip.stream());
        let count = (receivers.len() as u128 * u128::from(delay.to.ppb())).div_ceil(1_000_000_000);
        receivers.truncate(count as usize);
        Lateness { by: delay.by.resolved(), waiting: receivers }
    }
}

impl<P: Protocol> Conduct<P> for Lateness {
    fn judge(
        &mut self,
        _: &mut Wire<'_, P::Message>,
        _: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        match self.waiting.contains(&copy.to) {
            true => Verdict::Delay(self.by),
            false => Verdict::Pass,
        }
    }
}
