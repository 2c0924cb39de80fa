//! Bytes that are shared and never change; short ones take no allocation.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;

/// Number of bytes that are held in place: as many as fit beside the length in three words.
pub(crate) const INLINE: usize = 22;

/// Immutable bytes. Those up to 22 are held in place, longer ones are shared by all clones.
#[derive(Clone)]
pub(crate) struct Bytes(Repr);

#[derive(Clone)]
enum Repr {
    Inline { length: u8, bytes: [u8; INLINE] },
    Shared(Rc<[u8]>),
}

impl Bytes {
    /// Returns true if clones share an allocation.
    #[cfg(test)]
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.0, Repr::Shared(_))
    }
}

impl From<&[u8]> for Bytes {
    fn from(slice: &[u8]) -> Bytes {
        if slice.len() > INLINE {
            return Bytes(Repr::Shared(slice.into()));
        }
        let mut bytes = [0; INLINE];
        bytes[..slice.len()].copy_from_slice(slice);
        Bytes(Repr::Inline { length: slice.len() as u8, bytes })
    }
}

impl Deref for Bytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { length, bytes } => &bytes[..usize::from(*length)],
            Repr::Shared(bytes) => bytes,
        }
    }
}

impl PartialEq for Bytes {
    #[inline]
    fn eq(&self, other: &Bytes) -> bool {
        **self == **other
    }
}

impl Eq for Bytes {}

impl PartialOrd for Bytes {
    fn partial_cmp(&self, other: &Bytes) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Bytes {
    fn cmp(&self, other: &Bytes) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl Hash for Bytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

/// Takes an encoder's output: in place as long as it is short.
pub(crate) struct Writer {
    length: usize,
    inline: [u8; INLINE],
    /// All that was written, once that is more than fits in place.
    spilled: Vec<u8>,
}

impl Writer {
    pub(crate) fn new() -> Writer {
        Writer { length: 0, inline: [0; INLINE], spilled: Vec::new() }
    }
}

impl postcard::ser_flavors::Flavor for Writer {
    type Output = Bytes;

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        let Some(room) = self.inline.get_mut(self.length) else { return self.try_extend(&[byte]) };
        *room = byte;
        self.length += 1;
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if let Some(room) = self.inline.get_mut(self.length..self.length + bytes.len()) {
            room.copy_from_slice(bytes);
        } else {
            if self.length <= INLINE {
                self.spilled.extend_from_slice(&self.inline[..self.length]);
            }
            self.spilled.extend_from_slice(bytes);
        }
        self.length += bytes.len();
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Bytes> {
        Ok(if self.length <= INLINE {
            Bytes(Repr::Inline { length: self.length as u8, bytes: self.inline })
        } else {
            Bytes(Repr::Shared(self.spilled.into()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use postcard::ser_flavors::Flavor;

    #[test]
    fn short_bytes_are_held_in_place_and_long_ones_shared() {
        assert_eq!(size_of::<Bytes>(), 24);
        for length in 0..=2 * INLINE {
            let slice: Vec<u8> = (0..length as u8).collect();
            let bytes = Bytes::from(&slice[..]);
            assert_eq!(*bytes, slice[..]);
            assert_eq!(bytes.is_shared(), length > INLINE);
            assert_eq!(bytes.clone().as_ptr() == bytes.as_ptr(), length > INLINE);
        }
    }

    #[test]
    fn a_writer_takes_pieces_of_any_length() {
        let slice: Vec<u8> = (0..2 * INLINE as u8).collect();
        for first in 0..slice.len() {
            for second in first..slice.len() {
                let mut writer = Writer::new();
                for piece in [&slice[..first], &slice[first..second]] {
                    writer.try_extend(piece).expect("it takes everything");
                }
                writer.try_push(slice[second]).expect("it takes everything");
                let bytes = writer.finalize().expect("it takes everything");
                assert_eq!(*bytes, slice[..=second]);
                assert_eq!(bytes.is_shared(), second >= INLINE);
            }
        }
    }

    #[test]
    fn they_compare_as_slices_do() {
        let long = [1; INLINE + 1];
        let slices: [&[u8]; 5] = [&[], &[0], &[1], &[1; INLINE], &long];
        for (a, b) in slices.into_iter().flat_map(|a| slices.map(|b| (a, b))) {
            assert_eq!(Bytes::from(a).cmp(&Bytes::from(b)), a.cmp(b));
            assert_eq!(Bytes::from(a) == Bytes::from(b), a == b);
        }
    }
}
