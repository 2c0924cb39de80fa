//! What is written while a run goes on: nothing that goes wrong stops the run, and the caller learns of it at the end.

use std::io::{self, Write};
use synod_harness::Recorded;

/// A writer that has a limit, remembers the first thing that went wrong, and writes nothing after it.
pub(super) struct Stream<W: Write> {
    out: W,
    failure: Option<io::Error>,
    /// The most bytes that are written.
    limit: u64,
    recorded: Recorded,
    /// What is written next, to see whether it fits.
    piece: Vec<u8>,
}

impl<W: Write> Stream<W> {
    pub(super) fn new(out: W, limit: u64) -> Stream<W> {
        Stream { out, failure: None, limit, recorded: Recorded::default(), piece: Vec::new() }
    }

    /// Writes a piece by `action`, unless something went wrong before. The first that does not fit is left out, and so
    /// are all after it.
    pub(super) fn write(&mut self, action: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) {
        if self.failure.is_some() {
            return;
        }
        if self.recorded.left_out > 0 {
            self.recorded.left_out += 1;
            return;
        }
        self.piece.clear();
        match action(&mut self.piece) {
            Err(failure) => self.failure = Some(failure),
            Ok(()) if self.recorded.bytes + self.piece.len() as u64 > self.limit => {
                self.recorded.left_out += 1
            }
            Ok(()) => {
                self.recorded.bytes += self.piece.len() as u64;
                self.failure = self.out.write_all(&self.piece).err();
            }
        }
    }

    /// Writes what the whole cannot do without, whatever the limit.
    pub(super) fn write_end(&mut self, end: &[u8]) {
        if self.failure.is_none() {
            self.recorded.bytes += end.len() as u64;
            self.failure = self.out.write_all(end).err();
        }
    }

    /// Makes sure that all is written.
    ///
    /// # Errors
    /// The first thing that went wrong.
    pub(super) fn finish(&mut self) -> io::Result<Recorded> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.out.flush().map(|()| self.recorded),
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
        let mut stream = Stream::new(Narrow::default(), u64::MAX);
        for bytes in [b"one", b"bad", b"two"] {
            stream.write(|out| out.write_all(bytes));
        }
        assert_eq!(stream.get().taken, b"one");
        assert_eq!(stream.finish().expect_err("it failed").to_string(), "no room");
    }

    #[test]
    fn all_is_written_at_the_end() {
        let mut stream = Stream::new(Narrow::default(), u64::MAX);
        stream.write(|out| out.write_all(b"one"));
        assert_eq!(stream.finish().expect("nothing failed"), Recorded { bytes: 3, left_out: 0 });
        assert_eq!(stream.get().flushed, 1);
    }

    #[test]
    fn what_does_not_fit_is_counted_and_the_end_is_written() {
        let mut stream = Stream::new(Vec::new(), 7);
        for bytes in [&b"one"[..], b"two", b"three", b"4"] {
            stream.write(|out| out.write_all(bytes));
        }
        stream.write_end(b"]");
        assert_eq!(stream.finish().expect("nothing failed"), Recorded { bytes: 7, left_out: 2 });
        assert_eq!(stream.get(), b"onetwo]");
    }
}
