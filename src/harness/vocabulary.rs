//! The names that a scenario may use.

use synod_oracle::Metric;
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
