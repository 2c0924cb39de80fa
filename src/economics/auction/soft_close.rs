//! When an open auction ends: late bids move the end, so that nobody wins by bidding last.

use super::TermsError;

/// A deadline that late bids move. All times are in one unit, such as nanoseconds of the log's time.
///
/// A bid that is accepted within `window` before the deadline moves it to `extension` after the bid, if that is
/// later. With both equal to an interval and the first deadline one interval after the start, the auction ends after
/// one quiet interval.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct SoftClose {
    deadline: u64,
    window: u64,
    extension: u64,
    extensions: u32,
}

impl SoftClose {
    /// Returns a deadline; one that never moves has no window and no extension.
    ///
    /// # Errors
    /// If there is a window without an extension, or an extension without a window.
    pub fn new(deadline: u64, window: u64, extension: u64) -> Result<SoftClose, TermsError> {
        if (window == 0) != (extension == 0) {
            return Err(TermsError::HalfSoftClose);
        }
        Ok(SoftClose { deadline, window, extension, extensions: 0 })
    }

    /// Returns the deadline as it stands. What happens later is too late.
    pub fn deadline(&self) -> u64 {
        self.deadline
    }

    /// Returns how often the deadline has moved.
    pub fn extensions(&self) -> u32 {
        self.extensions
    }

    /// Takes notice of an accepted bid, and returns the new deadline if it moved. A bid after the deadline moves nothing.
    pub fn accepted(&mut self, at: u64) -> Option<u64> {
        let moved = at.saturating_add(self.extension);
        let late = at <= self.deadline && self.deadline - at <= self.window;
        if self.window == 0 || !late || moved <= self.deadline {
            return None;
        }
        self.deadline = moved;
        self.extensions += 1;
        Some(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_late_bids_move_the_deadline() {
        let mut close = SoftClose::new(100, 10, 15).unwrap();
        assert_eq!(close.accepted(89), None);
        assert_eq!(close.accepted(90), Some(105));
        assert_eq!(close.accepted(106), None);
        assert_eq!(close.accepted(105), Some(120));
        assert_eq!((close.deadline(), close.extensions()), (120, 2));
    }

    #[test]
    fn one_quiet_interval_is_a_soft_close() {
        let mut close = SoftClose::new(10, 10, 10).unwrap();
        assert_eq!(close.accepted(0), None);
        assert_eq!(close.accepted(3), Some(13));
        assert_eq!(close.accepted(13), Some(23));
    }

    #[test]
    fn a_hard_close_never_moves() {
        let mut close = SoftClose::new(10, 0, 0).unwrap();
        assert_eq!(close.accepted(10), None);
        assert_eq!(SoftClose::new(10, 1, 0), Err(TermsError::HalfSoftClose));
        assert_eq!(SoftClose::new(10, 0, 1), Err(TermsError::HalfSoftClose));
        assert_eq!(SoftClose::new(u64::MAX, 5, 5).unwrap().accepted(u64::MAX), None);
    }
}
