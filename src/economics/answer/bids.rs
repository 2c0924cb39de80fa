//! The winners among bids in a file.

use super::{AnswerError, Options};
use crate::auction::{Outcome, PriceRule, Roster, SealedAuction, Unsold};
use crate::combinatorial::{Problem, greedy, solve, vcg};
use crate::file::{Bids, Cats};
use crate::{Amount, Bidder};

/// Who wins one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedAnswer {
    /// How many digits of an amount stand behind its point.
    pub decimals: u32,
    /// How many bidders there are.
    pub bidders: usize,
    /// True if the winner pays its own bid.
    pub first_price: bool,
    /// The least bid that counts, in minor units.
    pub reserve: Amount,
    /// The winner and what it pays, in minor units.
    pub sold: Option<(String, Amount)>,
    /// True if the item stays with the seller for want of a bid that reaches the reserve.
    pub below_reserve: bool,
    /// Bids that do not count: their place in the table, from 1, and why.
    pub refused: Vec<(usize, String)>,
}

/// Who wins which items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleAnswer {
    /// How many digits of an amount stand behind its point.
    pub decimals: u32,
    /// How many items there are.
    pub items: u32,
    /// How many bids there are.
    pub bids: usize,
    /// True if it is the greedy allocation, and not the best.
    pub greedy: bool,
    /// The sum of the accepted bids, in minor units.
    pub welfare: Amount,
    /// No other bids have a greater sum than this, in minor units; none is known of a greedy allocation.
    pub bound: Option<Amount>,
    /// True if no other bids have a greater sum, and every payment is known. Of a greedy allocation it says nothing.
    pub proven: bool,
    /// The accepted bids, in their order.
    pub winners: Vec<BundleWinner>,
    /// What the seller gets, in minor units, if payments are known.
    pub revenue: Option<Amount>,
    /// Nodes of search trees, and cells of tables.
    pub work: (u64, u64),
}

/// An accepted bid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleWinner {
    /// Who bids.
    pub bidder: String,
    /// The names of the items.
    pub items: Vec<String>,
    /// What was bid, in minor units.
    pub bid: Amount,
    /// What is paid, in minor units; none if the allocation is not proven to be best.
    pub payment: Option<Amount>,
}

/// Names of what a file numbers.
struct Names<'a> {
    bidder: &'a dyn Fn(Bidder) -> String,
    item: &'a dyn Fn(u32) -> String,
}

/// Returns who wins among sealed bids on one item; ties go to who comes first in the table.
pub(super) fn sealed(table: &Bids, options: &Options) -> Result<SealedAnswer, AnswerError> {
    let rule = if options.first_price { PriceRule::First } else { PriceRule::Second };
    let auction = SealedAuction { rule, reserve: options.reserve };
    let roster = Roster::new((0..table.bidders.len()).map(|place| Bidder(place as u32)))?;
    let result = auction.decide(&roster, &table.sealed())?;
    let sold = match result.outcome {
        Outcome::Sold { winner, price } => Some((table.bidders[winner.0 as usize].clone(), price)),
        Outcome::Unsold(_) => None,
    };
    Ok(SealedAnswer {
        decimals: options.decimals,
        bidders: table.bidders.len(),
        first_price: options.first_price,
        reserve: options.reserve,
        sold,
        below_reserve: result.outcome == Outcome::Unsold(Unsold::ReserveNotMet),
        refused: result.refused.iter().map(|(place, why)| (place + 1, why.to_string())).collect(),
    })
}

/// Returns who wins among bids on bundles of a table.
pub(super) fn of_table(table: &Bids, options: &Options) -> Result<BundleAnswer, AnswerError> {
    let bidder = |bidder: Bidder| table.bidders[bidder.0 as usize].clone();
    let item = |item: u32| table.items[item as usize].clone();
    allocated(&table.problem()?, &Names { bidder: &bidder, item: &item }, options)
}

/// Returns who wins among bids of CATS.
pub(super) fn of_cats(file: &Cats, options: &Options) -> Result<BundleAnswer, AnswerError> {
    let names = Names { bidder: &|bidder| bidder.0.to_string(), item: &|item| item.to_string() };
    // Micro-units.
    let options = Options { decimals: 6, ..options.clone() };
    allocated(&file.problem()?, &names, &options)
}

fn allocated(problem: &Problem, names: &Names<'_>, options: &Options) -> Result<BundleAnswer, AnswerError> {
    let items = |bundle: u64| (0..problem.items()).filter(move |item| bundle >> item & 1 == 1);
    let winner = |bid: usize, payment: Option<Amount>| {
        let found = &problem.bids()[bid];
        BundleWinner {
            bidder: (names.bidder)(found.bidder),
            items: items(found.bundle).map(names.item).collect(),
            bid: found.amount,
            payment,
        }
    };
    let answer = |welfare, bound, proven, winners, revenue, work| BundleAnswer {
        decimals: options.decimals,
        items: problem.items(),
        bids: problem.bids().len(),
        greedy: options.greedy,
        welfare,
        bound,
        proven,
        winners,
        revenue,
        work,
    };
    if options.greedy {
        let found = greedy(problem);
        let paid = found.accepted.iter().zip(&found.payments);
        let winners = paid.map(|(bid, (_, payment))| winner(*bid, Some(*payment))).collect();
        let revenue = Amount::sum(found.payments.iter().map(|(_, payment)| *payment))?;
        return Ok(answer(found.welfare, None, true, winners, Some(revenue), (0, 0)));
    }
    match vcg(problem, options.steps) {
        Ok(found) => {
            let winners = found.winners.iter().map(|one| winner(one.bid, Some(one.payment))).collect();
            let work = (found.work.branch_nodes, found.work.table_cells);
            let (revenue, solution) = (found.revenue(), &found.solution);
            Ok(answer(solution.welfare, Some(solution.bound), true, winners, Some(revenue), work))
        }
        Err(_) => {
            let found = solve(problem, options.steps);
            let winners = found.accepted.iter().map(|bid| winner(*bid, None)).collect();
            let work = (found.work.branch_nodes, found.work.table_cells);
            Ok(answer(found.welfare, Some(found.bound), false, winners, None, work))
        }
    }
}
