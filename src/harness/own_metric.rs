//! A protocol's own metrics: what each is, and what it is read from.

use synod_oracle::metric::{Metric, Unit};
use synod_sim::CoverageMark;
use synod_sim::collections::SortedMap;

/// A metric of a protocol's own.
#[derive(Copy, Clone, Debug)]
pub struct OwnMetric {
    /// What it is.
    pub metric: Metric,
    /// What its value is read from.
    pub source: Source,
}

/// What the value of a metric is read from.
#[derive(Copy, Clone, Debug)]
pub enum Source {
    /// How often these coverage marks were hit, together.
    Marks(&'static [&'static CoverageMark]),
    /// The highest value of the figure of this name that nodes claimed: see
    /// [`Observation::peak`](synod_sim::Observation::peak).
    Peak(&'static str),
}

impl OwnMetric {
    /// How often any of these marks was hit.
    ///
    /// To OpenMetrics what a protocol counts is a gauge: how much it came to by the end of the run.
    pub const fn hits(
        name: &'static str,
        marks: &'static [&'static CoverageMark],
        help: &'static str,
    ) -> OwnMetric {
        OwnMetric { metric: Metric::gauge(name, Unit::Count, help), source: Source::Marks(marks) }
    }

    /// How high the figure rose.
    pub const fn peak(name: &'static str, figure: &'static str, help: &'static str) -> OwnMetric {
        OwnMetric { metric: Metric::gauge(name, Unit::Count, help), source: Source::Peak(figure) }
    }

    /// The same, measured in `unit`.
    pub const fn in_unit(self, unit: Unit) -> OwnMetric {
        OwnMetric { metric: self.metric.in_unit(unit), ..self }
    }

    /// These, as the main figures of `protocol`.
    pub const fn of<const N: usize>(protocol: &'static str, mut metrics: [OwnMetric; N]) -> [OwnMetric; N] {
        let mut place = 0;
        while place < N {
            metrics[place].metric = metrics[place].metric.owned_by(protocol);
            place += 1;
        }
        metrics
    }

    /// Its value, by the names of what was counted.
    pub(super) fn value(
        &self,
        coverage: &SortedMap<&'static str, u64>,
        peaks: &SortedMap<&'static str, u64>,
    ) -> u64 {
        let in_all = |counts: &SortedMap<&'static str, u64>, name| counts.get(name).copied().unwrap_or(0);
        match self.source {
            Source::Marks(marks) => marks.iter().map(|mark| in_all(coverage, mark.name)).sum(),
            Source::Peak(figure) => in_all(peaks, figure),
        }
    }
}
