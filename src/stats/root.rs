//! Roots of increasing functions.

/// Where `increasing` crosses zero between `low` and `high`, to the last bit, by bisection. Where it does so outside
/// them, a number next to the nearer one.
///
/// # Panics
/// Unless `low` < `high`.
pub fn root(mut low: f64, mut high: f64, increasing: impl Fn(f64) -> f64) -> f64 {
    assert!(low < high, "a root lies between two bounds");
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if increasing(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_exact_and_stay_between_the_bounds() {
        assert_eq!(root(0.0, 10.0, |x| x - 0.1), 0.1);
        assert_eq!(root(-4.0, 4.0, |x| x * x * x + 8.0), -2.0);
        assert_eq!(root(1.0, 2.0, |_| 1.0), 1.0);
        assert!(root(1.0, 2.0, |_| -1.0) > 2.0 - 1e-15);
    }

    #[test]
    #[should_panic(expected = "between two bounds")]
    fn bounds_that_hold_nothing_are_refused() {
        root(1.0, 1.0, |x| x);
    }
}
