//! Bids as the search sees them.

use super::Problem;

/// A bid that may be accepted.
#[derive(Copy, Clone)]
pub(super) struct Choice {
    /// Its number.
    pub(super) bid: usize,
    /// The place of its bidder.
    pub(super) group: usize,
    pub(super) bundle: u64,
    pub(super) amount: i64,
}

impl Choice {
    /// All bids of a problem, in the order of their numbers.
    pub(super) fn all(problem: &Problem) -> Vec<Choice> {
        let groups = problem.groups().iter().enumerate();
        let numbered = groups.flat_map(|(group, bids)| bids.clone().map(move |bid| (group, bid)));
        let choice = |(group, bid): (usize, usize)| {
            let bid_on = &problem.bids()[bid];
            Choice { bid, group, bundle: bid_on.bundle, amount: bid_on.amount.units() }
        };
        numbered.map(choice).collect()
    }

    /// Whether both can be accepted.
    pub(super) fn allows(&self, other: &Choice) -> bool {
        self.group != other.group && self.bundle & other.bundle == 0
    }

    /// Its items.
    pub(super) fn items(&self) -> impl Iterator<Item = usize> + use<> {
        let mut bundle = self.bundle;
        std::iter::from_fn(move || {
            let item = (bundle != 0).then(|| bundle.trailing_zeros() as usize)?;
            bundle &= bundle - 1;
            Some(item)
        })
    }
}

/// The choices of each bidder.
pub(super) fn by_bidder(choices: &[Choice]) -> impl Iterator<Item = &[Choice]> {
    choices.chunk_by(|one, other| one.group == other.group)
}
