//! Integer logarithms, bit-identical on every platform.

/// ln 2 in 10⁻¹².
const LN_2: u128 = 693_147_180_560;

/// log₂(`numerator` / `denominator`) in 2⁻⁴⁰, rounded down, by repeated squaring.
///
/// # Panics
/// If the ratio is below 1, or the denominator zero.
pub fn log2(numerator: u64, denominator: u64) -> u64 {
    assert!(numerator >= denominator && denominator > 0, "the logarithm is not negative");
    let ratio = (u128::from(numerator) << 60) / u128::from(denominator);
    let whole = ratio.ilog2() - 60;
    let mut mantissa = ratio >> whole;
    let mut log = u64::from(whole);
    for _ in 0..40 {
        mantissa = (mantissa * mantissa) >> 60;
        let bit = mantissa >> 61;
        mantissa >>= bit;
        log = log << 1 | bit as u64;
    }
    log
}

/// ln(`numerator` / `denominator`) in 10⁻⁹.
///
/// # Panics
/// If the ratio is below 1, or the denominator zero.
pub fn ln(numerator: u64, denominator: u64) -> u64 {
    ((u128::from(log2(numerator, denominator)) * LN_2 / 1_000) >> 40) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_right_to_the_eighth_digit() {
        for (numerator, denominator) in
            [(1, 1), (2, 1), (3, 2), (9, 1), (19, 1), (999_999_999, 1), (u64::MAX, 7)]
        {
            let exact = libm::log(numerator as f64 / denominator as f64);
            let found = ln(numerator, denominator) as f64 / 1e9;
            assert!((found - exact).abs() < 2e-9 * (1.0 + exact), "{numerator}/{denominator}: {found}");
        }
    }
}
