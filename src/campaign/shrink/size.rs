//! Less to do, and less time for it.

use super::quantity::{self, Quantity, Unit};
use super::search::Search;
use super::{FailureSignature, faults};
use synod_harness::Path;
use synod_scenario::Document;
use synod_sim::{Ending, Time};

/// Lowers the numbers of the workload.
pub(super) fn less_work(search: &mut Search<'_>) {
    for path in search.document().scalars(&Path::of(["workload"])) {
        let Some(Quantity { amount, unit: Unit::Count }) = Quantity::at(search.document(), &path) else {
            continue;
        };
        // The largest number there is means no limit, which is the simplest of all.
        if amount > 1 && amount < u64::MAX {
            let put = |document: &mut Document, text: &str| document.put(&path, text);
            quantity::lower(search, Unit::Count, 1, amount, &put);
        }
    }
}

/// Ends the run as soon as what fails has failed.
pub(super) fn nearer_horizon(search: &mut Search<'_>) {
    // Whoever has less time until the horizon misses more there: that would be another failure.
    let ends_there = search.outcome().end.ending == Ending::Horizon;
    if ends_there && matches!(search.target(), FailureSignature::Expectation(_)) {
        return;
    }
    let path = Path::of(["horizon"]);
    let put = |document: &mut Document, text: &str| {
        document.put(&path, text)?;
        faults::clip(document, Quantity::parse(text).map_or(0, |horizon| horizon.amount));
        Ok(())
    };
    let end = search.outcome().end.at.since(Time::ZERO).as_nanos();
    // The next whole millisecond is as good, and shorter to read.
    let end = end.div_ceil(1_000_000) * 1_000_000;
    if Quantity::at(search.document(), &path).is_some_and(|horizon| end < horizon.amount) {
        search.attempt_with(|candidate| put(candidate, &Unit::Span.text(end)));
    }
    if let Some(Quantity { amount, unit }) = Quantity::at(search.document(), &path) {
        quantity::lower(search, unit, 1, amount, &put);
    }
}
