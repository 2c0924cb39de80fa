//! What the words of those who have left a rung come to.

use super::config::Config;
use super::message::Close;
use synod_compose::{Bound, Leave};
use synod_sim::{NodeId, Signed};

/// What may have been decided in the rungs up to `rung`, as these words have it.
///
/// A rung that was opened was bound to what may have been decided before, so the highest in which anything may have
/// been decided tells.
pub(super) fn bound<C: Leave>(config: &Config<C>, rung: u32, words: &[Signed<Close<C::Testimony>>]) -> Bound {
    let of = |rung: u32| {
        let said: Vec<(NodeId, Option<&C::Testimony>)> = words
            .iter()
            .map(|close| (close.signer(), close.words.get(rung as usize).and_then(Option::as_ref)))
            .collect();
        match said.iter().any(|(_, word)| word.is_some()) {
            true => C::bound(&config.chain[rung as usize].child, &said),
            // Nobody of n − f took part, so no quorum did.
            false => Bound::Free,
        }
    };
    (0..=rung).rev().map(of).find(|bound| *bound != Bound::Free).unwrap_or(Bound::Free)
}

/// True if `certificate` holds the words of enough different members on `rung`, whoever signed them.
pub(super) fn is_complete<C: Leave>(
    config: &Config<C>,
    rung: u32,
    certificate: &[Signed<Close<C::Testimony>>],
) -> bool {
    let mut signers: Vec<NodeId> = certificate.iter().map(Signed::signer).collect();
    signers.sort_unstable();
    signers.dedup();
    signers.len() == certificate.len()
        && signers.len() >= config.closing()
        && signers.iter().all(|signer| signer.0 < config.members)
        && certificate.iter().all(|close| close.rung == rung && close.words.len() == rung as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Level, Rung};
    use std::rc::Rc;
    use synod_common::opinion::Poll;
    use synod_common::profile::Profile;
    use synod_sim::Duration;
    use synod_sim::auth::Tag;
    use synod_vote::weighted::leaving::Testimony;
    use synod_vote::weighted::{self, Weighted};

    /// Two votes of five, of whom one may be faulty, one after the other.
    fn config() -> Config<Weighted> {
        let poll = Poll { truth: 0, opinions: vec![Some(0); 5] };
        let vote = Rc::new(weighted::Config::new(vec![Profile::default(); 5], vec![poll], 2));
        let rung =
            |level| Rung { level, child: Rc::clone(&vote), opener: NodeId(0), cost: Duration::from_secs(1) };
        Config {
            chain: vec![rung(Level::Crash), rung(Level::Majority)],
            floor: Level::Majority,
            faulty: 1,
            members: 5,
            max_time: Duration::from_secs(10),
            dwell: Duration::ZERO,
            heartbeat: Duration::from_secs(1),
            failures_ppm: 100_000,
            bug: None,
        }
    }

    fn close(signer: u32, rung: u32, words: usize) -> Signed<Close<Testimony>> {
        let words = vec![Some(Testimony::default()); words];
        Signed::with_tag(Close { rung, words, bytes: 1 }, NodeId(signer), 0, Tag::Absent)
    }

    #[test]
    fn all_but_f_different_members_close_a_rung() {
        let complete = |certificate: &[_]| is_complete(&config(), 0, certificate);
        let four = [0, 1, 2, 3].map(|signer| close(signer, 0, 1));
        assert!(complete(&four));
        assert!(!complete(&four[..3]), "one too few");
        assert!(!complete(&[0, 1, 2, 2].map(|signer| close(signer, 0, 1))), "one counted twice");
        assert!(!complete(&[0, 1, 2, 5].map(|signer| close(signer, 0, 1))), "a stranger");
        assert!(!complete(&[0, 1, 2, 3].map(|signer| close(signer, 1, 2))), "another rung");
        assert!(!complete(&[0, 1, 2, 3].map(|signer| close(signer, 0, 2))), "a word too many");
    }

    #[test]
    fn the_highest_rung_in_which_anything_may_have_been_decided_tells() {
        let config = config();
        // The coordinator is away: with one voice of five it could not decide alone.
        let left = [1, 2, 3, 4].map(|signer| close(signer, 0, 1));
        assert_eq!(bound(&config, 0, &left), Bound::Free);
        // Three are away, and could have decided anything.
        assert_eq!(bound(&config, 0, &left[..2]), Bound::Unclear);
        // Nobody took part in the second rung, so the first tells.
        let later = [1, 2].map(|signer| {
            let words = vec![Some(Testimony::default()), None];
            Signed::with_tag(Close { rung: 1, words, bytes: 1 }, NodeId(signer), 0, Tag::Absent)
        });
        assert_eq!(bound(&config, 1, &later), Bound::Unclear);
    }
}
