//! A protocol's own metrics: declarations and their sources.

use synod_oracle::metric::{Metric, Unit};
use synod_sim::CoverageMark;
use synod_sim::collections::SortedMap;

/// A metric that a protocol defines.
#[derive(Copy, Clone, Debug)]
pub struct OwnMetric {
    /// What it is.
    pub metric: Metric,
    /// The source of its value.
    pub source: Source,
}

/// The source of a metric's value.
#[derive(Copy, Clone, Debug)]
pub enum Source {
    /// Total number of hits of these coverage marks.
    Marks(&'static [&'static CoverageMark]),
    /// The maximum of the values of this name that nodes claimed: see
    /// [`Observation::peak`](synod_sim::Observation::peak).
    Peak(&'static str),
    /// The same, where a run that nobody claimed it in has no value rather than 0.
    Figure(&'static str),
}

impl OwnMetric {
    /// Declares a metric that counts hits of these marks.
    ///
    /// In OpenMetrics text it is a gauge: its value at the end of the run.
    pub const fn hits(
        name: &'static str,
        marks: &'static [&'static CoverageMark],
        help: &'static str,
    ) -> OwnMetric {
        OwnMetric { metric: Metric::gauge(name, Unit::Count, help), source: Source::Marks(marks) }
    }

    /// Declares a metric that is a maximum of claimed values.
    pub const fn peak(name: &'static str, figure: &'static str, help: &'static str) -> OwnMetric {
        OwnMetric { metric: Metric::gauge(name, Unit::Count, help), source: Source::Peak(figure) }
    }

    /// Declares a metric that nodes claim as a peak, and that a run without any claim does not have.
    pub const fn figure(name: &'static str, figure: &'static str, help: &'static str) -> OwnMetric {
        OwnMetric { metric: Metric::gauge(name, Unit::Count, help), source: Source::Figure(figure) }
    }

    /// Sets its unit.
    pub const fn in_unit(self, unit: Unit) -> OwnMetric {
        OwnMetric { metric: self.metric.in_unit(unit), ..self }
    }

    /// Marks them as the main metrics of `protocol`.
    pub const fn of<const N: usize>(protocol: &'static str, mut metrics: [OwnMetric; N]) -> [OwnMetric; N] {
        let mut place = 0;
        while place < N {
            metrics[place].metric = metrics[place].metric.owned_by(protocol);
            place += 1;
        }
        metrics
    }

    /// Returns its value, given all counts by name; `None` if the run has none.
    pub(super) fn value(
        &self,
        coverage: &SortedMap<&'static str, u64>,
        peaks: &SortedMap<&'static str, u64>,
    ) -> Option<u64> {
        let in_all = |counts: &SortedMap<&'static str, u64>, name| counts.get(name).copied().unwrap_or(0);
        match self.source {
            Source::Marks(marks) => Some(marks.iter().map(|mark| in_all(coverage, mark.name)).sum()),
            Source::Peak(figure) => Some(in_all(peaks, figure)),
            Source::Figure(figure) => peaks.get(figure).copied(),
        }
    }
}
