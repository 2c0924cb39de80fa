//! What a file of games, bids or orders comes to: as a page and as JSON.

mod object;
mod page;

pub use object::answer_object;
pub use page::answer_page;

use synod_economics::Amount;

/// Returns an amount with its point.
fn money(amount: Amount, decimals: u32) -> String {
    let units = amount.units().unsigned_abs();
    let sign = if amount < Amount::ZERO { "-" } else { "" };
    if decimals == 0 {
        return format!("{sign}{units}");
    }
    let one = 10_u64.pow(decimals);
    format!("{sign}{}.{:0width$}", units / one, units % one, width = decimals as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_as_many_digits_as_minor_units_say() {
        let of = |units, decimals| money(Amount::new(units).expect("it fits"), decimals);
        assert_eq!(
            [of(1_234, 2), of(5, 2), of(-5, 2), of(7, 0), of(0, 3)],
            ["12.34", "0.05", "-0.05", "7", "0.000"]
        );
    }
}
