//! All properties of a mechanism, by exhaustion.

use super::finding::{Finding, Witness};
use super::grid::{Grid, SheetError};
use super::{Decided, Mechanism};
use std::fmt::{self, Debug};

/// What holds of a mechanism on a grid of types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet<T> {
    /// No agent gains by a lie: one case for each profile, agent and report.
    pub strategy_proof: Finding<T>,
    /// No two agents both gain by lying together; the amount is the lesser gain.
    pub pair_proof: Finding<T>,
    /// No two agents gain in sum by lying together.
    pub ring_proof: Finding<T>,
    /// No honest agent has a negative utility.
    pub individually_rational: Finding<T>,
    /// Among honest agents the decision has the greatest welfare.
    pub efficient: Finding<T>,
    /// Honest agents pay at least as much in sum as they get.
    pub without_deficit: Finding<T>,
    /// Honest agents pay in sum as much as they get.
    pub balanced: Finding<T>,
}

/// What the mechanism does for every profile on the grid.
struct Tried<'a, M: Mechanism> {
    mechanism: &'a M,
    grid: Grid<'a, M::Type>,
    decided: Vec<Decided<M::Decision>>,
}

/// Returns what holds of a mechanism when each agent may be, and say that it is, any of its `types`.
///
/// # Errors
/// If there are no types for some agent, more than 10⁶ profiles, or the mechanism decides nothing for some reports.
pub fn sheet<M: Mechanism>(mechanism: &M, types: &[Vec<M::Type>]) -> Result<Sheet<M::Type>, SheetError> {
    let grid = Grid::new(mechanism.agents(), types)?;
    let decided = (0..grid.profiles())
        .map(|number| decide(mechanism, &grid.profile(number)))
        .collect::<Result<_, _>>()?;
    let tried = Tried { mechanism, grid, decided };
    let (pair_proof, ring_proof) = tried.pairs();
    let (without_deficit, balanced) = tried.budget();
    Ok(Sheet {
        strategy_proof: tried.lies(),
        pair_proof,
        ring_proof,
        individually_rational: tried.losses(),
        efficient: tried.shortfalls(),
        without_deficit,
        balanced,
    })
}

/// Decides, and checks that each agent has a payment.
pub(super) fn decide<M: Mechanism>(
    mechanism: &M,
    reports: &[M::Type],
) -> Result<Decided<M::Decision>, SheetError> {
    let undecided = |why: String| SheetError::Undecided { reports: format!("{reports:?}"), why };
    let decided = mechanism.decide(reports).map_err(|error| undecided(error.to_string()))?;
    assert_eq!(decided.payments.len(), reports.len(), "each agent has a payment");
    Ok(decided)
}

impl<M: Mechanism> Tried<'_, M> {
    /// The utility of an agent in a profile when what is decided is that of another profile.
    fn utility(&self, profile: usize, said: usize, agent: usize) -> i128 {
        let own = &self.grid.of(agent)[self.grid.place(profile, agent)];
        let decided = &self.decided[said];
        self.mechanism.value(agent, own, &decided.decision).wide() - decided.payments[agent].wide()
    }

    fn gain(&self, profile: usize, said: usize, agent: usize) -> i128 {
        self.utility(profile, said, agent) - self.utility(profile, profile, agent)
    }

    fn witness(&self, profile: usize, said: usize, agents: &[usize], amount: i128) -> Witness<M::Type> {
        let all = self.grid.profile(said);
        let reports = agents.iter().map(|&agent| all[agent].clone()).collect();
        Witness { types: self.grid.profile(profile), agents: agents.to_vec(), reports, amount }
    }

    /// The witness of a failure among honest agents.
    fn honest(&self, profile: usize, agents: &[usize], amount: i128) -> Witness<M::Type> {
        Witness { reports: Vec::new(), ..self.witness(profile, profile, agents, amount) }
    }

    fn lies(&self) -> Finding<M::Type> {
        let mut finding = Finding::new();
        for profile in 0..self.grid.profiles() {
            for agent in 0..self.grid.agents() {
                for place in 0..self.grid.of(agent).len() {
                    let said = self.grid.with(profile, agent, place);
                    let gain = self.gain(profile, said, agent);
                    finding.note(gain, || self.witness(profile, said, &[agent], gain));
                }
            }
        }
        finding
    }

    fn pairs(&self) -> (Finding<M::Type>, Finding<M::Type>) {
        let (mut both, mut sum) = (Finding::new(), Finding::new());
        for profile in 0..self.grid.profiles() {
            for second in 0..self.grid.agents() {
                for first in 0..second {
                    for (one, other) in self.reports_of(first, second) {
                        let said = self.grid.with(self.grid.with(profile, first, one), second, other);
                        let gains = [first, second].map(|agent| self.gain(profile, said, agent));
                        let [least, total] = [gains[0].min(gains[1]), gains[0] + gains[1]];
                        both.note(least, || self.witness(profile, said, &[first, second], least));
                        sum.note(total, || self.witness(profile, said, &[first, second], total));
                    }
                }
            }
        }
        (both, sum)
    }

    fn reports_of(&self, first: usize, second: usize) -> impl Iterator<Item = (usize, usize)> {
        let [ones, others] = [first, second].map(|agent| self.grid.of(agent).len());
        (0..ones).flat_map(move |one| (0..others).map(move |other| (one, other)))
    }

    fn losses(&self) -> Finding<M::Type> {
        let mut finding = Finding::new();
        for profile in 0..self.grid.profiles() {
            for agent in 0..self.grid.agents() {
                let loss = -self.utility(profile, profile, agent);
                finding.note(loss, || self.honest(profile, &[agent], loss));
            }
        }
        finding
    }

    fn shortfalls(&self) -> Finding<M::Type> {
        let (mut finding, decisions) = (Finding::new(), self.mechanism.decisions());
        for profile in 0..self.grid.profiles() {
            let types = self.grid.profile(profile);
            let welfare = |decision: &M::Decision| -> i128 {
                let value = |(agent, own)| self.mechanism.value(agent, own, decision).wide();
                types.iter().enumerate().map(value).sum()
            };
            let reached = welfare(&self.decided[profile].decision);
            let best = decisions.iter().map(welfare).max().unwrap_or(reached);
            assert!(reached <= best, "what is decided is one of all decisions");
            finding.note(best - reached, || self.honest(profile, &[], best - reached));
        }
        finding
    }

    fn budget(&self) -> (Finding<M::Type>, Finding<M::Type>) {
        let (mut without_deficit, mut balanced) = (Finding::new(), Finding::new());
        for (profile, decided) in self.decided.iter().enumerate() {
            let paid: i128 = decided.payments.iter().map(|payment| payment.wide()).sum();
            without_deficit.note(-paid, || self.honest(profile, &[], -paid));
            balanced.note(paid.abs(), || self.honest(profile, &[], paid.abs()));
        }
        (without_deficit, balanced)
    }
}

impl<T> Sheet<T> {
    /// Returns each property by its name, in the order of a table.
    pub fn rows(&self) -> [(&'static str, &Finding<T>); 7] {
        [
            ("strategy-proof", &self.strategy_proof),
            ("pair-proof", &self.pair_proof),
            ("ring-proof", &self.ring_proof),
            ("individually rational", &self.individually_rational),
            ("efficient", &self.efficient),
            ("without deficit", &self.without_deficit),
            ("balanced", &self.balanced),
        ]
    }
}

impl<T: Debug> fmt::Display for Sheet<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows().iter().try_for_each(|(property, finding)| writeln!(out, "{property:<22} {finding}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::exchange::{k_double, mcafee, vcg_exchange};
    use super::super::{Bundles, Exchange, PostedPrice, SingleItem, Valuation};
    use super::*;
    use crate::auction::{PriceRule, Weights};
    use crate::{Amount, Bidder};

    fn amount(units: i64) -> Amount {
        Amount::new(units).unwrap()
    }

    /// The same types for all agents: from 0 on, in steps.
    fn amounts(agents: usize, most: i64, step: usize) -> Vec<Vec<Amount>> {
        vec![(0..=most).step_by(step).map(amount).collect(); agents]
    }

    /// Which properties hold, in the order of the table.
    fn holds<T>(sheet: &Sheet<T>) -> [bool; 7] {
        sheet.rows().map(|(_, finding)| finding.holds())
    }

    fn of_item(rule: PriceRule, reserve: i64) -> Sheet<Amount> {
        sheet(&SingleItem::new(3, rule, amount(reserve)), &amounts(3, 10, 1)).unwrap()
    }

    #[test]
    fn second_price_is_strategy_proof_and_first_price_is_not() {
        let second = of_item(PriceRule::Second, 0);
        assert_eq!(second.strategy_proof, Finding { worst: None, evaluations: 43_923 });
        // Two bidders gain in sum: the second highest hides, and the highest could share what it saves.
        assert_eq!(holds(&second), [true, true, false, true, true, true, false]);
        assert_eq!(second.ring_proof.amount(), 10);

        let first = of_item(PriceRule::First, 0);
        let types = [10, 0, 0].map(amount).to_vec();
        let witness = Witness { types, agents: vec![0], reports: vec![amount(1)], amount: 9 };
        assert_eq!(first.strategy_proof, Finding { worst: Some(witness), evaluations: 43_923 });
        // Only one of two can win, so that never both gain.
        assert_eq!(holds(&first), [false, true, false, true, true, true, false]);
    }

    #[test]
    fn a_reserve_above_one_unit_costs_efficiency_and_nothing_else() {
        assert_eq!(holds(&of_item(PriceRule::Second, 1)), [true, true, false, true, true, true, false]);
        let reserve = of_item(PriceRule::Second, 4);
        assert_eq!(holds(&reserve), [true, true, false, true, false, true, false]);
        // At worst an item worth 3 stays with its seller.
        assert_eq!(reserve.efficient.amount(), 3);
    }

    #[test]
    fn weights_cost_efficiency_but_not_truth() {
        let weights = Weights::new([(Bidder(0), 1_500_000), (Bidder(2), 500_000)]).unwrap();
        let weighted = of_item(PriceRule::Weighted(weights), 0);
        assert_eq!(holds(&weighted), [true, true, false, true, false, true, false]);
    }

    #[test]
    fn a_posted_price_is_strategy_proof_and_not_efficient() {
        let posted = sheet(&PostedPrice { agents: 3, price: amount(5) }, &amounts(3, 10, 1)).unwrap();
        assert_eq!(holds(&posted), [true, true, false, true, false, true, false]);
    }

    #[test]
    fn vcg_is_strategy_proof_and_efficient_but_two_may_gain_together() {
        let of = |bundle: u64, units: &[i64]| -> Vec<Valuation> {
            units.iter().map(|&units| vec![(bundle, amount(units))]).collect()
        };
        let mechanism = Bundles { items: 2, agents: 3, steps_max: 1_000 };
        let types = [of(0b01, &[0, 4, 8, 10]), of(0b10, &[0, 4, 8, 10]), of(0b11, &[0, 6, 10, 12])];
        let vcg = sheet(&mechanism, &types).unwrap();
        assert_eq!(holds(&vcg), [true, false, false, true, true, true, false]);
        // Two locals worth 4 each overbid a global worth 10, and each pays nothing.
        let worst = vcg.pair_proof.worst.unwrap();
        assert_eq!((worst.agents, worst.amount), (vec![0, 1], 4));
        assert_eq!(
            worst.types,
            [0b01, 0b10, 0b11]
                .into_iter()
                .zip([4, 4, 10])
                .map(|(b, u)| vec![(b, amount(u))])
                .collect::<Vec<_>>()
        );
        // With several bids each, truth is still best.
        let xor =
            |a: i64, b: i64, both: i64| vec![(0b01, amount(a)), (0b10, amount(b)), (0b11, amount(both))];
        let valuations = vec![xor(0, 0, 0), xor(3, 3, 3), xor(4, 1, 9), xor(2, 5, 6), xor(0, 0, 8)];
        let vcg = sheet(&mechanism, &vec![valuations; 3]).unwrap();
        assert!(vcg.strategy_proof.holds() && vcg.efficient.holds() && vcg.individually_rational.holds());
    }

    #[test]
    fn a_double_auction_at_one_price_is_balanced_and_not_strategy_proof() {
        let rule = k_double(500_000);
        let double = sheet(&Exchange { buyers: 2, sellers: 2, rule }, &amounts(4, 8, 2)).unwrap();
        assert_eq!(holds(&double), [false, false, false, true, true, true, true]);
        assert_eq!(double.strategy_proof.evaluations, 625 * 4 * 5);
        let beyond = Exchange { buyers: 1, sellers: 1, rule: k_double(1_000_001) };
        assert!(matches!(sheet(&beyond, &amounts(2, 1, 1)), Err(SheetError::Undecided { .. })));
    }

    #[test]
    fn mcafee_is_strategy_proof_and_loses_a_trade() {
        for (buyers, sellers) in [(2, 2), (3, 2), (2, 3)] {
            let exchange = Exchange { buyers, sellers, rule: mcafee };
            let mcafee = sheet(&exchange, &amounts(buyers + sellers, 8, 2)).unwrap();
            let [strategy_proof, _, _, rational, efficient, without_deficit, balanced] = holds(&mcafee);
            assert!(strategy_proof && rational && without_deficit && !efficient && !balanced);
        }
    }

    #[test]
    fn a_vcg_exchange_is_strategy_proof_and_runs_a_deficit() {
        let exchange =
            sheet(&Exchange { buyers: 2, sellers: 2, rule: vcg_exchange }, &amounts(4, 8, 2)).unwrap();
        let [strategy_proof, _, _, rational, efficient, without_deficit, balanced] = holds(&exchange);
        assert!(strategy_proof && rational && efficient && !without_deficit && !balanced);
    }

    #[test]
    fn what_cannot_be_examined_is_an_error() {
        let item = SingleItem::new(3, PriceRule::First, amount(-1));
        let undecided = sheet(&item, &amounts(3, 1, 1)).unwrap_err();
        assert!(
            matches!(&undecided, SheetError::Undecided { why, .. } if why.contains("reserve is -1")),
            "{undecided}"
        );
        let item = SingleItem::new(2, PriceRule::First, amount(0));
        assert_eq!(sheet(&item, &amounts(3, 1, 1)).unwrap_err(), SheetError::Agents { agents: 2, types: 3 });
        let bundles = Bundles { items: 1, agents: 2, steps_max: 0 };
        let none = sheet(&bundles, &vec![vec![vec![(1, amount(5))]]; 2]).unwrap_err();
        assert!(none.to_string().contains("not proven"), "{none}");
    }

    #[test]
    fn a_sheet_is_a_table_to_be_read() {
        let table = of_item(PriceRule::First, 0).to_string();
        let first = table.lines().next().unwrap();
        assert!(
            first.starts_with("strategy-proof         fails in 43923 cases, at worst by 9: agents [0]"),
            "{first}"
        );
        assert_eq!(table.lines().count(), 7);
    }
}
