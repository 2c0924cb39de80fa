//! What is written while a run goes on: nothing that goes wrong stops the run, and the caller learns of it at the end.

use std::io::{self, Write};

/// A writer that remembers the first thing that went wrong, and writes nothing after it.
pub(super) struct Stream<W: Write> {
    out: W,
    failure: Option<io::Error>,
}

impl<W: Write> Stream<W> {
    pub(super) fn new(out: W) -> Stream<W> {
        Stream { out, failure: None }
    }

    /// Writes by `action`, unless something went wrong before.
    pub(super) fn write(&mut self, action: impl FnOnce(&mut W) -> io::Result<()>) {
        if self.failure.is_none() {
            self.failure = action(&mut self.out).err();
        }
    }

    /// Makes sure that all is written.
    ///
    /// # Errors
    /// The first thing that went wrong.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.out.flush(),
        }
    }

    /// Where it is written.
    #[cfg(test)]
    pub(super) fn get(&self) -> &W {
        &self.out
    }
}
