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

    /// Returns where it is written.
    #[cfg(test)]
    pub(super) fn get(&self) -> &W {
        &self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes everything but one word.
    #[derive(Default)]
    struct Narrow {
        taken: Vec<u8>,
        flushed: usize,
    }

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match bytes {
                b"bad" => Err(io::Error::other("no room")),
                _ => self.taken.write(bytes),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            self.flushed += 1;
            Ok(())
        }
    }

    #[test]
    fn nothing_is_written_after_a_failure_and_it_is_told_at_the_end() {
        let mut stream = Stream::new(Narrow::default());
        for bytes in [b"one", b"bad", b"two"] {
            stream.write(|out| out.write_all(bytes));
        }
        assert_eq!(stream.get().taken, b"one");
        assert_eq!(stream.finish().expect_err("it failed").to_string(), "no room");
    }

    #[test]
    fn all_is_written_at_the_end() {
        let mut stream = Stream::new(Narrow::default());
        stream.write(|out| out.write_all(b"one"));
        stream.finish().expect("nothing failed");
        assert_eq!(stream.get().flushed, 1);
    }
}
