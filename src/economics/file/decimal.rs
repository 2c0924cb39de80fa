//! Decimal numbers, read exactly.

use crate::Amount;

/// Returns the minor units, of so many decimal places, of a decimal number such as `12.5`, `.25` or `1.5e+06`.
///
/// # Errors
/// If it is none, not a whole number of minor units, or beyond 2⁶⁰ of them; the message says what was expected.
pub fn minor_units(text: &str, places: u32) -> Result<Amount, String> {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if !all_digits(whole)
        || !all_digits(fraction)
        || !all_digits(exponent_digits)
        || exponent_digits.is_empty()
        || mantissa.len() == usize::from(mantissa.contains('.'))
    {
        return Err("a decimal number".to_owned());
    }
    let beyond = || format!("at most {} minor units (2^60)", Amount::MAX);
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    // What ends in zeros has fewer places.
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Ok(Amount::ZERO);
    }
    let exponent: i32 = exponent.parse().map_err(|_| "an exponent of a few digits".to_owned())?;
    let zeros = (digits.len() - significant.len()) as i64;
    let shift = i64::from(exponent) - fraction.len() as i64 + zeros + i64::from(places);
    if shift < 0 {
        return Err(format!("at most {places} decimal places"));
    }
    let power = u32::try_from(shift).ok().and_then(|shift| 10_i128.checked_pow(shift)).ok_or_else(beyond)?;
    let mantissa: i128 = significant.parse().map_err(|_| beyond())?;
    let units = mantissa.checked_mul(power).ok_or_else(beyond)?;
    Amount::of_wide(sign * units).map_err(|_| beyond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly_or_not_at_all() {
        let units = |text| minor_units(text, 6).map(Amount::units);
        assert_eq!(units("12.5"), Ok(12_500_000));
        assert_eq!(units(".25"), Ok(250_000));
        assert_eq!(units("5."), Ok(5_000_000));
        assert_eq!(units("-0.000001"), Ok(-1));
        assert_eq!(units("1.5e+06"), Ok(1_500_000_000_000));
        assert_eq!(units("100E-8"), Ok(1));
        assert_eq!(units("1.50000000000"), Ok(1_500_000));
        assert_eq!(units("0e99"), Ok(0));
        assert_eq!(units("1152921504606.846976"), Ok(1 << 60));
        for none in [
            "", ".", "-", "e5", "1e", "1e+", "+1", "1,5", "0x1", "NaN", "inf", "1_0", "--1", "1.2.3", "1e5.0",
        ] {
            assert_eq!(units(none), Err("a decimal number".to_owned()), "{none}");
        }
        assert!(units("0.0000001").unwrap_err().contains("decimal places"));
        assert_eq!(minor_units("10.50", 2).map(Amount::units), Ok(1_050));
        assert_eq!(minor_units("10.00", 0).map(Amount::units), Ok(10));
        assert!(minor_units("10.5", 0).unwrap_err().contains("at most 0 decimal places"));
        assert!(units("1e-7").unwrap_err().contains("decimal places"));
        for beyond in ["1152921504606.846977", "1e13", "1e999999999"] {
            assert!(units(beyond).unwrap_err().contains("minor units"), "{beyond}");
        }
        assert!(minor_units(&"9".repeat(60), 6).unwrap_err().contains("minor units"));
        assert!(units("1e99999999999").unwrap_err().contains("exponent"));
    }
}
