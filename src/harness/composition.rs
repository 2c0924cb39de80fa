//! How a protocol takes part in others: what its harness says of it.

use super::error::Problem;
use super::inner::{InnerTask, RungSpec};
use std::sync::Arc;
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
    pub(super) child: Arc<AsChild<P>>,
    /// The names of the oracles that watch it inside others alone.
    pub(super) oracles: &'static [&'static str],
    pub(super) rung: Option<AsRung<A>>,
}

/// Makes a child of a configuration of `P`, for what it is asked.
type AsChild<P> = dyn Fn(<P as Protocol>::Config, &InnerTask, &KindTable) -> DeciderConfig + Send + Sync;

/// What a protocol with parameters `A` is as a rung.
type AsRung<A> = fn(&A) -> Result<RungSpec, Problem>;

impl<P: Decide, A, W> Composition<P, A, W> {
    /// It decides once: as a session, or as a stage of a pipeline. `workload` says what it is asked.
    pub fn deciding(workload: fn(&InnerTask) -> W) -> Composition<P, A, W> {
        let child = |config, _: &_, kinds: &_| DeciderConfig::new::<P>(config, None, kinds);
        Composition { workload, child: Arc::new(child), oracles: &[], rung: None }
    }
}

impl<P: Abortable, A, W> Composition<P, A, W> {
    /// It decides once, and can be left before: as a rung of a chain as well. `rung` says what it is there, with these
    /// parameters; a problem names its value as where the protocol runs alone.
    pub fn abortable(workload: fn(&InnerTask) -> W, rung: AsRung<A>) -> Composition<P, A, W> {
        let child = |config, _: &_, kinds: &_| DeciderConfig::new(config, Some(AbortRules::<P>::of()), kinds);
        Composition { workload, child: Arc::new(child), oracles: &[], rung: Some(rung) }
    }
}

impl<P: Protocol, A, W> Composition<P, A, W> {
    /// It decides once by another protocol, `D`, that runs it inside itself, such as
    /// [`LogDecider`](synod_common::decide::on_log::LogDecider) where it is a log. `configure` makes a configuration of
    /// `D` of its own; `oracles` are the names of those that `D` adds.
    pub fn deciding_by<D: Decide>(
        workload: fn(&InnerTask) -> W,
        configure: fn(P::Config, &InnerTask) -> D::Config,
        oracles: &'static [&'static str],
    ) -> Composition<P, A, W> {
        let child = move |config, task: &InnerTask, kinds: &KindTable| {
            DeciderConfig::new::<D>(configure(config, task), None, kinds)
        };
        Composition { workload, child: Arc::new(child), oracles, rung: None }
    }

    /// The same, where `D` can be left before it has decided.
    pub fn abortable_by<D: Abortable>(
        workload: fn(&InnerTask) -> W,
        configure: fn(P::Config, &InnerTask) -> D::Config,
        oracles: &'static [&'static str],
        rung: AsRung<A>,
    ) -> Composition<P, A, W> {
        let child = move |config, task: &InnerTask, kinds: &KindTable| {
            DeciderConfig::new(configure(config, task), Some(AbortRules::<D>::of()), kinds)
        };
        Composition { workload, child: Arc::new(child), oracles, rung: Some(rung) }
    }
}
