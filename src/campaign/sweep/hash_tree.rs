//! A hash tree over the digests of successive runs, so that runs can be made in pieces anywhere and their digest be put
//! together.

use serde::{Deserialize, Serialize};

/// The digest of a run, or of a subtree.
type NodeHash = [u8; 16];

/// A binary hash tree (R. C. Merkle, "A digital signature based on a conventional encryption function", CRYPTO '87,
/// section 4) whose leaves are the digests of runs, in the order of their seeds.
///
/// Of it the roots of its whole subtrees are kept, the widest first: one for every 1 in the binary number of its leaves.
/// A node stands above leaves whose places are aligned at a power of two, so that a tree over an aligned piece of the
/// runs is a part of the tree over all of them.
///
/// Its form in files is the number of its leaves, a colon, and the roots as hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct HashTree {
    leaves: u64,
    roots: Vec<NodeHash>,
}

impl HashTree {
    /// Returns the tree over these runs.
    pub(crate) fn of(digests: &[u128]) -> HashTree {
        let mut tree = HashTree::default();
        tree.extend(digests);
        tree
    }

    /// Returns the number of its leaves.
    pub(crate) fn leaves(&self) -> u64 {
        self.leaves
    }

    /// Adds the runs that follow.
    pub(crate) fn extend(&mut self, digests: &[u128]) {
        for digest in digests {
            self.push(0, digest.to_be_bytes());
        }
    }

    /// Adds the tree of the runs that follow.
    ///
    /// # Panics
    /// If it would not be a part of this one: a tree of 2^k leaves follows a multiple of 2^k.
    pub(crate) fn append(&mut self, next: &HashTree) {
        let mut left = next.leaves;
        for root in &next.roots {
            let level = left.ilog2();
            self.push(level, *root);
            left -= 1 << level;
        }
    }

    /// Adds another tree's digest as a leaf.
    pub(crate) fn push_digest(&mut self, other: &HashTree) {
        self.push(0, other.hash());
    }

    /// Returns the digest of all runs, as hexadecimal digits: of their number and the tree's root.
    pub(crate) fn digest(&self) -> String {
        hexadecimal(&self.hash())
    }

    fn hash(&self) -> NodeHash {
        let root = self.roots.iter().rev().copied().reduce(|right, left| parent(left, right));
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.leaves.to_be_bytes());
        hasher.update(&root.unwrap_or_default());
        first_half(&hasher.finalize())
    }

    /// Adds the root of a whole subtree of 2^`level` leaves.
    fn push(&mut self, level: u32, mut root: NodeHash) {
        assert!(self.leaves.trailing_zeros() >= level, "{} leaves and 2^{level} more", self.leaves);
        let mut place = self.leaves >> level;
        while place & 1 == 1 {
            let left = self.roots.pop().expect("every 1 has a root");
            root = parent(left, root);
            place >>= 1;
        }
        self.roots.push(root);
        self.leaves += 1 << level;
    }
}

fn parent(left: NodeHash, right: NodeHash) -> NodeHash {
    let mut both = [0; 32];
    both[..16].copy_from_slice(&left);
    both[16..].copy_from_slice(&right);
    first_half(&blake3::hash(&both))
}

fn first_half(hash: &blake3::Hash) -> NodeHash {
    let mut half = NodeHash::default();
    half.copy_from_slice(&hash.as_bytes()[..16]);
    half
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<HashTree> for String {
    fn from(tree: HashTree) -> String {
        format!("{}:{}", tree.leaves, hexadecimal(&tree.roots.concat()))
    }
}

impl TryFrom<String> for HashTree {
    type Error = &'static str;

    fn try_from(text: String) -> Result<HashTree, &'static str> {
        const WRONG: &str = "is no tree of digests";
        let (leaves, digits) = text.split_once(':').ok_or(WRONG)?;
        let leaves: u64 = leaves.parse().map_err(|_| WRONG)?;
        let whole = digits.as_bytes().chunks_exact(2 * size_of::<NodeHash>());
        if !whole.remainder().is_empty() || whole.len() != leaves.count_ones() as usize {
            return Err(WRONG);
        }
        let root = |digits: &[u8]| {
            let digits = std::str::from_utf8(digits).ok()?;
            u128::from_str_radix(digits, 16).ok().map(u128::to_be_bytes)
        };
        let roots: Option<Vec<NodeHash>> = whole.map(root).collect();
        Ok(HashTree { leaves, roots: roots.ok_or(WRONG)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The root over leaves whose places are aligned, by its definition: the left half is the widest power of two.
    fn root(digests: &[u128]) -> NodeHash {
        if let [only] = digests {
            return only.to_be_bytes();
        }
        let (left, right) = digests.split_at(digests.len().next_power_of_two() / 2);
        let both = [root(left), root(right)].concat();
        blake3::hash(&both).as_bytes()[..16].try_into().expect("sixteen bytes")
    }

    #[test]
    fn a_digest_is_that_of_the_number_and_the_root() {
        let digests: Vec<u128> = (0..300).map(|run| (run * 0x1234_5678_9abc_def0) ^ 7).collect();
        for count in [1, 2, 3, 4, 5, 7, 8, 9, 100, 255, 256, 257, 300] {
            let number = (count as u64).to_be_bytes();
            let whole = [number.as_slice(), &root(&digests[..count])].concat();
            let wanted = &blake3::hash(&whole).to_hex()[..32];
            assert_eq!(HashTree::of(&digests[..count]).digest(), wanted, "{count}");
        }
    }

    #[test]
    fn aligned_pieces_of_any_size_come_to_one_digest() {
        let digests: Vec<u128> = (0..2_500).map(|run| run * run + 1).collect();
        let whole = HashTree::of(&digests);
        for size in [1, 2, 64, 1_024, 4_096] {
            let mut merged = HashTree::default();
            for piece in digests.chunks(size) {
                let text = String::from(HashTree::of(piece));
                merged.append(&HashTree::try_from(text).expect("it reads back"));
            }
            assert_eq!(merged, whole, "{size}");
        }
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        let digits = "0".repeat(32);
        assert!(HashTree::try_from(format!("1:{digits}")).is_ok());
        for text in [
            "",
            "1",
            "1:",
            "x:00",
            &format!("3:{digits}"),
            &format!("1:{digits}0"),
            &format!("1:{}", "x".repeat(32)),
        ] {
            assert!(HashTree::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    #[should_panic(expected = "3 leaves and 2^1 more")]
    fn a_tree_that_is_no_part_is_refused() {
        let mut tree = HashTree::of(&[1, 2, 3]);
        tree.append(&HashTree::of(&[4, 5]));
    }
}
