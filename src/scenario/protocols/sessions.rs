//! Many decisions at once, in a scenario file.

use super::inner::{self, Errand, InnerProtocol, Members};
use super::names::{count, joined};
use crate::protocol::compose::sessions::{self, SessionsConfig};
use crate::protocol::compose::{Decider, Sessions};
use crate::scenario::{Harness, Instance, Path, Problem, Scenario, Stop, Theory, Tolerance};
use crate::sim::{Duration, Ground, Oracle, Streams};
use crate::units::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

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
        let none = Span(Duration::ZERO);
        SessionsWorkload { sessions: 100, at: none, every: none, options: 2, deadline: None }
    }
}

/// The most sessions of a run.
const MAX_SESSIONS: u32 = 100_000;

type File = Scenario<SessionsParams, SessionsWorkload>;

impl Harness for SessionsHarness {
    type Protocol = Sessions<Decider>;
    type Params = SessionsParams;
    type Workload = SessionsWorkload;

    const NAME: &'static str = "sessions";
    const ABOUT: &'static str = "Many decisions at once among the same agents, each by the protocol named";
    const ORACLES: &'static [&'static str] = &joined::<{ count(&inner::ORACLES) }>(&inner::ORACLES);
    const METRICS: &'static [&'static str] = &joined::<{ count(&inner::METRICS) }>(&inner::METRICS);
    const MARKS: &'static [&'static str] = &joined::<{ count(&inner::MARKS) }>(&inner::MARKS);

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
        resolve(scenario, 0, scenario.workload.at, &Streams::new(scenario.seed)).ok()?.1
    }

    fn oracles(
        config: &Rc<SessionsConfig<Decider>>,
        ground: &Ground,
    ) -> Vec<Box<dyn Oracle<Sessions<Decider>>>> {
        sessions::oracles(config, ground)
    }

    fn metrics(coverage: &dyn Fn(&str) -> u64, peak: &dyn Fn(&str) -> u64) -> Vec<(&'static str, u64)> {
        inner::metrics(coverage, peak)
    }

    /// Sessions share nothing, so each costs what it costs alone.
    fn theory(scenario: &File) -> Vec<Theory> {
        let n = f64::from(scenario.agents);
        let is_ideal = scenario.stop != Stop::Decided
            && scenario.faults.is_empty()
            && scenario.swarm.is_none()
            && scenario.network.loss == Default::default()
            && scenario.network.corruption == Default::default()
            && scenario.network.max_message.is_none();
        let (value, law) = match scenario.protocol.params.of {
            InnerProtocol::Pbft(_) => (2.0 * n * (n - 1.0), "2n(n-1)"),
            InnerProtocol::Simple(_) | InnerProtocol::Weighted(_) | InnerProtocol::Hierarchical(_) => {
                (3.0 * (n - 1.0), "3(n-1)")
            }
            InnerProtocol::Iterative(_) => return Vec::new(),
        };
        match is_ideal {
            true => vec![Theory { metric: "messages.per_decision", value, law: law.to_owned() }],
            false => Vec::new(),
        }
    }
}

/// What the nodes of the session of this number are told.
fn resolve(
    scenario: &File,
    number: u32,
    at: Span,
    streams: &Streams,
) -> Result<(crate::protocol::compose::DeciderConfig, Option<Tolerance>), Problem> {
    let members = Members { groups: scenario.groups.clone(), count: scenario.agents };
    let errand = Errand {
        at,
        value: u64::from(number) + 1,
        value_max: u64::MAX,
        options: scenario.workload.options,
        deadline: scenario.workload.deadline,
        number: u64::from(number),
    };
    let here = Path::of(["protocol", "sessions", "of"]);
    scenario.protocol.params.of.resolve(scenario, members, errand, streams, &here)
}
