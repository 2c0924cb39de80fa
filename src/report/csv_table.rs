//! Tables as CSV, which spreadsheets open as well as programs.

use std::borrow::Cow;

/// A table in the making: rows of cells.
pub(super) struct CsvTable(csv::Writer<Vec<u8>>);

impl CsvTable {
    pub(super) fn new() -> CsvTable {
        CsvTable(csv::Writer::from_writer(Vec::new()))
    }

    /// Adds a row.
    pub(super) fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) -> csv::Result<()> {
        for each in cells {
            self.0.write_field(cell(each.as_ref()).as_bytes())?;
        }
        self.0.write_record(None::<&[u8]>)
    }

    pub(super) fn finish(self) -> csv::Result<Vec<u8>> {
        self.0.into_inner().map_err(|failure| failure.into_error().into())
    }
}

/// Returns a text as no spreadsheet takes it for a formula: with an apostrophe before it, if it begins as one does.
/// Numbers stay as they are.
///
/// Source: OWASP, *CSV Injection*.
fn cell(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    if is_formula { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_numbers_stay() {
        let mut table = CsvTable::new();
        let cells = ["=1+1", "+a", "-a", "@a", "\ta", "\ra", "-1.5", "+3", "-1e9", "a=1", "", "a,\"b\"\nc"];
        table.row(cells).expect("memory takes everything");
        let text = String::from_utf8(table.finish().expect("memory takes everything")).expect("text");
        let expected = "'=1+1,'+a,'-a,'@a,'\ta,\"'\ra\",-1.5,+3,-1e9,a=1,,\"a,\"\"b\"\"\nc\"\n";
        assert_eq!(text, expected);
    }
}
