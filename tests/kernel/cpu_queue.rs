//! A node's processor is a single server with a first-come queue: its waits are those of M/M/1, M/D/1 and M/G/1.

use rand::Rng;
use std::rc::Rc;
use synod::sim::network::ConstantDelay;
use synod::sim::random::{exponential, unit_open};
use synod::sim::{
    Context, CpuCost, Durable, Duration, Ending, Limits, Message, NoObservation, NodeId, Protocol, Setup,
    Simulation, Stream, Streams, Time,
};

/// The mean service time.
const MEAN: Duration = Duration::from_millis(1);
const REPLICATIONS: u64 = 32;
const WARM_UP: u64 = 5_000;
const CUSTOMERS: u64 = 20_000;

/// How long a service takes.
#[derive(Copy, Clone, Debug)]
enum Service {
    Exponential,
    Constant,
    /// Half the mean for four customers in five, three times the mean for the fifth: E\[S²\] = 2.
    TwoPoint,
}

impl Service {
    fn draw(self, stream: &mut Stream) -> Duration {
        match self {
            Service::Exponential => exponential(stream.next_u64(), MEAN),
            Service::Constant => MEAN,
            Service::TwoPoint if unit_open(stream.next_u64()) < 0.8 => Duration::from_micros(500),
            Service::TwoPoint => Duration::from_millis(3),
        }
    }

    /// E\[S²\] in units of the mean's square.
    fn second_moment(self) -> f64 {
        match self {
            Service::Exponential | Service::TwoPoint => 2.0,
            Service::Constant => 1.0,
        }
    }
}

struct Shop {
    service: Service,
    /// The mean time between two customers.
    between: Duration,
}

/// Node 0 sends customers to node 1, who serves them.
struct Node {
    shop: Rc<Shop>,
    customers: u64,
    waited_ns: f64,
}

impl Node {
    fn await_customer(&self, ctx: &mut Context<'_, Node>) {
        let wait = exponential(ctx.rng().next_u64(), self.shop.between);
        ctx.set_timer((), wait);
    }
}

impl Protocol for Node {
    type Config = Shop;
    /// When the customer came.
    type Message = u64;
    type Timer = ();
    type Record = ();
    type Observation = NoObservation;

    fn new(shop: &Rc<Shop>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Node {
        Node { shop: Rc::clone(shop), customers: 0, waited_ns: 0.0 }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Node>) {
        if ctx.me() == NodeId(0) {
            self.await_customer(ctx);
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Node>, _: NodeId, &came: &u64) {
        // A handler runs when its service starts.
        self.customers += 1;
        if self.customers > WARM_UP {
            self.waited_ns += (ctx.now().as_nanos() - came) as f64;
        }
        let service = self.shop.service.draw(ctx.rng());
        ctx.charge(service);
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Node>, (): ()) {
        self.customers += 1;
        ctx.send(NodeId(1), ctx.now().as_nanos());
        if self.customers < WARM_UP + CUSTOMERS {
            self.await_customer(ctx);
        }
    }
}

/// The mean wait of one replication, in service times.
fn mean_wait(service: Service, load: f64, seed: u64) -> f64 {
    let between = Duration::from_nanos((MEAN.as_nanos() as f64 / load) as u64);
    let limits = Limits { horizon: Time::MAX, ..Limits::default() };
    let shop = Shop { service, between };
    let setup = Setup::<Node>::new(shop, 2, Streams::new(seed), ConstantDelay(Duration::ZERO));
    let mut run = Simulation::new(Setup { limits, ..setup }, ());
    assert_eq!(run.run().ending, Ending::Quiescent);
    let server = run.machine(NodeId(1)).expect("it never crashes");
    assert_eq!(server.customers, WARM_UP + CUSTOMERS);
    server.waited_ns / CUSTOMERS as f64 / MEAN.as_nanos() as f64
}

/// Pollaczek and Khinchine: W = λE\[S²\] / 2(1 − ρ). Within 4 standard errors of independent replications.
fn assert_waits(service: Service, load: f64) {
    let expected = load * service.second_moment() / (2.0 * (1.0 - load));
    let waits: Vec<f64> = (0..REPLICATIONS).map(|seed| mean_wait(service, load, seed)).collect();
    let n = REPLICATIONS as f64;
    let mean = waits.iter().sum::<f64>() / n;
    let variance = waits.iter().map(|wait| (wait - mean) * (wait - mean)).sum::<f64>() / (n - 1.0);
    let error = (variance / n).sqrt();
    assert!((mean - expected).abs() < 4.0 * error, "{service:?} at {load}: {mean} ± {error}, not {expected}");
    assert!(error < expected / 20.0, "{service:?} at {load}: {error} is too wide to tell anything");
}

#[test]
fn waits_are_those_of_an_m_m_1_queue() {
    [0.3, 0.5, 0.8, 0.9].into_iter().for_each(|load| assert_waits(Service::Exponential, load));
}

#[test]
fn waits_are_those_of_an_m_d_1_queue() {
    [0.3, 0.5, 0.8, 0.9].into_iter().for_each(|load| assert_waits(Service::Constant, load));
}

#[test]
fn waits_are_those_of_an_m_g_1_queue() {
    [0.5, 0.8].into_iter().for_each(|load| assert_waits(Service::TwoPoint, load));
}

/// A message that is as long as it says.
#[derive(Clone, Debug, serde::Serialize)]
struct Parcel(usize);

impl Message for Parcel {
    fn size(&self) -> usize {
        self.0
    }
}

/// Node 0 sends parcels of these sizes to node 1.
struct Post;

const SIZES: [usize; 4] = [0, 1, 1_000, 1 << 20];

impl Protocol for Post {
    type Config = ();
    type Message = Parcel;
    type Timer = ();
    type Record = ();
    type Observation = NoObservation;

    fn new(_: &Rc<()>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Post {
        Post
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Post>) {
        if ctx.me() == NodeId(0) {
            SIZES.into_iter().for_each(|size| ctx.send(NodeId(1), Parcel(size)));
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Post>, _: NodeId, _: &Parcel) {
        ctx.charge(Duration::from_nanos(3));
    }

    fn on_timer(&mut self, _: &mut Context<'_, Post>, (): ()) {}
}

#[test]
fn a_message_costs_its_base_its_bytes_and_what_its_handler_charges_exactly() {
    let setup = Setup::<Post>::new((), 2, Streams::new(1), ConstantDelay(Duration::ZERO));
    let cpu = CpuCost { base: Duration::from_nanos(700), per_kib: Duration::from_nanos(10_000) };
    let end = Simulation::new(Setup { cpu, ..setup }, ()).run();
    // 10,000 ns × bytes / 1,024, rounded down for every message; a start costs the base.
    let bytes: u64 = 9 + 9_765 + 10_240_000;
    assert_eq!(end.tally.busy(NodeId(0)), Duration::from_nanos(700));
    assert_eq!(end.tally.busy(NodeId(1)), Duration::from_nanos(5 * 700 + bytes + 4 * 3));
    assert_eq!(end.at.as_nanos(), 5 * 700 + bytes + 4 * 3);
}
