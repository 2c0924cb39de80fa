//! `stabilize_at:`, `core:` and `swarm:`: their checks, each with the place in the file that it is about.

use super::error::{Problem, quote};
use super::faults::{FaultContext, check_selector};
use super::path::Path;
use synod_fault::{AgentSelector, Fault, Swarm};
use synod_sim::Attack;
use synod_sim::units::Span;
use synod_sim::units::plural;

/// A scenario's settings of its two phases and of its swarm.
pub(super) struct Phases<'a> {
    pub(super) faults: &'a [Fault],
    pub(super) swarm: Option<&'a Swarm>,
    pub(super) stabilize_at: Option<Span>,
    pub(super) core: &'a AgentSelector,
}

/// Checks it.
pub(super) fn check(phases: &Phases<'_>, context: &FaultContext<'_>) -> Result<(), Problem> {
    check_core(phases.core, phases.stabilize_at, context)?;
    if let Some(at) = phases.stabilize_at {
        check_stability(phases.faults, at, !phases.core.is_unspecified(), context)?;
    }
    if let Some(swarm) = phases.swarm {
        check_swarm(swarm, phases, context)?;
    }
    Ok(())
}

fn check_core(
    core: &AgentSelector,
    stabilize_at: Option<Span>,
    context: &FaultContext<'_>,
) -> Result<(), Problem> {
    let path = Path::of(["core"]);
    match core {
        AgentSelector::Unspecified => Ok(()),
        AgentSelector::Listed(_) | AgentSelector::Count(_) if stabilize_at.is_none() => {
            Err(Problem::new(path, "a core is what is well from some time on")
                .help("say from when: stabilize_at"))
        }
        AgentSelector::Listed(_) => check_selector(core, &path, context),
        AgentSelector::Count(count) if *count > context.agents => {
            let message =
                format!("a core of {count} agents is not possible: the scenario has {}", context.agents);
            Err(Problem::new(path, message))
        }
        AgentSelector::Count(_) => Ok(()),
        _ => Err(Problem::new(path, "a core is a number of agents, or a list of them")),
    }
}

/// Checks that there is time for a second phase, and that no fault begins in it that must be over by then.
fn check_stability(
    faults: &[Fault],
    at: Span,
    has_core: bool,
    context: &FaultContext<'_>,
) -> Result<(), Problem> {
    let horizon = context.horizon;
    if at.0 >= horizon.0 {
        let message = format!("the system would be stable from {at} on, when the run is over");
        return Err(
            Problem::new(Path::of(["stabilize_at"]), message).help(format!("the horizon is {horizon}"))
        );
    }
    for (index, fault) in faults.iter().enumerate() {
        if fault.from().0 >= at.0 && !fault.may_outlast_stability(has_core) {
            let path = Path::of(["faults"]).to(index).to(fault.kind()).to("from");
            let message = format!("this fault begins at {}, when the system is stable", fault.from());
            return Err(Problem::new(path, message).help(format!("stabilize_at is {at}")));
        }
    }
    Ok(())
}

fn check_swarm(swarm: &Swarm, phases: &Phases<'_>, context: &FaultContext<'_>) -> Result<(), Problem> {
    let here = Path::of(["swarm"]);
    let refuse = |field: &str, message: String| Err(Problem::new(here.to(field), message));
    if let Some(kinds) = &swarm.kinds {
        if let Some(place) = kinds.iter().position(|kind| !Fault::KINDS.contains(&kind.as_str())) {
            let path = here.to("kinds").to(place);
            return Err(Problem::unknown(path, "kind of fault", &kinds[place], Fault::KINDS));
        }
        if kinds.is_empty() {
            return refuse("kinds", "a swarm without kinds is none".to_owned());
        }
    }
    if swarm.faults == 0 {
        return refuse("faults", "a swarm without faults is none".to_owned());
    }
    let horizon = context.horizon;
    let ends_by = swarm.ends_by(phases.stabilize_at, horizon);
    if ends_by.0 > horizon.0 {
        return refuse(
            "until",
            format!("the swarm ends at {ends_by}, after the run: the horizon is {horizon}"),
        );
    }
    if let Some(at) = phases.stabilize_at.filter(|at| ends_by.0 > at.0) {
        return refuse(
            "until",
            format!("the swarm ends at {ends_by}, when the system is stable: from {at} on"),
        );
    }
    if ends_by.0.as_nanos() / MILLISECOND <= swarm.from.0.as_nanos() / MILLISECOND {
        return refuse("from", format!("the swarm begins at {} and is over at {ends_by}", swarm.from));
    }
    if let Some(every) = swarm.every {
        check_waves(every, swarm.from, ends_by, &here)?;
    }
    match phases.faults.iter().position(|fault| fault.name().starts_with("swarm-")) {
        None => Ok(()),
        Some(index) => {
            let fault = &phases.faults[index];
            let path = Path::of(["faults"]).to(index).to(fault.kind()).to("name");
            let message = format!("the name {} is a swarm's", quote(fault.name()));
            Err(Problem::new(path, message))
        }
    }
}

/// Checks that there are waves, and not more than anybody could want.
fn check_waves(every: Span, from: Span, ends_by: Span, here: &Path) -> Result<(), Problem> {
    let refuse = |message: String| Err(Problem::new(here.to("every"), message));
    let (every_ns, span) = (every.0.as_nanos(), ends_by.0.as_nanos() - from.0.as_nanos());
    if every_ns < 4 * MILLISECOND {
        return refuse("a wave needs 4ms at least".to_owned());
    }
    if every_ns / 2 > span {
        return refuse(format!("the swarm is over at {ends_by}, before its first wave is"));
    }
    let waves = span / every_ns;
    if waves > MAX_WAVES {
        return refuse(format!("{waves} waves are too many: {MAX_WAVES} at most"));
    }
    Ok(())
}

/// The most waves of a swarm: a wave every ten minutes for four weeks.
const MAX_WAVES: u64 = 4_096;

/// The grain of a swarm's windows, in nanoseconds.
const MILLISECOND: u64 = 1_000_000;

/// Checks that the protocol, which tolerates `faulty` agents, bears those of the swarm.
pub(super) fn check_swarm_tolerable(swarm: &Swarm, faulty: u32, allow_unsafe: bool) -> Result<(), Problem> {
    match swarm.corrupted {
        Some(corrupted) if corrupted > faulty && !allow_unsafe => {
            let message = format!(
                "up to {} would be faulty, and the protocol tolerates {faulty}",
                plural(corrupted.into(), "agent")
            );
            let problem = Problem::new(Path::of(["swarm", "corrupted"]), message);
            Err(problem.help("write allow_unsafe: true if that is what the scenario is about"))
        }
        _ => Ok(()),
    }
}

/// Checks that the protocol knows the attacks of the swarm's insiders.
pub(super) fn check_attacks(swarm: &Swarm, attacks: &[Attack]) -> Result<(), Problem> {
    let known: Vec<&str> = attacks.iter().map(|attack| attack.name).collect();
    let named = swarm.attacks.as_deref().unwrap_or_default();
    match named.iter().position(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(place) => {
            let path = Path::of(["swarm", "attacks"]).to(place);
            Err(Problem::unknown(path, "attack", &named[place], &known))
        }
    }
}
