//! Iterative refinement in a scenario file.

use crate::oracle::{self, NAMES};
use crate::{Bug, Config, Domain, Iterative, Mark, Thresholds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_common::opinion::Opinions;
use synod_common::profile::Profile;
use synod_harness::metric::{self, Unit};
use synod_harness::names::{count, joined};
use synod_harness::series::Series;
use synod_harness::series::{self, param};
use synod_harness::{Composition, Demand, FaultClass, InnerTask, Suitability, Task};
use synod_harness::{Entry, Harness, Instance, OwnMetric, Path, Problem, Scenario, Source, Tolerance, entry};
use synod_sim::units::plural;
use synod_sim::units::{Share, Span};
use synod_sim::{CoverageMark, Duration, GroundTruth, NodeId, Oracle, Streams};

mod values;

pub use values::{CategoryShape, FieldShape, NumberShape, OfShape, ScaleShape, TextShape, ValueShape};

/// Iterative refinement under the harness.
#[derive(Debug)]
pub enum IterativeHarness {}

/// Returns the protocol of this crate.
pub fn entries() -> Vec<Box<dyn Entry>> {
    vec![entry::<IterativeHarness>()]
}

/// Iterative refinement's parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IterativeParams {
    /// Who coordinates; it takes part as well.
    pub coordinator: u32,
    /// After how long a silence of the coordinator the next agent takes over, and after so much longer the one after
    /// it: several times what a message takes to and fro. If left out, nobody does. It takes byzantine: false and a
    /// faulty agent at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failover: Option<Span>,
    /// How agents come together.
    pub method: MethodShape,
    /// f: how many agents may be faulty.
    pub faulty: u32,
    /// True if they may lie, which takes n >= 3f + 1; if not, they may be silent, which takes n >= 2f + 1.
    pub byzantine: bool,
    /// How long agents have to propose, or for a round of numeric agreement.
    pub propose: Span,
    /// How long they have to review.
    pub review: Span,
    /// How much longer a phase waits for the others once n - f have answered; until its time is up, if left out. Where
    /// agents may lie it takes n >= 3f + 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace: Option<Span>,
    /// How long a session lasts at most; as long as its rounds can, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Span>,
    /// How many rounds a session has at most. Numeric agreement has as many as it takes.
    pub rounds: u32,
    /// When agents have converged.
    pub converged: ConvergedShape,
    /// From which score on a proposal is good enough, if agents approve of it; never, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub good_enough: Option<Share>,
    /// True if the coordinator can tell how good a proposal truly is, which is half of its score then.
    pub evaluator: bool,
    /// Which part of the way to the selected proposal agents go in a round.
    pub pull: Share,
    /// The bug of a mutant.
    #[schemars(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bug: Option<Bug>,
}

/// How agents come together.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MethodShape {
    /// They review each other's proposals, and move towards the best.
    Refinement,
    /// They tell each other numbers, and average them, without a coordinator.
    Agreement(AgreementShape),
}

/// Numeric agreement.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementShape {
    /// How near numbers are in the end, 1 at least.
    pub tolerance: u64,
}

/// When agents have converged: all of it has to hold.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConvergedShape {
    /// The median distance of two proposals, at most.
    pub dispersion: Share,
    /// How far the selection moves from round to round, at most.
    pub drift: Share,
    /// The part of the reviewers' weight that approves of the selection, at least.
    pub approval: Share,
    /// From which score on a review approves.
    pub approves: Share,
    /// For how many rounds in a row.
    pub rounds: u32,
}

/// What agents refine. What is true of each session and what each agent thinks of it at first is drawn from the seed,
/// as the agents' groups have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RefineWorkload {
    /// What is proposed.
    pub value: ValueShape,
    /// How many sessions, one after the other.
    pub sessions: u64,
    /// When the first opens.
    pub at: Span,
    /// The time from one to the next; as long as a session can last, if left out.
    pub every: Option<Span>,
}

const fn percent(percent: u32) -> Share {
    match Share::from_ppb(percent * 10_000_000) {
        Some(share) => share,
        None => Share::NONE,
    }
}

impl Default for IterativeParams {
    fn default() -> IterativeParams {
        let second = Span(Duration::from_secs(1));
        IterativeParams {
            coordinator: 0,
            failover: None,
            method: MethodShape::Refinement,
            faulty: 0,
            byzantine: true,
            propose: second,
            review: second,
            grace: None,
            deadline: None,
            rounds: 10,
            converged: ConvergedShape::default(),
            good_enough: None,
            evaluator: false,
            pull: percent(60),
            bug: None,
        }
    }
}

impl Default for ConvergedShape {
    fn default() -> ConvergedShape {
        ConvergedShape {
            dispersion: percent(10),
            drift: percent(10),
            approval: percent(66),
            approves: percent(80),
            rounds: 2,
        }
    }
}

impl Default for RefineWorkload {
    fn default() -> RefineWorkload {
        let value = ValueShape::Number(NumberShape::default());
        RefineWorkload { value, sessions: 1, at: Span::default(), every: None }
    }
}

type File = Scenario<IterativeParams, RefineWorkload>;

const NAME: &str = "iterative";

impl Harness for IterativeHarness {
    type Protocol = Iterative;
    type Params = IterativeParams;
    type Workload = RefineWorkload;

    const NAME: &'static str = NAME;
    const ABOUT: &'static str = "Iterative refinement: proposals, reviews without liars' weight, rounds until all have converged; agreement on numbers";
    const ORACLES: &'static [&'static str] = NAMES;
    const METRICS: &'static [OwnMetric] = METRICS;
    const MARKS: &'static [CoverageMark] = Mark::ALL;

    fn instance(scenario: &File, streams: &Streams) -> Result<Instance<Iterative>, Problem> {
        let params = &scenario.params;
        let agents = scenario.world.profiles();
        check(params, &agents)?;
        let RefineWorkload { value, sessions, at, every } = &scenario.workload;
        let domain = value.domain(&Path::of(["workload", "value"]))?;
        let mut config = Config {
            coordinator: series::coordinator(NAME, params.coordinator, scenario.world.agents)?,
            failover: params.failover.map(|span| span.0),
            faulty: params.faulty,
            lies: params.byzantine,
            proposing: series::wait(NAME, "propose", params.propose)?,
            reviewing: series::wait(NAME, "review", params.review)?,
            grace: params.grace.map(|span| span.0),
            deadline: params.deadline.map_or(Duration::MAX, |span| span.0),
            rounds_max: params.rounds,
            thresholds: params.converged.thresholds(),
            stable_rounds: params.converged.rounds,
            good_enough_ppm: params.good_enough.map(ppm),
            evaluator: params.evaluator,
            pull_ppm: ppm(params.pull),
            bug: series::mutant(NAME, params.bug, cfg!(feature = "mutants"))?,
            ..Config::new(domain, agents, [], streams)
        };
        if let MethodShape::Agreement(AgreementShape { tolerance }) = params.method {
            check_agreement(&config, tolerance)?;
            config = config.agreeing(tolerance);
        }
        let apart = config.patience();
        let asked = Series { count: *sessions, at: *at, every: *every, otherwise: apart, least: apart };
        config.schedule = asked.schedule(scenario.world.agents)?;
        let opinions = Opinions::new(streams, &config.agents, config.domain.options());
        config.polls = (0..*sessions).map(|session| opinions.poll(session)).collect();
        Ok(Instance { config, clients: 0, operations: *sessions })
    }

    fn tolerance(scenario: &File) -> Option<Tolerance> {
        let IterativeParams { coordinator, faulty, byzantine, propose, .. } = scenario.params;
        let lying = if byzantine { faulty } else { 0 };
        let trusted = Some(NodeId(coordinator));
        Some(Tolerance { faulty, byzantine: lying, trusted, overlap: faulty + 1, timer: propose })
    }

    fn oracles(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Iterative>>> {
        oracle::all(config, ground_truth)
    }

    fn composition() -> Option<Composition<Iterative, IterativeParams, RefineWorkload>> {
        Some(Composition::deciding(|task: &InnerTask| RefineWorkload {
            at: task.at,
            ..RefineWorkload::default()
        }))
    }

    /// Its coordinator is trusted whatever the fault class: no other protocol refines.
    fn suitability() -> Option<Suitability<IterativeParams, RefineWorkload>> {
        let trial = |demand: &Demand| {
            let byzantine = demand.fault_class == FaultClass::Byzantine;
            let params = IterativeParams { faulty: demand.faulty, byzantine, ..IterativeParams::default() };
            (params, RefineWorkload::default())
        };
        Some(Suitability { tasks: &[Task::Refinement], tolerates: FaultClass::Byzantine, trial })
    }
}

const METRICS: &[OwnMetric] = &joined::<_, { count(&[ROUNDS, &OWN_METRICS]) }>(&[ROUNDS, &OWN_METRICS]);

const ROUNDS: &[OwnMetric] = &[OwnMetric { metric: metric::ROUNDS, source: Source::Peak("rounds") }];

/// Figures are of the worst of several sessions.
const OWN_METRICS: [OwnMetric; 19] = OwnMetric::of(
    NAME,
    [
        OwnMetric::peak(
            "iterative.dispersion_ppm",
            "dispersion_ppm",
            "How far apart the last proposals were, at the worst.",
        )
        .in_unit(Unit::PartsPerMillion),
        OwnMetric::peak(
            "iterative.drift_ppm",
            "drift_ppm",
            "How far the best proposal still moved in the last round, at the worst.",
        )
        .in_unit(Unit::PartsPerMillion),
        OwnMetric::peak(
            "iterative.disapproval_ppm",
            "disapproval_ppm",
            "The part of the reviewers that did not approve in the end, at the worst.",
        )
        .in_unit(Unit::PartsPerMillion),
        OwnMetric::peak(
            "iterative.self_drift_ppm",
            "self_drift_ppm",
            "How far agents still moved from their own proposals in the last round, at the worst.",
        )
        .in_unit(Unit::PartsPerMillion),
        OwnMetric::peak(
            "iterative.error_ppm",
            "error_ppm",
            "How far what was decided is from what is true, at the worst.",
        )
        .in_unit(Unit::PartsPerMillion),
        OwnMetric::hits(
            "iterative.converged",
            &[Mark::Converged.declared()],
            "Sessions that were closed because the proposals had converged.",
        ),
        OwnMetric::hits(
            "iterative.good_enough",
            &[Mark::GoodEnough.declared()],
            "Sessions that were closed because a proposal was good enough.",
        ),
        OwnMetric::hits(
            "iterative.agreed",
            &[Mark::Agreed.declared()],
            "Sessions that were closed because the numbers were near enough to each other.",
        ),
        OwnMetric::hits(
            "iterative.stagnated",
            &[Mark::Stagnation.declared()],
            "Sessions that were given up because they got no better.",
        ),
        OwnMetric::hits(
            "iterative.rounds_exhausted",
            &[Mark::RoundsExhausted.declared()],
            "Sessions that were given up after all their rounds.",
        ),
        OwnMetric::hits(
            "iterative.out_of_time",
            &[Mark::SessionDeadline.declared()],
            "Sessions that were given up at their deadline.",
        ),
        OwnMetric::hits(
            "iterative.insufficient_participation",
            &[Mark::InsufficientParticipation.declared()],
            "Sessions that were given up because too few took part.",
        ),
        OwnMetric::hits(
            "iterative.decided_right",
            &[Mark::DecidedRight.declared()],
            "Decisions near what is true, at each observer.",
        ),
        OwnMetric::hits(
            "iterative.decided_wrong",
            &[Mark::DecidedWrong.declared()],
            "Decisions not near what is true, at each observer.",
        ),
        OwnMetric::hits(
            "iterative.gave_up",
            &[Mark::GaveUp.declared()],
            "Times that an observer gave up waiting for an outcome.",
        ),
        OwnMetric::hits(
            "iterative.extensions",
            &[Mark::PhaseExtended.declared()],
            "Times that the time of a phase was doubled.",
        ),
        OwnMetric::hits(
            "iterative.failovers",
            &[Mark::TookOver.declared()],
            "Times that an agent took the lead of a session over.",
        ),
        OwnMetric::hits(
            "iterative.late",
            &[Mark::Late.declared()],
            "Proposals and reviews that came after their phase.",
        ),
        OwnMetric::hits(
            "iterative.lies_proven",
            &[Mark::DoubleProposalProven.declared(), Mark::DoubleReviewProven.declared()],
            "Proofs that an agent made two proposals in a round or two reviews of a proposal.",
        ),
    ],
);

impl ConvergedShape {
    fn thresholds(self) -> Thresholds {
        Thresholds {
            dispersion_ppm: ppm(self.dispersion),
            drift_ppm: ppm(self.drift),
            approval_ppm: ppm(self.approval),
            approves_ppm: ppm(self.approves),
        }
    }
}

fn check(params: &IterativeParams, agents: &[Profile]) -> Result<(), Problem> {
    let at = |field: &str| param(NAME, field);
    let refuse = |path: Path, message: String| Err(Problem::new(path, message));
    let (n, f) = (agents.len() as u64, u64::from(params.faulty));
    let (factor, why) = if params.byzantine { (3, "lie") } else { (2, "be silent") };
    if n < 2 {
        return refuse(Path::of(["agents"]), "refinement takes two".to_owned());
    }
    if n <= factor * f {
        let most = (n - 1) / factor;
        return refuse(
            at("faulty"),
            format!("of {} at most {most} may {why}: n >= {factor}f + 1", plural(n, "agent")),
        );
    }
    if params.grace.is_some() && params.byzantine && f > 0 && n < 3 * f + 2 {
        return refuse(
            at("grace"),
            format!("with {} all honest reviews are needed: grace takes n >= 3f + 2", plural(n, "agent")),
        );
    }
    if let Some(silence) = params.failover {
        if params.method != MethodShape::Refinement {
            return refuse(at("failover"), "numeric agreement has no coordinator".to_owned());
        }
        if params.byzantine || params.faulty == 0 {
            let message = "it takes byzantine: false and faulty: 1 at least, for a claim to lead is believed";
            return refuse(at("failover"), message.to_owned());
        }
        if silence.0.as_nanos() < 3 {
            return refuse(at("failover"), "waiting takes time".to_owned());
        }
    }
    if !(1..1 << 16).contains(&params.rounds) {
        return refuse(at("rounds"), "a session has 1 to 65535 rounds".to_owned());
    }
    if params.converged.rounds == 0 {
        return refuse(at("converged").to("rounds"), "converging shows in a round".to_owned());
    }
    let reviewers = (n - 1).min(3 * f + 1);
    let approval = u64::from(params.converged.approval.ppb());
    if params.byzantine && approval * reviewers > (reviewers - f) * u64::from(Share::WHOLE.ppb()) {
        let message = format!(
            "{} among {} can keep approval below it for ever",
            plural(f, "liar"),
            plural(reviewers, "reviewer")
        );
        return Err(Problem::new(at("converged").to("approval"), message));
    }
    Ok(())
}

fn check_agreement(config: &Config, tolerance: u64) -> Result<(), Problem> {
    let at = |field: &str| param(NAME, field);
    let refuse = |path: Path, message: &str| Err(Problem::new(path, message));
    if !matches!(*config.domain, Domain::Number { .. }) {
        return refuse(at("method"), "only numbers have means");
    }
    if tolerance == 0 {
        return refuse(
            at("method").to("agreement").to("tolerance"),
            "numbers come near each other, not to one",
        );
    }
    if config.agents.len() as u64 <= 3 * u64::from(config.faulty) {
        return refuse(at("faulty"), "numeric agreement takes n >= 3f + 1");
    }
    if config.agents.iter().any(|agent| agent.traits.reliability_ppm < 1_000_000) {
        return refuse(at("method"), "everybody has a number: reliability is 100%");
    }
    Ok(())
}

fn ppm(share: Share) -> u32 {
    share.ppb() / 1_000
}
