//! What a file asks, answered: the equilibria of a game, the winners of an auction, the price of a market.
//!
//! Whatever kind of file it is, [`answer`] reads it and says what holds, in names as the file has them. What could not be
//! proven or is not all says so.

mod bids;
mod game;
mod orders;

pub use bids::{BundleAnswer, BundleWinner, SealedAnswer};
pub use game::{EquilibriumAnswer, GameAnswer};
pub use orders::{GoodAnswer, LotPrices, MarketAnswer, MarketRule};

use crate::auction::TermsError;
use crate::clearing::MarketError;
use crate::combinatorial::ProblemError;
use crate::file::{Bids, Cats, FileError, efg, nfg, orders as order_table};
use crate::game::GameError;
use crate::{Amount, Overflow};
use std::fmt;

/// A kind of file.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A game in normal form, as Gambit writes it.
    Nfg,
    /// A game in extensive form, as Gambit writes it.
    Efg,
    /// Bids on bundles, as CATS writes them.
    Cats,
    /// A table of bids.
    Bids,
    /// A table of orders.
    Orders,
}

/// What may be said about how a file is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Of sealed bids on one item: whether the winner pays its own bid.
    pub first_price: bool,
    /// Of sealed bids on one item: the least bid that counts, in minor units.
    pub reserve: Amount,
    /// Of bids on bundles: whether the greedy allocation is wanted instead of the best one.
    pub greedy: bool,
    /// Of bids on bundles: the most steps of each search, nodes and cells of tables.
    pub steps: u64,
    /// Of orders: which rule clears.
    pub market: MarketRule,
    /// Of orders: where in its interval the price lies, in parts per million.
    pub k_ppm: u64,
    /// Of tables: how many digits of an amount stand behind its point. CATS' amounts have six.
    pub decimals: u32,
}

/// What a file asks, answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Of a game: its equilibria.
    Game(GameAnswer),
    /// Of bids on one item: who wins and what is paid.
    Sealed(SealedAnswer),
    /// Of bids on bundles: who wins what and what is paid.
    Bundles(BundleAnswer),
    /// Of orders: prices and who trades.
    Market(MarketAnswer),
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerError {
    /// The file is wrong, and where.
    File(FileError),
    /// It reads, and asks for what cannot be answered: a sentence.
    Asked(String),
}

impl FileKind {
    /// All kinds.
    pub const ALL: [FileKind; 5] =
        [FileKind::Nfg, FileKind::Efg, FileKind::Cats, FileKind::Bids, FileKind::Orders];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            FileKind::Nfg => "nfg",
            FileKind::Efg => "efg",
            FileKind::Cats => "cats",
            FileKind::Bids => "bids",
            FileKind::Orders => "orders",
        }
    }

    /// Returns what it is.
    pub fn about(self) -> &'static str {
        match self {
            FileKind::Nfg => "a game in normal form, as Gambit writes it",
            FileKind::Efg => "a game in extensive form, as Gambit writes it",
            FileKind::Cats => "bids on bundles, as CATS writes them",
            FileKind::Bids => "a table of bids: bidder, amount, and items if there are several",
            FileKind::Orders => "a table of orders: id, side, price, quantity, and good if there are several",
        }
    }

    /// Returns what a file of this extension is that begins like `text`: a table is known by its columns.
    pub fn of(extension: &str, text: &str) -> Option<FileKind> {
        match extension.to_ascii_lowercase().as_str() {
            "nfg" => Some(FileKind::Nfg),
            "efg" => Some(FileKind::Efg),
            "cats" | "txt" => Some(FileKind::Cats),
            "csv" => {
                let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                let has = |name: &str| head.split(',').any(|column| column.trim().trim_matches('"') == name);
                if has("side") { Some(FileKind::Orders) } else { has("bidder").then_some(FileKind::Bids) }
            }
            _ => None,
        }
    }
}

/// Answers what a file of this kind asks.
///
/// # Errors
/// If the file is wrong, or asks for what cannot be answered.
pub fn answer(kind: FileKind, text: &str, options: &Options) -> Result<Answer, AnswerError> {
    match kind {
        FileKind::Nfg => game::of_nfg(&nfg::read(text)?).map(Answer::Game),
        FileKind::Efg => game::of_efg(&efg::read(text)?).map(Answer::Game),
        FileKind::Cats => bids::of_cats(&Cats::read(text)?, options).map(Answer::Bundles),
        FileKind::Bids => {
            let table = Bids::read(text, options.decimals)?;
            if table.items.is_empty() {
                bids::sealed(&table, options).map(Answer::Sealed)
            } else {
                bids::of_table(&table, options).map(Answer::Bundles)
            }
        }
        FileKind::Orders => {
            orders::of_rows(&order_table::read(text, options.decimals)?, options).map(Answer::Market)
        }
    }
}

impl Default for Options {
    fn default() -> Options {
        Options {
            first_price: false,
            reserve: Amount::ZERO,
            greedy: false,
            steps: 100_000_000,
            market: MarketRule::Uniform,
            k_ppm: 500_000,
            decimals: 2,
        }
    }
}

impl Answer {
    /// Returns true if it is all there is, and proven.
    pub fn is_whole(&self) -> bool {
        match self {
            Answer::Game(game) => game.complete,
            Answer::Bundles(bundles) => bundles.proven,
            Answer::Sealed(_) | Answer::Market(_) => true,
        }
    }
}

impl fmt::Display for AnswerError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnswerError::File(error) => error.fmt(out),
            AnswerError::Asked(message) => out.write_str(message),
        }
    }
}

impl std::error::Error for AnswerError {}

impl From<FileError> for AnswerError {
    fn from(error: FileError) -> AnswerError {
        AnswerError::File(error)
    }
}

macro_rules! asked {
    ($($error:ty),*) => {
        $(impl From<$error> for AnswerError {
            fn from(error: $error) -> AnswerError {
                AnswerError::Asked(error.to_string())
            }
        })*
    };
}

asked!(GameError, MarketError, ProblemError, TermsError, Overflow);

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(kind: FileKind, text: &str, options: &Options) -> Answer {
        answer(kind, text, options).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    #[test]
    fn the_battle_of_the_sexes_has_three_equilibria() {
        let text = "NFG 1 R \"sexes\" { \"She\" \"He\" }\n{ { \"opera\" \"match\" } { \"opera\" \"match\" } }\n\n2 1 0 0 0 0 1 2";
        let Answer::Game(game) = whole(FileKind::Nfg, text, &Options::default()) else { panic!("a game") };
        assert!(game.complete && !game.degenerate && game.of_two);
        let mixed = game.equilibria.iter().find(|one| !one.is_pure()).expect("one is mixed");
        let shown: Vec<String> = mixed.mixed.iter().flatten().map(ToString::to_string).collect();
        assert_eq!((game.equilibria.len(), shown.join(" ")), (3, "2/3 1/3 1/3 2/3".to_owned()));
        let payoffs: Vec<String> = mixed.payoffs.iter().map(ToString::to_string).collect();
        assert_eq!(payoffs, ["2/3", "2/3"]);
    }

    #[test]
    fn a_continuum_is_not_passed_over_in_silence() {
        let text = "NFG 1 R \"\" { \"1\" \"2\" } { 2 2 }\n1 1 1 1 1 1 0 0";
        let Answer::Game(game) = whole(FileKind::Nfg, text, &Options::default()) else { panic!("a game") };
        assert!(game.degenerate && !game.complete);
        assert!(!Answer::Game(game).is_whole());
    }

    #[test]
    fn sealed_bids_are_paid_by_the_rule() {
        let text = "bidder,amount\na,10\nb,15\nc,12\n";
        let pays = |options: &Options| {
            let Answer::Sealed(sealed) = whole(FileKind::Bids, text, options) else { panic!("sealed bids") };
            sealed.sold.map(|(name, price)| (name, price.units()))
        };
        let first = Options { first_price: true, ..Options::default() };
        let amount = |units| Amount::new(units).expect("it fits");
        assert_eq!(pays(&Options::default()), Some(("b".to_owned(), 1_200)));
        assert_eq!(pays(&first), Some(("b".to_owned(), 1_500)));
        assert_eq!(
            pays(&Options { reserve: amount(1_300), ..Options::default() }),
            Some(("b".to_owned(), 1_300))
        );
        assert_eq!(pays(&Options { reserve: amount(1_600), ..Options::default() }), None);
    }

    #[test]
    fn bundles_are_sold_where_they_are_worth_most() {
        let text = "bidder,items,amount\na,A B,9\na,C,4\nb,B C,8\nc,A,5\nc,A C,6\nd,B,3\n";
        let Answer::Bundles(found) = whole(FileKind::Bids, text, &Options::default()) else {
            panic!("bundles")
        };
        assert_eq!((found.welfare.units(), found.proven), (1_300, true));
        let winners: Vec<(String, String, Option<i64>)> = found
            .winners
            .iter()
            .map(|one| (one.bidder.clone(), one.items.join(" "), one.payment.map(Amount::units)))
            .collect();
        let winner = |bidder: &str, items: &str, paid| (bidder.to_owned(), items.to_owned(), Some(paid));
        assert_eq!(winners, [winner("b", "B C", 700), winner("c", "A", 100)]);
        let few = Options { steps: 0, ..Options::default() };
        let Answer::Bundles(found) = whole(FileKind::Bids, text, &few) else { panic!("bundles") };
        assert!(
            !found.proven && found.winners.iter().all(|one| one.payment.is_none()),
            "no payment without a proof"
        );
    }

    #[test]
    fn orders_clear_by_good() {
        let text = "id,side,price,quantity,good\n1,sell,1.0,100,cpu\n2,sell,0.5,200,memory\n3,buy,2.0,80,cpu\n4,buy,1.0,150,memory\n";
        let Answer::Market(market) = whole(FileKind::Orders, text, &Options::default()) else {
            panic!("a market")
        };
        let shown: Vec<(&str, u64)> = market.goods.iter().map(|good| (&*good.good, good.volume)).collect();
        assert_eq!(shown, [("cpu", 80), ("memory", 150)]);
        let one = "id,side,price,quantity\n1,sell,1.0,100\n2,sell,0.5,200\n3,buy,2.0,80\n4,buy,1.0,150\n";
        let Answer::Market(market) = whole(FileKind::Orders, one, &Options::default()) else {
            panic!("a market")
        };
        let good = &market.goods[0];
        let Some(LotPrices::Uniform { price, .. }) = good.prices else { panic!("a price") };
        assert_eq!((good.volume, price.units()), (230, 100));
        let apart = "id,side,price,quantity\n1,sell,3,1\n2,buy,2,1\n";
        let Answer::Market(market) = whole(FileKind::Orders, apart, &Options::default()) else {
            panic!("a market")
        };
        assert_eq!((market.goods[0].volume, market.goods[0].prices), (0, None), "no trade has no price");
    }

    #[test]
    fn a_table_is_known_by_its_columns() {
        assert_eq!(FileKind::of("csv", "id,side,price,quantity\n"), Some(FileKind::Orders));
        assert_eq!(FileKind::of("CSV", "\n bidder , amount\n"), Some(FileKind::Bids));
        assert_eq!(FileKind::of("csv", "a,b\n"), None);
        assert_eq!(FileKind::of("nfg", ""), Some(FileKind::Nfg));
        assert_eq!(FileKind::of("xls", ""), None);
    }
}
