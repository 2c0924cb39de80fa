//! Amplification: one voter's message many times.

use super::Conduct;
use crate::Amplify;
use synod_sim::fault::{Copy, Verdict, Way, Wire};
use synod_sim::{Duration, Protocol};

/// Sends everything many times more.
pub(super) struct Amplification {
    copies: u32,
}

impl Amplification {
    pub(super) fn new(amplify: &Amplify) -> Amplification {
        Amplification { copies: amplify.copies }
    }
}

impl<P: Protocol> Conduct<P> for Amplification {
    fn judge(
        &mut self,
        _: &mut Wire<'_, P::Message>,
        _: Way,
        _: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        Verdict::Repeat { copies: self.copies, apart: Duration::ZERO }
    }
}
