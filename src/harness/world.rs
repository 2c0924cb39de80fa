//! Scenarios: the world, whose fields are the same for every protocol, and the protocol's parameters and workload.

use super::error::{Problem, ScenarioError};
use super::expect::{self, Expect};
use super::faults::{self, FaultContext, Tolerance};
use super::finding::Finding;
use super::groups::{self, Group};
use super::machine::{Clocks, Cpu, Storage};
use super::network::NetworkShape;
use super::path::Path;
use super::phases::{self, Phases};
use super::seed::SEED_MAX;
use super::title::{check_name, one_line};
use super::topology::TopologyShape;
use super::tree::{self, Node, Tree};
use super::vocabulary::Vocabulary;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Deserializer, Error, IgnoredAny, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use synod_common::profile::Profile;
use synod_fault::{AgentSelector, Fault, Plan, ResolveContext, Swarm};
use synod_net::Fabric;
use synod_sim::units::plural;
use synod_sim::units::{Size, Span};
use synod_sim::{Attack, Authentication, Duration, Kind, Streams, Time};

/// Maximum number of agents in a scenario. Agents and the hosts of clients together are no more than that.
pub const MAX_AGENTS: u32 = synod_sim::random::MAX_NODES;

/// Maximum number of spans over which the drift of figures is reported, since each is a dot in a plot. A year of spans
/// of 1h has 8,760.
const MAX_SPANS: u64 = 10_000;

/// A scenario of a protocol with parameters `P` and the workload `W`.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario<P, W> {
    /// All that is of the same shape whatever the protocol.
    pub world: World,
    /// The parameters of the protocol.
    pub params: P,
    /// What the protocol is asked to do.
    pub workload: W,
}

impl<P: DeserializeOwned, W: DeserializeOwned> Scenario<P, W> {
    /// Reads a scenario of `protocol` and checks its world against `vocabulary`, the protocol's names.
    ///
    /// # Errors
    /// Returns the first problem, with its location in the file.
    pub fn read(
        tree: &Tree,
        protocol: &str,
        vocabulary: &Vocabulary<'_>,
    ) -> Result<Scenario<P, W>, ScenarioError> {
        tree.protocol(&[protocol])?;
        let world = World::read(tree, vocabulary)?;
        let params = tree.read(&Path::of(["protocol", protocol]))?;
        let workload = tree.read(&Path::of(["workload"]))?;
        Ok(Scenario { world, params, workload })
    }
}

impl<P: Serialize, W: Serialize> Scenario<P, W> {
    /// Returns the scenario of `protocol` in `world` as a tree, with every default written out. Reading the tree gives
    /// an equal scenario.
    ///
    /// # Panics
    /// If parameters or workload cannot be serialized.
    pub fn to_tree(&self, protocol: &str, world: &World) -> Node {
        world.to_tree(tree::choice(protocol, part(&self.params)), part(&self.workload))
    }
}

/// Returns parameters or a workload as a tree.
fn part<T: Serialize>(part: &T) -> Node {
    tree::write(part).expect("parameters and workloads can be serialized")
}

/// What a scenario says whatever its protocol: who takes part, on which network, what goes wrong, what is expected.
///
/// One that came from [`World::read`] is checked and names every fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// A short name, for reports.
    pub name: String,
    /// One sentence that says what the scenario shows.
    #[serde(default, deserialize_with = "one_line")]
    pub about: String,
    /// The seed that is used unless another is given.
    #[serde(default = "default_seed")]
    #[schemars(range(max = SEED_MAX))]
    pub seed: u64,
    /// Number of agents. They are numbered from 0.
    #[serde(deserialize_with = "agent_count")]
    #[schemars(range(min = 1, max = 16_777_216))]
    pub agents: u32,
    /// What the agents are like; all alike, if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// How messages travel.
    pub network: NetworkShape,
    /// How messages are authenticated.
    #[serde(default)]
    pub authentication: Authentication,
    /// What an agent's processor takes for its work.
    #[serde(default)]
    pub cpu: Cpu,
    /// What an agent's storage takes for its work.
    #[serde(default)]
    pub storage: Storage,
    /// How wrong the agents' clocks are.
    #[serde(default)]
    pub clocks: Clocks,
    /// The protocol and its parameters.
    pub protocol: Opaque,
    /// What the protocol is asked to do.
    pub workload: Opaque,
    /// The faults.
    #[serde(default)]
    #[schemars(with = "Vec<FaultOrModel>")]
    pub faults: Vec<Fault>,
    /// Faults that the seed draws besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swarm: Option<Swarm>,
    /// Stabilisation time: end of everything that the protocol need not tolerate; if left out, faults end as scheduled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stabilize_at: Option<Span>,
    /// The agents of which progress is required from then on, by number, or how many: others may stay faulty
    /// permanently. All of them, if left out.
    #[serde(default, skip_serializing_if = "AgentSelector::is_unspecified")]
    pub core: AgentSelector,
    /// True if more agents may be faulty than the protocol tolerates: a positive control.
    #[serde(default)]
    pub allow_unsafe: bool,
    /// When the run ends at the latest, in virtual time.
    #[serde(default = "default_horizon")]
    pub horizon: Span,
    /// For long runs: how long the spans are, such as 1h, from which it is told how figures drift over those without a
    /// fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soak: Option<Span>,
    /// Limits at which the run is aborted.
    #[serde(default)]
    pub limits: Limits,
    /// When the run ends.
    #[serde(default)]
    pub stop: Stop,
    /// Which oracles watch the run.
    #[serde(default)]
    pub oracles: OracleChoice,
    /// What the run must show.
    #[serde(default)]
    pub expect: Expect,
    /// In a repro file: what the run came to when the file was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repro: Option<Finding>,
}

/// For the schema: a fault, or a file of faults to pick.
#[derive(JsonSchema)]
#[expect(
    dead_code,
    reason = "only its schema matters: models are put in their places before a scenario is read"
)]
#[schemars(untagged)]
enum FaultOrModel {
    Fault(Fault),
    Model(PickedModel),
}

/// The faults of a file, with what else is said here laid over the settings of each.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema matters")]
struct PickedModel {
    model: ModelReference,
}

/// The file of a fault model alone, or with settings that are laid over those of its faults.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema matters")]
#[schemars(untagged)]
enum ModelReference {
    File(String),
    Adjusted(AdjustedModel),
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema matters")]
struct AdjustedModel {
    /// The file of the fault model.
    file: String,
}

/// A part of the file that the protocol's own types describe.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Opaque;

/// Limits at which a run is aborted.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Maximum number of events.
    pub events: u64,
    /// The most memory.
    pub memory: Size,
}

/// When a run ends, if it reaches neither the horizon nor a limit before.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// Once all that was asked for is decided.
    #[default]
    Decided,
    /// Once nothing is left to happen.
    Quiescent,
    /// Not before the horizon.
    Horizon,
}

/// Which oracles watch a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OracleChoice {
    /// All that know the protocol.
    #[default]
    All,
    /// All but these.
    Except(Vec<String>),
    /// These only.
    Only(Vec<String>),
}

fn default_seed() -> u64 {
    1
}

fn default_horizon() -> Span {
    Span(Duration::from_secs(60))
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { events: 50_000_000, memory: Size(2 << 30) }
    }
}

/// Reads a number of agents. The error for a number out of range names the range.
fn agent_count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    struct Count;
    impl Visitor<'_> for Count {
        type Value = u32;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a number of agents from 1 to 16777216")
        }

        fn visit_u64<E: Error>(self, count: u64) -> Result<u32, E> {
            match u32::try_from(count) {
                Ok(agents @ 1..=MAX_AGENTS) => Ok(agents),
                _ => {
                    Err(E::custom(format!("{count} agents are not possible: there can be 1 to {MAX_AGENTS}")))
                }
            }
        }
    }
    deserializer.deserialize_u64(Count)
}

impl World {
    /// Reads the fields of a scenario file that are common to all protocols, and checks them against `vocabulary`, the
    /// names of the file's protocol.
    ///
    /// # Errors
    /// Returns the first problem, with its location in the file.
    pub fn read(tree: &Tree, vocabulary: &Vocabulary<'_>) -> Result<World, ScenarioError> {
        let mut world: World = tree.read(&Path::root())?;
        synod_fault::name_all(&mut world.faults);
        if world.network.regions.is_none() {
            world.network.topology.get_or_insert(TopologyShape::FullMesh);
        }
        world.check(vocabulary).map_err(|problem| tree.error(problem))?;
        Ok(world)
    }

    /// Returns the fault plan of a run with `seed`. The seed draws the victims that the scenario leaves open, and the
    /// faults of its swarm.
    pub fn plan(&self, seed: u64, tolerance: Option<Tolerance>) -> Plan {
        let resolve_context = self.resolve_context(seed, tolerance.unwrap_or(Tolerance::NONE));
        let own = Plan::resolve(&self.faults, &resolve_context);
        let Some(swarm) = &self.swarm else { return own };
        let drawn = swarm.draw(&own, &resolve_context, swarm.ends_by(self.stabilize_at, self.horizon));
        let faults: Vec<Fault> = own.faults.into_iter().chain(drawn).collect();
        Plan::resolve(&faults, &resolve_context)
    }

    fn resolve_context(&self, seed: u64, tolerance: Tolerance) -> ResolveContext {
        let mut first = 0;
        let region = |(name, count): &(String, u32)| {
            let members = first..first + count;
            first = members.end;
            (name.clone(), members)
        };
        ResolveContext {
            agents: self.agents,
            tolerated: tolerance.faulty,
            byzantine: tolerance.byzantine,
            trusted: tolerance.trusted,
            overlap: tolerance.overlap,
            timer: tolerance.timer.0,
            regions: self.network.regions.iter().flat_map(|regions| &regions.members.0).map(region).collect(),
            stabilize_at: self.stabilize_at,
            core: self.core.clone(),
            streams: Streams::new(seed),
        }
    }

    /// Returns the fault plan of a run with `seed` after checking it: no two faults conflict, and the protocol
    /// tolerates them unless `allow_unsafe` is set. The result may depend on the victims that the seed draws.
    ///
    /// # Errors
    /// If two faults overlap on an agent although their kind excludes that, or if more agents are faulty than the
    /// protocol tolerates, without `allow_unsafe`.
    pub fn tolerable_plan(&self, seed: u64, tolerance: Option<Tolerance>) -> Result<Plan, Problem> {
        if let (Some(swarm), Some(Tolerance { faulty, .. })) = (&self.swarm, tolerance) {
            phases::check_swarm_tolerable(swarm, faulty, self.allow_unsafe)?;
        }
        let plan = self.plan(seed, tolerance);
        let check = || {
            faults::check_conflicts(&self.faults, &plan)?;
            faults::check_tolerable(&self.faults, self.agents, tolerance, self.allow_unsafe, &plan)
        };
        match check() {
            Ok(()) => Ok(plan),
            Err(problem) if seed == self.seed => Err(problem),
            Err(problem) => {
                Err(Problem { message: format!("under seed {seed}, {}", problem.message), ..problem })
            }
        }
    }

    /// Returns the number of agents that the faults corrupt under the scenario's own seed, and the number of others
    /// that they crash.
    pub fn faulty(&self, tolerance: Option<Tolerance>) -> (u32, u32) {
        let plan = self.plan(self.seed, tolerance);
        let corrupted = plan.corrupted();
        let crashed = plan.crashed().difference(&corrupted).count();
        (corrupted.len() as u32, crashed as u32)
    }

    /// Checks the names in the scenario's faults that the protocol defines: attacks by its insiders and kinds of
    /// message.
    ///
    /// # Errors
    /// If a name is unknown.
    pub fn check_protocol_names(&self, attacks: &[Attack], kinds: &[Kind]) -> Result<(), Problem> {
        if let Some(swarm) = &self.swarm {
            phases::check_attacks(swarm, attacks)?;
        }
        faults::check_protocol_names(&self.faults, attacks, kinds)
    }

    /// Lets a swarm that names no attacks draw from all of the protocol's `attacks`.
    pub fn fill_in_attacks(&mut self, attacks: &[Attack]) {
        if let Some(swarm) = &mut self.swarm {
            swarm
                .attacks
                .get_or_insert_with(|| attacks.iter().map(|attack| attack.name.to_owned()).collect());
        }
    }

    /// Returns the network for the scenario's agents and `clients` client nodes, which are numbered after the agents.
    ///
    /// Client i goes with agent i modulo the number of agents: in a network of regions it is in that agent's region. In
    /// a full mesh it has links to all nodes, in any other topology a single link, to that agent.
    ///
    /// # Errors
    /// If the topology is impossible with this number of agents.
    pub fn fabric(&self, clients: u32, streams: &Streams) -> Result<Fabric, Problem> {
        self.network.fabric(self.agents, clients, streams)
    }

    /// Returns the world of a protocol nested in this scenario's: the same, with these agents, but without faults,
    /// oracle choice and expectations, which belong to the outer protocol.
    pub fn inner(&self, groups: Vec<Group>, agents: u32) -> World {
        World {
            agents,
            groups,
            oracles: OracleChoice::All,
            expect: Expect::default(),
            repro: None,
            ..self.without_faults()
        }
    }

    /// Returns the same world, in which nothing goes wrong but what its network does.
    pub(crate) fn without_faults(&self) -> World {
        World {
            faults: Vec::new(),
            swarm: None,
            stabilize_at: None,
            core: AgentSelector::Unspecified,
            ..self.clone()
        }
    }

    /// Returns the number of agents in each group, in the order of the groups.
    pub fn group_sizes(&self) -> Vec<u32> {
        groups::sizes(&self.groups, self.agents)
    }

    /// Returns the profile of each agent, in the order of their numbers.
    pub fn profiles(&self) -> Rc<[Profile]> {
        groups::profiles(&self.groups, self.agents)
    }

    /// Returns the limits of a run.
    pub fn bounds(&self) -> synod_sim::Limits {
        synod_sim::Limits {
            horizon: Time::ZERO + self.horizon.0,
            events: self.limits.events,
            memory_bytes: usize::try_from(self.limits.memory.0).unwrap_or(usize::MAX),
        }
    }

    /// Checks that so many agents, which take `bytes_per_agent` at least, have room.
    pub(crate) fn check_affordable(&self, bytes_per_agent: usize) -> Result<(), Problem> {
        let limit = self.limits.memory;
        let needed = Size(u64::from(self.agents) * bytes_per_agent as u64);
        if needed.0 <= limit.0 {
            return Ok(());
        }
        let message = format!(
            "for {} it takes at least {needed}, and `limits.memory` is {limit}",
            plural(self.agents.into(), "agent")
        );
        Err(Problem::new(Path::of(["agents"]), message).help("have fewer agents, or raise `limits.memory`"))
    }

    /// Returns true if processors and storage take no time and clocks have no error.
    pub fn is_instant(&self) -> bool {
        self.cpu == Cpu::default() && self.storage == Storage::default() && self.clocks == Clocks::default()
    }

    /// Returns true if the topology is drawn from the seed, so that every seed has a network of its own.
    pub fn has_random_links(&self) -> bool {
        matches!(
            self.network.topology,
            Some(TopologyShape::KRegular { .. } | TopologyShape::SmallWorld { .. })
        )
    }

    /// Checks the constraints that the types do not express.
    fn check(&self, vocabulary: &Vocabulary<'_>) -> Result<(), Problem> {
        check_name(&self.name, Path::of(["name"]))?;
        if self.horizon.0.is_zero() {
            return Err(Problem::new(Path::of(["horizon"]), "a run takes longer than no time"));
        }
        if self.seed > SEED_MAX {
            let message = format!("{} is too great for a seed", self.seed);
            let help =
                format!("seeds are 0 to {SEED_MAX} (2^53 - 1), which every reader of JSON tells apart");
            return Err(Problem::new(Path::of(["seed"]), message).help(help));
        }
        if let Some(Span(span)) = self.soak
            && span.saturating_mul(MAX_SPANS) < self.horizon.0
        {
            let message = format!("these are more than {MAX_SPANS} spans up to the horizon");
            return Err(Problem::new(Path::of(["soak"]), message));
        }
        if self.limits.events == 0 {
            return Err(Problem::new(Path::of(["limits", "events"]), "a run has at least one event"));
        }
        groups::check(&self.groups, self.agents)?;
        self.network.check(self.agents)?;
        self.clocks.check()?;
        let regions = self.network.regions.iter().flat_map(|regions| &regions.members.0);
        let context = FaultContext {
            agents: self.agents,
            horizon: self.horizon,
            regions: regions.map(|(name, _)| name.as_str()).collect(),
        };
        faults::check(&self.faults, &context)?;
        let phases = Phases {
            faults: &self.faults,
            swarm: self.swarm.as_ref(),
            stabilize_at: self.stabilize_at,
            core: &self.core,
        };
        phases::check(&phases, &context)?;
        self.oracles.check(vocabulary.oracles)?;
        let faults: Vec<String> = self.faults.iter().map(|fault| fault.name().to_owned()).collect();
        expect::check(&self.expect, vocabulary, &faults)?;
        self.repro.as_ref().map_or(Ok(()), Finding::check)
    }
}

impl World {
    /// Returns the world of the run with `seed`, in which all faults and their victims are fixed. It produces the
    /// same run.
    pub fn resolved(&self, seed: u64, tolerance: Option<Tolerance>) -> World {
        let Plan { faults, core } = self.plan(seed, tolerance);
        let core = core.map_or(AgentSelector::Unspecified, |core| {
            AgentSelector::Listed(core.iter().map(|agent| agent.0).collect())
        });
        World { seed, faults, core, swarm: None, ..self.clone() }
    }

    /// Returns the world as a tree, with every default written out and with `protocol` and `workload` filled in.
    /// Reading the tree gives an equal world.
    ///
    /// # Panics
    /// Never: a world can always be serialized.
    pub fn to_tree(&self, protocol: Node, workload: Node) -> Node {
        let mut tree = tree::write(self).expect("a world can always be serialized");
        for (key, node) in [("protocol", protocol), ("workload", workload)] {
            *tree.get_mut(key).expect("a serialized world has this key") = node;
        }
        tree
    }
}

impl OracleChoice {
    /// Returns true if the oracle `name` watches the run.
    pub fn includes(&self, name: &str) -> bool {
        match self {
            OracleChoice::All => true,
            OracleChoice::Except(names) => names.iter().all(|other| other != name),
            OracleChoice::Only(names) => names.iter().any(|other| other == name),
        }
    }

    fn check(&self, known: &[&str]) -> Result<(), Problem> {
        let (choice, names) = match self {
            OracleChoice::All => return Ok(()),
            OracleChoice::Except(names) => ("except", names),
            OracleChoice::Only(names) => ("only", names),
        };
        let unknown = |name: &&String| !known.contains(&name.as_str());
        match names.iter().position(|name| unknown(&name)) {
            None => Ok(()),
            Some(index) => {
                let path = Path::of(["oracles", choice]).to(index);
                Err(Problem::unknown(path, "oracle", &names[index], known))
            }
        }
    }
}

impl Serialize for Opaque {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Opaque {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Opaque, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Opaque)
    }
}

impl JsonSchema for Opaque {
    fn schema_name() -> Cow<'static, str> {
        "Opaque".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}
