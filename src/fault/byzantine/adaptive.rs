//! An adversary that chooses what to do by how the run goes.

use super::{Conduct, conduct, count};
use crate::grip::Grip;
use crate::{Adaptive, Choice, Window};
use synod_sim::fault::{Copy, SharedEffects, Verdict, Way, Wire};
use synod_sim::{Duration, NodeId, Protocol, Time};

/// Conducts of which one at most is taken up at a time.
pub(super) struct Adaptation<P: Protocol> {
    by: Choice,
    choices: Vec<Box<dyn Conduct<P>>>,
    coalition: Vec<NodeId>,
    agents: u32,
    /// When honesty ends, where trust is to be won first.
    trusted: Time,
    effects: SharedEffects,
}

/// How long trust is won for, as a part of this, where the fault never ends.
const LONG: Duration = Duration::from_secs(60);

impl<P: Protocol> Adaptation<P> {
    pub(super) fn new(adaptive: &Adaptive, grip: &mut Grip<'_, P>) -> Adaptation<P> {
        let Window { from, until, .. } = grip.window;
        let span = until.map_or(LONG, |until| until.since(from));
        let honest = match adaptive.by {
            Choice::Trust(share) => u128::from(span.as_nanos()) * u128::from(share.ppb()) / 1_000_000_000,
            _ => 0,
        };
        Adaptation {
            by: adaptive.by,
            choices: adaptive
                .choices
                .iter()
                .map(|choice| conduct(choice, &mut grip.under(choice.name())))
                .collect(),
            coalition: grip.agents(),
            agents: grip.terms.agents,
            trusted: from + Duration::from_nanos(honest as u64),
            effects: grip.effects(),
        }
    }

    /// The place of what is to be done now; `None` for honesty.
    fn choose(&self, wire: &Wire<'_, P::Message>) -> Option<usize> {
        let count = self.choices.len();
        let epoch = || wire.leader().map_or(0, |(epoch, _)| epoch);
        let in_turn = |count: usize| (epoch() % count as u64) as usize;
        match self.by {
            Choice::Detection => {
                let detected =
                    self.coalition.iter().filter(|node| wire.detected().contains_key(node)).count();
                (detected < count).then_some(detected)
            }
            Choice::Leader => {
                let leader = wire.leader().map(|(_, leader)| leader);
                let leads = leader.is_some_and(|leader| {
                    let next = NodeId((leader.0 + 1) % self.agents);
                    self.coalition.contains(&leader) || self.coalition.contains(&next)
                });
                match leads {
                    true => Some(0),
                    false if count == 1 => None,
                    false => Some(1 + in_turn(count - 1)),
                }
            }
            Choice::Trust(_) => (wire.now >= self.trusted).then(|| in_turn(count)),
        }
    }
}

impl<P: Protocol> Conduct<P> for Adaptation<P> {
    fn listens(&self) -> bool {
        self.choices.iter().any(|choice| choice.listens())
    }

    fn witness(&mut self, wire: &Wire<'_, P::Message>, copy: &Copy<'_, P::Message>) {
        self.choices.iter_mut().for_each(|choice| choice.witness(wire, copy));
    }

    fn judge(
        &mut self,
        wire: &mut Wire<'_, P::Message>,
        way: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        let Some(place) = self.choose(wire) else { return Verdict::Pass };
        let choice = &mut self.choices[place];
        if way == Way::In && !choice.listens() {
            return Verdict::Pass;
        }
        let before = wire.injected();
        let verdict = choice.judge(wire, way, copy);
        if !choice.counts() {
            count(&mut self.effects.borrow_mut(), &verdict, wire.injected() - before);
        }
        verdict
    }

    fn counts(&self) -> bool {
        true
    }
}
