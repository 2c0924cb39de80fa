//! Silence: an agent hears everything and sends nothing.

use super::Conduct;
use synod_sim::Protocol;
use synod_sim::fault::{Copy, Verdict, Way, Wire};

/// Withholds whatever its agents send.
pub(super) struct Silence;

impl<P: Protocol> Conduct<P> for Silence {
    fn judge(
        &mut self,
        _: &mut Wire<'_, P::Message>,
        _: Way,
        _: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        Verdict::Withhold
    }
}
