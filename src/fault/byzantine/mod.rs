//! What corrupted agents do on their wires, whatever the protocol.
//!
//! Every kind is a `Conduct`: a judgement on each copy that its agents send. Whose copies it is asked about, when,
//! and what is counted, is the same for all of them and stands in `OnWire`.

mod adaptive;
mod amplify;
mod chance;
mod delay;
mod flood;
mod garble;
mod insider;
mod invert;
mod memory;
mod mutate;
mod replay;
mod silent;
mod starve;
mod twins;

use super::Window;
use super::grip::Grip;
use super::kinds::Fault;
use synod_sim::fault::{Copy, Effects, Interceptor, SharedEffects, Verdict, Way, Wire};
use synod_sim::{Duration, NodeId, Protocol};

pub(super) fn arm<P: Protocol>(fault: &Fault, grip: &mut Grip<'_, P>) {
    if let Fault::Twins(twins) = fault {
        twins::arm(twins, grip);
        if !twins.rushing && twins.withhold.is_empty() {
            return;
        }
    }
    let conduct = conduct(fault, grip);
    grip.intercept(Box::new(OnWire {
        agents: grip.agents(),
        window: grip.window,
        effects: grip.effects(),
        conduct,
    }));
}

/// What the agents of `fault` do on their wires.
fn conduct<P: Protocol>(fault: &Fault, grip: &mut Grip<'_, P>) -> Box<dyn Conduct<P>> {
    match fault {
        Fault::Silent(_) => Box::new(silent::Silence),
        Fault::Starve(starve) => Box::new(starve::Starvation::new(starve)),
        Fault::Delay(delay) => Box::new(delay::Lateness::new(delay, grip)),
        Fault::Invert(invert) => Box::new(invert::Inversion::new(invert, grip)),
        Fault::Replay(replay) => Box::new(replay::Replays::new(replay, grip)),
        Fault::Mutate(mutate) => Box::new(mutate::Mutation::new(mutate, grip)),
        Fault::Garble(garble) => Box::new(garble::Garbling::new(garble, grip)),
        Fault::Amplify(amplify) => Box::new(amplify::Amplification::new(amplify)),
        Fault::Flood(flood) => Box::new(flood::Flooding::new(flood, grip)),
        Fault::Twins(twins) => Box::new(twins::Conspiracy::new::<P>(twins, grip.agents())),
        Fault::Adaptive(adaptive) => Box::new(adaptive::Adaptation::new(adaptive, grip)),
        Fault::Insider(insider) => Box::new(insider::Inside::new(insider, grip)),
        other => panic!("{} is nothing that agents do on their wires", other.kind()),
    }
}

/// What agents do with the copies that they send, or are to receive.
trait Conduct<P: Protocol> {
    /// True if it has to do with what its agents are to receive, too.
    fn listens(&self) -> bool {
        false
    }

    /// Takes note of a copy on its agents' wires, whether or not the fault is on.
    fn witness(&mut self, wire: &Wire<'_, P::Message>, copy: &Copy<'_, P::Message>) {
        let _ = (wire, copy);
    }

    /// The verdict on a copy on its agents' wires, while the fault is on.
    fn judge(
        &mut self,
        wire: &mut Wire<'_, P::Message>,
        way: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message>;

    /// True if it counts itself what it does.
    fn counts(&self) -> bool {
        false
    }
}

/// A conduct, kept to its agents and its window, with what it did counted.
struct OnWire<P: Protocol> {
    agents: Vec<NodeId>,
    window: Window,
    effects: SharedEffects,
    conduct: Box<dyn Conduct<P>>,
}

impl<P: Protocol> Interceptor<P::Message> for OnWire<P> {
    fn covers(&self, node: NodeId, way: Way) -> bool {
        self.agents.contains(&node) && (way == Way::Out || self.conduct.listens())
    }

    fn on_copy(
        &mut self,
        wire: &mut Wire<'_, P::Message>,
        way: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        let verdict = match self.window.is_on(wire.now) {
            true => {
                let before = wire.injected();
                let verdict = self.conduct.judge(wire, way, copy);
                if !self.conduct.counts() {
                    count(&mut self.effects.borrow_mut(), &verdict, wire.injected() - before);
                }
                verdict
            }
            false => Verdict::Pass,
        };
        self.conduct.witness(wire, copy);
        verdict
    }
}

/// Counts what came of one copy.
fn count<M>(effects: &mut Effects, verdict: &Verdict<M>, injected: usize) {
    effects.forged += injected as u64;
    match verdict {
        Verdict::Pass | Verdict::Hasten | Verdict::Delay(Duration::ZERO) => {}
        Verdict::Withhold => effects.dropped += 1,
        Verdict::Delay(_) => effects.delayed += 1,
        Verdict::Replace(_) | Verdict::Damage => effects.altered += 1,
        Verdict::Repeat { copies, .. } => effects.duplicated += u64::from(*copies),
    }
}
