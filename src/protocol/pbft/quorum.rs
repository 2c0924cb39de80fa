//! Quorum arithmetic for n replicas of which f may be Byzantine.

use std::fmt;
use synod_sim::NodeId;
use synod_sim::units::plural;

/// The sizes of a Byzantine quorum system.
///
/// Two quorums of q = ⌊(n+f)/2⌋ + 1 share at least f + 1 replicas, one of them correct, and q ≤ n − f replicas are
/// always there to form one. The often quoted 2f + 1 is the same only at n = 3f + 1, and unsafe above.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// Replicas.
    pub n: u32,
    /// Faults tolerated.
    pub f: u32,
}

/// Why n replicas cannot tolerate f faults.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct TooManyFaults {
    /// Replicas.
    pub n: u32,
    /// Faults asked for.
    pub f: u32,
}

impl fmt::Display for TooManyFaults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "of {} at most f = {} may be faulty, not {}: n must be at least 3f + 1",
            plural(self.n.into(), "replica"),
            Quorum::most_faults(self.n),
            self.f
        )
    }
}

impl std::error::Error for TooManyFaults {}

impl Quorum {
    /// The most Byzantine replicas that `n` tolerate: ⌊(n−1)/3⌋.
    pub const fn most_faults(n: u32) -> u32 {
        n.saturating_sub(1) / 3
    }

    /// The quorum system of `n` replicas and `f` faults.
    ///
    /// # Errors
    /// If n < 3f + 1.
    pub fn new(n: u32, f: u32) -> Result<Quorum, TooManyFaults> {
        if n == 0 || f > Quorum::most_faults(n) {
            return Err(TooManyFaults { n, f });
        }
        let quorum = Quorum { n, f };
        let q = quorum.strong();
        assert!(
            2 * q - n > f && q <= n - f,
            "quorums of {q} of {n} intersect in a correct replica and exist"
        );
        Ok(quorum)
    }

    /// q, the size of a quorum.
    pub const fn strong(&self) -> u32 {
        (self.n + self.f) / 2 + 1
    }

    /// The replica that leads `view`: they take turns.
    pub fn primary(&self, view: u64) -> NodeId {
        NodeId((view % u64::from(self.n)) as u32)
    }

    /// f + 1: at least one of so many is correct.
    pub const fn weak(&self) -> u32 {
        self.f + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_are_those_of_the_published_table() {
        let table = [
            (4, 1, 3),
            (5, 1, 4),
            (6, 1, 4),
            (7, 2, 5),
            (8, 2, 6),
            (9, 2, 6),
            (10, 3, 7),
            (12, 3, 8),
            (13, 4, 9),
            (15, 4, 10),
            (18, 5, 12),
            (20, 6, 14),
            (25, 8, 17),
            (50, 16, 34),
            (100, 33, 67),
        ];
        for (n, f, q) in table {
            assert_eq!(Quorum::most_faults(n), f, "n = {n}");
            assert_eq!(Quorum::new(n, f).expect("n >= 3f + 1").strong(), q, "n = {n}");
        }
    }

    #[test]
    fn fewer_than_3f_plus_1_replicas_are_refused() {
        let error = Quorum::new(6, 2).expect_err("6 < 7");
        assert_eq!(
            error.to_string(),
            "of 6 replicas at most f = 1 may be faulty, not 2: n must be at least 3f + 1"
        );
    }

    #[test]
    fn every_admissible_system_has_safe_and_live_quorums() {
        for n in 1..300 {
            for f in 0..=Quorum::most_faults(n) {
                let q = Quorum::new(n, f).expect("n >= 3f + 1").strong();
                assert!(2 * q > n + f && q + f <= n, "n = {n}, f = {f}");
            }
        }
    }
}
