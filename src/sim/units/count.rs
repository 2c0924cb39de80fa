//! Numbers of things in words.

/// Returns a number with a comma at every thousand.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns so many of what `noun` names: `1 agent`, `4 agents`, `2 deliveries`.
///
/// ```
/// use synod_sim::units::plural;
///
/// assert_eq!([0, 1, 1_000].map(|number| plural(number, "run")), ["0 runs", "1 run", "1,000 runs"]);
/// assert_eq!([1, 2].map(|number| plural(number, "delivery")), ["1 delivery", "2 deliveries"]);
/// ```
pub fn plural(number: u64, noun: &str) -> String {
    let stem = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    let noun = match (number, stem) {
        (1, _) => noun.to_owned(),
        (_, Some(stem)) => format!("{stem}ies"),
        (_, None) => format!("{noun}s"),
    };
    format!("{} {noun}", grouped(number))
}

/// Returns so many of what `noun` names and what is true of them: `1 message is lost`, `2 messages are lost`.
pub fn sentence(number: u64, noun: &str, predicate: &str) -> String {
    format!("{} {} {predicate}", plural(number, noun), if number == 1 { "is" } else { "are" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 1, 1_000].map(|number| plural(number, "run")), ["0 runs", "1 run", "1,000 runs"]);
        assert_eq!([1, 2].map(|number| plural(number, "delivery")), ["1 delivery", "2 deliveries"]);
        assert_eq!([1, 2].map(|number| plural(number, "key")), ["1 key", "2 keys"]);
        assert_eq!(
            [1, 2].map(|number| sentence(number, "run", "lost")),
            ["1 run is lost", "2 runs are lost"]
        );
    }
}
