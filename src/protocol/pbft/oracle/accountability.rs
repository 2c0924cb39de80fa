//! P9: evidence is evidence, and never against the innocent.

use super::super::{Config, Observation, Pbft};
use super::Ground;
use crate::sim::{Event, Moment, Oracle, Violation};
use std::rc::Rc;

/// P9: what a correct replica shows as proof of equivocation is proof, and no correct replica is ever accused.
#[derive(Debug)]
pub struct Accountability {
    config: Rc<Config>,
    ground: Rc<Ground>,
    checked: u64,
}

impl Accountability {
    pub(super) fn new(config: &Rc<Config>, ground: &Rc<Ground>) -> Accountability {
        Accountability { config: Rc::clone(config), ground: Rc::clone(ground), checked: 0 }
    }
}

impl Oracle<Pbft> for Accountability {
    fn name(&self) -> &'static str {
        "accountability"
    }

    fn claim(&self) -> &'static str {
        "P9: evidence holds, and never names a correct replica"
    }

    fn on_event(&mut self, _: Moment, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground.claim(event) else { return Ok(()) };
        let (first, second, is_of_one_ballot) = match claim {
            Observation::Equivocation { first, second } => {
                let is_leader = first.signer() == self.config.primary(first.view);
                let ballots = (first.view, first.sequence) == (second.view, second.sequence);
                let differ = first.digest != second.digest;
                (first.signer(), second.signer(), is_leader && ballots && differ)
            }
            Observation::DoublePrepare { first, second } => {
                let ballots = (first.view, first.sequence) == (second.view, second.sequence);
                (first.signer(), second.signer(), ballots && first.digest != second.digest)
            }
            Observation::DoubleCommit { first, second } => {
                let ballots = (first.view, first.sequence) == (second.view, second.sequence);
                (first.signer(), second.signer(), ballots && first.digest != second.digest)
            }
            Observation::Accused { replica } => (*replica, *replica, true),
            _ => return Ok(()),
        };
        if first != second || !is_of_one_ballot {
            return Err(Violation::new(
                [node, first],
                format_args!("agent {node} shows as proof what is none: {claim:?}"),
            ));
        }
        let accused = first;
        self.checked += 1;
        if self.ground.is_correct(accused) {
            let message = format_args!("agent {node} accuses agent {accused}, which is correct");
            return Err(Violation::new([node, accused], message));
        }
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::PrePrepare;
    use super::super::stage::{Stage, config, digest, ground, ground_without, signed};
    use super::*;
    use crate::sim::NodeId;

    fn equivocation(views: [u64; 2], bytes: [u8; 2]) -> Observation {
        let proposal = |place: usize| {
            signed(0, PrePrepare { view: views[place], sequence: 1, digest: digest(bytes[place]) })
        };
        Observation::Equivocation { first: proposal(0), second: proposal(1) }
    }

    #[test]
    fn proof_is_two_proposals_of_a_faulty_primary_for_one_slot() {
        let config = Rc::new(config(4));
        let mut stage = Stage::new(Accountability::new(&config, &Rc::new(ground_without(4, 0))));
        stage.observe(1, equivocation([0, 0], [1, 2])).expect("proof");
        assert_eq!(stage.oracle.checked(), 1);
        stage.observe(1, equivocation([0, 0], [1, 1])).expect_err("the same twice");
        stage.observe(1, equivocation([0, 4], [1, 2])).expect_err("two views");
        stage.observe(1, equivocation([1, 1], [1, 2])).expect_err("not that view's primary");
        stage.observe(0, equivocation([1, 1], [1, 2])).expect("a faulty accuser");
    }

    #[test]
    fn no_correct_replica_is_accused() {
        let mut stage = Stage::new(Accountability::new(&Rc::new(config(4)), &Rc::new(ground(4))));
        stage.observe(1, equivocation([0, 0], [1, 2])).expect_err("agent 0 is correct");
        stage.observe(1, Observation::Accused { replica: NodeId(0) }).expect_err("agent 0 is correct");
    }
}
