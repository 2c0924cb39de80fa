//! Scenario files of concurrent sessions.

use crate::sessions::{self, SessionsConfig};
use crate::{Decider, DeciderConfig, Sessions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_common::decide::KindTable;
use synod_harness::metric;
use synod_harness::{Harness, Instance, Path, Problem, Scenario, Stop, Theory, Tolerance, World};
use synod_harness::{InnerPlace, InnerProtocol, InnerTask};
use synod_sim::units::plural;
use synod_sim::units::{Size, Span};
use synod_sim::{Duration, GroundTruth, Oracle, Streams};

/// Concurrent sessions under the harness.
#[derive(Debug)]
pub enum SessionsHarness {}

/// What every session runs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionsParams {
    /// The protocol of each of them.
    pub of: InnerProtocol,
}

/// How many decisions, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SessionsWorkload {
    /// How many sessions.
    pub sessions: u32,
    /// When the first begins.
    pub at: Span,
    /// The time from the beginning of one to that of the next: none, if all begin at once.
    pub every: Span,
    /// How many options a vote has.
    pub options: u64,
    /// When a decision is given up that nothing else ends, such as one of PBFT's; never, if left out.
    pub deadline: Option<Span>,
}

impl Default for SessionsWorkload {
    fn default() -> SessionsWorkload {
        let zero = Span(Duration::ZERO);
        SessionsWorkload { sessions: 100, at: zero, every: zero, options: 2, deadline: None }
    }
}

/// Maximum number of sessions in a run.
const MAX_SESSIONS: u32 = 100_000;

/// What a session keeps of each agent, at least: its profile.
const AGENT_BYTES: u64 = 64;

type File = Scenario<SessionsParams, SessionsWorkload>;

impl Harness for SessionsHarness {
    type Protocol = Sessions<Decider>;
    type Params = SessionsParams;
    type Workload = SessionsWorkload;

    const NAME: &'static str = "sessions";
    const ABOUT: &'static str = "Many decisions at once among the same agents, each by the protocol named";

    fn instance(scenario: &File, streams: &Streams) -> Result<Instance<Sessions<Decider>>, Problem> {
        let SessionsWorkload { sessions, at, every, .. } = scenario.workload;
        if !(1..=MAX_SESSIONS).contains(&sessions) {
            let message = format!("there are 1 to {MAX_SESSIONS} sessions, not {sessions}");
            return Err(Problem::new(Path::of(["workload", "sessions"]), message));
        }
        let (agents, limit) = (scenario.world.agents, scenario.world.limits.memory);
        let needed = Size(u64::from(sessions) * u64::from(agents) * AGENT_BYTES);
        if needed.0 > limit.0 {
            let message = format!(
                "for {} of {} it takes at least {needed}, and `limits.memory` is {limit}",
                plural(sessions.into(), "session"),
                plural(agents.into(), "agent")
            );
            let problem = Problem::new(Path::of(["workload", "sessions"]), message);
            return Err(problem.help("have fewer of either, or raise `limits.memory`"));
        }
        let kinds = KindTable::new();
        let session = |number: u32| {
            let begins = at.0 + every.0.saturating_mul(u64::from(number));
            let (config, _) = resolve(scenario, number, Span(begins), streams, &kinds)?;
            Ok(Rc::new(config))
        };
        let config = SessionsConfig { sessions: (0..sessions).map(session).collect::<Result<_, _>>()? };
        Ok(Instance { config, clients: 0, operations: u64::from(sessions) })
    }

    fn tolerance(scenario: &File) -> Option<Tolerance> {
        let streams = Streams::new(scenario.world.seed);
        resolve(scenario, 0, scenario.workload.at, &streams, &KindTable::new()).ok()?.1
    }

    fn oracles(
        config: &Rc<SessionsConfig<Decider>>,
        ground_truth: &GroundTruth,
    ) -> Vec<Box<dyn Oracle<Sessions<Decider>>>> {
        sessions::oracles(config, ground_truth)
    }

    fn children(params: &mut SessionsParams) -> Vec<(Path, &mut InnerProtocol)> {
        vec![(Path::of(["of"]), &mut params.of)]
    }

    /// Sessions share nothing, so a decision costs what it costs in a session that runs alone.
    fn theory(scenario: &File) -> Vec<Theory> {
        let is_ideal = scenario.world.stop != Stop::Decided
            && scenario.world.faults.is_empty()
            && scenario.world.swarm.is_none();
        let (place, task) = asked(scenario, 0, scenario.workload.at);
        let laws = scenario.params.of.child().theory(&place, task).into_iter();
        laws.filter(|law| is_ideal && law.metric == &metric::MESSAGES_PER_DECISION && !law.over_runs)
            .collect()
    }
}

/// Returns where session `number` runs, which begins at `at`, and what it is asked.
fn asked(scenario: &File, number: u32, at: Span) -> (InnerPlace<'_>, InnerTask) {
    let World { groups, agents, .. } = &scenario.world;
    let place = InnerPlace { around: &scenario.world, groups: groups.clone(), members: *agents };
    let task = InnerTask {
        at,
        value: u64::from(number) + 1,
        value_max: u64::MAX,
        options: scenario.workload.options,
        deadline: scenario.workload.deadline,
        number: u64::from(number),
    };
    (place, task)
}

/// Returns the configuration of session `number`, which begins at `at`, and the tolerance of its protocol.
fn resolve(
    scenario: &File,
    number: u32,
    at: Span,
    streams: &Streams,
    kinds: &KindTable,
) -> Result<(DeciderConfig, Option<Tolerance>), Problem> {
    let (place, task) = asked(scenario, number, at);
    let path = Path::of(["protocol", "sessions", "of"]);
    scenario.params.of.child().resolve(&place, task, streams, kinds, &path)
}
