//! The `faults:` list: its checks, each with the place in the file that it is about.

use super::error::{Problem, quote};
use super::path::Path;
use std::collections::BTreeMap;
use synod_fault::{AgentSelector, Conflict, DelaySpec, Fault, FaultSchedule, Partition, Plan, Rest};
use synod_sim::units::Span;
use synod_sim::units::{plural, sentence};
use synod_sim::{Attack, Duration, Kind, NodeId, Time};

/// The fault tolerance that a protocol claims.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// f: how many agents may be faulty: Byzantine, or down permanently.
    pub faulty: u32,
    /// How many of them may be Byzantine: none, where agents are trusted not to lie.
    pub byzantine: u32,
    /// The one agent that the protocol trusts whatever the others do, if there is one: no swarm corrupts it.
    pub trusted: Option<NodeId>,
    /// 2q − n: how many agents any two quorums share at least.
    pub overlap: u32,
    /// The protocol's leader timeout.
    pub timer: Span,
}

impl Tolerance {
    /// The tolerance of a protocol that claims nothing.
    pub const NONE: Tolerance =
        Tolerance { faulty: 0, byzantine: 0, trusted: None, overlap: 0, timer: Span(Duration::ZERO) };
}

/// What the checks need to know of the scenario.
pub(super) struct FaultContext<'a> {
    pub(super) agents: u32,
    pub(super) horizon: Span,
    /// The names of the network's regions.
    pub(super) regions: Vec<&'a str>,
}

/// Checks the faults of a scenario, all named.
pub(super) fn check(faults: &[Fault], context: &FaultContext<'_>) -> Result<(), Problem> {
    let mut names = BTreeMap::new();
    for (index, fault) in faults.iter().enumerate() {
        let here = Path::of(["faults"]).to(index).to(fault.kind());
        if let Some(first) = names.insert(fault.name(), index) {
            let message = format!("fault {first} has the name {} already", quote(fault.name()));
            return Err(Problem::new(here.to("name"), message));
        }
        check_window(fault, &here, context.horizon)?;
        check_targets(fault, &here, context)?;
        check_settings(fault, &here, context)?;
    }
    Ok(())
}

/// Checks what only shows once it is known what the protocol tolerates: agents that are counted by it, and whether
/// there are more faulty ones than that, which `allow_unsafe` allows.
pub(super) fn check_tolerable(
    faults: &[Fault],
    agents: u32,
    tolerance: Option<Tolerance>,
    allow_unsafe: bool,
    plan: &Plan,
) -> Result<(), Problem> {
    let Some(tolerance) = tolerance else {
        let counted =
            |fault: &Fault| matches!(fault.agents(), AgentSelector::Tolerated | AgentSelector::QuorumOverlap);
        return match faults.iter().position(counted) {
            None => Ok(()),
            Some(index) => {
                let path = Path::of(["faults"]).to(index).to(faults[index].kind()).to("agents");
                Err(Problem::new(path, "this protocol does not say how many faults it tolerates")
                    .help("say how many agents, or which"))
            }
        };
    };
    check_trusted(faults, plan, tolerance, allow_unsafe)?;
    let mut faulty = plan.corrupted();
    faulty.extend(plan.broken_for_good());
    let leaders = plan.permanent_leader_faults().len() as u32;
    let outside = plan.core.as_ref().map_or(0, |core| agents - core.len() as u32);
    let inside = faulty.iter().filter(|agent| plan.core.as_ref().is_none_or(|core| core.contains(agent)));
    let inside = inside.count() as u32 + leaders;
    if allow_unsafe || outside + inside <= tolerance.faulty {
        return Ok(());
    }
    let tolerated = tolerance.faulty;
    let (path, message) = match faults.last() {
        Some(last) if outside == 0 => {
            let path = Path::of(["faults"]).to(faults.len() - 1).to(last.kind()).to("agents");
            (
                path,
                format!(
                    "{}, and the protocol tolerates {tolerated}",
                    sentence(inside.into(), "agent", "corrupted or broken for good")
                ),
            )
        }
        _ => {
            let message = format!(
                "{} and {inside} in it faulty, and the protocol tolerates {tolerated}",
                sentence(outside.into(), "agent", "outside of the core")
            );
            (Path::of(["core"]), message)
        }
    };
    Err(Problem::new(path, message).help("write allow_unsafe: true if that is what the scenario is about"))
}

/// Checks that no more agents are Byzantine than may be, where that is fewer than may be faulty.
fn check_trusted(
    faults: &[Fault],
    plan: &Plan,
    Tolerance { faulty, byzantine, .. }: Tolerance,
    allow_unsafe: bool,
) -> Result<(), Problem> {
    let corrupted = plan.corrupted().len() as u32;
    let Some(place) = faults.iter().rposition(Fault::is_byzantine) else { return Ok(()) };
    let path = Path::of(["faults"]).to(place).to(faults[place].kind()).to("agents");
    if byzantine == 0 && *faults[place].agents() == AgentSelector::Tolerated {
        return Err(Problem::new(path, "the protocol trusts its agents: it tolerates no Byzantine one")
            .help("say how many agents, or which, and allow_unsafe: true"));
    }
    if allow_unsafe || corrupted <= byzantine || byzantine == faulty {
        return Ok(());
    }
    let corrupted = sentence(corrupted.into(), "agent", "Byzantine");
    let message = match byzantine {
        0 => format!("{corrupted}, and the protocol trusts its agents"),
        _ => format!("{corrupted}, and the protocol tolerates {byzantine} of these"),
    };
    Err(Problem::new(path, message).help("write allow_unsafe: true if that is what the scenario is about"))
}

/// Checks what only shows once the protocol is known: attacks that its insiders can mount, kinds of message that it
/// has.
pub(super) fn check_protocol_names(
    faults: &[Fault],
    attacks: &[Attack],
    kinds: &[Kind],
) -> Result<(), Problem> {
    for (index, fault) in faults.iter().enumerate() {
        check_names(fault, &Path::of(["faults"]).to(index).to(fault.kind()), attacks, kinds)?;
    }
    Ok(())
}

fn check_names(fault: &Fault, here: &Path, attacks: &[Attack], kinds: &[Kind]) -> Result<(), Problem> {
    match fault {
        Fault::Insider(insider) if attacks.iter().all(|attack| attack.name != insider.attack) => {
            let path = here.to("attack");
            let known: Vec<&str> = attacks.iter().map(|attack| attack.name).collect();
            let problem = Problem::unknown(path, "attack", &insider.attack, &known);
            Err(if known.is_empty() {
                problem.help("this protocol has no attacks by insiders")
            } else {
                problem
            })
        }
        Fault::Twins(twins) => {
            let known: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
            match twins.withhold.iter().position(|name| !known.contains(&name.as_str())) {
                None => Ok(()),
                Some(place) => {
                    let path = here.to("withhold").to(place);
                    Err(Problem::unknown(path, "kind of message", &twins.withhold[place], &known))
                }
            }
        }
        Fault::Adaptive(adaptive) => adaptive.choices.iter().enumerate().try_for_each(|(place, choice)| {
            check_names(choice, &here.to("choices").to(place).to(choice.kind()), attacks, kinds)
        }),
        _ => Ok(()),
    }
}

/// The schedule of a choice, which has none of its own.
const ALWAYS: FaultSchedule = FaultSchedule { from: Time::ZERO, until: None, duty: None };

fn check_window(fault: &Fault, here: &Path, horizon: Span) -> Result<(), Problem> {
    let window = FaultSchedule::of(fault);
    let end = Time::ZERO + horizon.0;
    if window.from >= end {
        let message =
            format!("this fault begins at {}, when the run is over", Span(window.from.since(Time::ZERO)));
        return Err(Problem::new(here.to("from"), message).help(format!("the horizon is {horizon}")));
    }
    match window.until {
        Some(until) if until <= window.from => {
            return Err(Problem::new(here.to("until"), "this fault is over before it begins"));
        }
        Some(until) if until > end => {
            let message = format!("this fault ends at {}, after the run", Span(until.since(Time::ZERO)));
            let advice = format!("the horizon is {horizon}: leave until out if the fault never ends");
            return Err(Problem::new(here.to("until"), message).help(advice));
        }
        _ => {}
    }
    let Some(duty) = window.duty else { return Ok(()) };
    for (field, span) in [("on", duty.on), ("off", duty.off)] {
        if span.0.is_zero() {
            return Err(Problem::new(here.to("duty").to(field), "coming and going takes time"));
        }
    }
    let intervals = horizon.0.as_nanos() / (duty.on.0.as_nanos().saturating_add(duty.off.0.as_nanos()));
    if intervals > MAX_INTERVALS {
        let message =
            format!("this fault would come and go {intervals} times, and {MAX_INTERVALS} are possible");
        return Err(Problem::new(here.to("duty"), message));
    }
    Ok(())
}

/// Maximum number of intervals of a fault.
const MAX_INTERVALS: u64 = 100_000;

/// Checks that a fault's agents are specified where they must be, and exist.
fn check_targets(fault: &Fault, here: &Path, context: &FaultContext<'_>) -> Result<(), Problem> {
    let path = here.to("agents");
    match fault.agents() {
        AgentSelector::Unspecified if fault.can_strike_all() => Ok(()),
        AgentSelector::Unspecified => {
            Err(Problem::new(path, "which agents?").help("name them, [0, 3], or say how many: 2"))
        }
        AgentSelector::Leader if !fault.can_strike_leader() => {
            let message = format!("{} cannot follow whoever leads: who is struck is fixed", fault.kind());
            Err(Problem::new(path, message).help("crash, pause, isolate and slow can strike the leader"))
        }
        selector => check_selector(selector, &path, context),
    }
}

pub(super) fn check_selector(
    selector: &AgentSelector,
    path: &Path,
    context: &FaultContext<'_>,
) -> Result<(), Problem> {
    let agents = context.agents;
    match selector {
        AgentSelector::Listed(list) => check_list(list, path, agents, &mut BTreeMap::new()),
        AgentSelector::Count(count) if *count > agents => Err(Problem::new(
            path.clone(),
            format!("{count} agents cannot be struck: the scenario has {agents}"),
        )),
        AgentSelector::Region(region) if !context.regions.contains(&region.as_str()) => {
            Err(Problem::unknown(path.to("region"), "region", region, &context.regions))
        }
        _ => Ok(()),
    }
}

/// Every agent exists and is named once, and the list is not empty.
fn check_list(list: &[u32], path: &Path, agents: u32, seen: &mut BTreeMap<u32, ()>) -> Result<(), Problem> {
    if list.is_empty() {
        return Err(Problem::new(path.clone(), "no agent is named here"));
    }
    for (place, &agent) in list.iter().enumerate() {
        if agent >= agents {
            let help = match agents {
                1 => "the only agent is number 0".to_owned(),
                _ => format!("the agents are numbered from 0 to {}", agents - 1),
            };
            return Err(Problem::new(path.to(place), format!("there is no agent {agent}")).help(help));
        }
        if seen.insert(agent, ()).is_some() {
            return Err(Problem::new(path.to(place), format!("agent {agent} is named twice")));
        }
    }
    Ok(())
}

/// What a kind's own settings must keep to.
fn check_settings(fault: &Fault, here: &Path, context: &FaultContext<'_>) -> Result<(), Problem> {
    let refuse = |field: &str, message: &str| Err(Problem::new(here.to(field), message));
    match fault {
        Fault::Partition(partition) => check_groups(partition, here, context),
        fault if fault.link_ends().is_some_and(|to| !to.is_unspecified()) => {
            let to = fault.link_ends().expect("there are some");
            check_others(to, fault.agents(), &here.to("to"), context)
        }
        Fault::Crash(crash) if !crash.apart.0.is_zero() && crash.duty.is_some() => {
            refuse("apart", "who comes and goes is away for as long each time")
        }
        Fault::SelectiveOmission(selective_omission) => check_others(
            &selective_omission.victims,
            &selective_omission.agents,
            &here.to("victims"),
            context,
        ),
        Fault::OneWay(cut) => check_others(&cut.to, &cut.agents, &here.to("to"), context),
        Fault::Twins(twins) if !(2..=64).contains(&twins.instances) => {
            refuse("instances", "twins are 2 to 64 instances each")
        }
        Fault::ReversedOrder(reversed_order)
            if matches!(reversed_order.window, DelaySpec::Fixed(Span(Duration::ZERO))) =>
        {
            refuse("window", "a window takes time")
        }
        Fault::Amplify(amplify) if !(1..=1_000).contains(&amplify.copies) => {
            refuse("copies", "1 to 1000 copies are possible")
        }
        Fault::Flood(flood) if !(1..=1_000).contains(&flood.copies) => {
            refuse("copies", "1 to 1000 copies are possible")
        }
        Fault::Replay(replay) if !(1..=65_536).contains(&replay.memory) => {
            refuse("memory", "1 to 65536 messages can be remembered")
        }
        Fault::Adaptive(adaptive) => {
            if adaptive.choices.is_empty() {
                return refuse("choices", "there is nothing to choose from");
            }
            for (place, choice) in adaptive.choices.iter().enumerate() {
                let path = here.to("choices").to(place).to(choice.kind());
                let is_on_the_wire = choice.is_byzantine()
                    && !matches!(choice, Fault::Twins(_) | Fault::Adaptive(_) | Fault::Crash(_));
                if !is_on_the_wire {
                    let message = format!("{} cannot be taken up and left again", choice.kind());
                    return Err(Problem::new(path, message));
                }
                if !choice.agents().is_unspecified() && choice.agents() != &adaptive.agents {
                    return Err(Problem::new(path.to("agents"), "the agents are those of the whole"));
                }
                if FaultSchedule::of(choice) != ALWAYS {
                    return Err(Problem::new(
                        path,
                        "a choice has no window of its own: it is that of the whole",
                    ));
                }
                check_settings(choice, &path, context)?;
            }
            Ok(())
        }
        Fault::Clock(clock) => {
            let both = |a: bool, b: bool| a && b;
            if both(!clock.ahead.0.is_zero(), !clock.behind.0.is_zero()) {
                return refuse("behind", "a clock is either ahead or behind");
            }
            if both(clock.fast.ppb() > 0, clock.slow.ppb() > 0) {
                return refuse("slow", "a clock runs either too fast or too slow");
            }
            if clock.slow.ppb() == 1_000_000_000 { refuse("slow", "a clock runs") } else { Ok(()) }
        }
        Fault::Ring(ring) if !ring.agents.is_unspecified() => {
            refuse("agents", "all agents stand in the ring: leave agents out")
        }
        Fault::Ring(ring) if ring.reach == Some(0) => refuse("reach", "everybody reaches somebody"),
        _ => Ok(()),
    }
}

/// A partition has two groups at least, said in one way, of agents that exist.
fn check_groups(partition: &Partition, here: &Path, context: &FaultContext<'_>) -> Result<(), Problem> {
    let refuse = |field: &str, message: &str| Err(Problem::new(here.to(field), message));
    let Partition { groups, sizes, parts, rest, .. } = partition;
    let agents = match &partition.agents {
        AgentSelector::Listed(list) => list.len() as u64,
        _ => u64::from(context.agents),
    };
    let rest = u32::from(*rest == Rest::Apart) as usize;
    match (groups.is_empty(), sizes.is_empty(), parts) {
        (true, true, None) => {
            refuse("groups", "a partition needs groups, or sizes of groups, or a number of parts")
        }
        (false, true, None) if groups.len() + rest < 2 => refuse("groups", TWO_GROUPS),
        (false, true, None) => {
            let mut seen = BTreeMap::new();
            let mut groups = groups.iter().enumerate();
            groups.try_for_each(|(place, group)| {
                check_list(group, &here.to("groups").to(place), context.agents, &mut seen)
            })
        }
        (true, false, None) if sizes.len() + rest < 2 => refuse("sizes", TWO_GROUPS),
        (true, false, None) => {
            let sum: u64 = sizes.iter().map(|&size| u64::from(size)).sum();
            if sum > agents || sizes.contains(&0) {
                refuse("sizes", &format!("groups of at least one agent, {} in all", plural(agents, "agent")))
            } else {
                Ok(())
            }
        }
        (true, true, Some(_)) if agents < 2 => refuse("parts", "one agent alone cannot be parted"),
        (true, true, Some(parts)) if *parts < 2 || u64::from(*parts) > agents => {
            refuse("parts", &format!("of {} there are 2 to {agents} parts", plural(agents, "agent")))
        }
        (true, true, Some(_)) => Ok(()),
        (false, _, _) => refuse("groups", SIZES_CONFLICT),
        _ => refuse("sizes", SIZES_CONFLICT),
    }
}

const TWO_GROUPS: &str = "a partition needs at least two groups";
const SIZES_CONFLICT: &str = "either groups, or sizes, or parts";

/// Agents on the other side of a fault exist, and there are enough of them besides those that it strikes.
fn check_others(
    others: &AgentSelector,
    agents: &AgentSelector,
    path: &Path,
    context: &FaultContext<'_>,
) -> Result<(), Problem> {
    let struck = match agents {
        AgentSelector::Listed(list) => list.len() as u32,
        drawn => drawn.number(context.agents).unwrap_or(0),
    };
    match others {
        AgentSelector::Unspecified => Err(Problem::new(path.clone(), "which agents?")),
        AgentSelector::Leader => Err(Problem::new(path.clone(), "who this is must be fixed before the run")),
        drawn
            if drawn
                .number(context.agents)
                .is_some_and(|count| count > context.agents - struck.min(context.agents)) =>
        {
            let left = context.agents.saturating_sub(struck);
            Err(Problem::new(path.clone(), format!("there are only {left} other agents")))
        }
        others => check_selector(others, path, context),
    }
}

/// Checks that no two faults of `plan`, which `faults` make, get in each other's way.
pub(super) fn check_conflicts(faults: &[Fault], plan: &Plan) -> Result<(), Problem> {
    let Some(Conflict { first, second, agent }) = plan.conflict() else { return Ok(()) };
    // What strikes agents outside of the core goes on under a name of its own.
    let place = |clashing: &Fault| {
        let name = clashing.name();
        let is_it =
            |fault: &Fault| fault.name() == name || name.strip_suffix("-outside") == Some(fault.name());
        faults.iter().position(is_it)
    };
    let Some(index) = place(second).or_else(|| place(first)) else { return Ok(()) };
    let (name, other) = (quote(second.name()), quote(first.name()));
    let message =
        format!("{name} strikes agent {agent} while {other} does, of which it can suffer one at a time");
    let is_drawn = matches!(
        faults[index].agents(),
        AgentSelector::Count(_)
            | AgentSelector::Fraction(_)
            | AgentSelector::Tolerated
            | AgentSelector::QuorumOverlap
    );
    let others = if is_drawn { "fewer agents" } else { "other agents" };
    let advice = match first.until() {
        _ if matches!(first, Fault::Twins(_)) => {
            format!("strike {others}: twins are there for the whole run")
        }
        Some(until) => format!("strike {others}, or begin when {other} is over, after {until}"),
        None => format!("strike {others}, or say until when {other} lasts"),
    };
    let path = Path::of(["faults"]).to(index).to(second.kind());
    Err(Problem::new(path.to("agents"), message).help(advice))
}
