//! Scenario files of concurrent sessions.

use super::inner::{self, InnerProtocol, InnerTask, Members};
use crate::sessions::{self, SessionsConfig};
use crate::{Decider, Sessions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_harness::metric;
use synod_harness::names::{count, joined};
use synod_harness::{Harness, Instance, OwnMetric, Path, Problem, Scenario, Stop, Theory, Tolerance};
use synod_sim::units::Span;
use synod_sim::{CoverageMark, Duration, GroundTruth, Oracle, Streams};

/// Concurrent sessions under the harness.
#[derive(Debug)]
pub enum SessionsHarness {}

/// What every session runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// When a decision of PBFT's is given up; never, if left out.
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

type File = Scenario<SessionsParams, SessionsWorkload>;

impl Harness for SessionsHarness {
    type Protocol = Sessions<Decider>;
    type Params = SessionsParams;
    type Workload = SessionsWorkload;

    const NAME: &'static str = "sessions";
    const ABOUT: &'static str = "Many decisions at once among the same agents, each by the protocol named";
    const ORACLES: &'static [&'static str] = &joined::<_, { count(&inner::ORACLES) }>(&inner::ORACLES);
    const METRICS: &'static [OwnMetric] = &joined::<_, { count(&inner::METRICS) }>(&inner::METRICS);
    const MARKS: &'static [CoverageMark] = &joined::<_, { count(&inner::MARKS) }>(&inner::MARKS);

    fn instance(scenario: &File, streams: &Streams) -> Result<Instance<Sessions<Decider>>, Problem> {
        let SessionsWorkload { sessions, at, every, .. } = scenario.workload;
        if !(1..=MAX_SESSIONS).contains(&sessions) {
            let message = format!("there are 1 to {MAX_SESSIONS} sessions, not {sessions}");
            return Err(Problem::new(Path::of(["workload", "sessions"]), message));
        }
        let session = |number: u32| {
            let begins = at.0 + every.0.saturating_mul(u64::from(number));
            let (config, _) = resolve(scenario, number, Span(begins), streams)?;
            Ok(Rc::new(config))
        };
        let config = SessionsConfig { sessions: (0..sessions).map(session).collect::<Result<_, _>>()? };
        Ok(Instance { config, clients: 0, operations: u64::from(sessions) })
    }

    fn tolerance(scenario: &File) -> Option<Tolerance> {
        resolve(scenario, 0, scenario.workload.at, &Streams::new(scenario.world.seed)).ok()?.1
    }

    fn oracles(
        config: &Rc<SessionsConfig<Decider>>,
        ground_truth: &GroundTruth,
    ) -> Vec<Box<dyn Oracle<Sessions<Decider>>>> {
        sessions::oracles(config, ground_truth)
    }

    /// Sessions share nothing, so the laws are those of a session that runs alone.
    fn theory(scenario: &File) -> Vec<Theory> {
        let n = f64::from(scenario.world.agents);
        let is_ideal = scenario.world.stop != Stop::Decided
            && scenario.world.faults.is_empty()
            && scenario.world.swarm.is_none()
            && scenario.world.network.loss == Default::default()
            && scenario.world.network.corruption == Default::default()
            && scenario.world.network.max_message.is_none();
        let (value, law) = match scenario.params.of {
            InnerProtocol::Pbft(_) => (2.0 * n * (n - 1.0), "2n(n-1)"),
            InnerProtocol::Simple(_) | InnerProtocol::Weighted(_) | InnerProtocol::Hierarchical(_) => {
                (3.0 * (n - 1.0), "3(n-1)")
            }
            InnerProtocol::Iterative(_) => return Vec::new(),
        };
        if is_ideal { vec![Theory::of(&metric::MESSAGES_PER_DECISION, value, law)] } else { Vec::new() }
    }
}

/// Returns the configuration of session `number`, which begins at `at`, and the tolerance of its protocol.
fn resolve(
    scenario: &File,
    number: u32,
    at: Span,
    streams: &Streams,
) -> Result<(crate::DeciderConfig, Option<Tolerance>), Problem> {
    let members = Members { groups: scenario.world.groups.clone(), count: scenario.world.agents };
    let task = InnerTask {
        at,
        value: u64::from(number) + 1,
        value_max: u64::MAX,
        options: scenario.workload.options,
        deadline: scenario.workload.deadline,
        number: u64::from(number),
    };
    let path = Path::of(["protocol", "sessions", "of"]);
    scenario.params.of.resolve(&scenario.world, members, task, streams, &path)
}
