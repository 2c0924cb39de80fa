//! The init history of a rung, from the abort messages for the rung before.

use super::config::Config;
use super::message::Close;
use synod_common::decide::{Abortable, InitHistory};
use synod_sim::{NodeId, Signed};

/// The init history that these abort messages give: what may have been decided in the rungs up to `rung`.
///
/// A rung that was opened was bound to what may have been decided before, so the highest in which anything may have
/// been decided tells.
pub(super) fn init_history<C: Abortable>(
    config: &Config<C>,
    rung: u32,
    aborts: &[Signed<Close<C::AbortProof>>],
) -> InitHistory {
    let of = |rung: u32| {
        let said: Vec<(NodeId, Option<&C::AbortProof>)> = aborts
            .iter()
            .map(|close| (close.signer(), close.proofs.get(rung as usize).and_then(Option::as_ref)))
            .collect();
        if said.iter().any(|(_, proof)| proof.is_some()) {
            C::init_history(&config.chain[rung as usize].child, &said)
        } else {
            // Nobody of n − f took part, so no quorum did.
            InitHistory::Free
        }
    };
    (0..=rung)
        .rev()
        .map(of)
        .find(|init_history| *init_history != InitHistory::Free)
        .unwrap_or(InitHistory::Free)
}

/// Returns true if `certificate` holds abort messages of enough distinct members for `rung`; signatures are checked
/// elsewhere.
pub(super) fn is_complete<C: Abortable>(
    config: &Config<C>,
    rung: u32,
    certificate: &[Signed<Close<C::AbortProof>>],
) -> bool {
    let mut signers: Vec<NodeId> = certificate.iter().map(Signed::signer).collect();
    signers.sort_unstable();
    signers.dedup();
    signers.len() == certificate.len()
        && signers.len() >= config.abort_quorum()
        && signers.iter().all(|signer| signer.0 < config.members)
        && certificate.iter().all(|close| close.rung == rung && close.proofs.len() == rung as usize + 1)
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
    use synod_vote::weighted::abort::AbortProof;
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

    fn close(signer: u32, rung: u32, proofs: usize) -> Signed<Close<AbortProof>> {
        let proofs = vec![Some(AbortProof::default()); proofs];
        Signed::with_tag(Close { rung, proofs, bytes: 1 }, NodeId(signer), 0, Tag::Absent)
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
        assert_eq!(init_history(&config, 0, &left), InitHistory::Free);
        // Three are away, and could have decided anything.
        assert_eq!(init_history(&config, 0, &left[..2]), InitHistory::Unclear);
        // Nobody took part in the second rung, so the first tells.
        let later = [1, 2].map(|signer| {
            let proofs = vec![Some(AbortProof::default()), None];
            Signed::with_tag(Close { rung: 1, proofs, bytes: 1 }, NodeId(signer), 0, Tag::Absent)
        });
        assert_eq!(init_history(&config, 1, &later), InitHistory::Unclear);
    }
}
