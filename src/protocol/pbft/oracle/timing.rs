//! How long what is asked may take at worst.

use super::super::{Config, Workload};
use synod_sim::{Duration, GroundTruth};

/// Δ, if timers are so long that a correct primary that is up and hears everyone always beats them: T exceeds 10Δ, the
/// wait for a batch and the wait for its turn.
pub(super) fn timely(ground_truth: &GroundTruth, config: &Config) -> Option<Duration> {
    let delay = ground_truth.delay_max?;
    let needed = delay.saturating_mul(10) + config.batch_delay + backlog(config, delay);
    (config.timeout > needed).then_some(delay)
}

/// How long a request waits for its turn at worst, when every client has one: W_f slots of B requests each are under
/// way at once, for 3Δ and for Δ more where a checkpoint must open the window.
pub(super) fn backlog(config: &Config, delay: Duration) -> Duration {
    let clients = match &config.workload {
        Workload::Session(_) => 1,
        Workload::Log(clients) => clients.clients as u64,
        Workload::Hosted(_) => config.quorum.n as u64,
    };
    let at_once = config.in_flight_max.saturating_mul(config.batch_max as u64);
    delay.saturating_mul(4 * (clients.div_ceil(at_once) - 1))
}
