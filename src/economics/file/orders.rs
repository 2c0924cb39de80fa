//! Tables of orders, as CSV.
//!
//! The first line names the columns, in any order: `id`, `side`, `price` and `quantity`, and, if wanted, `trader` and
//! `good`. Ids and traders are whole numbers; a trader that is not given is the order's id. The side is `bid` or
//! `buy`, `ask` or `sell`. A price is a decimal of 0 or more, or `market` for a market order. A cell may stand in
//! double quotes, in which two of them are one. Lines that are empty are passed over.

use super::FileError;
use crate::Amount;
use crate::clearing::book::BookOrder;
use crate::clearing::{Order, Side};
use std::collections::{BTreeMap, BTreeSet};

/// The most orders of a table.
const ORDERS_MAX: usize = 1_000_000;

/// The columns, with whether each must be there.
const COLUMNS: [(&str, bool); 6] =
    [("id", true), ("side", true), ("price", true), ("quantity", true), ("trader", false), ("good", false)];

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
/// With line and column, if a column is missing, unknown or there twice, a cell is none of what is accepted, a price
/// is finer than a minor unit, negative or beyond 2⁶⁰ of them, an id is there twice, or there are more than 10⁶
/// orders.
///
/// # Panics
/// If `decimals` is more than 18.
pub fn read(text: &str, decimals: u32) -> Result<Vec<OrderRow>, FileError> {
    assert!(decimals <= 18, "money has at most 18 decimals");
    // Spreadsheets mark their text as Unicode.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines =
        text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim().is_empty());
    let Some((line, names)) = lines.next() else {
        return Err(FileError::new(1, 1, "found no line; a line that names the columns is accepted"));
    };
    let columns = columns(&cells(line, names)?)?;
    let mut rows = Vec::new();
    let mut ids = BTreeSet::new();
    for (line, text) in lines {
        if rows.len() == ORDERS_MAX {
            return Err(FileError::new(
                line,
                1,
                format!("found more than {ORDERS_MAX} orders; fewer are accepted"),
            ));
        }
        let cells = cells(line, text)?;
        if cells.len() != columns.len() {
            let message =
                format!("found {} cells; {} are accepted, one for each column", cells.len(), columns.len());
            return Err(FileError::new(line, 1, message));
        }
        let cell = |name: &str| columns.iter().position(|&column| column == name).map(|at| &cells[at]);
        let given = |name: &str| cell(name).expect("the column is there");
        let id = given("id").whole("an id")?;
        if !ids.insert(id) {
            return Err(given("id").error("an id that no other order has"));
        }
        let quantity = given("quantity").whole("a number of lots from 1 on")?;
        if quantity == 0 {
            return Err(given("quantity").error("a number of lots from 1 on"));
        }
        rows.push(OrderRow {
            line,
            id,
            trader: cell("trader").map_or(Ok(id), |cell| cell.whole("a trader, a whole number"))?,
            good: cell("good").map_or_else(String::new, |cell| cell.text.clone()),
            side: given("side").side()?,
            limit: given("price").price(decimals)?,
            quantity,
        });
    }
    Ok(rows)
}

/// Returns the orders by what they trade, each in the order of the table.
pub fn by_good(rows: &[OrderRow]) -> BTreeMap<&str, Vec<&OrderRow>> {
    let mut goods: BTreeMap<&str, Vec<&OrderRow>> = BTreeMap::new();
    for row in rows {
        goods.entry(&row.good).or_default().push(row);
    }
    goods
}

/// A cell and where it starts.
struct Cell {
    line: usize,
    column: usize,
    text: String,
}

impl Cell {
    fn error(&self, accepted: &str) -> FileError {
        FileError::new(self.line, self.column, format!("found `{}`; {accepted} is accepted", self.text))
    }

    fn whole(&self, accepted: &str) -> Result<u64, FileError> {
        let digits = self.text.bytes().all(|byte| byte.is_ascii_digit());
        self.text.parse().ok().filter(|_| digits).ok_or_else(|| self.error(accepted))
    }

    fn side(&self) -> Result<Side, FileError> {
        match self.text.as_str() {
            "bid" | "buy" => Ok(Side::Bid),
            "ask" | "sell" => Ok(Side::Ask),
            _ => Err(self.error("`bid`, `buy`, `ask` or `sell`")),
        }
    }

    fn price(&self, decimals: u32) -> Result<Option<Amount>, FileError> {
        if self.text == "market" {
            return Ok(None);
        }
        let accepted = format!("a price from 0 on with up to {decimals} decimals, or `market`,");
        let (units, rest) = self.text.split_once('.').unwrap_or((&self.text, ""));
        let rest = rest.trim_end_matches('0');
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let width = decimals as usize;
        if !digits(units) || !digits(rest) || units.is_empty() || rest.len() > width {
            return Err(self.error(&accepted));
        }
        let minor: Option<i128> = format!("{units}{rest:0<width$}").parse().ok();
        let beyond = || self.error("a price up to 2^60 minor units");
        minor.and_then(|minor| Amount::of_wide(minor).ok()).map(Some).ok_or_else(beyond)
    }
}

/// Returns the names of the columns in their order.
fn columns(cells: &[Cell]) -> Result<Vec<&'static str>, FileError> {
    let names: Vec<String> = COLUMNS.iter().map(|(name, _)| format!("`{name}`")).collect();
    let mut columns: Vec<&str> = Vec::new();
    for cell in cells {
        let Some((name, _)) = COLUMNS.iter().find(|(name, _)| *name == cell.text) else {
            return Err(cell.error(&format!("one of {}", names.join(", "))));
        };
        if columns.contains(name) {
            return Err(cell.error("each column once"));
        }
        columns.push(name);
    }
    let missing = COLUMNS.iter().find(|(name, needed)| *needed && !columns.contains(name));
    match (missing, cells.first()) {
        (None, _) => Ok(columns),
        (Some((name, _)), first) => {
            let line = first.map_or(1, |cell| cell.line);
            Err(FileError::new(
                line,
                1,
                format!("found no column `{name}`; a line that names it is accepted"),
            ))
        }
    }
}

/// Splits a line at its commas.
fn cells(line: usize, text: &str) -> Result<Vec<Cell>, FileError> {
    let mut cells = Vec::new();
    let mut characters = text.chars().enumerate().map(|(at, c)| (at + 1, c)).peekable();
    loop {
        while characters.peek().is_some_and(|&(_, c)| c == ' ' || c == '\t') {
            characters.next();
        }
        let column = characters.peek().map_or(text.chars().count() + 1, |&(column, _)| column);
        let mut cell = String::new();
        if characters.next_if(|&(_, c)| c == '"').is_some() {
            loop {
                match characters.next() {
                    Some((_, '"')) if characters.next_if(|&(_, c)| c == '"').is_some() => cell.push('"'),
                    Some((_, '"')) => break,
                    Some((_, c)) => cell.push(c),
                    None => {
                        let message = "found a cell without an end; `\"` on the same line ends it";
                        return Err(FileError::new(line, column, message));
                    }
                }
            }
            while characters.next_if(|&(_, c)| c == ' ' || c == '\t').is_some() {}
        } else {
            while let Some((_, c)) = characters.next_if(|&(_, c)| c != ',') {
                cell.push(c);
            }
            cell.truncate(cell.trim_end().len());
        }
        cells.push(Cell { line, column, text: cell });
        match characters.next() {
            Some((_, ',')) => {}
            Some((column, c)) => {
                return Err(FileError::new(
                    line,
                    column,
                    format!("found `{c}` after a quoted cell; `,` is accepted"),
                ));
            }
            None => return Ok(cells),
        }
    }
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
    fn cells_out_of_range_are_refused_at_their_place() {
        assert_eq!(error("1,hold,1,1"), "2:3: found `hold`; `bid`, `buy`, `ask` or `sell` is accepted");
        assert_eq!(
            error("1,bid, -1,1"),
            "2:8: found `-1`; a price from 0 on with up to 2 decimals, or `market`, is accepted"
        );
        for price in ["0.001", "1e3", "NaN", "inf", "", ".", ".5", "+1", "1.2.3", "1/3"] {
            assert!(error(&format!("1,bid,{price},1")).starts_with("2:7: found"), "{price}");
        }
        assert!(error("1,bid,99999999999999999999,1").contains("2^60"));
        assert!(error(&format!("1,bid,{},1", "9".repeat(60))).contains("2^60"));
        assert_eq!(error("1,bid,1,0"), "2:9: found `0`; a number of lots from 1 on is accepted");
        assert!(error("1,bid,1,1.5").starts_with("2:9: found `1.5`"));
        assert!(error("x,bid,1,1").starts_with("2:1: found `x`"));
        assert_eq!(
            error("1,bid,1,1\n1,ask,1,1"),
            "3:1: found `1`; an id that no other order has is accepted"
        );
        assert_eq!(error("1,bid,1"), "2:1: found 3 cells; 4 are accepted, one for each column");
        assert_eq!(error("1,\"bid,1,1"), "2:3: found a cell without an end; `\"` on the same line ends it");
        assert_eq!(error("1,\"bid\"x,1,1"), "2:8: found `x` after a quoted cell; `,` is accepted");
    }

    #[test]
    fn columns_are_checked() {
        let error = |text: &str| read(text, 2).expect_err("it is refused").to_string();
        assert_eq!(error(""), "1:1: found no line; a line that names the columns is accepted");
        assert_eq!(
            error("id,side,price\n"),
            "1:1: found no column `quantity`; a line that names it is accepted"
        );
        assert_eq!(error("id,id,side,price,quantity\n"), "1:4: found `id`; each column once is accepted");
        assert!(error("id,side,price,qty\n").starts_with("1:15: found `qty`; one of `id`, `side`"));
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
