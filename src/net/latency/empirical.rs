//! Delays that were measured.

use super::error::LawError;
use crate::table::{CsvError, CsvProblem, rows};
use std::io::Read;
use std::sync::Arc;
use synod_sim::Duration;

/// Measured delays, sorted; each is as likely as any other. Cloning shares them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Empirical(Arc<[Duration]>);

impl Empirical {
    /// Creates the delays `samples`, in any order.
    ///
    /// # Errors
    /// [`LawError::NoSamples`] if there is none.
    pub fn new(mut samples: Vec<Duration>) -> Result<Empirical, LawError> {
        if samples.is_empty() {
            return Err(LawError::NoSamples);
        }
        samples.sort_unstable();
        Ok(Empirical(samples.into()))
    }

    /// Reads one column of delays.
    ///
    /// Each is a number with its unit (`250us`, `1.5ms`); or the first line is a header that ends in the unit of all
    /// that follow (`latency_ms`). Units are `ns`, `us` (or `µs`), `ms` and `s`. Blank lines and lines that start
    /// with `#` are left out.
    ///
    /// # Errors
    /// The first line that is not so.
    pub fn from_csv(reader: impl Read) -> Result<Empirical, CsvError> {
        let mut header_unit = None;
        let mut samples = Vec::new();
        let mut last_line = 1;
        for (index, (line, row)) in rows(reader, 1)?.into_iter().enumerate() {
            let text = &row[0];
            last_line = line;
            match with_unit(text, header_unit) {
                Some(delay) => samples.push(delay),
                None if index == 0 && is_header(text) => {
                    header_unit = text.rsplit_once('_').and_then(|(_, unit)| unit_nanos(unit));
                }
                None => return Err(CsvError { line, problem: CsvProblem::NotADuration(text.to_owned()) }),
            }
        }
        Empirical::new(samples).map_err(|_| CsvError { line: last_line, problem: CsvProblem::NoData })
    }

    /// Returns the samples, shortest first.
    pub fn samples(&self) -> &[Duration] {
        &self.0
    }

    /// Returns the number of samples: at least one.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the mean, rounded to the nearest nanosecond.
    pub fn mean(&self) -> Duration {
        let total: u128 = self.0.iter().map(|sample| u128::from(sample.as_nanos())).sum();
        let count = self.0.len() as u128;
        Duration::from_nanos(((total + count / 2) / count) as u64)
    }

    /// Returns the shortest sample that at least a share `q` of all samples does not exceed (the nearest rank).
    ///
    /// # Panics
    /// Unless 0 < `q` < 1.
    pub fn quantile(&self, q: f64) -> Duration {
        assert!(0.0 < q && q < 1.0, "a quantile lies between 0 and 1, not at {q}");
        let rank = (q * self.0.len() as f64).ceil() as usize;
        self.0[rank.clamp(1, self.0.len()) - 1]
    }
}

fn is_header(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

const UNITS: [(&str, f64); 5] = [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)];

/// Returns a delay with a unit of its own, or in `header_unit`.
fn with_unit(text: &str, header_unit: Option<f64>) -> Option<Duration> {
    let own = UNITS.iter().find_map(|(name, nanos)| Some((text.strip_suffix(name)?, *nanos)));
    let (number, unit) = own.or(header_unit.map(|nanos| (text, nanos)))?;
    let nanos = number.trim_end().parse::<f64>().ok()? * unit;
    (nanos >= 0.0 && nanos.is_finite()).then(|| Duration::from_nanos(nanos.round() as u64))
}

fn unit_nanos(unit: &str) -> Option<f64> {
    UNITS.iter().find(|(name, _)| *name == unit).map(|(_, nanos)| *nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str) -> Vec<u64> {
        let samples = Empirical::from_csv(text.as_bytes()).unwrap();
        samples.samples().iter().map(|sample| sample.as_nanos()).collect()
    }

    #[test]
    fn delays_carry_their_unit_or_the_header_does() {
        assert_eq!(
            nanos("1.5ms\n250us\n7ns\n\n# slow\n2 s\n3µs"),
            [7, 3_000, 250_000, 1_500_000, 2_000_000_000]
        );
        assert_eq!(nanos("latency_ms\n1.25\n1e-6\n2us\n"), [1, 2_000, 1_250_000]);
        assert_eq!(nanos("latency\n3ns\n"), [3]);
    }

    #[test]
    fn errors_name_the_line() {
        let error = |text: &str| Empirical::from_csv(text.as_bytes()).unwrap_err();
        for (text, line, wrong) in [
            ("1ms\n2\n", 2, "2"),
            ("latency_ms\n\n1\nx\n", 4, "x"),
            ("latency_ms\n-1\n", 2, "-1"),
            ("latency_ms\n1e999\n", 2, "1e999"),
            ("5 parsecs\n", 1, "5 parsecs"),
            ("latency\n3\n", 2, "3"),
        ] {
            assert_eq!(error(text), CsvError { line, problem: CsvProblem::NotADuration(wrong.to_owned()) });
        }
        assert_eq!(error("a_ms\n1,2\n").problem, CsvProblem::Columns { expected: 1, found: 2 });
        assert_eq!(error("a_ms\n").problem, CsvProblem::NoData);
        assert_eq!(error("1ms\n\u{fffd}").line, 2);
        assert!(matches!(
            Empirical::from_csv(&b"1ms\n\xff"[..]).unwrap_err(),
            CsvError { line: 2, problem: CsvProblem::Unreadable(_) }
        ));
    }

    #[test]
    fn its_mean_and_quantiles_are_those_of_the_samples() {
        let samples = Empirical::new((1..=100).rev().map(Duration::from_nanos).collect()).unwrap();
        assert_eq!(samples.mean().as_nanos(), 51);
        assert_eq!(samples.quantile(0.5).as_nanos(), 50);
        assert_eq!(samples.quantile(0.99).as_nanos(), 99);
        assert_eq!(samples.quantile(0.999).as_nanos(), 100);
        assert_eq!(Empirical::new(Vec::new()), Err(LawError::NoSamples));
    }
}
