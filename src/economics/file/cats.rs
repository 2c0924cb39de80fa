//! Bids on bundles in the format of CATS, the Combinatorial Auction Test Suite.
//!
//! ```text
//! % a comment
//! goods 3
//! bids 3
//! dummy 1
//!
//! 0   9.5   0 1 3   #
//! 1   4     2 3     #
//! 2   8     1 2     #
//! ```
//!
//! A bid is a number, a price, its goods, and `#`. Goods from `goods` on are dummies: bids that share one belong to
//! one bidder, of whose bids at most one wins. A bid without a dummy is the only one of its bidder. Prices become
//! micro-units, and must do so exactly.
//!
//! Source: K. Leyton-Brown, M. Pearson and Y. Shoham, *Towards a universal test suite for combinatorial auction
//! algorithms* (2000).

use super::FileError;
use super::decimal::minor_units;
use crate::combinatorial::{BundleBid, Problem, ProblemError};
use crate::{Amount, Bidder};
use std::collections::{BTreeMap, BTreeSet};

/// What stands in a file of CATS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cats {
    /// How many goods there are, dummies left out.
    pub goods: u32,
    /// The bids, in the order of the file. Bidders are numbered as they first come; amounts are in micro-units.
    pub bids: Vec<BundleBid>,
    /// The number that the file gives to each bid.
    pub numbers: Vec<u64>,
}

/// The greatest size of a file, in bytes.
pub const BYTES_MAX: usize = 16 << 20;

/// How many decimal places prices have: amounts are in micro-units.
const DECIMALS: u32 = 6;

/// The greatest number of dummies.
const DUMMIES_MAX: u64 = Problem::BIDS_MAX as u64;

impl Cats {
    /// Reads a file of CATS.
    ///
    /// # Errors
    /// If it is larger than [`BYTES_MAX`], or not what the format asks for: counts that are missing, there twice or
    /// wrong, more than 64 goods, a bid on no good, on one that is not there, twice on the same, or with two dummies,
    /// or a price that is not positive or not a whole number of micro-units.
    pub fn read(text: &str) -> Result<Cats, FileError> {
        if text.len() > BYTES_MAX {
            return Err(FileError::new(
                1,
                1,
                format!("found {} bytes, expected at most {BYTES_MAX}", text.len()),
            ));
        }
        let (mut counts, mut bids) = (BTreeMap::new(), None);
        for (number, line) in (1..).zip(text.lines()) {
            let words = words(number, line);
            let Some(first) = words.first().filter(|word| !word.text.starts_with('%')) else { continue };
            if first.text.starts_with(|start: char| start.is_ascii_alphabetic()) {
                if bids.is_some() {
                    return Err(first.error("expected a bid", "all counts come before the bids"));
                }
                count(&words, &mut counts)?;
            } else {
                let bids = match &mut bids {
                    Some(bids) => bids,
                    None => bids.insert(Reader::new(&counts, first)?),
                };
                bids.bid(&words)?;
            }
        }
        let end = FileError::new(text.lines().count().max(1), 1, "");
        let bids = match bids {
            Some(bids) => bids,
            None => Reader::new(&counts, &Word { text: "the end", line: end.line, column: end.column })?,
        };
        if bids.cats.bids.len() as u64 != bids.promised {
            let message = format!("found {} bids, expected {}", bids.cats.bids.len(), bids.promised);
            return Err(FileError { message, ..end });
        }
        Ok(bids.cats)
    }

    /// Returns the bids as a problem of winner determination.
    ///
    /// # Errors
    /// If they add up to too much.
    pub fn problem(&self) -> Result<Problem, ProblemError> {
        Problem::new(self.goods, self.bids.clone())
    }
}

/// A word of a line, and where it stands.
#[derive(Copy, Clone)]
struct Word<'a> {
    text: &'a str,
    line: usize,
    column: usize,
}

impl Word<'_> {
    fn error(&self, expected: &str, because: &str) -> FileError {
        let because = if because.is_empty() { String::new() } else { format!(": {because}") };
        FileError::new(self.line, self.column, format!("found {:?}, {expected}{because}", self.text))
    }

    /// The word as a count, at most `most`.
    fn count(&self, what: &str, most: u64) -> Result<u64, FileError> {
        let digits = self.text.bytes().all(|byte| byte.is_ascii_digit());
        let count = if digits { self.text.parse().ok().filter(|count| *count <= most) } else { None };
        count.ok_or_else(|| self.error(&format!("expected {what}, at most {most}"), ""))
    }
}

/// The words of a line; `#` is one by itself.
fn words(number: usize, line: &str) -> Vec<Word<'_>> {
    let (mut words, mut start) = (Vec::new(), None);
    let ends = line.char_indices().chain([(line.len(), ' ')]);
    for (column, (at, mark)) in (1..).zip(ends) {
        if let Some((from, column)) = start.filter(|_| mark.is_whitespace() || mark == '#') {
            words.push(Word { text: &line[from..at], line: number, column });
            start = None;
        }
        if mark == '#' {
            words.push(Word { text: "#", line: number, column });
        } else if !mark.is_whitespace() && start.is_none() {
            start = Some((at, column));
        }
    }
    words
}

/// Reads a line such as `goods 3`.
fn count(words: &[Word<'_>], counts: &mut BTreeMap<&'static str, u64>) -> Result<(), FileError> {
    let [first, rest @ ..] = words else { return Ok(()) };
    let known = [
        ("goods", u64::from(Problem::ITEMS_MAX)),
        ("bids", Problem::BIDS_MAX as u64),
        ("dummy", DUMMIES_MAX),
    ];
    let Some((name, most)) = known.into_iter().find(|(name, _)| first.text.eq_ignore_ascii_case(name)) else {
        return Err(first.error("expected goods, bids, dummy or a bid", ""));
    };
    let [value] = rest else {
        return Err(rest.get(1).unwrap_or(first).error(&format!("expected one count of {name}"), ""));
    };
    let value = value.count(&format!("the count of {name}"), most)?;
    if counts.insert(name, value).is_some() {
        return Err(first.error("expected it once", "the count stands above already"));
    }
    Ok(())
}

/// What has been read, and whose bids share which dummy.
struct Reader {
    cats: Cats,
    promised: u64,
    dummies: u64,
    bidders: u32,
    sharing: BTreeMap<u64, Bidder>,
    seen: BTreeSet<u64>,
}

impl Reader {
    fn new(counts: &BTreeMap<&'static str, u64>, next: &Word<'_>) -> Result<Reader, FileError> {
        let needed = |name: &str| {
            let missing = || {
                FileError::new(
                    next.line,
                    next.column,
                    format!("found {}, expected the count of {name} first", next.text),
                )
            };
            counts.get(name).copied().ok_or_else(missing)
        };
        let (goods, promised) = (needed("goods")?, needed("bids")?);
        if goods == 0 {
            return Err(FileError::new(next.line, next.column, "found 0 goods, expected at least 1"));
        }
        let cats = Cats { goods: goods as u32, bids: Vec::new(), numbers: Vec::new() };
        let dummies = counts.get("dummy").copied().unwrap_or(0);
        Ok(Reader { cats, promised, dummies, bidders: 0, sharing: BTreeMap::new(), seen: BTreeSet::new() })
    }

    fn bid(&mut self, words: &[Word<'_>]) -> Result<(), FileError> {
        let last = words.last().expect("a line that is not empty");
        let close = words
            .iter()
            .position(|word| word.text == "#")
            .ok_or_else(|| last.error("expected # at the end of a bid", ""))?;
        if let Some(after) = words.get(close + 1) {
            return Err(after.error("expected nothing after #", ""));
        }
        let [number, price, goods @ ..] = &words[..close] else {
            return Err(words[close].error("expected a number, a price and goods before it", ""));
        };
        if self.cats.bids.len() as u64 == self.promised {
            return Err(number.error("expected no more bids", &format!("there were to be {}", self.promised)));
        }
        let own = number.count("the number of a bid", u64::MAX)?;
        if !self.seen.insert(own) {
            return Err(number.error("expected another number", "a bid above has it"));
        }
        let amount = minor_units(price.text, DECIMALS)
            .map_err(|expected| price.error(&format!("expected {expected}"), ""))?;
        if amount <= Amount::ZERO {
            return Err(price.error("expected a price above 0", ""));
        }
        let (bundle, dummy) = self.goods(goods)?;
        if bundle == 0 {
            return Err(words[close].error("expected goods that are no dummies before it", ""));
        }
        let bidder = self.bidder(dummy);
        self.cats.bids.push(BundleBid { bidder, bundle, amount });
        self.cats.numbers.push(own);
        Ok(())
    }

    /// The goods of a bid that are none but dummies, and the dummy, if there is one.
    fn goods(&self, words: &[Word<'_>]) -> Result<(u64, Option<u64>), FileError> {
        let (mut bundle, mut dummy) = (0_u64, None);
        let goods = u64::from(self.cats.goods);
        for word in words {
            let good = word.count("a good", goods + self.dummies - 1)?;
            if good >= goods {
                if dummy.is_some() {
                    return Err(
                        word.error("expected one dummy a bid", "with two it would belong to two bidders")
                    );
                }
                dummy = Some(good);
            } else if bundle >> good & 1 == 1 {
                return Err(word.error("expected each good once", ""));
            } else {
                bundle |= 1 << good;
            }
        }
        Ok((bundle, dummy))
    }

    fn bidder(&mut self, dummy: Option<u64>) -> Bidder {
        if let Some(bidder) = dummy.and_then(|dummy| self.sharing.get(&dummy)) {
            return *bidder;
        }
        let bidder = Bidder(self.bidders);
        self.bidders += 1;
        if let Some(dummy) = dummy {
            self.sharing.insert(dummy, bidder);
        }
        bidder
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combinatorial::vcg;
    use proptest::prelude::*;

    fn bid(bidder: u32, bundle: u64, units: i64) -> BundleBid {
        BundleBid { bidder: Bidder(bidder), bundle, amount: Amount::new(units).unwrap() }
    }

    #[test]
    fn bids_that_share_a_dummy_are_of_one_bidder() {
        let text = "% a test\n\nBIDS 6\ndummy 3\nGoods 3\n% bids\n7\t9\t0 1 3 #\n1 4.000000 2 3#\n2 8e0 1 2 #\n3 5 0 5 #\n4 6 5 0 2 #\n5 3 1 #\n";
        let cats = Cats::read(text).unwrap();
        let million = 1_000_000;
        assert_eq!((cats.goods, cats.numbers.as_slice()), (3, [7, 1, 2, 3, 4, 5].as_slice()));
        let bids = [(0, 0b011, 9), (0, 0b100, 4), (1, 0b110, 8), (2, 0b001, 5), (2, 0b101, 6), (3, 0b010, 3)];
        assert_eq!(cats.bids, bids.map(|(bidder, bundle, units)| bid(bidder, bundle, units * million)));
        let vcg = vcg(&cats.problem().unwrap(), 1_000).unwrap();
        let paid: Vec<_> = vcg.winners.iter().map(|winner| winner.payment.units()).collect();
        assert_eq!((vcg.solution.welfare.units(), paid), (13 * million, vec![7 * million, million]));
        // The count of dummies may be missing if there are none.
        assert!(Cats::read("goods 1\nbids 1\n0 1 0 #").is_ok());
        assert_eq!(Cats::read("goods 1\nbids 0\n").unwrap().bids, []);
    }

    #[test]
    fn errors_tell_what_was_found_and_where() {
        let error = |text: &str| Cats::read(text).unwrap_err().to_string();
        let with = |bid: &str| error(&format!("goods 3\nbids 1\ndummy 2\n{bid}\n"));
        assert_eq!(error(""), "1:1: found the end, expected the count of goods first");
        assert_eq!(error("goods 2\n0 1 0 #"), "2:1: found 0, expected the count of bids first");
        assert_eq!(error("goods 0\nbids 0\n"), "2:1: found 0 goods, expected at least 1");
        assert_eq!(error("goods 65\n"), "1:7: found \"65\", expected the count of goods, at most 64");
        assert_eq!(error("goods -1\n"), "1:7: found \"-1\", expected the count of goods, at most 64");
        assert_eq!(error("goods\n"), "1:1: found \"goods\", expected one count of goods");
        assert_eq!(error("goods 1 2\n"), "1:9: found \"2\", expected one count of goods");
        assert_eq!(
            error("goods 1\nGOODS 1\n"),
            "2:1: found \"GOODS\", expected it once: the count stands above already"
        );
        assert_eq!(error("items 1\n"), "1:1: found \"items\", expected goods, bids, dummy or a bid");
        assert_eq!(
            error("goods 1\nbids 1\n0 1 0 #\ndummy 1\n"),
            "4:1: found \"dummy\", expected a bid: all counts come before the bids"
        );
        assert_eq!(error("goods 1\nbids 2\n0 1 0 #\n"), "3:1: found 1 bids, expected 2");
        assert_eq!(
            error("goods 1\nbids 1\n0 1 0 #\n1 1 0 #\n"),
            "4:1: found \"1\", expected no more bids: there were to be 1"
        );
        assert_eq!(
            error("goods 1\nbids 2\n0 1 0 #\n0 1 0 #\n"),
            "4:1: found \"0\", expected another number: a bid above has it"
        );
        assert_eq!(with("0 1 0"), "4:5: found \"0\", expected # at the end of a bid");
        assert_eq!(with("0 1 0 # 1"), "4:9: found \"1\", expected nothing after #");
        assert_eq!(with("0 #"), "4:3: found \"#\", expected a number, a price and goods before it");
        assert_eq!(with("0 1 #"), "4:5: found \"#\", expected goods that are no dummies before it");
        assert_eq!(with("0 1 3 #"), "4:7: found \"#\", expected goods that are no dummies before it");
        assert_eq!(with("0 1 5 #"), "4:5: found \"5\", expected a good, at most 4");
        assert_eq!(with("0 1 1 1 #"), "4:7: found \"1\", expected each good once");
        assert_eq!(
            with("0 1 1 3 4 #"),
            "4:9: found \"4\", expected one dummy a bid: with two it would belong to two bidders"
        );
        assert_eq!(with("0 0.0 1 #"), "4:3: found \"0.0\", expected a price above 0");
        assert_eq!(with("0 -2 1 #"), "4:3: found \"-2\", expected a price above 0");
        assert_eq!(with("0 nan 1 #"), "4:3: found \"nan\", expected a decimal number");
        let places = "4:3: found \"0.1234567\", expected at most 6 decimal places";
        assert_eq!(with("0 0.1234567 1 #"), places);
        assert_eq!(
            with("0 1e99 1 #"),
            format!("4:3: found \"1e99\", expected at most {} minor units (2^60)", Amount::MAX)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is written comes back, and whatever is read does no harm.
        #[test]
        fn bids_come_back(bids in prop::collection::vec((0_u32..4, 1_u64..64, 1_i64..1 << 40), 0..12)) {
            let mut text = format!("goods 6\nbids {}\ndummy 4\n", bids.len());
            for (number, (bidder, bundle, units)) in bids.iter().enumerate() {
                let goods: Vec<String> = (0..6).filter(|good| bundle >> good & 1 == 1).map(|good| good.to_string()).collect();
                text += &format!("{number}\t{}.{:06}\t{}\t{}\t#\n", units / 1_000_000, units % 1_000_000, goods.join("\t"), bidder + 6);
            }
            let cats = Cats::read(&text).unwrap();
            let read: Vec<_> = cats.bids.iter().map(|bid| (bid.bundle, bid.amount.units())).collect();
            prop_assert_eq!(read, bids.iter().map(|&(_, bundle, units)| (bundle, units)).collect::<Vec<_>>());
            for (one, other) in cats.bids.iter().zip(&bids).zip(cats.bids.iter().zip(&bids).skip(1)) {
                prop_assert_eq!(one.0.bidder == other.0.bidder, one.1.0 == other.1.0);
            }
        }

        #[test]
        fn no_text_does_harm(text in "(goods 3\n)?(bids 2\n)?[ 0-9#%.\\-a-z\néß]{0,40}") {
            let _ = Cats::read(&text);
        }
    }
}
