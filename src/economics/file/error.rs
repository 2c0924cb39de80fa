//! Where a file is wrong, and how.

use std::fmt;

/// What is wrong in a file, and where. The message says what was found and what would be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1 in characters of the line.
    pub column: usize,
    /// What was found, and what would be accepted.
    pub message: String,
}

impl FileError {
    /// Returns the error that something is wrong at a line and column, both counted from 1.
    pub fn new(line: usize, column: usize, message: impl Into<String>) -> FileError {
        FileError { line, column, message: message.into() }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for FileError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_its_place_first() {
        let error = FileError::new(3, 14, "found \"x\", expected a number");
        assert_eq!(error.to_string(), "3:14: found \"x\", expected a number");
    }
}
