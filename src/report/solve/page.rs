//! The page.

use super::money;
use crate::format::plural;
use crate::human::{FAINT, GOOD, STRONG, WARN, cut, grouped};
use std::fmt::{self, Write};
use synod_economics::answer::{
    Answer, BundleAnswer, EquilibriumAnswer, GameAnswer, GoodAnswer, LotPrices, MarketAnswer, SealedAnswer,
};
use synod_economics::clearing::Side;

/// How many bids, fills and equilibria a page lists.
const LISTED: usize = 50;

/// Returns the page of what the file `name` comes to.
///
/// # Panics
/// Never: writing to a string cannot fail.
pub fn answer_page(name: &str, answer: &Answer) -> String {
    let mut out = String::new();
    let written = match answer {
        Answer::Game(game) => write_game(&mut out, name, game),
        Answer::Sealed(sealed) => write_sealed(&mut out, name, sealed),
        Answer::Bundles(bundles) => write_bundles(&mut out, name, bundles),
        Answer::Market(market) => write_market(&mut out, name, market),
    };
    written.expect("a string takes everything");
    out
}

fn write_game(out: &mut String, name: &str, game: &GameAnswer) -> fmt::Result {
    let title = if game.title.is_empty() { name } else { &game.title };
    let sizes: Vec<String> = game.strategies.iter().map(|own| own.len().to_string()).collect();
    writeln!(
        out,
        "{STRONG}{}{STRONG:#}  a game of {}, {} strategies",
        cut(title, 40),
        plural(game.players.len() as u64, "player"),
        sizes.join(" × ")
    )?;
    let what = if game.of_two { "equilibrium" } else { "pure equilibrium" };
    let found = match game.equilibria.len() {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        more => format!("{} {}", grouped(more as u64), what.replace("equilibrium", "equilibria")),
    };
    let (style, extent) = match game {
        GameAnswer { complete: true, .. } => (GOOD, "these are all"),
        GameAnswer { degenerate: true, .. } => {
            (WARN, "degenerate: these are the extreme ones, and there may be infinitely many between them")
        }
        _ => (WARN, "there may be others in which players draw lots"),
    };
    writeln!(out, "{found}; {style}{extent}{style:#}")?;
    for (number, equilibrium) in game.equilibria.iter().enumerate().take(LISTED) {
        write_equilibrium(out, game, number + 1, equilibrium)?;
    }
    rest(out, game.equilibria.len())
}

fn write_equilibrium(
    out: &mut String,
    game: &GameAnswer,
    number: usize,
    equilibrium: &EquilibriumAnswer,
) -> fmt::Result {
    writeln!(out, "\n{FAINT}{number}{FAINT:#}")?;
    for player in 0..game.players.len() {
        let plays = equilibrium.plays(player);
        let named = |(strategy, share): &(usize, _)| {
            let name = &game.strategies[player][*strategy];
            if plays.len() == 1 { name.clone() } else { format!("{name} {share}") }
        };
        let plays: Vec<String> = plays.iter().map(named).collect();
        let text = format!("{}: {}", game.players[player], plays.join(", "));
        writeln!(out, "  {:58} earns {}", cut(&text, 24), equilibrium.payoffs[player])?;
    }
    Ok(())
}

fn write_sealed(out: &mut String, name: &str, sealed: &SealedAnswer) -> fmt::Result {
    let rule = if sealed.first_price { "first price" } else { "second price" };
    writeln!(
        out,
        "{STRONG}{}{STRONG:#}  sealed bids of {}, {rule}, reserve {}",
        cut(name, 50),
        plural(sealed.bidders as u64, "bidder"),
        money(sealed.reserve, sealed.decimals)
    )?;
    match &sealed.sold {
        Some((winner, price)) => {
            writeln!(out, "{GOOD}{winner}{GOOD:#} wins and pays {}", money(*price, sealed.decimals))?
        }
        None if sealed.below_reserve => writeln!(out, "{WARN}unsold{WARN:#}: no bid reaches the reserve")?,
        None => writeln!(out, "{WARN}unsold{WARN:#}: no bid counts")?,
    }
    for (row, why) in sealed.refused.iter().take(LISTED) {
        writeln!(out, "  row {row} does not count: {why}")?;
    }
    rest(out, sealed.refused.len())
}

fn write_bundles(out: &mut String, name: &str, bundles: &BundleAnswer) -> fmt::Result {
    writeln!(
        out,
        "{STRONG}{}{STRONG:#}  {} on {}",
        cut(name, 40),
        plural(bundles.bids as u64, "bid"),
        plural(bundles.items.into(), "item")
    )?;
    let of = |amount| money(amount, bundles.decimals);
    let welfare = of(bundles.welfare);
    match (bundles.greedy, bundles.proven) {
        (true, _) => writeln!(out, "greedy: welfare {welfare}, critical values paid")?,
        (false, true) => writeln!(out, "{GOOD}best{GOOD:#}: welfare {welfare}, proven; VCG payments")?,
        (false, false) => {
            let bound = bundles
                .bound
                .map_or_else(String::new, |bound| format!(", at most {} is possible", of(bound)));
            writeln!(out, "{WARN}not proven to be best{WARN:#}: welfare {welfare}{bound}; no payments")?;
        }
    }
    if let Some(revenue) = bundles.revenue {
        writeln!(out, "the seller gets {}", of(revenue))?;
    }
    if !bundles.winners.is_empty() {
        writeln!(out, "\n{FAINT}{:>14} {:>14}  {:16}  items{FAINT:#}", "bid", "pays", "bidder")?;
    }
    for winner in bundles.winners.iter().take(LISTED) {
        let pays = winner.payment.map_or_else(|| "-".to_owned(), of);
        let line = format!(
            "{:>14} {pays:>14}  {:16}  {}",
            of(winner.bid),
            cut(&winner.bidder, 84),
            winner.items.join(" ")
        );
        writeln!(out, "{}", cut(&line, 0))?;
    }
    rest(out, bundles.winners.len())?;
    let (nodes, cells) = bundles.work;
    if nodes + cells > 0 {
        writeln!(
            out,
            "\n{FAINT}{} nodes searched, {} cells filled{FAINT:#}",
            grouped(nodes),
            grouped(cells)
        )?;
    }
    Ok(())
}

fn write_market(out: &mut String, name: &str, market: &MarketAnswer) -> fmt::Result {
    let goods = plural(market.goods.len() as u64, "good");
    writeln!(out, "{STRONG}{}{STRONG:#}  orders for {goods}", cut(name, 40))?;
    market.goods.iter().try_for_each(|good| write_good(out, market.decimals, good))
}

fn write_good(out: &mut String, decimals: u32, good: &GoodAnswer) -> fmt::Result {
    let of = |amount| money(amount, decimals);
    let name = if good.good.is_empty() { "all" } else { &good.good };
    writeln!(out, "\n{STRONG}{}{STRONG:#}  {}", cut(name, 40), plural(good.orders as u64, "order"))?;
    match good.prices {
        None => writeln!(out, "{WARN}no trade{WARN:#}, so that there is no price")?,
        Some(LotPrices::Uniform { price, low, high }) => {
            let lots = plural(good.volume, "lot");
            writeln!(
                out,
                "{GOOD}{lots} at {}{GOOD:#}; any price from {} to {} clears",
                of(price),
                of(low),
                of(high)
            )?;
        }
        Some(LotPrices::Apart { buyers, sellers }) => {
            let trades = plural(good.volume, "trade");
            let kept = of(good.kept);
            writeln!(
                out,
                "{GOOD}{trades}{GOOD:#}: buyers pay {}, sellers get {}, the market keeps {kept}",
                of(buyers),
                of(sellers)
            )?;
        }
    }
    if let Some((buyers, sellers)) = good.surplus {
        writeln!(out, "surplus: buyers {}, sellers {}", of(buyers), of(sellers))?;
    }
    for fill in good.fills.iter().take(LISTED) {
        let side = match fill.side {
            Side::Bid => "buys",
            Side::Ask => "sells",
        };
        writeln!(out, "  order {} {side} {} for {}", fill.id, grouped(fill.quantity), of(fill.transfer))?;
    }
    rest(out, good.fills.len())
}

fn rest(out: &mut String, count: usize) -> fmt::Result {
    if count > LISTED {
        writeln!(out, "{FAINT}  and {} more{FAINT:#}", grouped((count - LISTED) as u64))
    } else {
        Ok(())
    }
}
