//! A limit against floods of bids: a sliding window.

use super::TermsError;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Admits an entry at a time t only if fewer than `most` were admitted in (t − window, t].
///
/// So no window of that length ever holds more than `most` entries, which a bucket of tokens does not promise. Times
/// are in one unit, such as milliseconds of the log's time, and never fall: a lower time counts as the latest one
/// that was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SlidingWindow {
    most: usize,
    window: u64,
    latest: u64,
    admitted: VecDeque<u64>,
}

impl SlidingWindow {
    /// Returns a limit that has admitted nothing.
    ///
    /// # Errors
    /// If it would admit nothing, or the window is empty.
    pub fn new(most: usize, window: u64) -> Result<SlidingWindow, TermsError> {
        if most == 0 || window == 0 {
            return Err(TermsError::EmptyLimit);
        }
        Ok(SlidingWindow { most, window, latest: 0, admitted: VecDeque::new() })
    }

    /// Returns whether an entry at this time is admitted. Entries that are not do not count.
    pub fn admit(&mut self, at: u64) -> bool {
        self.latest = self.latest.max(at);
        while self.admitted.front().is_some_and(|earlier| self.latest - earlier >= self.window) {
            self.admitted.pop_front();
        }
        let admits = self.admitted.len() < self.most;
        if admits {
            self.admitted.push_back(self.latest);
        }
        admits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_eleventh_bid_within_a_minute_is_refused() {
        let mut limit = SlidingWindow::new(10, 60_000).unwrap();
        assert!((0..10).all(|bid| limit.admit(bid * 1_000)));
        assert!(!limit.admit(59_999));
        // The first one leaves the window after a minute, not before.
        assert!(limit.admit(60_000));
        assert!(!limit.admit(60_000));
        assert!(!limit.admit(0));
    }

    #[test]
    fn a_limit_that_admits_nothing_is_an_error() {
        assert_eq!(SlidingWindow::new(0, 1), Err(TermsError::EmptyLimit));
        assert_eq!(SlidingWindow::new(1, 0), Err(TermsError::EmptyLimit));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_does_what_it_says(gaps in prop::collection::vec(0_u64..12, 1..80), most in 1_usize..5) {
            let mut limit = SlidingWindow::new(most, 20).unwrap();
            let (mut at, mut admitted) = (0, Vec::new());
            for gap in gaps {
                at += gap;
                let recent = admitted.iter().filter(|earlier| **earlier + 20 > at).count();
                prop_assert_eq!(limit.admit(at), recent < most);
                if recent < most {
                    admitted.push(at);
                }
            }
        }
    }
}
