//! Three loads: all to all, one to one, and a protocol.

use rand::Rng;
use std::rc::Rc;
use synod::net::{Fabric, Law, Link, Topology};
use synod::protocol::pbft::{Config, Operation, Pbft, Quorum, Session, Workload};
use synod::sim::{
    Authentication, Context, Durable, Duration, End, Ending, Limits, NoObservation, NodeId, Protocol, Setup,
    Simulation, Streams, Time,
};

const MS: Duration = Duration::from_millis(1);

fn mesh(nodes: u32, latency: Law, streams: &Streams) -> Fabric {
    Fabric::new(Topology::FullMesh.build(nodes, streams).unwrap(), vec![Link::new(latency)], streams)
}

fn run<P: Protocol>(setup: Setup<P>) -> End {
    Simulation::new(setup, ()).run()
}

/// Every node broadcasts a vote, and at a quorum of votes a second one.
struct Voter {
    votes: [usize; 2],
}

impl Protocol for Voter {
    type Config = ();
    type Message = u64;
    type Timer = ();
    type Record = ();
    type Observation = NoObservation;

    fn new(_: &Rc<()>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Voter {
        Voter { votes: [0; 2] }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Voter>) {
        ctx.broadcast(0);
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Voter>, _: NodeId, &round: &u64) {
        self.votes[round as usize] += 1;
        if round == 0 && self.votes[0] == ctx.nodes() * 2 / 3 {
            ctx.broadcast(1);
        }
    }

    fn on_timer(&mut self, _: &mut Context<'_, Voter>, _: ()) {}
}

/// Two rounds of votes between `nodes` nodes: 2n(n − 1) deliveries.
pub(crate) fn all_to_all(nodes: u32) -> End {
    let streams = Streams::new(1);
    let latency = Law::uniform(Duration::from_millis(10), Duration::from_millis(50)).unwrap();
    let end = run::<Voter>(Setup::new((), nodes as usize, streams, mesh(nodes, latency, &streams)));
    assert_eq!(end.tally.delivered, deliveries(nodes));
    end
}

/// How many votes [`all_to_all`] delivers.
pub(crate) fn deliveries(nodes: u32) -> u64 {
    2 * u64::from(nodes) * u64::from(nodes - 1)
}

/// PHOLD: whoever gets the job sends it on to anyone, itself included.
///
/// Source: R. M. Fujimoto, *Performance of Time Warp under synthetic workloads* (1990).
struct Process;

impl Process {
    fn send_on(ctx: &mut Context<'_, Process>) {
        let nodes = ctx.nodes() as u64;
        let to = ((u128::from(ctx.rng().next_u64()) * u128::from(nodes)) >> 64) as u32;
        ctx.send(NodeId(to), ());
    }
}

impl Protocol for Process {
    type Config = ();
    type Message = ();
    type Timer = ();
    type Record = ();
    type Observation = NoObservation;

    fn new(_: &Rc<()>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Process {
        Process
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Process>) {
        Process::send_on(ctx);
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Process>, _: NodeId, _: &()) {
        Process::send_on(ctx);
    }

    fn on_timer(&mut self, _: &mut Context<'_, Process>, _: ()) {}
}

/// `events` events between `nodes` processes with exponential delays.
pub(crate) fn one_to_one(nodes: u32, events: u64) -> End {
    let streams = Streams::new(1);
    let latency = Law::exponential(MS, Duration::ZERO).unwrap();
    let limits = Limits { horizon: Time::MAX, events, ..Limits::default() };
    let setup = Setup::<Process>::new((), nodes as usize, streams, mesh(nodes, latency, &streams));
    let end = run(Setup { limits, ..setup });
    assert_eq!(end.ending, Ending::Events(events));
    end
}

/// One decision of PBFT between `nodes` replicas, run until every message has arrived.
pub(crate) fn decision(nodes: u32, authentication: Authentication) -> End {
    let streams = Streams::new(1);
    let latency = Law::uniform(Duration::from_millis(10), Duration::from_millis(50)).unwrap();
    let quorum = Quorum::new(nodes, Quorum::most_faults(nodes)).unwrap();
    let session = Session {
        initiator: NodeId(0),
        at: Duration::ZERO,
        operation: Operation::new(7, 64),
        valid: 0..=u64::MAX,
        deadline: None,
    };
    let config = Config::new(quorum, Workload::Session(session));
    // Short of the first STATUS, so that the decision alone is measured.
    let limits = Limits { horizon: Time::from_nanos(249_000_000), ..Limits::default() };
    let setup = Setup::<Pbft>::new(config, nodes as usize, streams, mesh(nodes, latency, &streams));
    let end = run(Setup { limits, authentication, ..setup });
    let sent: Vec<u64> = end.tally.kinds.iter().map(|kind| kind.sent).collect();
    let n = u64::from(nodes);
    assert_eq!(sent[1..4], [n - 1, (n - 1) * (n - 1), n * (n - 1)], "every replica commits");
    end
}
