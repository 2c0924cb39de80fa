//! Money that moves from one party to another.

use crate::{Amount, Bidder, Overflow};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who can pay and be paid.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// Who sells.
    Seller,
    /// Where deposits lie until it is known whose they are.
    Escrow,
    /// Who bids.
    Bidder(Bidder),
}

/// One movement of money. It takes from one party what it gives to another, so that no set of transfers makes or
/// loses money.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Who pays.
    pub from: Party,
    /// Who is paid.
    pub to: Party,
    /// How much, in minor units.
    pub amount: Amount,
}

/// Returns by how much each party's balance changes, in minor units. The sum of all is zero.
///
/// # Errors
/// If some party's change is beyond ±2⁶⁰.
pub fn balances(transfers: &[Transfer]) -> Result<BTreeMap<Party, Amount>, Overflow> {
    let mut wide = BTreeMap::<Party, i128>::new();
    for transfer in transfers {
        *wide.entry(transfer.from).or_default() -= transfer.amount.wide();
        *wide.entry(transfer.to).or_default() += transfer.amount.wide();
    }
    assert_eq!(wide.values().sum::<i128>(), 0, "transfers make no money");
    wide.into_iter().map(|(party, change)| Ok((party, Amount::of_wide(change)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_pays_another_gets() {
        let [a, b] = [1, 2].map(|bidder| Party::Bidder(Bidder(bidder)));
        let pay = |from, to, units| Transfer { from, to, amount: Amount::new(units).unwrap() };
        let net = balances(&[pay(a, Party::Escrow, 5), pay(Party::Escrow, b, 5), pay(b, a, 2)]).unwrap();
        let units: Vec<_> = net.into_iter().map(|(party, amount)| (party, amount.units())).collect();
        assert_eq!(units, [(Party::Escrow, 0), (a, -3), (b, 3)]);
        let most = Amount::MAX.units();
        assert_eq!(balances(&[pay(a, b, most), pay(a, b, most)]), Err(Overflow));
    }
}
