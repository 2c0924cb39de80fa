//! Two phases: before and after a stabilisation time, from which on only what the protocol tolerates continues.
//!
//! From the stabilisation time on, only what counts against f stays: corrupted agents and permanent crashes, as many as
//! the protocol tolerates, in the order of the plan. Where a scenario names a core, agents outside of it may stay
//! faulty too: nothing is required of them, and all of them count against f.

use super::agent_selector::AgentSelector;
use super::kinds::{Fault, Partition};
use super::plan::Plan;
use super::schedule::FaultSchedule;
use std::collections::BTreeSet;
use synod_sim::NodeId;
use synod_sim::units::Span;

impl Plan {
    /// Ends at `stabilize_at` what a protocol that bears `tolerated` faulty agents of `agents` does not tolerate.
    pub(super) fn stabilize(self, stabilize_at: Span, tolerated: u32, agents: u32) -> Plan {
        let core = self.core.clone().unwrap_or_else(|| (0..agents).map(NodeId).collect());
        let outside = agents - core.len() as u32;
        let spare = tolerated.saturating_sub(outside) as usize;
        let mut phases = Phases { stabilize_at, core, spare, leaders: 0, counted: BTreeSet::new() };
        let faults = self.faults.into_iter().flat_map(|fault| phases.settle(fault)).collect();
        Plan { faults, ..self }
    }
}

struct Phases {
    stabilize_at: Span,
    /// Who must be well afterwards.
    core: BTreeSet<NodeId>,
    /// How many of the core may be faulty all the same.
    spare: usize,
    /// How many of these are the current leader when they crash.
    leaders: usize,
    /// The others.
    counted: BTreeSet<NodeId>,
}

impl Phases {
    /// Returns what becomes of a fault: it stays, it ends in time, or a part of it stays.
    fn settle(&mut self, fault: Fault) -> Vec<Fault> {
        let goes_on = fault.until().is_none_or(|until| until.0 > self.stabilize_at.0);
        let counts = fault.is_byzantine() || fault.is_crash_for_good();
        if !goes_on || (counts && self.tolerate(&fault)) {
            return vec![fault];
        }
        match fault {
            Fault::Partition(partition) => self.heal(partition),
            Fault::Crash(_) | Fault::Pause(_) | Fault::Isolate(_) | Fault::Slow(_)
                if !fault.is_byzantine() =>
            {
                self.mend(fault)
            }
            fault => vec![self.end(fault)],
        }
    }

    /// Counts the fault's agents against what the core bears; false if that is too much.
    fn tolerate(&mut self, fault: &Fault) -> bool {
        let inside = fault.agents().named().into_iter().filter(|agent| self.core.contains(agent));
        let counted: BTreeSet<NodeId> = self.counted.iter().copied().chain(inside).collect();
        let leaders = self.leaders + usize::from(*fault.agents() == AgentSelector::Leader);
        let is_tolerable = counted.len() + leaders <= self.spare;
        if is_tolerable {
            (self.counted, self.leaders) = (counted, leaders);
        }
        is_tolerable
    }

    /// Ends a fault that has begun by then.
    fn end(&self, mut fault: Fault) -> Fault {
        if fault.from().0 < self.stabilize_at.0 {
            *fault.until_mut() = Some(self.stabilize_at);
        }
        fault
    }

    /// Ends what strikes agents of the core; for others it goes on.
    fn mend(&self, mut fault: Fault) -> Vec<Fault> {
        let (inside, outside): (Vec<NodeId>, Vec<NodeId>) =
            fault.agents().named().into_iter().partition(|agent| self.core.contains(agent));
        if outside.is_empty() {
            return vec![self.end(fault)];
        }
        if inside.is_empty() {
            return vec![fault];
        }
        let these = |nodes: &[NodeId]| AgentSelector::Listed(nodes.iter().map(|node| node.0).collect());
        let mut rest = fault.clone();
        *rest.agents_mut() = these(&outside);
        *rest.name_mut() = Some(outside_of(&fault));
        *fault.agents_mut() = these(&inside);
        vec![self.end(fault), rest]
    }

    /// Heals a partition within the core; others stay cut off.
    fn heal(&self, partition: Partition) -> Vec<Fault> {
        let is_inside = |agent: &u32| self.core.contains(&NodeId(*agent));
        let has_core = |group: &&Vec<u32>| group.iter().any(is_inside);
        if partition.groups.iter().filter(has_core).count() <= 1
            && partition.groups.iter().any(|group| !group.iter().any(is_inside))
        {
            return vec![Fault::Partition(partition)];
        }
        let inside = partition.groups.iter().flatten().copied().filter(is_inside).collect();
        let others = |group: &Vec<u32>| group.iter().copied().filter(|agent| !is_inside(agent)).collect();
        let outside = partition.groups.iter().map(others).filter(|group: &Vec<u32>| !group.is_empty());
        let groups: Vec<Vec<u32>> = std::iter::once(inside).chain(outside).collect();
        let whole = Fault::Partition(partition.clone());
        let mut rest = Partition { name: Some(outside_of(&whole)), groups, ..partition };
        rest.from = Span(rest.from.0.max(self.stabilize_at.0));
        let has_rest = rest.groups.len() > 1;
        std::iter::once(self.end(whole)).chain(has_rest.then_some(Fault::Partition(rest))).collect()
    }
}

fn outside_of(fault: &Fault) -> String {
    format!("{}-outside", fault.name())
}

impl Fault {
    /// Returns true if its agents stop and never start again.
    pub(super) fn is_crash_for_good(&self) -> bool {
        matches!(self, Fault::Crash(_)) && self.until().is_none() && self.duty().is_none()
    }

    /// Returns true if it may begin, and last, after the time of stability: what counts against f, and what strikes
    /// agents outside of a core where there is one.
    pub fn may_outlast_stability(&self, has_core: bool) -> bool {
        let can_spare_the_core = matches!(
            self,
            Fault::Crash(_) | Fault::Pause(_) | Fault::Isolate(_) | Fault::Slow(_) | Fault::Partition(_)
        );
        self.is_byzantine() || self.is_crash_for_good() || (has_core && can_spare_the_core)
    }

    /// Returns true if it disturbs what agents other than `outcasts` do together.
    pub(super) fn touches_others_than(&self, outcasts: &BTreeSet<NodeId>) -> bool {
        let others = |nodes: Vec<NodeId>| nodes.iter().any(|node| !outcasts.contains(node));
        match self {
            Fault::Partition(partition) => {
                let apart = |group: &&Vec<u32>| others(group.iter().copied().map(NodeId).collect());
                partition.groups.iter().filter(apart).count() > 1
            }
            Fault::OneWay(cut) => others(cut.agents.named()) && others(cut.to.named()),
            // The current leader when it strikes is out of the run from then on.
            Fault::Crash(_) | Fault::Pause(_) | Fault::Isolate(_)
                if *self.agents() == AgentSelector::Leader =>
            {
                FaultSchedule::of(self).until.is_some()
            }
            Fault::Twins(twins) if twins.apart => true,
            fault => {
                let touches = |agents: &AgentSelector| match agents {
                    AgentSelector::Listed(_) => others(agents.named()),
                    _ => true,
                };
                touches(fault.agents()) && fault.link_ends().is_none_or(touches)
            }
        }
    }

    /// Returns true if it keeps the current leader when it begins permanently broken.
    pub(super) fn is_permanent_leader_fault(&self) -> bool {
        matches!(self, Fault::Crash(_) | Fault::Pause(_) | Fault::Isolate(_))
            && *self.agents() == AgentSelector::Leader
            && self.until().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ResolveContext;
    use std::collections::BTreeMap;
    use synod_sim::{Duration, Streams};

    /// Returns the plan for seven agents, of which two may be faulty, that are stable from 10 s on.
    fn plan(faults: &str, core: &str) -> Plan {
        let resolve_context = ResolveContext {
            agents: 7,
            tolerated: 2,
            byzantine: 2,
            trusted: None,
            overlap: 3,
            timer: Duration::from_millis(500),
            regions: BTreeMap::new(),
            stabilize_at: Some(Span(Duration::from_secs(10))),
            core: serde_json::from_str(core).expect("a core"),
            streams: Streams::new(1),
        };
        let faults: Vec<Fault> = serde_json::from_str(faults).expect("faults");
        let plan = Plan::resolve(&faults, &resolve_context);
        let core = match &plan.core {
            Some(core) => AgentSelector::Listed(core.iter().map(|node| node.0).collect()),
            None => AgentSelector::Unspecified,
        };
        let again = Plan::resolve(&plan.faults, &ResolveContext { core, ..resolve_context });
        assert_eq!(again, plan, "what is resolved stays as it is");
        plan
    }

    fn ends(plan: &Plan) -> Vec<(String, Option<String>)> {
        let end = |fault: &Fault| (fault.name().to_owned(), fault.until().map(|until| until.to_string()));
        plan.faults.iter().map(end).collect()
    }

    fn stays(name: &str) -> (String, Option<String>) {
        (name.to_owned(), None)
    }

    fn over(name: &str) -> (String, Option<String>) {
        (name.to_owned(), Some("10s".to_owned()))
    }

    #[test]
    fn what_is_not_tolerated_ends() {
        let faults = r#"[{"silent": {"agents": [0]}}, {"crash": {"agents": [1]}}, {"crash": {"agents": [2]}},
            {"loss": {"chance": "9%"}}, {"isolate": {"agents": "leader"}}, {"bad_signature": {"agents": [0]}},
            {"slow": {"agents": [3], "by": "1ms", "until": "2s"}}]"#;
        let plan = plan(faults, "null");
        let slow = ("slow-1".to_owned(), Some("2s".to_owned()));
        let expected = [
            stays("silent-1"),
            stays("crash-1"),
            over("crash-2"),
            over("loss-1"),
            over("isolate-1"),
            stays("bad-signature-1"),
            slow,
        ];
        assert_eq!(ends(&plan), expected);
    }

    #[test]
    fn agents_outside_of_the_core_stay_broken() {
        let faults = r#"[{"crash": {"agents": [0, 6]}}, {"slow": {"agents": [5], "by": "1s"}},
            {"partition": {"groups": [[0, 1, 5], [2, 3, 6]]}}]"#;
        let plan = plan(faults, "[0, 1, 2, 3, 4]");
        let expected = [
            over("crash-1"),
            stays("crash-1-outside"),
            stays("slow-1"),
            over("partition-1"),
            stays("partition-1-outside"),
        ];
        assert_eq!(ends(&plan), expected);
        let [.., Fault::Partition(rest)] = &plan.faults[..] else { panic!("{plan:?}") };
        assert_eq!(rest.groups, [vec![0, 1, 2, 3], vec![5], vec![6]]);
        assert_eq!(rest.from.to_string(), "10s");
    }

    #[test]
    fn a_core_of_so_many_spares_who_is_broken() {
        let faults = r#"[{"silent": {"agents": [4]}}, {"crash": {"agents": [1]}}]"#;
        let core: Vec<u32> = plan(faults, "5").core.expect("a core").iter().map(|node| node.0).collect();
        assert_eq!(core, [0, 2, 3, 5, 6]);
    }
}
