//! Double lives, as coalitions lead them: history A for one side, history B for the other.

use super::Conduct;
use crate::grip::Grip;
use crate::{Sides, Twins};
use rand::seq::SliceRandom;
use synod_sim::fault::{Coalition, Copy, Verdict, Way, Wire};
use synod_sim::{Kind, Message, NodeId, Protocol};

pub(super) fn arm<P: Protocol>(twins: &Twins, grip: &mut Grip<'_, P>) {
    let nodes = grip.agents();
    let mut sides = vec![u64::MAX; grip.terms.agents as usize];
    if twins.sides == Sides::Even {
        let mut others: Vec<usize> =
            (0..sides.len()).filter(|&agent| !nodes.contains(&NodeId(agent as u32))).collect();
        others.shuffle(&mut grip.stream());
        for (place, agent) in others.into_iter().enumerate() {
            sides[agent] = 1 << (place % twins.lives as usize);
        }
    }
    let spells = grip.window.spells(grip.terms.horizon);
    grip.collude(Coalition { nodes, lives: twins.lives, sides, apart: twins.apart, spells });
}

/// What the coalition does on its wires besides: it hears at once what it is told, and keeps some kinds of message
/// to itself.
pub(super) struct Conspiracy {
    colluders: Vec<NodeId>,
    rushing: bool,
    /// The kinds withheld, by their places among the protocol's.
    withheld: Vec<usize>,
}

impl Conspiracy {
    pub(super) fn new<P: Protocol>(twins: &Twins, colluders: Vec<NodeId>) -> Conspiracy {
        let place = |name: &String| {
            let kinds: &[Kind] = P::Message::KINDS;
            kinds.iter().position(|kind| kind.name == name).expect("the scenario was checked")
        };
        let withheld = twins.withhold.iter().map(place).collect();
        Conspiracy { colluders, rushing: twins.rushing, withheld }
    }
}

impl<P: Protocol> Conduct<P> for Conspiracy {
    fn listens(&self) -> bool {
        self.rushing
    }

    fn judge(
        &mut self,
        _: &mut Wire<'_, P::Message>,
        way: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        let is_secret = !self.colluders.contains(&copy.to) && self.withheld.contains(&copy.message.kind());
        match way {
            Way::In if self.rushing => Verdict::Hasten,
            Way::Out if is_secret => Verdict::Withhold,
            _ => Verdict::Pass,
        }
    }
}
