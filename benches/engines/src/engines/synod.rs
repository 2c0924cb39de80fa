//! Synod, through its public kernel API.
//!
//! Does more than the others: every message goes through a network, which may lose, delay or duplicate it, every event
//! into the digest of the run, and messages, bytes and memory are counted, all as in `synod run`.
//!
//! It runs twice. With its own draws it is what its users get: a node draws from its own stream, the network of
//! `synod-net` draws the delay of each copy under a key of its own. With the draws of all engines it also has their
//! outcome.

use crate::draws::below;
use crate::workload::{Outcome, Phold, Tally, Voter, Votes};
use rand::Rng;
use std::rc::Rc;
use synod_net::{Fabric, Law, Link, Topology};
use synod_sim::network::{Arrival, Fate, Transmission};
use synod_sim::{
    Context, Durable, Duration, Ending, Limits, Network, NoObservation, NodeId, Protocol, Setup, Simulation,
    Streams, Time,
};

/// PHOLD as a user of Synod writes it.
pub fn phold_with_own_draws(phold: Phold) -> Outcome {
    let law = Law::exponential(Duration::from_nanos(Phold::MEAN_NS), Duration::ZERO);
    run_phold::<false>(phold, mesh(phold.processes, law.expect("the law is sound")))
}

/// PHOLD with the draws of all engines.
pub fn phold(phold: Phold) -> Outcome {
    // A process sends as many messages as it received, and one at the start.
    run_phold::<true>(phold, Delays(|from, _, number: u64| Phold::delay_ns(from, number - 1)))
}

fn run_phold<const SHARED: bool>(phold: Phold, network: impl Network + 'static) -> Outcome {
    let horizon = Time::from_nanos(phold.horizon_ns);
    let nodes = phold.processes as usize;
    let setup = Setup::<Process<SHARED>>::new(phold, nodes, STREAMS, network);
    run(setup, horizon, Ending::Horizon, |process| process.tally)
}

/// Votes as a user of Synod writes them.
pub fn votes_with_own_draws(votes: Votes) -> Outcome {
    let law = Law::uniform(Duration::from_nanos(Votes::MIN_NS), Duration::from_nanos(Votes::MAX_NS));
    run_votes(votes, mesh(votes.processes, law.expect("the law is sound")))
}

/// Votes with the draws of all engines.
pub fn votes(votes: Votes) -> Outcome {
    // The first message of a voter is its vote of round 0.
    run_votes(votes, Delays(|from, to, number: u64| Votes::delay_ns(from, to, number - 1)))
}

fn run_votes(votes: Votes, network: impl Network + 'static) -> Outcome {
    let setup = Setup::<Voter>::new((), votes.processes as usize, STREAMS, network);
    run(setup, Time::MAX, Ending::Quiescent, |voter| voter.tally)
}

const STREAMS: Streams = Streams::new(1);

/// A full mesh whose delays follow `latency`.
fn mesh(nodes: u32, latency: Law) -> Fabric {
    let layout = Topology::FullMesh.build(nodes, &STREAMS).expect("a mesh can be built");
    Fabric::new(layout, vec![Link::new(latency)], &STREAMS)
}

/// A network that takes the delay of each copy, in nanoseconds, from a function of sender, receiver and the sender's
/// message number, which counts from 1.
struct Delays<F>(F);

impl<F: Fn(u32, u32, u64) -> u64> Network for Delays<F> {
    fn route(&mut self, message: &Transmission<'_>, arrivals: &mut Vec<Arrival>) {
        message.to.for_each(message.from, |to| {
            let delay = Duration::from_nanos((self.0)(message.from.0, to.0, message.number));
            arrivals.push(Arrival { to, fate: Fate::Intact(message.at + delay) });
        });
    }
}

fn run<P: Protocol>(setup: Setup<P>, horizon: Time, ending: Ending, tally: impl Fn(&P) -> Tally) -> Outcome {
    let nodes = setup.nodes as u32;
    let limits = Limits { horizon, events: u64::MAX, memory_bytes: usize::MAX };
    let mut simulation = Simulation::new(Setup { limits, ..setup }, ());
    let end = simulation.run();
    assert_eq!(end.ending, ending);
    let machine = |node| simulation.machine(NodeId(node)).expect("no node is down");
    let outcome = Outcome::of((0..nodes).map(|node| tally(machine(node))));
    assert_eq!(end.tally.delivered, outcome.events);
    outcome
}

/// A process of PHOLD, which draws as all engines do, or from its own stream.
struct Process<const SHARED: bool> {
    phold: Phold,
    tally: Tally,
}

impl<const SHARED: bool> Process<SHARED> {
    fn send_on(&self, ctx: &mut Context<'_, Self>) {
        let to = if SHARED {
            self.phold.receiver(ctx.me().0, self.tally.received)
        } else {
            below(ctx.rng().next_u64(), u64::from(self.phold.processes)) as u32
        };
        ctx.send(NodeId(to), ());
    }
}

impl<const SHARED: bool> Protocol for Process<SHARED> {
    type Config = Phold;
    type Message = ();
    type Timer = ();
    type Record = ();
    type Observation = NoObservation;

    fn new(phold: &Rc<Phold>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Self {
        Process { phold: **phold, tally: Tally::default() }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Self>) {
        self.send_on(ctx);
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Self>, _: NodeId, _: &()) {
        self.tally.receive(ctx.now().as_nanos());
        self.send_on(ctx);
    }

    fn on_timer(&mut self, _: &mut Context<'_, Self>, _: ()) {}
}

impl Protocol for Voter {
    type Config = ();
    type Message = u64;
    type Timer = ();
    type Record = ();
    type Observation = NoObservation;

    fn new(_: &Rc<()>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Voter {
        Voter::default()
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Voter>) {
        ctx.broadcast(0);
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Voter>, _: NodeId, &round: &u64) {
        if self.receive(round, ctx.now().as_nanos(), ctx.nodes() as u32) {
            ctx.broadcast(1);
        }
    }

    fn on_timer(&mut self, _: &mut Context<'_, Voter>, _: ()) {}
}
