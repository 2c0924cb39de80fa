//! The names that a scenario may use.

use super::own_metric::OwnMetric;
use synod_oracle::Metric;
use synod_oracle::metric::COMMON;
use synod_sim::CoverageMark;

/// The names that a scenario may use, which depend on the protocol.
#[derive(Copy, Clone, Debug, Default)]
pub struct Vocabulary<'a> {
    /// The metrics that a run can report.
    pub metrics: &'a [&'static Metric],
    /// The oracles that there are.
    pub oracles: &'a [&'a str],
    /// The coverage marks that there are.
    pub marks: &'a [CoverageMark],
}

/// What runs of a scenario are watched by and what they count, besides what is common to all protocols: of its protocol,
/// and of the protocols inside that.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The names of the oracles.
    pub oracles: Vec<&'static str>,
    /// The protocols' own metrics.
    pub metrics: Vec<&'static OwnMetric>,
    /// The coverage marks.
    pub marks: Vec<CoverageMark>,
}

impl Names {
    /// Adds what is not there already, by name.
    pub fn add(
        &mut self,
        oracles: impl IntoIterator<Item = &'static str>,
        metrics: impl IntoIterator<Item = &'static OwnMetric>,
        marks: impl IntoIterator<Item = CoverageMark>,
    ) {
        for oracle in oracles {
            if !self.oracles.contains(&oracle) {
                self.oracles.push(oracle);
            }
        }
        for own in metrics {
            if self.metrics.iter().all(|other| other.metric.name != own.metric.name) {
                self.metrics.push(own);
            }
        }
        for mark in marks {
            if !self.marks.contains(&mark) {
                self.marks.push(mark);
            }
        }
    }

    /// Returns all metrics: those of every protocol, and then these.
    pub fn all_metrics(&self) -> Vec<&'static Metric> {
        COMMON.iter().copied().chain(self.metrics.iter().map(|own| &own.metric)).collect()
    }
}
