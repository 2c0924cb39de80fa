//! How a protocol takes part in others: what its harness says of it.

use super::error::Problem;
use super::inner::{InnerTask, RungSpec};
use synod_common::decide::{AbortRules, Abortable, Decide, DeciderConfig, KindTable};
use synod_sim::Protocol;

/// How the protocol `P`, with parameters `A` and the workload `W`, takes part in others.
///
/// ```
/// # use synod_harness::Composition;
/// # use synod_common::decide::Decide;
/// /// Protocols whose workload says when to begin, and nothing else.
/// fn of<P: Decide>() -> Composition<P, (), u64> {
///     Composition::deciding(|task| task.at.0.as_nanos())
/// }
/// ```
pub struct Composition<P: Protocol, A, W> {
    pub(super) workload: fn(&InnerTask) -> W,
    pub(super) child: fn(P::Config, &KindTable) -> DeciderConfig,
    pub(super) rung: Option<AsRung<A>>,
}

/// What a protocol with parameters `A` is as a rung.
type AsRung<A> = fn(&A) -> Result<RungSpec, Problem>;

impl<P: Decide, A, W> Composition<P, A, W> {
    /// It decides once: as a session, or as a stage of a pipeline. `workload` says what it is asked.
    pub fn deciding(workload: fn(&InnerTask) -> W) -> Composition<P, A, W> {
        let child = |config, kinds: &_| DeciderConfig::new::<P>(config, None, kinds);
        Composition { workload, child, rung: None }
    }
}

impl<P: Abortable, A, W> Composition<P, A, W> {
    /// It decides once, and can be left before: as a rung of a chain as well. `rung` says what it is there, with these
    /// parameters; a problem names its value as where the protocol runs alone.
    pub fn abortable(workload: fn(&InnerTask) -> W, rung: AsRung<A>) -> Composition<P, A, W> {
        let child = |config, kinds: &_| DeciderConfig::new(config, Some(AbortRules::<P>::of()), kinds);
        Composition { workload, child, rung: Some(rung) }
    }
}
