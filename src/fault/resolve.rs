//! Resolves a scenario's faults to a plan: names, randomly drawn agents, fractions of timeouts.

use super::agent_selector::AgentSelector;
use super::delay_spec::DelaySpec;
use super::kinds::{Fault, Partition, Rest};
use super::plan::{FaultId, Plan};
use rand::seq::SliceRandom;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use synod_sim::units::Span;
use synod_sim::{Duration, NodeId, Purpose, Stream, Streams};

/// What resolving faults needs to know of the scenario.
#[derive(Clone, Debug)]
pub struct ResolveContext {
    /// Number of agents.
    pub agents: u32,
    /// f: how many faulty agents the protocol tolerates.
    pub tolerated: u32,
    /// How many of them may be Byzantine.
    pub byzantine: u32,
    /// The one agent that the protocol trusts whatever the others do.
    pub trusted: Option<NodeId>,
    /// 2q − n: how many agents any two quorums share at least.
    pub overlap: u32,
    /// The protocol's leader timeout.
    pub timer: Duration,
    /// The agents of every region.
    pub regions: BTreeMap<String, Range<u32>>,
    /// Stabilisation time: when the faults that the protocol need not tolerate are over, if ever.
    pub stabilize_at: Option<Span>,
    /// The agents of which progress is required then; all of them, if left out.
    pub core: AgentSelector,
    /// The run's random streams.
    pub streams: Streams,
}

impl ResolveContext {
    /// Returns the number of agents that are outside of the core.
    pub(super) fn outside(&self) -> u32 {
        match &self.core {
            AgentSelector::Listed(core) => self.agents - core.len() as u32,
            AgentSelector::Count(core) => self.agents - core,
            _ => 0,
        }
    }
}

/// Gives every fault without a name one: its kind and its number among those of its kind.
pub fn name_all(faults: &mut [Fault]) {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for fault in faults {
        let kind = fault.kind();
        let number = count.entry(kind).or_default();
        *number += 1;
        let name = format!("{}-{number}", kind.replace('_', "-"));
        fault.name_mut().get_or_insert(name);
    }
}

impl Plan {
    /// Returns the plan that `faults` make. They were checked: whom they name exists, and there are as many agents as
    /// they ask for.
    pub fn resolve(faults: &[Fault], resolve_context: &ResolveContext) -> Plan {
        let mut faults = faults.to_vec();
        name_all(&mut faults);
        let resolver = Resolver::new(resolve_context);
        resolver.apart(&mut faults);
        faults.iter_mut().for_each(|fault| resolver.resolve(fault));
        let plan = Plan { faults, core: None };
        let plan = Plan { core: resolver.core(&plan), ..plan };
        match resolve_context.stabilize_at {
            Some(at) => plan.stabilize(at, resolve_context.tolerated, resolve_context.agents),
            None => plan,
        }
    }
}

/// The draws that faults share.
struct Resolver<'a> {
    resolve_context: &'a ResolveContext,
    /// All agents in an order drawn from the seed: the corrupted are counted from its front, others from its back.
    order: Vec<u32>,
}

impl Resolver<'_> {
    fn new(resolve_context: &ResolveContext) -> Resolver<'_> {
        let mut rng = resolve_context.streams.stream(Purpose::Resolution, 0);
        Resolver { order: shuffled(resolve_context.agents, &mut rng), resolve_context }
    }

    /// Draws whom faults strike that leave it open and of which an agent can suffer only one at a time: others than
    /// those whom the rest of the plan strikes so meanwhile, as long as there are others.
    fn apart(&self, faults: &mut [Fault]) {
        let is_open = |fault: &Fault| {
            fault.is_exclusive() && !fault.is_byzantine() && self.count(fault.agents(), false).is_some()
        };
        let open: Vec<usize> = (0..faults.len()).filter(|&place| is_open(&faults[place])).collect();
        if open.is_empty() {
            return;
        }
        let mut settled: Vec<Fault> = faults.iter().filter(|fault| !is_open(fault)).cloned().collect();
        for fault in &mut settled {
            *fault.agents_mut() = self.select(fault.agents(), fault.is_byzantine());
        }
        for place in open {
            let fault = &mut faults[place];
            let count = self.count(fault.agents(), false).expect("it leaves open whom it strikes");
            let taken = fault.taken(count, &settled);
            let mut order = self.order.clone();
            order.sort_by_key(|&agent| !taken.contains(&NodeId(agent)));
            *fault.agents_mut() = last(&order, count);
            settled.push(fault.clone());
        }
    }

    fn resolve(&self, fault: &mut Fault) {
        let is_byzantine = fault.is_byzantine();
        let id = fault.id();
        *fault.agents_mut() = self.select(fault.agents(), is_byzantine);
        let agents = fault.agents().named();
        if let Some(to) = fault.link_ends_mut() {
            *to = self.others(to, &agents, id);
        }
        let timer = self.resolve_context.timer;
        match fault {
            Fault::SelectiveOmission(selective_omission) => {
                let agents = selective_omission.agents.named();
                selective_omission.victims = self.others(&selective_omission.victims, &agents, id);
            }
            Fault::OneWay(cut) => {
                let agents = cut.agents.named();
                cut.to = self.others(&cut.to, &agents, id);
            }
            Fault::Delay(delay) => delay.by = fixed(delay.by, timer),
            Fault::ReversedOrder(reversed_order) => {
                reversed_order.window = fixed(reversed_order.window, timer)
            }
            Fault::Slow(slow) => slow.by = fixed(slow.by, timer),
            Fault::SlowLinks(slow) => slow.by = fixed(slow.by, timer),
            Fault::Partition(partition) => self.group(partition, id),
            Fault::Adaptive(adaptive) => {
                for (place, choice) in adaptive.choices.iter_mut().enumerate() {
                    *choice.agents_mut() = adaptive.agents.clone();
                    let name =
                        format!("{} choice {}", adaptive.name.as_deref().unwrap_or_default(), place + 1);
                    choice.name_mut().get_or_insert(name);
                    self.resolve(choice);
                }
            }
            _ => {}
        }
    }

    /// The groups that a partition says in other words.
    fn group(&self, partition: &mut Partition, id: FaultId) {
        let mut left = match &partition.agents {
            AgentSelector::Listed(agents) => agents.clone(),
            _ => (0..self.resolve_context.agents).collect(),
        };
        if let Some(parts) = partition.parts.take() {
            let (size, more) = (left.len() as u32 / parts, left.len() as u32 % parts);
            partition.sizes = (0..parts).map(|part| size + u32::from(part < more)).collect();
        }
        if !partition.sizes.is_empty() {
            left.shuffle(&mut self.stream(id));
            for size in std::mem::take(&mut partition.sizes) {
                let mut group: Vec<u32> = left.drain(..size as usize).collect();
                group.sort_unstable();
                partition.groups.push(group);
            }
        }
        left.retain(|agent| partition.groups.iter().all(|group| !group.contains(agent)));
        if std::mem::take(&mut partition.rest) == Rest::Apart && !left.is_empty() {
            left.sort_unstable();
            partition.groups.push(left);
        }
    }

    /// Returns the agents of which progress is demanded in the end: if only their number is said, those that the plan
    /// spares.
    fn core(&self, plan: &Plan) -> Option<BTreeSet<NodeId>> {
        match &self.resolve_context.core {
            AgentSelector::Listed(agents) => Some(agents.iter().copied().map(NodeId).collect()),
            AgentSelector::Count(count) => {
                let mut broken = plan.corrupted();
                broken.extend(plan.broken_for_good());
                let slow = plan.faults.iter().filter(|fault| matches!(fault, Fault::Slow(_)));
                broken.extend(
                    slow.filter(|slow| slow.until().is_none()).flat_map(|slow| slow.agents().named()),
                );
                let mut order: Vec<NodeId> = self.order.iter().copied().map(NodeId).collect();
                order.sort_by_key(|agent| broken.contains(agent));
                Some(order.into_iter().take(*count as usize).collect())
            }
            _ => None,
        }
    }

    fn select(&self, selector: &AgentSelector, is_byzantine: bool) -> AgentSelector {
        if let Some(count) = self.count(selector, is_byzantine) {
            let mut order = self.order.clone();
            if is_byzantine {
                order.reverse();
            }
            return last(&order, count);
        }
        match selector {
            AgentSelector::Unspecified | AgentSelector::Leader => selector.clone(),
            AgentSelector::Listed(list) => {
                let mut list = list.clone();
                list.sort_unstable();
                AgentSelector::Listed(list)
            }
            AgentSelector::Region(region) => {
                AgentSelector::Listed(self.resolve_context.regions[region].clone().collect())
            }
            AgentSelector::Count(_)
            | AgentSelector::Fraction(_)
            | AgentSelector::Tolerated
            | AgentSelector::QuorumOverlap => unreachable!("a count draws"),
        }
    }

    /// Returns the number of agents that are to be drawn, if the scenario does not say which.
    fn count(&self, selector: &AgentSelector, is_byzantine: bool) -> Option<u32> {
        match selector {
            AgentSelector::Count(_) | AgentSelector::Fraction(_) => {
                selector.number(self.resolve_context.agents)
            }
            AgentSelector::Tolerated if is_byzantine => Some(self.resolve_context.byzantine),
            AgentSelector::Tolerated => Some(self.resolve_context.tolerated),
            AgentSelector::QuorumOverlap => Some(self.resolve_context.overlap),
            _ => None,
        }
    }

    /// Agents other than `agents`, which a count draws in an order of the fault's own.
    fn others(&self, selector: &AgentSelector, agents: &[NodeId], id: FaultId) -> AgentSelector {
        let Some(number) = self.count(selector, false) else { return self.select(selector, false) };
        let mut order = shuffled(self.resolve_context.agents, &mut self.stream(id));
        order.retain(|&agent| !agents.contains(&NodeId(agent)));
        order.truncate(number as usize);
        order.sort_unstable();
        AgentSelector::Listed(order)
    }

    fn stream(&self, id: FaultId) -> Stream {
        // Index 0 is the common order's.
        self.resolve_context.streams.stream(Purpose::Resolution, id.stream_index().max(1))
    }
}

fn shuffled(agents: u32, rng: &mut Stream) -> Vec<u32> {
    let mut order: Vec<u32> = (0..agents).collect();
    order.shuffle(rng);
    order
}

/// Returns the last `count` of `order`.
fn last(order: &[u32], count: u32) -> AgentSelector {
    let mut drawn = order[order.len() - count as usize..].to_vec();
    drawn.sort_unstable();
    AgentSelector::Listed(drawn)
}

fn fixed(lag: DelaySpec, timer: Duration) -> DelaySpec {
    match lag {
        DelaySpec::Fixed(_) => lag,
        DelaySpec::OfTimer(share) => {
            let nanos = u128::from(timer.as_nanos()) * u128::from(share.ppb()) / 1_000_000_000;
            DelaySpec::Fixed(Span(Duration::from_nanos(nanos as u64)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve_context(seed: u64) -> ResolveContext {
        ResolveContext {
            agents: 10,
            tolerated: 3,
            byzantine: 3,
            trusted: None,
            overlap: 4,
            timer: Duration::from_millis(500),
            regions: BTreeMap::from([("eu".to_owned(), 4..7)]),
            stabilize_at: None,
            core: AgentSelector::Unspecified,
            streams: Streams::new(seed),
        }
    }

    fn plan(faults: &str, seed: u64) -> Plan {
        let faults: Vec<Fault> = serde_json::from_str(faults).expect("faults");
        Plan::resolve(&faults, &resolve_context(seed))
    }

    #[test]
    fn the_corrupted_are_drawn_alike_and_others_apart() {
        let faults =
            r#"[{"silent": {"agents": "f"}}, {"bad_signature": {"agents": 3}}, {"crash": {"agents": 7}}]"#;
        let named: Vec<_> = plan(faults, 7).faults.iter().map(|fault| fault.agents().named()).collect();
        assert_eq!((named[0].len(), named[2].len()), (3, 7));
        assert_eq!(named[0], named[1]);
        assert!(named[2].iter().all(|agent| !named[0].contains(agent)));
        assert_ne!(plan(faults, 8), plan(faults, 7));
        assert_eq!(plan(faults, 7), plan(faults, 7));
    }

    /// Within four standard errors over 4,000 seeds.
    #[test]
    fn everybody_is_as_likely_to_be_drawn() {
        let faults: Vec<Fault> = serde_json::from_str(r#"[{"silent": {"agents": 1}}]"#).expect("faults");
        let mut drawn = [0u32; 4];
        for seed in 0..4_000 {
            let plan = Plan::resolve(&faults, &ResolveContext { agents: 4, ..resolve_context(seed) });
            drawn[plan.faults[0].agents().named()[0].index()] += 1;
        }
        // 1,000 each, with a deviation of sqrt(4,000 · 1/4 · 3/4).
        assert!(drawn.iter().all(|count| count.abs_diff(1_000) < 4 * 28), "{drawn:?}");
    }

    #[test]
    fn what_an_agent_suffers_once_at_a_time_is_drawn_apart() {
        let faults = r#"[{"crash": {"agents": 3}}, {"slow": {"agents": 3, "by": "1ms"}}, {"crash": {"agents": [0, 1]}},
            {"crash": {"agents": 2, "from": "1s", "until": "2s"}}, {"crash": {"agents": "f", "from": "3s", "until": "4s"}}]"#;
        for seed in 0..200 {
            let plan = plan(faults, seed);
            assert!(plan.conflict().is_none(), "seed {seed}: {plan:?}");
            let of = |place: usize| plan.faults[place].agents().named();
            assert!(
                of(3).iter().all(|agent| of(4).contains(agent)),
                "those that are apart in time need not be"
            );
        }
        let many = plan(r#"[{"crash": {"agents": 6}}, {"crash": {"agents": 5}}]"#, 1);
        assert!(many.conflict().is_some(), "there are no other agents");
    }

    #[test]
    fn sizes_regions_and_parts_of_timers_become_plain() {
        let faults = r#"[{"partition": {"sizes": [6, 3]}}, {"crash": {"agents": {"region": "eu"}}},
            {"delay": {"agents": [1], "by": "90% of timer"}}, {"selective_omission": {"agents": [2], "victims": 9}}]"#;
        let plan = plan(faults, 1);
        let [Fault::Partition(cut), crash, Fault::Delay(delay), Fault::SelectiveOmission(selective_omission)] =
            &plan.faults[..]
        else {
            panic!("{plan:?}")
        };
        assert_eq!(cut.groups.iter().map(Vec::len).collect::<Vec<_>>(), [6, 3]);
        assert!(cut.sizes.is_empty());
        assert_eq!(crash.agents().named(), [NodeId(4), NodeId(5), NodeId(6)]);
        assert_eq!(delay.by.to_string(), "450ms");
        assert_eq!(selective_omission.victims, AgentSelector::Listed(vec![0, 1, 3, 4, 5, 6, 7, 8, 9]));
        assert_eq!(crash.name(), "crash-1");
    }

    #[test]
    fn partitions_come_in_parts_and_leave_nobody_behind_who_is_to_be_apart() {
        let faults = r#"[{"partition": {"parts": 3}}, {"partition": {"sizes": [2], "rest": "apart"}},
            {"partition": {"groups": [[0, 9], [1]]}}]"#;
        let groups = |fault: &Fault| match fault {
            Fault::Partition(partition) => partition.groups.clone(),
            _ => panic!("{fault:?}"),
        };
        let plan = plan(faults, 1);
        let sizes = |place: usize| groups(&plan.faults[place]).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!((sizes(0), sizes(1)), (vec![4, 3, 3], vec![2, 8]));
        assert_eq!(groups(&plan.faults[2]), [vec![0, 9], vec![1]]);
    }

    #[test]
    fn what_is_resolved_stays_as_it_is() {
        let faults = r#"[{"twins": {"agents": 2}}, {"partition": {"sizes": [5, 5]}}, {"isolate": {"agents": "leader"}},
            {"adaptive": {"agents": "f", "by": "detection", "choices": [{"delay": {"by": "50% of timer"}}]}}]"#;
        let once = plan(faults, 3);
        let again = Plan::resolve(&once.faults, &resolve_context(99));
        assert_eq!(once, again);
    }
}
