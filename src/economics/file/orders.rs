//! Orders in a table of comma-separated values.
//!
//! ```csv
//! id,side,price,quantity
//! 1,ask,1.00,100
//! 2,bid,2.5,80
//! 3,bid,market,10
//! ```
//!
//! | column | |
//! |---|---|
//! | `id` | a whole number; no two orders have one |
//! | `side` | `bid` or `buy`, `ask` or `sell` |
//! | `price` | the limit per lot, a decimal from 0 on; or `market` for an order without one |
//! | `quantity` | a whole number of lots, at least 1 |
//! | `trader` | who owns the order, a whole number; without the column it is the order's id |
//! | `good` | what is traded, any text; without the column it is empty |
//!
//! The columns from `id` to `quantity` are needed. Columns may stand in any order.

use super::FileError;
use super::table::{Field, Table};
use crate::Amount;
use crate::clearing::book::BookOrder;
use crate::clearing::{Order, Side};
use std::collections::{BTreeMap, BTreeSet};

/// The most orders of a table.
const ORDERS_MAX: usize = 1_000_000;

/// The columns, those that are needed first.
const COLUMNS: [&str; 6] = ["id", "side", "price", "quantity", "trader", "good"];

/// An order of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// The line it stands in, counted from 1.
    pub line: usize,
    /// Which order it is; no two have one id.
    pub id: u64,
    /// Who owns it.
    pub trader: u64,
    /// What is traded; empty if there is no such column.
    pub good: String,
    /// Whether it buys or sells.
    pub side: Side,
    /// The limit per lot, in minor units; `None` for a market order.
    pub limit: Option<Amount>,
    /// How many lots.
    pub quantity: u64,
}

impl OrderRow {
    /// Returns the order for a call market or a double auction; `None` for a market order, which has no limit.
    pub fn limit_order(&self) -> Option<Order> {
        self.limit.map(|price| Order { id: self.id, side: self.side, price, quantity: self.quantity })
    }

    /// Returns the order for a continuous book.
    pub fn book_order(&self) -> BookOrder {
        let OrderRow { id, trader, side, limit, quantity, .. } = *self;
        BookOrder { id, trader, side, limit, quantity }
    }
}

/// Reads a table of orders whose prices have up to `decimals` digits after the point: one minor unit is the last of
/// them.
///
/// # Errors
/// With line and column, if a column is missing, unknown or there twice, a field is not what its column asks for, a price
/// is finer than a minor unit or beyond 2⁶⁰ of them, or there are more than 10⁶ orders.
///
/// # Panics
/// If `decimals` is more than 18.
pub fn read(text: &str, decimals: u32) -> Result<Vec<OrderRow>, FileError> {
    assert!(decimals <= 18, "money has at most 18 decimals");
    let table = Table::read(text, &COLUMNS[..4], &COLUMNS)?;
    let mut orders = Vec::new();
    let mut ids = BTreeSet::new();
    for row in &table.rows {
        let field = |name| table.column(name).map(|column| &row[column]);
        let needed = |name| field(name).expect("a column that is needed");
        if orders.len() == ORDERS_MAX {
            return Err(row[0].error(format!("found more orders, expected at most {ORDERS_MAX}")));
        }
        let id = whole(needed("id"), "a whole number")?;
        if !ids.insert(id) {
            return Err(expected(needed("id"), "an id that no order before has"));
        }
        let lots = "a whole number of lots, at least 1";
        let quantity = whole(needed("quantity"), lots)?;
        if quantity == 0 {
            return Err(expected(needed("quantity"), lots));
        }
        orders.push(OrderRow {
            line: row[0].line,
            id,
            trader: field("trader").map_or(Ok(id), |field| whole(field, "a whole number"))?,
            good: field("good").map(|field| field.text.clone()).unwrap_or_default(),
            side: side(needed("side"))?,
            limit: limit(needed("price"), decimals)?,
            quantity,
        });
    }
    Ok(orders)
}

/// Returns the orders by what they trade, each in the order of the table.
pub fn by_good(rows: &[OrderRow]) -> BTreeMap<&str, Vec<&OrderRow>> {
    let mut goods: BTreeMap<&str, Vec<&OrderRow>> = BTreeMap::new();
    for row in rows {
        goods.entry(&row.good).or_default().push(row);
    }
    goods
}

fn expected(field: &Field, what: &str) -> FileError {
    field.error(format!("found {:?}, expected {what}", field.text))
}

fn whole(field: &Field, what: &str) -> Result<u64, FileError> {
    let digits = field.text.bytes().all(|byte| byte.is_ascii_digit());
    field.text.parse().ok().filter(|_| digits).ok_or_else(|| expected(field, what))
}

fn side(field: &Field) -> Result<Side, FileError> {
    match field.text.as_str() {
        "bid" | "buy" => Ok(Side::Bid),
        "ask" | "sell" => Ok(Side::Ask),
        _ => Err(expected(field, "bid, buy, ask or sell")),
    }
}

/// Returns the limit in minor units; `None` for a market order.
fn limit(field: &Field, decimals: u32) -> Result<Option<Amount>, FileError> {
    if field.text == "market" {
        return Ok(None);
    }
    let (units, rest) = field.text.split_once('.').unwrap_or((&field.text, ""));
    let rest = rest.trim_end_matches('0');
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let width = decimals as usize;
    if !digits(units) || !digits(rest) || units.is_empty() || rest.len() > width {
        let what = format!("a price from 0 on with at most {decimals} decimal places, or market");
        return Err(expected(field, &what));
    }
    let minor: Option<i128> = format!("{units}{rest:0<width$}").parse().ok();
    let amount = minor.and_then(|minor| Amount::of_wide(minor).ok());
    amount
        .map(Some)
        .ok_or_else(|| expected(field, &format!("a price of at most {} minor units", Amount::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clearing::clear;
    use proptest::prelude::*;

    const HEAD: &str = "id,side,price,quantity\n";

    fn error(row: &str) -> String {
        read(&format!("{HEAD}{row}"), 2).expect_err("it is refused").to_string()
    }

    #[test]
    fn the_documents_market_is_read_and_cleared() {
        let table = "good, id, side, quantity, price\n\
                     cpu,1,sell,100,1.0\nmemory,2,ask,200,.5\n\n\"cpu\",3,buy,80,2\nmemory,4,bid,150,1.00\n";
        let table = table.replace(",.5", ",0.5");
        let rows = read(&table, 2).unwrap();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3, 5, 6]);
        let orders: Vec<Order> = rows.iter().filter_map(OrderRow::limit_order).collect();
        assert_eq!(clear(&orders, 0).unwrap().unwrap().volume, 230);
        let volumes: Vec<_> = by_good(&rows)
            .into_iter()
            .map(|(good, rows)| {
                let orders: Vec<Order> = rows.iter().filter_map(|row| row.limit_order()).collect();
                let clearing = clear(&orders, 0).unwrap().unwrap();
                (good, clearing.price.units(), clearing.volume)
            })
            .collect();
        assert_eq!(volumes, [("cpu", 100, 80), ("memory", 50, 150)]);
    }

    #[test]
    fn traders_and_market_orders_are_read() {
        let rows = read("trader,id,side,price,quantity\n7,1,bid,market,3\n", 0).unwrap();
        let order = BookOrder { id: 1, trader: 7, side: Side::Bid, limit: None, quantity: 3 };
        assert_eq!((rows[0].book_order(), rows[0].limit_order()), (order, None));
        assert_eq!(read(HEAD, 2), Ok(Vec::new()), "a table may be empty");
        let exported = format!("{}{}", '\u{feff}', HEAD.replace('\n', "\r\n"));
        assert_eq!(read(&exported, 2), Ok(Vec::new()), "a spreadsheet's too");
    }

    #[test]
    fn fields_out_of_range_are_refused_at_their_place() {
        assert_eq!(error("1,hold,1,1"), "2:3: found \"hold\", expected bid, buy, ask or sell");
        assert_eq!(
            error("1,bid, -1,1"),
            "2:8: found \"-1\", expected a price from 0 on with at most 2 decimal places, or market"
        );
        for price in ["0.001", "1e3", "NaN", "inf", "", ".", ".5", "+1", "1.2.3", "1/3"] {
            assert!(error(&format!("1,bid,{price},1")).starts_with("2:7: found"), "{price}");
        }
        for price in ["99999999999999999999", &"9".repeat(60)] {
            assert!(error(&format!("1,bid,{price},1")).contains("1152921504606846976 minor units"));
        }
        assert_eq!(error("1,bid,1,0"), "2:9: found \"0\", expected a whole number of lots, at least 1");
        assert!(error("1,bid,1,1.5").starts_with("2:9: found \"1.5\""));
        assert!(error("x,bid,1,1").starts_with("2:1: found \"x\""));
        assert!(error(",bid,1,1").starts_with("2:1: found \"\""));
        assert_eq!(
            error("1,bid,1,1\n1,ask,1,1"),
            "3:1: found \"1\", expected an id that no order before has"
        );
        assert!(error("1,bid,1").starts_with("2:7: found 3 fields"));
        assert!(read("id,side,price\n", 2).is_err_and(|error| error.message.contains("no column quantity")));
    }

    proptest! {
        #[test]
        fn prices_are_exact(minor in 0_i64..1_000_000_000) {
            let row = format!("{HEAD}1,bid,{}.{:03},1", minor / 1000, minor % 1000);
            prop_assert_eq!(read(&row, 3).unwrap()[0].limit, Amount::new(minor).ok());
            let finer = read(&row, 2);
            prop_assert_eq!(finer.is_ok(), minor % 10 == 0);
        }

        #[test]
        fn no_text_panics(text in "(id,side,price,quantity\n)?[a-z0-9,.\"\n -]{0,40}") {
            let _ = read(&text, 2);
        }
    }
}
