//! Randomness: every draw of a run comes from a source keyed by (seed, purpose, index).
//!
//! ChaCha8 makes one root key for every purpose. Under it, all is counter-based (Philox 2×64-7; six rounds pass BigCrush):
//!
//! * [`Stream`], a sequence, for what one owner draws in its own order: a node, a fault, a workload, a topology. It is
//!   four words long, so that a million nodes have theirs;
//! * [`Draws`], for what the network draws about one copy of one message: a pure function of (purpose, sender, message
//!   number, receiver), so a copy that is withheld, a node that crashes or a fault that is added shifts no other draw.
//!
//! Sources: D. J. Bernstein, *ChaCha, a variant of Salsa20* (2008); J. K. Salmon et al., *Parallel random numbers:
//! as easy as 1, 2, 3* (SC'11).

use super::{Duration, NodeId};
use rand::rand_core::{Infallible, TryRng};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream is for. Streams of different purposes never share a key.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Purpose {
    /// A node's own stream, indexed by node, instance and incarnation.
    Node = 1,
    /// The delay of a message's copy.
    Latency = 2,
    /// Whether a message's copy is lost.
    Loss = 3,
    /// Whether, and how late, a copy arrives twice.
    Duplication = 4,
    /// Whether, and by how much, a copy is held back.
    Reordering = 5,
    /// Whether a copy arrives damaged.
    Corruption = 6,
    /// The edges of a random topology.
    Topology = 7,
    /// A fault's own stream, indexed by the fault's id.
    Fault = 8,
    /// Secret keys, indexed by node.
    Keys = 9,
    /// How a damaged copy differs from what was sent.
    Damage = 10,
    /// What a scenario leaves to chance when it is resolved, such as which agents a fault strikes.
    Resolution = 11,
    /// Node clocks: offsets and drifts.
    Clock = 12,
    /// What is true of a decision, and what each agent thinks.
    Opinion = 14,
    /// Who reviews whose proposal.
    Assignment = 15,
    /// Where agents stand in a hierarchy.
    Placement = 16,
}

/// The root of a run's randomness.
#[derive(Copy, Clone, Debug)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// Creates the streams of `seed`.
    pub const fn new(seed: u64) -> Streams {
        Streams { seed }
    }

    /// Returns the seed that all streams derive from.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns the stream of (`purpose`, `index`).
    pub fn stream(&self, purpose: Purpose, index: u64) -> Stream {
        self.family(purpose).stream(index)
    }

    /// Returns all streams of `purpose`: cheaper where there are many.
    pub fn family(&self, purpose: Purpose) -> StreamFamily {
        StreamFamily { key: self.roots(purpose)[0] }
    }

    /// Returns the key for a fault's stateless draws about copies; `index` is the fault's id.
    pub fn fault_counter(&self, index: u64) -> CounterKey {
        CounterKey(self.stream(Purpose::Fault, index).next_u64())
    }

    /// Returns the key for stateless draws of `purpose`.
    pub fn counter(&self, purpose: Purpose) -> CounterKey {
        CounterKey(self.roots(purpose)[1])
    }

    /// Returns the keys of a purpose: of its streams, and of its stateless draws.
    fn roots(&self, purpose: Purpose) -> [u64; 2] {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.seed.to_le_bytes());
        key[8..24].copy_from_slice(b"synod streams v2");
        let mut root = ChaCha8Rng::from_seed(key);
        root.set_stream(purpose as u64);
        [root.next_u64(), root.next_u64()]
    }
}

/// The streams of one purpose.
#[derive(Copy, Clone, Debug)]
pub struct StreamFamily {
    key: u64,
}

impl StreamFamily {
    /// Returns the stream at `index`.
    #[inline]
    pub const fn stream(self, index: u64) -> Stream {
        Stream { key: self.key, index, position: 0, spare: 0 }
    }
}

/// A sequence of random words that has one owner: the blocks 0, 1, 2 … of Philox, two words each, under a key and an
/// index.
///
/// ```
/// use rand::{Rng, RngExt};
/// use synod_sim::{Purpose, Streams};
///
/// let mut stream = Streams::new(7).stream(Purpose::Node, 3);
/// let die = stream.random_range(1..=6);
/// assert!((1..=6).contains(&die));
/// // What a fork draws depends on its purpose alone, not on what was drawn before.
/// let before = Streams::new(7).stream(Purpose::Node, 3).fork(1).next_u64();
/// assert_eq!(stream.fork(1).next_u64(), before);
/// ```
#[derive(Clone, Debug)]
pub struct Stream {
    key: u64,
    index: u64,
    /// Number of words drawn.
    position: u64,
    /// The second word of the block that was drawn last.
    spare: u64,
}

/// Tells the keys of forks from those that they derive from.
const FORK: u64 = 0x666f_726b_666f_726b;

impl Stream {
    /// Returns a stream of its own for `purpose`, however far this one is.
    pub fn fork(&self, purpose: u64) -> Stream {
        let (key, index) = philox(self.key ^ FORK, purpose, self.index);
        Stream { key, index, position: 0, spare: 0 }
    }

    /// Returns its next word, as the seed of a generator of another kind.
    pub fn into_seed(mut self) -> u64 {
        self.next_u64()
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let position = self.position;
        self.position += 1;
        if position % 2 == 1 {
            return Ok(self.spare);
        }
        let (word, spare) = philox(self.key, position / 2, self.index);
        self.spare = spare;
        Ok(word)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        fill_bytes(self, bytes);
        Ok(())
    }
}

/// Fills `bytes` with words in little-endian order.
fn fill_bytes(words: &mut impl Rng, bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&words.next_u64().to_le_bytes()[..chunk.len()]);
    }
}

/// Returns the seed of the child at `place` of a protocol that was built with `seed`.
pub fn derived_seed(seed: u64, place: u64) -> u64 {
    philox(seed, place, FORK).0
}

/// The key under which one purpose draws statelessly.
#[derive(Copy, Clone, Debug)]
pub struct CounterKey(u64);

/// Numbers messages that faults make up: any key will do.
pub(super) const INJECTIONS: CounterKey = CounterKey(0);

impl CounterKey {
    /// Returns the draws that belong to the copy for `to` of message `number` from `from`.
    pub fn draws(self, from: NodeId, to: NodeId, number: u64) -> Draws {
        debug_assert!(from.0 < MAX_NODES && to.0 < MAX_NODES);
        let pair = (from.0 as u64) << (NODE_BITS + PLACE_BITS) | (to.0 as u64) << PLACE_BITS;
        Draws { key: self.0, pair, number, spare: None }
    }
}

/// The most nodes that a run can have.
pub const MAX_NODES: u32 = 1 << NODE_BITS;
const NODE_BITS: u32 = 24;
const PLACE_BITS: u32 = u64::BITS - 2 * NODE_BITS;

/// A short sequence of random words, 2¹⁷ at most, that is a pure function of a counter.
#[derive(Clone, Debug)]
pub struct Draws {
    key: u64,
    /// Sender (24 bits), receiver (24 bits), place in the sequence (16 bits).
    pair: u64,
    number: u64,
    spare: Option<u64>,
}

impl Draws {
    /// Returns the first word of the sequence, without setting the sequence up.
    #[inline]
    pub fn word(&self) -> u64 {
        philox(self.key, self.pair, self.number).0
    }
}

impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.try_next_u64()? >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        if let Some(word) = self.spare.take() {
            return Ok(word);
        }
        let (word, spare) = philox(self.key, self.pair, self.number);
        self.pair += 1;
        assert!(!self.pair.is_multiple_of(1 << PLACE_BITS), "a copy draws fewer than 2^17 words");
        self.spare = Some(spare);
        Ok(word)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        fill_bytes(self, bytes);
        Ok(())
    }
}

/// Philox 2×64 with 7 rounds.
#[inline]
fn philox(mut key: u64, mut low: u64, mut high: u64) -> (u64, u64) {
    for _ in 0..7 {
        let product = low as u128 * 0xD2B7_4407_B1CE_6E93;
        low = (product >> 64) as u64 ^ key ^ high;
        high = product as u64;
        key = key.wrapping_add(0x9E37_79B9_7F4A_7C15);
    }
    (low, high)
}

/// Returns a number in (0, 1), never 0, from the top 52 bits of a word.
#[inline]
pub fn unit_open(word: u64) -> f64 {
    ((word >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
}

/// Returns an exponential span of mean `mean`: the waiting time of a Poisson process.
#[inline]
pub fn exponential(word: u64, mean: Duration) -> Duration {
    let nanos = -libm::log(unit_open(word)) * mean.as_nanos() as f64;
    // `as` saturates, so a draw beyond 584 years becomes the end of time.
    Duration::from_nanos((nanos + 0.5) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Random123's published known answers for philox2x64-7.
    #[test]
    fn philox_gives_the_published_answers() {
        assert_eq!(philox(0, 0, 0), (0xb41d_a69f_bfef_c666, 0x511e_9ce1_a553_4056));
        assert_eq!(philox(u64::MAX, u64::MAX, u64::MAX), (0xa469_6cc0_4462_015d, 0x7247_82da_e171_69e9));
        assert_eq!(
            philox(0xa409_3822_299f_31d0, 0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344),
            (0x98ed_1534_392b_f372, 0x6752_8b15_6888_2fd5)
        );
    }

    #[test]
    fn streams_of_different_keys_differ_and_repeat() {
        let streams = Streams::new(7);
        let first = |purpose, index| streams.stream(purpose, index).next_u64();
        assert_eq!(first(Purpose::Node, 0), first(Purpose::Node, 0));
        assert_ne!(first(Purpose::Node, 0), first(Purpose::Node, 1));
        assert_ne!(first(Purpose::Node, 0), first(Purpose::Fault, 0));
        assert_ne!(first(Purpose::Node, 0), Streams::new(8).stream(Purpose::Node, 0).next_u64());
    }

    #[test]
    fn a_stream_is_its_blocks_in_order() {
        let mut stream = Stream { key: 1, index: 2, position: 0, spare: 0 };
        let words: Vec<u64> = (0..5).map(|_| stream.next_u64()).collect();
        let blocks: Vec<u64> = (0..3).flat_map(|block| <[u64; 2]>::from(philox(1, block, 2))).collect();
        assert_eq!(words, blocks[..5]);
        assert_eq!(size_of::<Stream>(), 32);
    }

    #[test]
    fn forks_are_streams_of_their_own() {
        let stream = Streams::new(7).stream(Purpose::Node, 4);
        let mut drawn = stream.clone();
        drawn.next_u64();
        assert_eq!(stream.fork(1).next_u64(), drawn.fork(1).next_u64());
        let other = Streams::new(7).stream(Purpose::Node, 5);
        let firsts = [stream.clone(), stream.fork(1), stream.fork(2), stream.fork(1).fork(1), other.fork(1)]
            .map(|mut stream| stream.next_u64());
        assert_eq!(std::collections::BTreeSet::from(firsts).len(), firsts.len());
    }

    // Each bit of the sum of two independent words is even half of the time; so is each bit of a word itself. 10,000
    // streams that differ in one bit of their index, next to each other, are the hardest case of a counter-based
    // generator.
    #[test]
    fn neighbouring_streams_are_independent() {
        const COUNT: u64 = 10_000;
        let family = Streams::new(11).family(Purpose::Node);
        let firsts: Vec<u64> = (0..COUNT).map(|index| family.stream(index).next_u64()).collect();
        let seconds = (0..COUNT).map(|index| {
            let mut stream = family.stream(index);
            stream.next_u64();
            stream.next_u64()
        });
        let near_half = |words: &mut dyn Iterator<Item = u64>, what: &str| {
            let mut ones = [0u64; 64];
            let mut count = 0u64;
            for word in words {
                count += 1;
                ones.iter_mut().enumerate().for_each(|(bit, ones)| *ones += word >> bit & 1);
            }
            // Five standard deviations, for 64 bits and four comparisons.
            let slack = 2.5 * (count as f64).sqrt();
            ones.iter().for_each(|&ones| {
                let off = (ones as f64 - count as f64 / 2.0).abs();
                assert!(off < slack, "{what}: {ones} of {count}");
            });
        };
        near_half(&mut firsts.iter().copied(), "first words");
        near_half(&mut firsts.windows(2).map(|pair| pair[0] ^ pair[1]), "neighbours");
        near_half(&mut firsts.iter().copied().zip(seconds).map(|(one, two)| one ^ two), "first and second");
        let forks = (0..COUNT).map(|index| family.stream(index).fork(1).next_u64());
        near_half(&mut firsts.iter().copied().zip(forks).map(|(one, two)| one ^ two), "streams and forks");
    }

    #[test]
    fn a_copys_draws_do_not_depend_on_other_copies() {
        let key = Streams::new(1).counter(Purpose::Latency);
        let mut draws = key.draws(NodeId(3), NodeId(4), 9);
        let words: Vec<u64> = (0..5).map(|_| draws.next_u64()).collect();
        assert_eq!(words[0], key.draws(NodeId(3), NodeId(4), 9).word());
        for other in [key.draws(NodeId(4), NodeId(3), 9), key.draws(NodeId(3), NodeId(4), 10)] {
            assert_ne!(words[0], other.word());
        }
        let distinct: std::collections::BTreeSet<_> = words.iter().collect();
        assert_eq!(distinct.len(), 5);
    }

    #[test]
    fn exponential_spans_have_the_right_mean() {
        let mut stream = Streams::new(3).stream(Purpose::Node, 0);
        let mean = Duration::from_millis(1);
        let total: f64 = (0..100_000).map(|_| exponential(stream.next_u64(), mean).as_nanos() as f64).sum();
        let ratio = total / 100_000.0 / 1e6;
        assert!((ratio - 1.0).abs() < 4.0 / 100_000f64.sqrt(), "{ratio}");
    }
}
