//! Bids in a table of comma-separated values.
//!
//! ```csv
//! bidder,items,amount
//! a,A B,9
//! a,C,4
//! b,B C,8
//! ```
//!
//! | column | |
//! |---|---|
//! | `bidder` | a name; bidders are numbered as they first come |
//! | `amount` | a decimal number above 0 |
//! | `items` | names with spaces between them, numbered as they first come, at most 64; without the column there is one item |
//! | `max_bid` | up to where a proxy bids, at least the amount; it may be empty |
//! | `payload` | any text that goes with the bid; it may be empty |
//!
//! The columns `bidder` and `amount` are needed, and may stand in any order. A bidder may have several rows: in an
//! auction of one item its first bid counts, of several bids on bundles it wins at most one.

use super::FileError;
use super::decimal::minor_units;
use super::table::{Field, Table};
use crate::auction::Bid;
use crate::combinatorial::{BundleBid, Problem, ProblemError};
use crate::{Amount, Bidder};
use std::collections::BTreeMap;

/// Bids, in the order of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bids {
    /// The names of bidders: that of bidder i stands at place i.
    pub bidders: Vec<String>,
    /// The names of items: that of item i stands at place i. Empty if the table has no column of items.
    pub items: Vec<String>,
    /// One row a bid.
    pub rows: Vec<Row>,
}

/// A bid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Who bids.
    pub bidder: Bidder,
    /// What it bids, in minor units.
    pub amount: Amount,
    /// The items, one bit each; `None` if the table has no column of items.
    pub bundle: Option<u64>,
    /// Up to where a proxy bids, in minor units.
    pub max_bid: Option<Amount>,
    /// What goes with the bid; empty if there is nothing.
    pub payload: String,
}

/// The greatest size of a table, in bytes.
pub const BYTES_MAX: usize = 16 << 20;

impl Bids {
    /// Reads a table of bids whose amounts have up to `decimals` digits after the point: one minor unit is the last
    /// of them.
    ///
    /// # Errors
    /// If the table is larger than [`BYTES_MAX`], a column is missing, unknown or there twice, or a field is not what
    /// its column asks for.
    pub fn read(text: &str, decimals: u32) -> Result<Bids, FileError> {
        if text.len() > BYTES_MAX {
            return Err(FileError::new(
                1,
                1,
                format!("found {} bytes, expected at most {BYTES_MAX}", text.len()),
            ));
        }
        let known = ["bidder", "amount", "items", "max_bid", "payload"];
        let table = Table::read(text, &["bidder", "amount"], &known)?;
        let (mut bidders, mut items, mut rows) = (Names::default(), Names::default(), Vec::new());
        for row in &table.rows {
            let field = |name| table.column(name).map(|column| &row[column]);
            let [bidder, said] =
                ["bidder", "amount"].map(|name| field(name).expect("a column that is needed"));
            if bidder.text.is_empty() {
                return Err(bidder.error("found no bidder, expected a name"));
            }
            let amount = amount(said, decimals)?;
            let bundle = field("items").map(|field| bundle(field, &mut items)).transpose()?;
            let max_bid = field("max_bid").filter(|field| !field.text.is_empty());
            let max_bid = max_bid.map(|field| limit(field, decimals, amount)).transpose()?;
            let payload = field("payload").map(|field| field.text.clone()).unwrap_or_default();
            let bidder = Bidder(bidders.number(&bidder.text) as u32);
            rows.push(Row { bidder, amount, bundle, max_bid, payload });
        }
        Ok(Bids { bidders: bidders.in_order, items: items.in_order, rows })
    }

    /// Returns the bids as bids on one item, whatever items they name.
    pub fn sealed(&self) -> Vec<Bid> {
        self.rows.iter().map(|row| Bid { bidder: row.bidder, amount: row.amount }).collect()
    }

    /// Returns the bids as bids on bundles; without a column of items all are on the same one.
    ///
    /// # Errors
    /// If there are no bids or too many, or they add up to too much.
    pub fn problem(&self) -> Result<Problem, ProblemError> {
        let bid =
            |row: &Row| BundleBid { bidder: row.bidder, bundle: row.bundle.unwrap_or(1), amount: row.amount };
        let items =
            if self.rows.iter().any(|row| row.bundle.is_none()) { 1 } else { self.items.len() as u32 };
        Problem::new(items, self.rows.iter().map(bid).collect())
    }
}

/// Names, numbered as they first come.
#[derive(Default)]
struct Names {
    in_order: Vec<String>,
    numbers: BTreeMap<String, usize>,
}

impl Names {
    fn number(&mut self, name: &str) -> usize {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        self.numbers.insert(name.to_owned(), self.in_order.len());
        self.in_order.push(name.to_owned());
        self.in_order.len() - 1
    }
}

fn amount(field: &Field, decimals: u32) -> Result<Amount, FileError> {
    let found = |expected: &str| field.error(format!("found {:?}, expected {expected}", field.text));
    let amount = minor_units(&field.text, decimals).map_err(|expected| found(&expected))?;
    if amount > Amount::ZERO { Ok(amount) } else { Err(found("an amount above 0")) }
}

fn limit(field: &Field, decimals: u32, bid: Amount) -> Result<Amount, FileError> {
    let limit = amount(field, decimals)?;
    if limit < bid {
        return Err(field.error(format!("found {:?}, expected no less than the amount", field.text)));
    }
    Ok(limit)
}

fn bundle(field: &Field, items: &mut Names) -> Result<u64, FileError> {
    let mut bundle = 0;
    for name in field.text.split_whitespace() {
        let item = items.number(name);
        if item >= Problem::ITEMS_MAX as usize {
            let most = Problem::ITEMS_MAX;
            return Err(
                field.error(format!("found item {name:?} besides {most} others, expected at most {most}"))
            );
        }
        if bundle >> item & 1 == 1 {
            return Err(field.error(format!("found item {name:?} twice, expected it once")));
        }
        bundle |= 1 << item;
    }
    if bundle == 0 {
        Err(field.error("found no items, expected names with spaces between them"))
    } else {
        Ok(bundle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combinatorial::vcg;

    #[test]
    fn the_unique_fixture_is_read_and_solved() {
        let text = "bidder,items,amount\na,A B,9\na,C,4\nb,B C,8\nc,A,5\nc,A C,6\nd,B,3\n";
        let bids = Bids::read(text, 0).unwrap();
        assert_eq!(
            (bids.bidders.join(" "), bids.items.join(" ")),
            ("a b c d".to_owned(), "A B C".to_owned())
        );
        let vcg = vcg(&bids.problem().unwrap(), 1_000).unwrap();
        let paid: Vec<_> =
            vcg.winners.iter().map(|winner| (winner.bidder.0, winner.payment.units())).collect();
        assert_eq!((vcg.solution.welfare.units(), paid), (13, vec![(1, 7), (2, 1)]));
    }

    #[test]
    fn bids_on_one_item_may_have_limits_and_payloads() {
        let text = "amount,bidder,max_bid,payload\n10,agent1,,.8\n15,agent2,20,\"{\"\"rate\"\": 0.9}\"\n12,agent1,12,\n";
        let bids = Bids::read(text, 0).unwrap();
        let row = &bids.rows[1];
        assert_eq!((row.bidder, row.bundle, row.max_bid), (Bidder(1), None, Some(Amount::new(20).unwrap())));
        assert_eq!(row.payload, "{\"rate\": 0.9}");
        assert_eq!(bids.sealed().iter().map(|bid| bid.bidder.0).collect::<Vec<_>>(), [0, 1, 0]);
        assert_eq!(bids.problem().unwrap().items(), 1);
        assert_eq!(Bids::read("bidder,items,amount\n", 0).unwrap().problem(), Err(ProblemError::Items(0)));
    }

    #[test]
    fn errors_tell_what_was_found_and_where() {
        let error = |text: &str| Bids::read(text, 0).unwrap_err().to_string();
        let amount = |text: &str| error(&format!("bidder,amount\na,{text}\n"));
        for text in ["-5", "0", "0.00"] {
            assert_eq!(amount(text), format!("2:3: found {text:?}, expected an amount above 0"));
        }
        for text in ["+7", "NaN", "", "1 000", "$5"] {
            assert_eq!(amount(text), format!("2:3: found {text:?}, expected a decimal number"));
        }
        assert_eq!(amount("10.5"), "2:3: found \"10.5\", expected at most 0 decimal places");
        let beyond = format!("2:3: found \"1e30\", expected at most {} minor units (2^60)", Amount::MAX);
        assert_eq!(amount("1e30"), beyond);
        assert_eq!(Bids::read("bidder,amount\na,10.5\n", 2).unwrap().rows[0].amount.units(), 1_050);
        assert_eq!(error("bidder,amount\n ,5\n"), "2:2: found no bidder, expected a name");
        assert_eq!(
            error("bidder,price\n"),
            "1:8: found column \"price\", expected one of bidder, amount, items, max_bid, payload"
        );
        assert_eq!(
            error("bidder,amount,max_bid\na,5,4\n"),
            "2:5: found \"4\", expected no less than the amount"
        );
        assert_eq!(
            error("bidder,amount,items\na,5,A B A\n"),
            "2:5: found item \"A\" twice, expected it once"
        );
        assert_eq!(
            error("bidder,amount,items\na,5,\n"),
            "2:5: found no items, expected names with spaces between them"
        );
        let names: Vec<String> = (0..65).map(|item| format!("i{item}")).collect();
        let many = error(&format!("bidder,amount,items\na,5,{}\n", names.join(" ")));
        assert_eq!(many, "2:5: found item \"i64\" besides 64 others, expected at most 64");
        assert_eq!(
            error(&"x".repeat(BYTES_MAX + 1)),
            format!("1:1: found {} bytes, expected at most {BYTES_MAX}", BYTES_MAX + 1)
        );
    }
}
