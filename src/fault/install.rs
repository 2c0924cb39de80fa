//! Installation of a plan: from faults to what the kernel executes.

use super::builder::{FaultBuilder, InstalledPlan, RunParams};
use super::kinds::Fault;
use super::plan::Plan;
use super::{byzantine, environment};
use std::rc::Rc;
use synod_sim::inject::Interceptor;
use synod_sim::{NodeId, Protocol};

impl<P: Protocol> InstalledPlan<P> {
    /// Installs `plan` for a run of nodes with this configuration.
    pub fn new(plan: &Plan, config: &Rc<P::Config>, params: &RunParams<'_>) -> InstalledPlan<P> {
        let mut installed = InstalledPlan::nothing();
        for fault in &plan.faults {
            let mut builder = FaultBuilder::new(&mut installed, fault, struck(fault), params);
            // A crash that loses the disk makes its agents Byzantine, and is no lie on the wire.
            let lies = fault.is_byzantine() && !matches!(fault, Fault::Crash(_));
            let interceptor: Option<Box<dyn Interceptor<P::Message>>> = if lies {
                byzantine::install::<P>(fault, config, &mut builder)
            } else {
                environment::install(fault, &mut builder).map(|links| Box::new(links) as _)
            };
            installed.interceptors.extend(interceptor);
        }
        installed
    }
}

/// Returns the agents that a fault targets, as far as they are known before the run.
fn struck(fault: &Fault) -> Vec<NodeId> {
    let Fault::Partition(partition) = fault else { return fault.agents().named() };
    let mut agents: Vec<NodeId> = partition.groups.iter().flatten().copied().map(NodeId).collect();
    agents.sort();
    agents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ResolveContext;
    use std::collections::BTreeMap;
    use synod_sim::inject::{InFlight, Intervention};
    use synod_sim::{Context, Cut, Durable, Duration, NoObservation};
    use synod_sim::{Streams, Tally, Time};

    /// Does nothing.
    struct Mute;

    impl Protocol for Mute {
        type Config = ();
        type Message = ();
        type Timer = ();
        type Record = ();
        type Observation = NoObservation;

        fn new(_: &Rc<()>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Mute {
            Mute
        }
        fn on_start(&mut self, _: &mut Context<'_, Mute>) {}
        fn on_message(&mut self, _: &mut Context<'_, Mute>, _: NodeId, (): &()) {}
        fn on_timer(&mut self, _: &mut Context<'_, Mute>, (): ()) {}
    }

    #[test]
    fn a_partition_begins_and_heals_under_an_id_of_its_own() {
        let faults = r#"[{"partition": {"groups": [[0, 1], [2]], "from": "5ns", "until": "9ns"}}]"#;
        let resolve_context = ResolveContext {
            agents: 4,
            tolerated: 1,
            byzantine: 1,
            trusted: None,
            overlap: 2,
            timer: Duration::from_millis(1),
            regions: BTreeMap::new(),
            stabilize_at: None,
            core: crate::AgentSelector::Unspecified,
            streams: Streams::new(1),
        };
        let plan =
            Plan::resolve(&serde_json::from_str::<Vec<Fault>>(faults).expect("faults"), &resolve_context);
        let config = Rc::new(());
        let params = RunParams {
            nodes: 5,
            agents: 4,
            streams: &resolve_context.streams,
            horizon: Time::from_nanos(100),
            clocks: &[],
        };
        let installed = InstalledPlan::<Mute>::new(&plan, &config, &params);
        let [
            (from, Intervention::Cut { id: 0, cut, in_flight: InFlight::Deliver }),
            (until, Intervention::Heal { id: 0 }),
        ] = &installed.interventions[..]
        else {
            panic!("a cut and its healing, not {:?}", installed.interventions);
        };
        assert_eq!((from.as_nanos(), until.as_nanos()), (5, 9));
        assert!(cut.separates(NodeId(1), NodeId(2)) && !cut.separates(NodeId(2), NodeId(3)));
        assert!(matches!(cut, Cut::Sides(_)));

        let tally = Tally { cut: [(0, 7)].into(), ..Tally::default() };
        assert_eq!(installed.fault_log.report(&tally)[0].effect.dropped, 7);
    }
}
