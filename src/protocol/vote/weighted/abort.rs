//! Aborting a session that has not decided: the abort history of a voter is its vote, which is final.
//!
//! An option may have been decided if those who have left for it and all who have not left together reach the
//! threshold; those of F weight who may lie count for every option. A coordinator that does not lie decides alone, so
//! where it has left, nothing was decided.

use super::config::Config;
use super::message::Vote;
use super::state::Weighted;
use crate::rule::Rule;
use serde::Serialize;
use synod_sim::collections::SortedMap;
use synod_sim::{Context, NodeId, Signed};

/// The abort history of a voter: its vote, if it has cast one.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AbortProof(Option<Signed<Vote>>);

/// What may have been decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Possible {
    /// Nothing.
    Nothing,
    /// This option, and no other.
    Only(u64),
    /// One of several.
    Several,
}

impl Weighted {
    /// The abort history of this voter in its only session.
    pub fn abort_proof(&self) -> AbortProof {
        AbortProof(self.voter.cast_vote(0).cloned())
    }
}

impl AbortProof {
    /// Returns true if it is `witness`'s own vote.
    pub fn is_proven(&self, witness: NodeId, ctx: &mut Context<'_, Weighted>) -> bool {
        let Some(vote) = &self.0 else { return true };
        vote.signer() == witness && vote.session == 0 && ctx.verify(vote)
    }

    /// What may have been decided, if these voters have aborted.
    pub fn possible<'a>(config: &Config, proofs: impl Iterator<Item = (NodeId, &'a AbortProof)>) -> Possible {
        let weights = config.weighing.snapshot.weights();
        let total = config.weighing.snapshot.total();
        let mut absent = total;
        let mut cast: SortedMap<u64, u64> = SortedMap::new();
        let mut coordinator_left = false;
        for (witness, AbortProof(vote)) in proofs {
            let weight = weights[witness.index()];
            absent -= weight;
            coordinator_left |= witness == config.coordinator;
            if let Some(vote) = vote {
                *cast.entry(vote.ballot.option).or_default() += weight;
            }
        }
        if coordinator_left && config.faulty_ppm == 0 {
            return Possible::Nothing;
        }
        let Rule::OfTotal { threshold } = config.terms(total).rule else { return Possible::Several };
        let unsaid = absent + config.faulty(total);
        if unsaid >= threshold {
            // Enough are away for any option, voted for or not.
            return Possible::Several;
        }
        let mut possible = cast.iter().filter(|(_, weight)| **weight + unsaid >= threshold);
        match (possible.next(), possible.next()) {
            (None, _) => Possible::Nothing,
            (Some((option, _)), None) => Possible::Only(*option),
            (Some(_), Some(_)) => Possible::Several,
        }
    }

    /// Its size on the wire, in bytes.
    pub fn size(&self) -> usize {
        1 + self.0.as_ref().map_or(0, Signed::size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ballot;
    use synod_common::opinion::Poll;
    use synod_common::profile::Profile;
    use synod_sim::Digest;
    use synod_sim::auth::Tag;

    fn config(voters: usize) -> Config {
        let poll = Poll { truth: 0, opinions: vec![Some(0); voters] };
        Config::new(vec![Profile::default(); voters], vec![poll], 3)
    }

    /// Who has left, for which option.
    fn possible(config: &Config, left: &[(u32, Option<u64>)]) -> Possible {
        let abort_proof = |&(voter, option): &(u32, Option<u64>)| {
            let vote = option.map(|option| {
                let ballot = Ballot { option, confidence_ppm: 1_000_000 };
                let vote = Vote { session: 0, snapshot: Digest::ZERO, ballot };
                Signed::with_tag(vote, NodeId(voter), 0, Tag::Absent)
            });
            (NodeId(voter), AbortProof(vote))
        };
        let held: Vec<_> = left.iter().map(abort_proof).collect();
        AbortProof::possible(config, held.iter().map(|(witness, abort_proof)| (*witness, abort_proof)))
    }

    #[test]
    fn an_option_is_possible_if_all_who_are_away_could_make_it_win() {
        let five = config(5);
        // The coordinator, 0, is away, and one more: three of five votes decide.
        assert_eq!(possible(&five, &[(1, Some(1)), (2, None), (3, Some(2))]), Possible::Several);
        assert_eq!(possible(&five, &[(1, Some(1)), (2, Some(1)), (3, None)]), Possible::Only(1));
        assert_eq!(possible(&five, &[(1, None), (2, None), (3, None)]), Possible::Nothing);
        assert_eq!(possible(&five, &[(1, Some(1)), (2, Some(1))]), Possible::Several, "too many are away");
    }

    #[test]
    fn a_coordinator_that_has_left_has_decided_nothing() {
        let mut five = config(5);
        let left = [(0, Some(1)), (1, Some(1)), (2, Some(1))];
        assert_eq!(possible(&five, &left), Possible::Nothing);
        // One that may lie may have.
        five.faulty_ppm = 200_000;
        assert_ne!(possible(&five, &left), Possible::Nothing);
    }

    #[test]
    fn who_may_lie_counts_for_every_option() {
        let mut seven = config(7);
        let left = [(1, Some(1)), (2, Some(1)), (3, Some(1)), (4, Some(2)), (5, Some(2)), (6, Some(2))];
        // Four of seven votes decide, and one is away.
        assert_eq!(possible(&seven, &left), Possible::Several);
        assert_eq!(possible(&seven, &[&left[..5], &[(6, None)]].concat()), Possible::Only(1));
        seven.faulty_ppm = 100_000;
        assert_eq!(possible(&seven, &[&left[..5], &[(6, None)]].concat()), Possible::Only(1));
        seven.faulty_ppm = 300_000;
        assert_eq!(possible(&seven, &[&left[..5], &[(6, None)]].concat()), Possible::Several);
    }

    #[test]
    fn where_a_vote_is_settled_everyone_holds_the_same() {
        let settled = config(3).with_init_value(2);
        assert_eq!(settled.polls[0].opinions, [Some(2); 3]);
    }
}
