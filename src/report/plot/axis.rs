//! Axes: from values to places between 0 and 1, and the values that are written beside them.

/// An axis.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// What it shows, with its unit.
    pub(super) title: String,
    is_log: bool,
    low: f64,
    high: f64,
    /// Values that are written, in ascending order.
    pub(super) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Returns an even scale from `low` to `high` or a little beyond, with some round values.
    pub(super) fn linear(title: &str, low: f64, high: f64, show: impl Fn(f64) -> String) -> Axis {
        let step = round_step((high - low).max(f64::MIN_POSITIVE) / 5.0);
        Axis::even(title, (low, high), step, show)
    }

    /// Returns an even scale from 0 to `high` or a little beyond, of values between which there are none.
    pub(super) fn whole(title: &str, high: u64, show: impl Fn(f64) -> String) -> Axis {
        let step = libm::ceil(round_step(high.max(1) as f64 / 5.0));
        Axis::even(title, (0.0, high as f64), step, show)
    }

    fn even(title: &str, (low, high): (f64, f64), step: f64, show: impl Fn(f64) -> String) -> Axis {
        let first = libm::floor(low / step + 1e-9) as i64;
        let last = libm::ceil(high / step - 1e-9).max(first as f64 + 1.0) as i64;
        let ticks = (first..=last).map(|place| place as f64 * step);
        Axis {
            title: title.to_owned(),
            is_log: false,
            low: first as f64 * step,
            high: last as f64 * step,
            ticks: ticks.map(|value| (value, show(value))).collect(),
        }
    }

    /// Returns an even scale from `low` to exactly `high`, with some round values.
    pub(super) fn within(title: &str, low: f64, high: f64, show: impl Fn(f64) -> String) -> Axis {
        let whole = Axis::linear(title, low, high, show);
        let ticks = whole.ticks.into_iter().filter(|(value, _)| (low..=high).contains(value)).collect();
        Axis { low, high, ticks, ..whole }
    }

    /// Returns a logarithmic scale that holds `low` and `high`, with values at 1, 2 and 5 times the powers of ten.
    pub(super) fn log(title: &str, low: f64, high: f64, show: impl Fn(f64) -> String) -> Axis {
        let low = low.max(f64::MIN_POSITIVE);
        let high = high.max(low * 1.000_001);
        let decades = libm::log10(high / low);
        let marks: &[f64] = match decades {
            few if few < 1.5 => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
            some if some < 3.5 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let powers = libm::floor(libm::log10(low)) as i32..=libm::ceil(libm::log10(high)) as i32;
        let values =
            powers.flat_map(|power| marks.iter().map(move |mark| mark * libm::exp10(f64::from(power))));
        let margin = libm::exp10(0.04 * decades.max(0.2));
        let (low, high) = (low / margin, high * margin);
        let ticks = values.filter(|value| (low..=high).contains(value));
        let ticks = ticks.map(|value| (value, show(value))).collect();
        Axis { title: title.to_owned(), is_log: true, low, high, ticks }
    }

    /// This axis with these values written instead.
    pub(super) fn ticked(self, ticks: Vec<(f64, String)>) -> Axis {
        Axis { ticks, ..self }
    }

    /// Where a value is, from 0 to 1.
    pub(super) fn at(&self, value: f64) -> f64 {
        let place = if self.is_log {
            let low = libm::log(self.low);
            (libm::log(value.max(self.low)) - low) / (libm::log(self.high) - low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        place.clamp(0.0, 1.0)
    }
}

/// Returns the round number that is nearest above `step`.
fn round_step(step: f64) -> f64 {
    let power = libm::exp10(libm::floor(libm::log10(step)));
    let mark = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|mark| mark * power >= step * 0.999);
    mark.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(axis: &Axis) -> Vec<f64> {
        axis.ticks.iter().map(|(value, _)| *value).collect()
    }

    #[test]
    fn scales_hold_their_ends_and_write_round_values() {
        let even = Axis::linear("", 0.0, 9.3, |value| value.to_string());
        assert_eq!(values(&even), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!([even.at(0.0), even.at(5.0), even.at(99.0)], [0.0, 0.5, 1.0]);
        let few = Axis::whole("", 3, |value| value.to_string());
        assert_eq!(values(&few), [0.0, 1.0, 2.0, 3.0]);
        let log = Axis::log("", 10.0, 10_000.0, |value| value.to_string());
        let marks: Vec<f64> = values(&log).iter().map(|value| libm::round(*value)).collect();
        assert_eq!(marks, [10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4]);
        assert!((log.at(libm::sqrt(10.0 * 10_000.0)) - 0.5).abs() < 1e-9);
        assert!(log.at(10.0) > 0.0 && log.at(10_000.0) < 1.0, "points do not touch the edge");
        assert_eq!(values(&Axis::linear("", 0.0, 0.0, |_| String::new())).len(), 2);
    }
}
