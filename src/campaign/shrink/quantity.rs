//! Quantities in a document, to be made smaller or larger whatever they measure.

use super::search::Search;
use synod_harness::{Path, ScenarioError};
use synod_scenario::Document;
use synod_sim::Duration;
use synod_sim::units::{Share, Size, Span};

/// A quantity: a whole number of its smallest unit.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Quantity {
    pub(super) amount: u64,
    pub(super) unit: Unit,
}

/// What a quantity is measured in.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// It is a number.
    Count,
    /// Nanoseconds.
    Span,
    /// Parts per billion.
    Share,
    /// Bytes.
    Size,
}

impl Quantity {
    /// Reads a quantity; `None` if `text` is none, or one that is better left alone, such as a rate.
    pub(super) fn parse(text: &str) -> Option<Quantity> {
        let of = |amount, unit| Some(Quantity { amount, unit });
        if let Ok(count) = text.parse() {
            return of(count, Unit::Count);
        }
        if let Ok(Span(span)) = text.parse() {
            return of(span.as_nanos(), Unit::Span);
        }
        if let Ok(share) = text.parse::<Share>() {
            return of(share.ppb().into(), Unit::Share);
        }
        text.parse().ok().and_then(|Size(bytes)| of(bytes, Unit::Size))
    }

    /// Returns the quantity at `path`.
    pub(super) fn at(document: &Document, path: &Path) -> Option<Quantity> {
        Quantity::parse(document.text(path)?)
    }
}

impl Unit {
    /// `amount` as it stands in a document.
    pub(super) fn text(self, amount: u64) -> String {
        match self {
            Unit::Count => amount.to_string(),
            Unit::Span => Span(Duration::from_nanos(amount)).to_string(),
            Unit::Share => {
                let share = u32::try_from(amount).ok().and_then(Share::from_ppb);
                share.unwrap_or(Share::WHOLE).to_string()
            }
            Unit::Size => Size(amount).to_string(),
        }
    }

    /// `amount` with two digits, which people read more easily; counts stay as they are.
    fn round(self, amount: u64) -> u64 {
        let scale = match self {
            Unit::Count => 1,
            _ => 10u64.pow(amount.checked_ilog10().unwrap_or(0).saturating_sub(1)),
        };
        amount / scale * scale
    }

    /// Returns true if nothing worth trying lies between.
    fn are_near(self, low: u64, high: u64) -> bool {
        let step = if self == Unit::Count { 1 } else { high / 8 };
        high - low <= step.max(1)
    }
}

/// Finds the least amount from `least` on with which the scenario still fails; `edit` puts an amount into a candidate.
pub(super) fn lower(search: &mut Search<'_>, unit: Unit, least: u64, from: u64, edit: &SetAmount<'_>) {
    if least >= from || attempt(search, unit, least, edit) {
        return;
    }
    let (mut low, mut high) = (least, from);
    while !unit.are_near(low, high) {
        let middle = between(unit, low, high);
        if attempt(search, unit, middle, edit) { high = middle } else { low = middle }
    }
}

/// Finds the greatest amount up to `most` with which the scenario still fails.
pub(super) fn raise(search: &mut Search<'_>, unit: Unit, most: u64, from: u64, edit: &SetAmount<'_>) {
    let (mut low, mut high) = (from, most);
    while high > low && !unit.are_near(low, high) {
        let middle = between(unit, low, high);
        if attempt(search, unit, middle, edit) { low = middle } else { high = middle }
    }
}

/// Puts an amount, as it stands in a document, into a candidate.
pub(super) type SetAmount<'a> = dyn Fn(&mut Document, &str) -> Result<(), ScenarioError> + 'a;

fn attempt(search: &mut Search<'_>, unit: Unit, amount: u64, edit: &SetAmount<'_>) -> bool {
    search.attempt_with(|candidate| edit(candidate, &unit.text(amount)))
}

/// Returns a round amount in the middle, strictly between.
fn between(unit: Unit, low: u64, high: u64) -> u64 {
    let middle = low + (high - low) / 2;
    let round = unit.round(middle);
    if round > low { round } else { middle }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_and_print() {
        for (text, amount, unit) in [
            ("12", 12, Unit::Count),
            ("1500us", 1_500_000, Unit::Span),
            ("5%", 50_000_000, Unit::Share),
            ("64B", 64, Unit::Size),
        ] {
            assert_eq!(Quantity::parse(text), Some(Quantity { amount, unit }));
            assert_eq!(unit.text(amount), text);
        }
        for text in ["500/s", "full_mesh", "", "1Gbps", "-3"] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_middle_is_round_and_lies_between() {
        assert_eq!(between(Unit::Span, 0, 2_469_000_000), 1_200_000_000);
        assert_eq!(
            between(Unit::Span, 1_230_000_000, 1_250_000_000),
            1_240_000_000,
            "no round one lies there"
        );
        assert_eq!(between(Unit::Count, 122, 124), 123);
        assert!(Unit::Count.are_near(3, 4) && !Unit::Count.are_near(3, 5));
        assert!(Unit::Span.are_near(90, 100) && !Unit::Span.are_near(80, 100));
    }
}
