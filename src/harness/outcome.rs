//! What a run has shown.

use super::theory::Theory;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use synod_fault::FaultReport;
use synod_oracle::metric::Unit;
use synod_oracle::{DetectionReport, Drift, Metrics, OracleReport, PlanReport, ViolationReport};
use synod_sim::collections::SortedMap;
use synod_sim::network::LossCause;
use synod_sim::units::quote;
use synod_sim::{End, Ending, KindTally};

/// The result of one run. Everything in it is a function of scenario, seed and version.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The scenario's name.
    pub scenario: String,
    /// The protocol's name.
    pub protocol: &'static str,
    /// The seed.
    pub seed: u64,
    /// Number of agents that took part.
    pub agents: u32,
    /// f: how many faulty ones the protocol tolerates among them; none where it makes no claim.
    pub tolerated: Option<u32>,
    /// The verdict over all.
    pub verdict: RunVerdict,
    /// How the run ended, with what was counted and the digest.
    pub end: End,
    /// Its figures, by name.
    pub metrics: Metrics,
    /// What theory says of some of them.
    pub theory: Vec<Theory>,
    /// What is unlikely to be meant in its scenario.
    pub cautions: Vec<String>,
    /// What each oracle found.
    pub oracles: Vec<OracleReport>,
    /// What they object to, in order of time.
    pub violations: Vec<ViolationReport>,
    /// Whether the scenario's expectations were met.
    pub expectations: Vec<Expectation>,
    /// What each fault did.
    pub faults: Vec<FaultReport>,
    /// What became of what the scenario plans apart from faults.
    pub plans: Vec<PlanReport>,
    /// What was found out about the corrupted agents.
    pub detection: DetectionReport,
    /// How often what should sometimes happen did.
    pub coverage: SortedMap<&'static str, u64>,
    /// How its figures drifted, where the scenario asks for it.
    pub drift: Option<Drift>,
}

/// The verdict over a run.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunVerdict {
    /// Everything held that was to hold.
    Pass,
    /// Something did not.
    Fail,
    /// Nothing failed, but an oracle of safety could not judge everything, and the scenario does not allow that.
    Unknown,
}

impl RunVerdict {
    /// True for a pass.
    pub fn passed(self) -> bool {
        self == RunVerdict::Pass
    }
}

/// What became of an expectation.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExpectationVerdict {
    /// It was met.
    Pass,
    /// It was missed.
    Fail,
    /// It was missed, as the scenario allows it in a share of all runs.
    Allowed,
}

impl ExpectationVerdict {
    /// Returns the verdict on what is as expected or not, and may be otherwise or not.
    pub fn of(is_met: bool, may_be_missed: bool) -> ExpectationVerdict {
        match (is_met, may_be_missed) {
            (true, _) => ExpectationVerdict::Pass,
            (false, false) => ExpectationVerdict::Fail,
            (false, true) => ExpectationVerdict::Allowed,
        }
    }

    /// True if it was met.
    pub fn passed(self) -> bool {
        self == ExpectationVerdict::Pass
    }

    /// True if it was missed, and must not be.
    pub fn failed(self) -> bool {
        self == ExpectationVerdict::Fail
    }
}

/// An expectation and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Expectation {
    /// What was looked at: a metric, or `violates`, or `ended`.
    pub metric: String,
    /// The unit of its value.
    #[serde(skip)]
    pub unit: Unit,
    /// What was expected of it, as people write it.
    pub bound: String,
    /// What it was.
    pub value: serde_json::Value,
    /// Whether that is what was expected.
    pub verdict: ExpectationVerdict,
}

impl Outcome {
    /// Why the run ended, in one word.
    pub fn ended(&self) -> &'static str {
        match self.end.ending {
            Ending::Done => "decided",
            Ending::Quiescent => "quiescent",
            Ending::Horizon => "horizon",
            Ending::Violation => "violation",
            Ending::Events(_) | Ending::Memory(_) => "limit",
        }
    }

    /// Returns the oracles of safety that could not judge everything. One that grants time is none of them: it demands
    /// progress, which a run can leave open.
    pub fn unjudged(&self) -> impl Iterator<Item = &OracleReport> {
        self.oracles.iter().filter(|report| report.is_unjudged())
    }

    /// Faults that did nothing to any message.
    pub fn idle_faults(&self) -> impl Iterator<Item = &FaultReport> {
        self.faults.iter().filter(|fault| fault.effect.total() == 0)
    }

    /// Returns what the run does not show though its scenario meant it to.
    pub fn warnings(&self) -> Vec<String> {
        let idle = self.idle_faults().map(|fault| format!("the fault {} did nothing", quote(&fault.name)));
        let unjudged = self.oracles.iter().filter_map(|report| {
            let why = report.unknown.as_ref()?;
            Some(format!("{} could not judge everything: {why}", report.name))
        });
        idle.chain(unjudged).chain(self.remarks()).collect()
    }

    /// Returns those of the warnings that are about neither a fault nor an oracle.
    pub fn remarks(&self) -> Vec<String> {
        let idle = self.plans.iter().filter(|plan| !plan.took_effect);
        let idle = idle.map(|plan| format!("the planned {} did nothing", plan.name));
        self.cautions.iter().cloned().chain(self.intolerant()).chain(idle).chain(self.unaddressed()).collect()
    }

    /// Returns that no faulty agent is tolerated, if so.
    fn intolerant(&self) -> Option<String> {
        let agents =
            if self.agents == 1 { "one agent".to_owned() } else { format!("{} agents", self.agents) };
        (self.tolerated == Some(0)).then(|| format!("of {agents} none may be faulty: f = 0"))
    }

    /// Returns what was sent to nobody, in words, if anything was.
    fn unaddressed(&self) -> Option<String> {
        let copies = *self.end.tally.lost.get(&LossCause::NoSuchNode)?;
        let copies = if copies == 1 { "one copy was".to_owned() } else { format!("{copies} copies were") };
        Some(format!("{copies} sent to agents that do not exist, and lost"))
    }

    /// Traffic by kind of message.
    pub fn kinds(&self) -> &[KindTally] {
        &self.end.tally.kinds
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Outcome", 18)?;
        object.serialize_field("scenario", &self.scenario)?;
        object.serialize_field("protocol", self.protocol)?;
        object.serialize_field("seed", &self.seed)?;
        object.serialize_field("agents", &self.agents)?;
        object.serialize_field("tolerated", &self.tolerated)?;
        object.serialize_field("verdict", &self.verdict)?;
        object.serialize_field("digest", &self.end.digest.to_string())?;
        object.serialize_field("ended", self.ended())?;
        object.serialize_field("virtual_time_ns", &self.end.at.as_nanos())?;
        object.serialize_field("events", &self.end.events)?;
        object.serialize_field("deliveries", &self.end.tally.delivered)?;
        object.serialize_field("metrics", &self.metrics)?;
        object.serialize_field("oracles", &self.oracles)?;
        object.serialize_field("violations", &self.violations)?;
        object.serialize_field("expectations", &self.expectations)?;
        object.serialize_field("faults", &self.faults)?;
        object.serialize_field("detection", &self.detection)?;
        object.serialize_field("coverage", &self.coverage)?;
        if let Some(drift) = &self.drift {
            object.serialize_field("drift", drift)?;
        }
        object.serialize_field("warnings", &self.warnings())?;
        object.end()
    }
}
