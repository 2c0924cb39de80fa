//! Whether it is worth taking part twice.
//!
//! Source: M. Yokoo, Y. Sakurai and S. Matsubara, *The effect of false-name bids in combinatorial auctions* (2004).

use super::Mechanism;
use super::finding::{Finding, Witness};
use super::grid::{Grid, SheetError, check};
use super::sheet::decide;

/// A mechanism in which an agent can take part under another name besides its own.
pub trait FalseNames: Mechanism + Sized {
    /// Returns the mechanism with one agent more, who comes last.
    #[must_use]
    fn with_another(&self) -> Self;

    /// Returns the decision, of the mechanism with one agent more, as it is if `owner` is also the last agent.
    fn united(&self, decision: &Self::Decision, owner: usize) -> Self::Decision;
}

/// The greatest number of cases.
pub const CASES_MAX: u128 = 10_000_000;

/// Returns whether no agent gains by taking part under two names, each of which says one of the agent's `types`, over
/// telling the truth under one.
///
/// # Errors
/// As of [`sheet`](super::sheet()), or if there are more than 10⁷ cases.
pub fn false_names<M: FalseNames>(
    mechanism: &M,
    types: &[Vec<M::Type>],
) -> Result<Finding<M::Type>, SheetError> {
    let grid = Grid::new(mechanism.agents(), types)?;
    let lies: u128 = types.iter().map(|own| (own.len() as u128).pow(2)).sum();
    check(lies * grid.profiles() as u128, CASES_MAX)?;
    let (another, mut finding) = (mechanism.with_another(), Finding::new());
    for number in 0..grid.profiles() {
        let profile = grid.profile(number);
        let honest = decide(mechanism, &profile)?;
        for (agent, own) in profile.iter().enumerate() {
            let truth = mechanism.value(agent, own, &honest.decision).wide() - honest.payments[agent].wide();
            for first in grid.of(agent) {
                for second in grid.of(agent) {
                    let mut reports = profile.clone();
                    reports[agent] = first.clone();
                    reports.push(second.clone());
                    let decided = decide(&another, &reports)?;
                    let value =
                        mechanism.value(agent, own, &mechanism.united(&decided.decision, agent)).wide();
                    let paid = decided.payments[agent].wide() + decided.payments[profile.len()].wide();
                    let gain = value - paid - truth;
                    finding.note(gain, || Witness {
                        types: profile.clone(),
                        agents: vec![agent],
                        reports: vec![first.clone(), second.clone()],
                        amount: gain,
                    });
                }
            }
        }
    }
    Ok(finding)
}

#[cfg(test)]
mod tests {
    use super::super::{Bundles, PostedPrice, SingleItem, Valuation};
    use super::*;
    use crate::auction::{PriceRule, Weights};
    use crate::{Amount, Bidder};

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    fn of_item(rule: PriceRule) -> Finding<Amount> {
        let types = vec![(0..=6).map(amount).collect(); 3];
        false_names(&SingleItem::new(3, rule, amount(2)), &types).unwrap()
    }

    #[test]
    fn a_second_name_gains_nothing_at_a_second_price() {
        let second = of_item(PriceRule::Second);
        assert_eq!(second, Finding { worst: None, evaluations: 7_u64.pow(3) * 3 * 49 });
        let posted = PostedPrice { agents: 3, price: amount(3) };
        assert!(false_names(&posted, &vec![(0..=6).map(amount).collect(); 3]).unwrap().holds());
        assert!(!of_item(PriceRule::First).holds());
    }

    #[test]
    fn a_new_name_with_a_better_reputation_gains() {
        let bad = |ppm| PriceRule::Weighted(Weights::new([(Bidder(0), ppm)]).unwrap());
        assert!(!of_item(bad(500_000)).holds());
        assert!(of_item(bad(1_500_000)).holds());
    }

    #[test]
    fn a_second_name_gains_in_vcg() {
        let valuation = |bundle: u64, units: i64| -> Valuation { vec![(bundle, amount(units))] };
        let split = vec![valuation(0b11, 12), valuation(0b01, 10), valuation(0b10, 10)];
        let rival = vec![valuation(0b11, 10)];
        let finding =
            false_names(&Bundles { items: 2, agents: 2, steps_max: 1_000 }, &[split, rival]).unwrap();
        let worst = finding.worst.unwrap();
        // Under its own name the agent pays 10 for what is worth 12; under two names nothing.
        assert_eq!((worst.amount, worst.types[0].clone()), (10, valuation(0b11, 12)));
        assert_eq!(worst.reports, [valuation(0b01, 10), valuation(0b10, 10)]);
    }

    #[test]
    fn too_many_cases_are_an_error() {
        let types = vec![(0..100).map(amount).collect(); 3];
        let item = SingleItem::new(3, PriceRule::Second, amount(0));
        let found = 3 * 100 * 100 * 1_000_000;
        assert_eq!(false_names(&item, &types), Err(SheetError::TooMany { found, most: CASES_MAX }));
    }
}
