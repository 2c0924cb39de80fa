//! Why nothing more can be done.

use std::fmt;
use std::io;
use std::path::Path;

/// An error, in words.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    /// An error that says what it says.
    pub fn new(message: impl Into<String>) -> Error {
        Error(message.into())
    }

    /// A file or folder that cannot be used.
    pub fn file(path: &Path, source: io::Error) -> Error {
        Error(format!("{}: {source}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
