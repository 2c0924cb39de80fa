//! Draws of clients, and their chances.

use rand::Rng;
use synod_sim::Stream;
use synod_sim::units::Share;

/// Returns true with this probability.
pub(crate) fn admits(share: Share, stream: &mut Stream) -> bool {
    share.admits(stream.next_u64())
}

/// Returns a number below `count`.
pub(crate) fn below(stream: &mut Stream, count: u32) -> u32 {
    ((u128::from(stream.next_u64()) * u128::from(count)) >> 64) as u32
}

/// Returns one of two with its probability, by its place; `None` with what is left over.
pub(crate) fn choose(stream: &mut Stream, [first, second]: [Share; 2]) -> Option<usize> {
    let part = below(stream, Share::WHOLE.ppb());
    if part < first.ppb() {
        Some(0)
    } else if part - first.ppb() < second.ppb() {
        Some(1)
    } else {
        None
    }
}

/// Returns so many per cent.
pub(crate) fn percent(share: u32) -> Share {
    Share::from_ppb(share * 10_000_000).expect("at most a hundred per cent")
}
