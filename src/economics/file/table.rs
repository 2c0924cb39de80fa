//! Tables of comma-separated values, read strictly, with the place of each field.
//!
//! Source: RFC 4180. Spaces around a field that is not quoted are dropped; empty lines are skipped.

use super::FileError;

/// A field, and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Field {
    /// An error about this field.
    pub(super) fn error(&self, message: impl Into<String>) -> FileError {
        FileError::new(self.line, self.column, message)
    }
}

/// A header, which tells the columns, and rows with one field for each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) header: Vec<Field>,
    pub(super) rows: Vec<Vec<Field>>,
}

impl Table {
    /// Reads a table whose columns are all among `known`, each at most once, and have all that are `needed`.
    pub(super) fn read(text: &str, needed: &[&str], known: &[&str]) -> Result<Table, FileError> {
        // Spreadsheets put a byte order mark first.
        let mut records = Reader::new(text.strip_prefix('\u{feff}').unwrap_or(text)).records()?.into_iter();
        let accepted = known.join(", ");
        let header = records
            .next()
            .ok_or_else(|| FileError::new(1, 1, format!("found nothing, expected a header of {accepted}")))?;
        for (place, column) in header.iter().enumerate() {
            if !known.contains(&column.text.as_str()) {
                return Err(
                    column.error(format!("found column {:?}, expected one of {accepted}", column.text))
                );
            }
            if header[..place].iter().any(|earlier| earlier.text == column.text) {
                return Err(
                    column.error(format!("column {} stands here again, expected it once", column.text))
                );
            }
        }
        if let Some(missing) = needed.iter().find(|name| header.iter().all(|column| column.text != **name)) {
            return Err(header[0].error(format!("found no column {missing}, expected one")));
        }
        let rows: Vec<Vec<Field>> = records.collect();
        for row in &rows {
            if row.len() != header.len() {
                let last = &row[row.len().min(header.len() + 1) - 1];
                return Err(last.error(format!("found {} fields, expected {}", row.len(), header.len())));
            }
        }
        Ok(Table { header, rows })
    }

    /// The place of a column, if it is there.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column.text == name)
    }
}

/// A reader of characters that knows where it is.
struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    line: usize,
    column: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Reader<'a> {
        Reader { rest: text.chars().peekable(), line: 1, column: 1 }
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        if next == '\n' {
            (self.line, self.column) = (self.line + 1, 1);
        } else {
            self.column += 1;
        }
        Some(next)
    }

    fn records(&mut self) -> Result<Vec<Vec<Field>>, FileError> {
        let (mut records, mut record) = (Vec::new(), Vec::new());
        while self.rest.peek().is_some() {
            record.push(self.field()?);
            // A field ends at a comma, at the end of a line, or at the end of the text.
            if self.next() != Some(',') {
                records.push(std::mem::take(&mut record));
            } else if self.rest.peek().is_none() {
                record.push(self.field()?);
            }
        }
        if !record.is_empty() {
            records.push(record);
        }
        records.retain(|record| record.len() > 1 || !record[0].text.is_empty());
        Ok(records)
    }

    /// Reads up to the end of a field, which is left to be read.
    fn field(&mut self) -> Result<Field, FileError> {
        while self.rest.peek().is_some_and(|next| matches!(next, ' ' | '\t')) {
            self.next();
        }
        let (line, column) = (self.line, self.column);
        let field = |text: String| Field { text, line, column };
        if self.rest.peek() == Some(&'"') {
            return Ok(field(self.quoted()?));
        }
        let mut text = String::new();
        while let Some(&next) = self.rest.peek() {
            match next {
                ',' | '\n' => break,
                '"' => {
                    return Err(FileError::new(
                        self.line,
                        self.column,
                        "found a quote inside a field, expected it at its start",
                    ));
                }
                _ => text.push(next),
            }
            self.next();
        }
        Ok(field(text.trim_end().to_owned()))
    }

    fn quoted(&mut self) -> Result<String, FileError> {
        let open =
            FileError::new(self.line, self.column, "found no end of this quoted field, expected a quote");
        self.next();
        let mut text = String::new();
        loop {
            match self.next().ok_or_else(|| open.clone())? {
                '"' if self.rest.peek() == Some(&'"') => text.extend(self.next()),
                '"' => break,
                other => text.push(other),
            }
        }
        while self.rest.peek().is_some_and(|next| matches!(next, ' ' | '\t' | '\r')) {
            self.next();
        }
        match self.rest.peek() {
            None | Some(',' | '\n') => Ok(text),
            Some(next) => Err(FileError::new(
                self.line,
                self.column,
                format!("found {next:?} after a quoted field, expected a comma"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Vec<String>>, String> {
        let table = Table::read(text, &["a"], &["a", "b"]).map_err(|error| error.to_string())?;
        Ok(table.rows.into_iter().map(|row| row.into_iter().map(|field| field.text).collect()).collect())
    }

    #[test]
    fn fields_are_read_with_quotes_and_spaces() {
        let rows = read("\u{feff}a , b\r\n\r\n 1, \"x, \"\"y\"\"\nz\" \r\n2,\n").unwrap();
        assert_eq!(rows, [["1", "x, \"y\"\nz"], ["2", ""]]);
        assert_eq!(read("a,b\n1,2").unwrap(), [["1", "2"]]);
        assert_eq!(read("a,b\n1,").unwrap(), [["1", ""]]);
        assert_eq!(read("a\n").unwrap(), Vec::<Vec<String>>::new());
    }

    #[test]
    fn errors_tell_their_place() {
        let error = |text| read(text).unwrap_err();
        assert_eq!(error(""), "1:1: found nothing, expected a header of a, b");
        assert_eq!(error("a,c\n"), "1:3: found column \"c\", expected one of a, b");
        assert_eq!(error("a, a\n"), "1:4: column a stands here again, expected it once");
        assert_eq!(error("b\n"), "1:1: found no column a, expected one");
        assert_eq!(error("a,b\n1,2\n3\n"), "3:1: found 1 fields, expected 2");
        assert_eq!(error("a,b\n1,2,3,4\n"), "2:5: found 4 fields, expected 2");
        assert_eq!(error("a\n1\"2\n"), "2:2: found a quote inside a field, expected it at its start");
        assert_eq!(error("a,b\n1,\"2\n"), "2:3: found no end of this quoted field, expected a quote");
        assert_eq!(error("a\n\"1\"2\n"), "2:4: found '2' after a quoted field, expected a comma");
    }

    #[test]
    fn places_count_lines_within_quotes() {
        let table = Table::read("a,b\n\"x\ny\",é,\n", &[], &["a", "b"]).unwrap_err();
        assert_eq!((table.line, table.column), (3, 6));
    }
}
