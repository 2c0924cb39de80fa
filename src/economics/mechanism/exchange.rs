//! Markets in which each agent buys or sells one unit, as mechanisms.
//!
//! Sources: K. Chatterjee and W. Samuelson, *Bargaining under incomplete information* (1983), for prices between bid and ask; R. P. McAfee,
//! *A dominant strategy double auction* (1992).

use super::{Decided, Mechanism};
use crate::{Amount, Overflow};
use std::cmp::Reverse;
use std::error::Error;
use std::fmt;

/// Who trades, and at which prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trades {
    /// Which buyers buy.
    pub buyers: Vec<usize>,
    /// Which sellers sell, as many as buyers buy.
    pub sellers: Vec<usize>,
    /// What each buyer pays, in minor units.
    pub pays: Amount,
    /// What each seller gets, in minor units.
    pub gets: Amount,
}

/// A market of one unit each. Its first agents are buyers, whose type is what the unit is worth to them; the others are sellers, whose
/// type is what it costs them, both in minor units.
#[derive(Copy, Clone, Debug)]
pub struct Exchange<R> {
    /// How many buyers there are.
    pub buyers: usize,
    /// How many sellers there are.
    pub sellers: usize,
    /// Who trades at which prices, by bids and asks.
    pub rule: R,
}

impl<R: Fn(&[Amount], &[Amount]) -> Result<Trades, Overflow>> Mechanism for Exchange<R> {
    type Type = Amount;
    /// Who trades, buyers first.
    type Decision = Vec<bool>;

    fn agents(&self) -> usize {
        self.buyers + self.sellers
    }

    fn decide(&self, reports: &[Amount]) -> Result<Decided<Vec<bool>>, Box<dyn Error>> {
        let (bids, asks) = reports.split_at(self.buyers);
        let trades = (self.rule)(bids, asks)?;
        assert_eq!(trades.buyers.len(), trades.sellers.len(), "what one buys another sells");
        let (mut decision, mut payments) = (vec![false; reports.len()], vec![Amount::ZERO; reports.len()]);
        for &buyer in &trades.buyers {
            (decision[buyer], payments[buyer]) = (true, trades.pays);
        }
        for seller in trades.sellers.iter().map(|seller| self.buyers + seller) {
            (decision[seller], payments[seller]) = (true, Amount::ZERO.minus(trades.gets)?);
        }
        Ok(Decided { decision, payments })
    }

    fn value(&self, agent: usize, own: &Amount, decision: &Vec<bool>) -> Amount {
        match (decision[agent], agent < self.buyers) {
            (false, _) => Amount::ZERO,
            (true, true) => *own,
            (true, false) => Amount::ZERO.minus(*own).expect("amounts have a range that is symmetric"),
        }
    }

    fn decisions(&self) -> Vec<Vec<bool>> {
        let trades = |set: u64| (0..self.agents()).map(|agent| set >> agent & 1 == 1).collect::<Vec<bool>>();
        let count = |side: &[bool]| side.iter().filter(|trades| **trades).count();
        let matched =
            |decision: &Vec<bool>| count(&decision[..self.buyers]) == count(&decision[self.buyers..]);
        (0..1 << self.agents()).map(trades).filter(matched).collect()
    }
}

/// Bids from the highest and asks from the lowest, by place; of equal ones the first place comes first.
struct Crossed {
    buyers: Vec<usize>,
    sellers: Vec<usize>,
    /// How many bids are at least the ask of the same rank.
    volume: usize,
}

fn cross(bids: &[Amount], asks: &[Amount]) -> Crossed {
    let (mut buyers, mut sellers): (Vec<usize>, Vec<usize>) =
        ((0..bids.len()).collect(), (0..asks.len()).collect());
    buyers.sort_by_key(|&buyer| Reverse(bids[buyer]));
    sellers.sort_by_key(|&seller| asks[seller]);
    let volume =
        buyers.iter().zip(&sellers).take_while(|&(&buyer, &seller)| bids[buyer] >= asks[seller]).count();
    Crossed { buyers, sellers, volume }
}

impl Crossed {
    fn trade(self, volume: usize, pays: Amount, gets: Amount) -> Trades {
        let (buyers, sellers) = (self.buyers[..volume].to_vec(), self.sellers[..volume].to_vec());
        Trades { buyers, sellers, pays, gets }
    }
}

/// How far between ask and bid a price lies.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Share {
    numerator: u32,
    denominator: u32,
}

/// That a share is not between 0 and 1.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct NoShare {
    /// What was given.
    pub numerator: u32,
    /// And below the line.
    pub denominator: u32,
}

impl Share {
    /// Returns the share `numerator` ÷ `denominator`.
    ///
    /// # Errors
    /// If it is not between 0 and 1.
    pub fn new(numerator: u32, denominator: u32) -> Result<Share, NoShare> {
        if denominator == 0 || numerator > denominator {
            return Err(NoShare { numerator, denominator });
        }
        Ok(Share { numerator, denominator })
    }
}

impl fmt::Display for NoShare {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the share is {}/{}: it has to lie between 0 and 1", self.numerator, self.denominator)
    }
}

impl Error for NoShare {}

/// Returns the rule by which all profitable pairs trade at one price, a share of the way from the last ask to the last bid, rounded down.
pub fn k_double(k: Share) -> impl Fn(&[Amount], &[Amount]) -> Result<Trades, Overflow> {
    move |bids, asks| {
        let crossed = cross(bids, asks);
        let Some(last) = crossed.volume.checked_sub(1) else {
            return Ok(crossed.trade(0, Amount::ZERO, Amount::ZERO));
        };
        let (bid, ask) = (bids[crossed.buyers[last]].wide(), asks[crossed.sellers[last]].wide());
        let price = Amount::of_wide(ask + (bid - ask) * i128::from(k.numerator) / i128::from(k.denominator))?;
        let volume = crossed.volume;
        Ok(crossed.trade(volume, price, price))
    }
}

/// McAfee's rule: the price between the first pair that does not trade, if the last pair that could trade accepts it; else that
/// pair does not trade, and sets the prices.
///
/// # Errors
/// Never: prices lie among bids and asks.
pub fn mcafee(bids: &[Amount], asks: &[Amount]) -> Result<Trades, Overflow> {
    let crossed = cross(bids, asks);
    let volume = crossed.volume;
    let Some(last) = volume.checked_sub(1) else {
        return Ok(crossed.trade(0, Amount::ZERO, Amount::ZERO));
    };
    let (bid, ask) = (bids[crossed.buyers[last]], asks[crossed.sellers[last]]);
    if let (Some(&buyer), Some(&seller)) = (crossed.buyers.get(volume), crossed.sellers.get(volume)) {
        let twice = bids[buyer].wide() + asks[seller].wide();
        if 2 * ask.wide() <= twice && twice <= 2 * bid.wide() {
            let price = Amount::of_wide(twice.div_euclid(2))?;
            return Ok(crossed.trade(volume, price, price));
        }
    }
    Ok(crossed.trade(last, bid, ask))
}

/// VCG: all profitable pairs trade; each agent pays what its presence costs the others, which may be less than others get.
///
/// # Errors
/// Never: prices lie among bids and asks.
pub fn vcg_exchange(bids: &[Amount], asks: &[Amount]) -> Result<Trades, Overflow> {
    let crossed = cross(bids, asks);
    let volume = crossed.volume;
    let Some(last) = volume.checked_sub(1) else {
        return Ok(crossed.trade(0, Amount::ZERO, Amount::ZERO));
    };
    let (bid, ask) = (bids[crossed.buyers[last]], asks[crossed.sellers[last]]);
    let pays = crossed.buyers.get(volume).map_or(ask, |&buyer| bids[buyer].max(ask));
    let gets = crossed.sellers.get(volume).map_or(bid, |&seller| asks[seller].min(bid));
    Ok(crossed.trade(volume, pays, gets))
}
