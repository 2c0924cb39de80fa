//! Inversion: what an agent says within a window arrives last first.

use super::Conduct;
use crate::Invert;
use crate::grip::Grip;
use synod_sim::fault::{Copy, Verdict, Way, Wire};
use synod_sim::{Duration, Protocol, Time};

/// Mirrors the times at which its agents send at the end of the window that they fall into: over links of one delay,
/// order is turned round.
pub(super) struct Inversion {
    window: Duration,
    /// When the first window begins.
    from: Time,
}

impl Inversion {
    pub(super) fn new<P: Protocol>(invert: &Invert, grip: &Grip<'_, P>) -> Inversion {
        Inversion { window: invert.window.resolved(), from: grip.window.from }
    }
}

impl<P: Protocol> Conduct<P> for Inversion {
    fn judge(
        &mut self,
        wire: &mut Wire<'_, P::Message>,
        _: Way,
        _: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        let window = self.window.as_nanos().max(1);
        let left = window - wire.now.since(self.from).as_nanos() % window;
        Verdict::Delay(Duration::from_nanos(left).saturating_mul(2))
    }
}
