//! Hashing: the canonical encoding, value digests and the run digest.
//!
//! The canonical encoding is postcard's wire format, which is specified and stable. A [`Digest`] (BLAKE3) names a
//! value inside a protocol; a fingerprint (XXH3, 64 bits) identifies a payload in the digest of a run, once per send.

use super::value::DIGEST;
use serde::{Serialize, Serializer};
use std::cell::Cell;
use std::fmt;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// The BLAKE3 digest of a canonically encoded value.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of no value at all; in PBFT, of the null batch.
    pub const ZERO: Digest = Digest([0; 32]);

    /// Returns the digest of `value`.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Digest {
        let mut scratch = Vec::new();
        encode(value, &mut scratch);
        Digest::of_bytes(&scratch)
    }

    /// Returns the digest of `bytes`.
    pub fn of_bytes(bytes: &[u8]) -> Digest {
        Digest(*blake3::hash(bytes).as_bytes())
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_newtype_struct(DIGEST, &format_args!("{self}"))
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl fmt::Display for Digest {
    /// Returns the first eight bytes: enough to tell values apart in a report.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..8].iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// Replaces what `scratch` holds by the canonical encoding of `value`.
///
/// # Panics
/// If `value` cannot be encoded without a schema (a map or sequence of unknown length).
pub fn encode<T: Serialize + ?Sized>(value: &T, scratch: &mut Vec<u8>) {
    scratch.clear();
    append(value, scratch);
}

/// Appends the canonical encoding of `value` to what `scratch` holds.
pub(super) fn append<T: Serialize + ?Sized>(value: &T, scratch: &mut Vec<u8>) {
    postcard::serialize_with_flavor::<T, Appender<'_>, ()>(value, Appender(scratch))
        .expect("messages, records and observations encode without a schema");
}

/// Returns the canonical length of `value` in bytes.
///
/// It is encoded to be measured: a serializer that only counts would be compiled once more for every type, and is no
/// faster.
pub fn encoded_len<T: Serialize + ?Sized>(value: &T) -> usize {
    let mut scratch = take_scratch();
    encode(value, &mut scratch);
    give_back(scratch)
}

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

fn take_scratch() -> Vec<u8> {
    SCRATCH.take()
}

/// Keeps `scratch` for the next value to be measured, and returns its length.
fn give_back(scratch: Vec<u8>) -> usize {
    let length = scratch.len();
    SCRATCH.set(scratch);
    length
}

/// 64 bits that identify `value` in the digest of a run.
#[inline]
pub fn fingerprint<T: Serialize + ?Sized>(value: &T, scratch: &mut Vec<u8>) -> u64 {
    encode(value, scratch);
    hash(scratch)
}

/// Once, rather than wherever something is fingerprinted.
#[inline(never)]
fn hash(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

struct Appender<'a>(&'a mut Vec<u8>);

impl postcard::ser_flavors::Flavor for Appender<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// The digest of a whole run: what happened, folded in order.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunDigest(pub u128);

impl fmt::Display for RunDigest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", self.0)
    }
}

impl fmt::Debug for RunDigest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// Folds a run's events into its digest.
///
/// Three words an event are gathered and hashed in bulk, which costs about a nanosecond an event.
pub(super) struct Fold {
    hasher: Xxh3,
    pending: Vec<u8>,
    /// Everything folded so far, kept where two runs are compared event by event.
    transcript: Option<Vec<[u64; 3]>>,
}

impl Fold {
    const BATCH: usize = 24 * 512;

    pub(super) fn new() -> Fold {
        Fold { hasher: Xxh3::new(), pending: Vec::with_capacity(1024), transcript: None }
    }

    #[inline]
    pub(super) fn event(&mut self, at: u64, what: u64, content: u64) {
        if let Some(transcript) = &mut self.transcript {
            transcript.push([at, what, content]);
        }
        let mut words = [0; 24];
        words[..8].copy_from_slice(&at.to_le_bytes());
        words[8..16].copy_from_slice(&what.to_le_bytes());
        words[16..].copy_from_slice(&content.to_le_bytes());
        self.pending.extend_from_slice(&words);
        if self.pending.len() >= Fold::BATCH {
            self.flush();
        }
    }

    #[cold]
    fn flush(&mut self) {
        self.hasher.update(&self.pending);
        self.pending.clear();
    }

    pub(super) fn keep_transcript(&mut self) {
        self.transcript = Some(Vec::new());
    }

    pub(super) fn take_transcript(&mut self) -> Vec<[u64; 3]> {
        self.transcript.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn finish(&mut self) -> RunDigest {
        self.flush();
        RunDigest(self.hasher.digest128())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_and_its_digests_never_change() {
        let value = (1u32, "vote", [7u64, u64::MAX]);
        let mut scratch = Vec::new();
        assert_eq!(fingerprint(&value, &mut scratch), xxh3_64(&scratch));
        assert_eq!(scratch.len(), encoded_len(&value));
        assert_eq!(scratch[..7], [1, 4, b'v', b'o', b't', b'e', 7]);
        assert_eq!(Digest::of_bytes(b"").to_string(), "af1349b9f5f9a1a6");
    }

    #[test]
    fn a_run_digest_depends_on_order_and_not_on_batching() {
        let fold = |events: &[(u64, u64, u64)]| {
            let mut fold = Fold::new();
            events.iter().for_each(|&(at, what, content)| fold.event(at, what, content));
            fold.finish()
        };
        let many: Vec<_> = (0..2_000).map(|i| (i, i * 3, i * 7)).collect();
        let mut swapped = many.clone();
        swapped.swap(0, 1);
        assert_eq!(fold(&many), fold(&many));
        assert_ne!(fold(&many), fold(&swapped));
    }
}
