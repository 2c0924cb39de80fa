//! The `faults:` list: its shape, its checks, and the plan that it makes.

use super::error::{Problem, quote};
use super::path::Path;
use crate::fault::{Fault, FaultId, Plan, What};
use crate::sim::{Damage, NodeId, Time};
use crate::units::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One entry of `faults:`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultEntry {
    /// Agents that send nothing, though they hear everything.
    Silent(Silent),
    /// Agents that stop, and may start again from what their storage holds.
    Crash(Crash),
    /// Groups of agents that cannot reach each other.
    Partition(Partition),
}

/// Agents that send nothing, though they hear everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Silent {
    /// The fault's name in reports, which also keys its randomness; `silent-1` and so on by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The numbers of the agents.
    pub agents: Vec<u32>,
    /// When the silence begins.
    #[serde(default)]
    pub from: Span,
    /// When it ends; never, if left out.
    pub until: Option<Span>,
}

/// Agents that stop, and may start again from what their storage holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    /// The fault's name in reports, which also keys its randomness; `crash-1` and so on by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The numbers of the agents.
    pub agents: Vec<u32>,
    /// When they stop.
    pub at: Span,
    /// How long after that they start again; never, if left out.
    pub restart_after: Option<Span>,
    /// What their storage still holds then.
    #[serde(default)]
    pub storage: StorageLoss,
}

/// What an agent's storage still holds after a crash.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StorageLoss {
    /// Everything that was written.
    Kept,
    /// What was synced: the unsynced tail is lost.
    #[default]
    Synced,
    /// Everything that was written, but for the last unsynced write, which is torn.
    Torn,
    /// Nothing. An agent that starts again this way counts as Byzantine.
    Lost,
}

/// Groups of agents that cannot reach each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// The fault's name in reports, which also keys its randomness; `partition-1` and so on by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The groups, by the numbers of their agents. An agent in no group reaches everybody, as clients do.
    pub groups: Vec<Vec<u32>>,
    /// When the groups lose each other.
    #[serde(default)]
    pub from: Span,
    /// When they find each other again; never, if left out.
    pub until: Option<Span>,
}

impl FaultEntry {
    /// The entry's key in the file.
    fn kind(&self) -> &'static str {
        match self {
            FaultEntry::Silent(_) => "silent",
            FaultEntry::Crash(_) => "crash",
            FaultEntry::Partition(_) => "partition",
        }
    }

    fn name(&self) -> &Option<String> {
        match self {
            FaultEntry::Silent(Silent { name, .. })
            | FaultEntry::Crash(Crash { name, .. })
            | FaultEntry::Partition(Partition { name, .. }) => name,
        }
    }

    fn name_mut(&mut self) -> &mut Option<String> {
        match self {
            FaultEntry::Silent(Silent { name, .. })
            | FaultEntry::Crash(Crash { name, .. })
            | FaultEntry::Partition(Partition { name, .. }) => name,
        }
    }

    /// The lists of agents that it names: one, or its groups.
    fn lists(&self) -> Vec<(Path, &[u32])> {
        let here = Path::of([self.kind()]);
        match self {
            FaultEntry::Silent(Silent { agents, .. }) | FaultEntry::Crash(Crash { agents, .. }) => {
                vec![(here.to("agents"), agents)]
            }
            FaultEntry::Partition(Partition { groups, .. }) => {
                let path = here.to("groups");
                groups.iter().enumerate().map(|(index, group)| (path.to(index), group.as_slice())).collect()
            }
        }
    }

    /// When it begins and ends, and the fields that say so.
    fn window(&self) -> Window {
        match self {
            FaultEntry::Silent(Silent { from, until, .. })
            | FaultEntry::Partition(Partition { from, until, .. }) => {
                Window { from: time(*from), until: until.map(time), fields: ("from", "until") }
            }
            FaultEntry::Crash(Crash { at, restart_after, .. }) => Window {
                from: time(*at),
                until: restart_after.map(|span| time(*at) + span.0),
                fields: ("at", "restart_after"),
            },
        }
    }

    fn what(&self) -> What {
        match self {
            FaultEntry::Silent(_) => What::Silent,
            FaultEntry::Crash(Crash { storage, .. }) => What::Crash(match storage {
                StorageLoss::Kept => Damage::None,
                StorageLoss::Synced => Damage::Unsynced,
                StorageLoss::Torn => Damage::Torn,
                StorageLoss::Lost => Damage::All,
            }),
            FaultEntry::Partition(Partition { groups, .. }) => {
                What::Partition(groups.iter().map(|group| sorted(group)).collect())
            }
        }
    }
}

/// When a fault is on.
struct Window {
    from: Time,
    until: Option<Time>,
    /// The fields that say so.
    fields: (&'static str, &'static str),
}

fn time(since_start: Span) -> Time {
    Time::ZERO + since_start.0
}

fn sorted(agents: &[u32]) -> Vec<NodeId> {
    let mut nodes: Vec<NodeId> = agents.iter().copied().map(NodeId).collect();
    nodes.sort();
    nodes
}

/// Gives every fault without a name one: its kind and its number among those of its kind.
pub(super) fn name_all(entries: &mut [FaultEntry]) {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in entries {
        let kind = entry.kind();
        let number = count.entry(kind).or_default();
        *number += 1;
        entry.name_mut().get_or_insert_with(|| format!("{kind}-{number}"));
    }
}

/// Checks the faults of a run with so many agents and this horizon.
pub(super) fn check(entries: &[FaultEntry], agents: u32, horizon: Span) -> Result<(), Problem> {
    let mut names = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let list = Path::of(["faults"]).to(index);
        let here = list.to(entry.kind());
        if let Some(first) = names.insert(entry.name().as_deref().unwrap_or_default(), index) {
            let name = quote(entry.name().as_deref().unwrap_or_default());
            return Err(Problem::new(here.to("name"), format!("fault {first} has the name {name} already")));
        }
        check_window(&entry.window(), &here, horizon)?;
        check_agents(entry, index, agents)?;
        check_is_up(entry, &entries[..index], &here)?;
        if let FaultEntry::Partition(Partition { groups, .. }) = entry
            && groups.len() < 2
        {
            return Err(Problem::new(here.to("groups"), "a partition needs at least two groups"));
        }
    }
    Ok(())
}

fn check_window(window: &Window, here: &Path, horizon: Span) -> Result<(), Problem> {
    let (begins, ends) = window.fields;
    let end = time(horizon);
    if window.from >= end {
        let message =
            format!("this fault begins at {}, when the run is over", Span(window.from.since(Time::ZERO)));
        return Err(Problem::new(here.to(begins), message).help(format!("the horizon is {horizon}")));
    }
    match window.until {
        Some(until) if until <= window.from => {
            Err(Problem::new(here.to(ends), "this fault is over before it begins"))
        }
        Some(until) if until > end => {
            let message = format!("this fault ends at {}, after the run", Span(until.since(Time::ZERO)));
            let advice = format!("the horizon is {horizon}: leave {ends} out if the fault never ends");
            Err(Problem::new(here.to(ends), message).help(advice))
        }
        _ => Ok(()),
    }
}

/// No agent crashes that is down already.
fn check_is_up(entry: &FaultEntry, earlier: &[FaultEntry], here: &Path) -> Result<(), Problem> {
    let FaultEntry::Crash(crash) = entry else { return Ok(()) };
    let (window, end) = (entry.window(), |window: &Window| window.until.unwrap_or(Time::MAX));
    for other in earlier {
        let (FaultEntry::Crash(Crash { agents, .. }), down) = (other, other.window()) else { continue };
        let apart = end(&window) < down.from || end(&down) < window.from;
        if let Some(agent) = agents.iter().find(|agent| !apart && crash.agents.contains(agent)) {
            let name = quote(other.name().as_deref().unwrap_or_default());
            let message = format!("agent {agent} crashes while it is down by fault {name}");
            return Err(Problem::new(here.to("at"), message));
        }
    }
    Ok(())
}

/// Every agent exists and is named once, and no list is empty.
fn check_agents(entry: &FaultEntry, index: usize, agents: u32) -> Result<(), Problem> {
    let entry_path = Path::of(["faults"]).to(index);
    let mut seen = BTreeMap::new();
    for (path, list) in entry.lists() {
        let path = path.steps().iter().fold(entry_path.clone(), |whole, step| whole.to(step));
        if list.is_empty() {
            return Err(Problem::new(path, "no agent is named here"));
        }
        for (place, &agent) in list.iter().enumerate() {
            if agent >= agents {
                let message = format!("there is no agent {agent}");
                let help = match agents {
                    1 => "the only agent is number 0".to_owned(),
                    _ => format!("the agents are numbered from 0 to {}", agents - 1),
                };
                return Err(Problem::new(path.to(place), message).help(help));
            }
            if seen.insert(agent, ()).is_some() {
                return Err(Problem::new(path.to(place), format!("agent {agent} is named twice")));
            }
        }
    }
    Ok(())
}

/// The plan that the entries make.
pub(super) fn plan(entries: &[FaultEntry]) -> Plan {
    let mut entries = entries.to_vec();
    name_all(&mut entries);
    let fault = |entry: &FaultEntry| {
        let name = entry.name().clone().unwrap_or_default();
        let agents: Vec<u32> = entry.lists().into_iter().flat_map(|(_, list)| list).copied().collect();
        let Window { from, until, .. } = entry.window();
        Fault { id: FaultId::of(&name), name, what: entry.what(), agents: sorted(&agents), from, until }
    };
    Plan { faults: entries.iter().map(fault).collect() }
}
