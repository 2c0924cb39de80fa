//! What figures have to be for a catalogue to be called ready: the shape of `readiness:` in a suite.

use crate::filter::Filter;
use schemars::JsonSchema;
use serde::Deserialize;
use synod_harness::{Bounds, Dimension, Figure, Path, Problem};
use synod_oracle::metric::{self, Metric};
use synod_sim::units::Share;

/// When a catalogue is ready.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Goals {
    /// The least score.
    pub(crate) score: Share,
    /// What the score is made of, and what stands above it.
    pub(crate) criteria: Vec<Criterion>,
    /// What somebody has asked for, and the targets by which it is answered.
    #[serde(default)]
    pub(crate) requirements: Vec<Requirement>,
}

/// A criterion: its score is the share of its targets that hold.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Criterion {
    /// A short name.
    pub(crate) name: String,
    /// What it is about, in one sentence.
    pub(crate) about: String,
    /// True if nothing is ready unless all its targets hold. It counts in no score, so that none can hide it.
    #[serde(default)]
    pub(crate) veto: bool,
    /// What is measured.
    pub(crate) targets: Vec<Target>,
}

/// A figure and what it has to be.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    /// A short name.
    pub(crate) name: String,
    /// What is measured, in words.
    pub(crate) about: String,
    /// What is measured.
    #[serde(default)]
    pub(crate) measure: Option<Measure>,
    /// On which points, as `--filter` has it; series=catalogue, all scenarios, if left out.
    #[serde(default)]
    pub(crate) of: Option<Filter>,
    /// The points whose figure it is divided by.
    #[serde(default)]
    pub(crate) against: Option<Filter>,
    /// What the figure has to be.
    #[serde(default)]
    pub(crate) expect: Option<Bounds>,
    /// Why it cannot be measured yet.
    #[serde(default)]
    pub(crate) absent: Option<String>,
}

/// What is measured.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measure {
    /// The share of runs that passed.
    Passed,
    /// The share of runs in which no invariant was broken. Positive controls, which mean to break one, do not count.
    Safe,
    /// The share of runs in which all was decided in time.
    Live,
    /// The share of the catalogue's scenarios whose runs are the same to the bit when they are made again.
    Reproducible,
    /// The share of scenarios that say what they show.
    Documented,
    /// The share of faults that had an effect.
    Faults,
    /// The share of all protocols that run in some scenario.
    Protocols,
    /// The share of all oracles, by name, whose premise held in some run.
    Oracles,
    /// The share of all metrics, by name, that some run has reported.
    Metrics,
    /// The median of a metric over runs; of several points, the worst.
    P50(String),
    /// The 99th percentile of a metric over runs; of several points, the worst.
    P99(String),
    /// The mean of a metric over runs; of several points, the worst.
    Mean(String),
    /// The worst value of a metric in any run.
    Worst(String),
    /// The share of runs in which a metric stays below a bound, to a thousandth of it.
    Within(Within),
}

/// A metric and the most that it may be.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Within {
    /// The metric.
    pub(crate) metric: String,
    /// The most that it may be.
    pub(crate) at_most: Figure,
}

/// What somebody has asked for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Requirement {
    /// What is asked for.
    pub(crate) asks: String,
    /// The kind of requirement.
    pub(crate) group: String,
    /// The names of the targets that answer it. It holds if all of them do.
    #[serde(default)]
    pub(crate) by: Vec<String>,
    /// Why nothing answers it.
    #[serde(default)]
    pub(crate) absent: Option<String>,
}

impl Measure {
    /// Returns the metric that it is of, if it is of one.
    pub(crate) fn metric(&self) -> Option<&str> {
        match self {
            Measure::P50(metric) | Measure::P99(metric) | Measure::Mean(metric) | Measure::Worst(metric) => {
                Some(metric)
            }
            Measure::Within(within) => Some(&within.metric),
            _ => None,
        }
    }

    fn is_share(&self) -> bool {
        !matches!(self, Measure::P50(_) | Measure::P99(_) | Measure::Mean(_) | Measure::Worst(_))
    }
}

impl Target {
    /// Returns the unit of its metric among `metrics`; `None` if it is none of them.
    pub(crate) fn dimension(&self, metrics: &[&'static Metric]) -> Option<Dimension> {
        match (&self.measure, &self.against) {
            (Some(measure), _) if measure.is_share() => Some(Dimension::Share),
            (Some(measure), None) => measure.metric().and_then(|name| dimension(metrics, name)),
            _ => Some(Dimension::Number),
        }
    }

    fn check(&self, metrics: &[&'static Metric], here: &Path) -> Result<(), Problem> {
        let refuse = |what: &str, why: &str| Err(Problem::new(here.to(what), why));
        match (&self.measure, &self.expect, &self.absent) {
            (None, None, Some(_)) if self.of.is_none() && self.against.is_none() => Ok(()),
            (_, _, Some(_)) => refuse("absent", "what is absent cannot be measured as well"),
            (None, ..) => refuse("name", "nothing says what is measured, or why it cannot be"),
            (_, None, _) => refuse("name", "nothing says what the figure has to be"),
            (Some(measure), ..) if self.against.is_some() && measure.is_share() => {
                refuse("against", "only figures of metrics can be divided by each other")
            }
            (Some(measure), Some(bounds), None) => {
                // Metrics that do not exist are rejected where the protocols are known.
                if let Measure::Within(Within { metric, at_most }) = measure
                    && let Some(dimension) = dimension(metrics, metric)
                {
                    let bounds = Bounds { at_most: Some(*at_most), ..Bounds::default() };
                    bounds.check(dimension, metric, &here.to("measure").to("within"))?;
                }
                match self.dimension(metrics) {
                    Some(dimension) => bounds.check(dimension, "what is measured", &here.to("expect")),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Returns the unit of the metric of this name, if it is one of these.
fn dimension(metrics: &[&'static Metric], name: &str) -> Option<Dimension> {
    metric::find(metrics, name).map(|metric| metric.unit.into())
}

impl Goals {
    /// Returns all targets, each with its path in the suite.
    pub(crate) fn targets(&self) -> impl Iterator<Item = (Path, &Target)> {
        let criteria = Path::of(["readiness", "criteria"]);
        self.criteria.iter().enumerate().flat_map(move |(place, criterion)| {
            let here = criteria.to(place).to("targets");
            criterion.targets.iter().enumerate().map(move |(place, target)| (here.to(place), target))
        })
    }

    /// Checks what types cannot say, given the metrics that there are.
    pub(crate) fn check(&self, metrics: &[&'static Metric]) -> Result<(), Problem> {
        let here = Path::of(["readiness"]);
        if self.criteria.is_empty() {
            return Err(Problem::new(
                here.to("criteria"),
                "without a criterion nothing says what ready means",
            ));
        }
        for (place, criterion) in self.criteria.iter().enumerate() {
            let here = here.to("criteria").to(place);
            if self.criteria[..place].iter().any(|other| other.name == criterion.name) {
                let message = format!("there is a criterion {:?} already", criterion.name);
                return Err(Problem::new(here.to("name"), message));
            }
            if criterion.targets.is_empty() {
                return Err(Problem::new(here.to("targets"), "a criterion has one target at least"));
            }
        }
        let mut names: Vec<&str> = Vec::new();
        for (here, target) in self.targets() {
            if names.contains(&target.name.as_str()) {
                let message = format!("there is a target {:?} already", target.name);
                return Err(Problem::new(here.to("name"), message));
            }
            names.push(&target.name);
            target.check(metrics, &here)?;
        }
        for (place, requirement) in self.requirements.iter().enumerate() {
            let here = here.to("requirements").to(place);
            for (place, name) in requirement.by.iter().enumerate() {
                if !names.contains(&name.as_str()) {
                    return Err(Problem::unknown(here.to("by").to(place), "target", name, &names));
                }
            }
            if requirement.by.is_empty() == requirement.absent.is_none() {
                let message = "a requirement has targets that answer it, or says why nothing does";
                return Err(Problem::new(here.to("asks"), message));
            }
        }
        Ok(())
    }
}
