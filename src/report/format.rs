//! Figures in words: four digits, and a unit.

use super::human::grouped;
pub(super) use super::human::{plural, sentence};
use synod_oracle::metric::Unit;

/// Returns the formatter of values in this unit.
pub(super) fn of(unit: Unit) -> fn(f64) -> String {
    match unit {
        Unit::Nanoseconds => time,
        Unit::Milliseconds => |millis| time(millis * 1e6),
        Unit::Bytes => size,
        Unit::Share => share,
        Unit::Growth => growth,
        Unit::Count | Unit::PerSecond | Unit::PartsPerMillion => count,
    }
}

/// Returns a time, given in nanoseconds.
pub(super) fn time(nanos: f64) -> String {
    match nanos {
        ns if ns < 0.0 => format!("−{}", time(-ns)),
        0.0 => "0".to_owned(),
        ns if ns < 999.95 => format!("{} ns", digits(ns)),
        ns if ns < 999.95e3 => format!("{} µs", digits(ns / 1e3)),
        ns if ns < 999.95e6 => format!("{} ms", digits(ns / 1e6)),
        ns => format!("{} s", digits(ns / 1e9)),
    }
}

/// Returns a size, given in bytes.
pub(super) fn size(bytes: f64) -> String {
    match bytes {
        b if b < 0.0 => format!("−{}", size(-b)),
        b if b < 1_024.0 => format!("{} B", digits(b)),
        b if b < 1_048_576.0 => format!("{} KiB", digits(b / 1_024.0)),
        b if b < 1_073_741_824.0 => format!("{} MiB", digits(b / 1_048_576.0)),
        b => format!("{} GiB", digits(b / 1_073_741_824.0)),
    }
}

/// Returns a number of things.
pub(super) fn count(number: f64) -> String {
    match number {
        negative if negative < 0.0 => format!("−{}", count(-negative)),
        whole if whole.fract() == 0.0 && whole < 9e15 => grouped(whole as u64),
        large if large >= 1_000.0 => grouped(libm::round(large) as u64),
        other => digits(other),
    }
}

/// Returns a share of a whole.
pub(super) fn share(share: f64) -> String {
    format!("{} %", digits(share * 100.0))
}

/// Returns what a quantity becomes, as a multiple of what it was: by how much it has grown.
pub(super) fn growth(times: f64) -> String {
    let percent = libm::round((times - 1.0) * 1e5) / 1e3;
    let sign = match percent {
        shrunk if shrunk < 0.0 => "−",
        grown if grown > 0.0 => "+",
        _ => "±",
    };
    format!("{sign}{} %", digits(percent.abs()))
}

/// Four digits, without zeros at the end behind the point.
fn digits(number: f64) -> String {
    let places = match number.abs() {
        large if large >= 999.95 => 0,
        large if large >= 99.995 => 1,
        large if large >= 9.999_5 => 2,
        _ => 3,
    };
    let text = format!("{number:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_and_a_unit() {
        let times = [0.0, 999.0, 1_234.0, 15e6, 1.234_56e9, 999_960.0].map(time);
        assert_eq!(times, ["0", "999 ns", "1.234 µs", "15 ms", "1.235 s", "1 ms"]);
        assert_eq!([12.0, 2_048.0, 1_153_434.0].map(size), ["12 B", "2 KiB", "1.1 MiB"]);
        assert_eq!([24.0, 19_800.0, 1_234.5, 23.456_7].map(count), ["24", "19,800", "1,235", "23.46"]);
        let below = [time(-15e6), size(-2_048.0), count(-24.0), count(-1_234.5), count(-0.0)];
        assert_eq!(below, ["−15 ms", "−2 KiB", "−24", "−1,235", "0"]);
        assert_eq!([1.0, 0.996_3].map(share), ["100 %", "99.63 %"]);
        let grown = [1.0, 1.000_001, 0.999_876, 1.25, 0.0].map(growth);
        assert_eq!(grown, ["±0 %", "±0 %", "−0.012 %", "+25 %", "−100 %"]);
    }
}
