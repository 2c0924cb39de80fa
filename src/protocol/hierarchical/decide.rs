//! Votes along a tree inside other protocols: one session, whose outcome is one of the options.

use crate::{Config, Hierarchical, Observation};
use std::rc::Rc;
use synod_common::decide::{Decide, Ending};
use synod_sim::{GroundTruth, Oracle, Time};
use synod_vote::weighted::Weighted;

impl Decide for Hierarchical {
    fn ending(claim: &Observation) -> Option<Ending> {
        match claim {
            Observation::FlatVote(claim) => Weighted::ending(claim),
            _ => None,
        }
    }

    fn starting(config: &Config, now: Time, proposal: Option<u64>) -> Config {
        let vote = Rc::new(Weighted::starting(&config.vote, now, proposal));
        Config { vote, ..config.clone() }
    }

    fn members(config: &Config) -> usize {
        config.vote.voters()
    }

    fn oracles(config: &Rc<Config>, ground_truth: &GroundTruth) -> Vec<Box<dyn Oracle<Hierarchical>>> {
        crate::oracle::all(config, ground_truth)
    }
}
