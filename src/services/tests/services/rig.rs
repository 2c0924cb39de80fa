//! A log of one replica, which orders what clients ask, crashes, and comes back by its last snapshot.
//!
//! Node 0 is the replica; each of the others is a client. Messages are lost, so clients ask again, under sessions; they
//! give up after a while. The replica answers nothing before it is durable.

use serde::Serialize;
use std::collections::BTreeMap;
use std::rc::Rc;
use synod_log::history::{Call, Step};
use synod_log::{Command, CommandSource, Executed, Image, Machine, Output, StateMachine, Workload, ticks};
use synod_net::Probability;
use synod_oracle::linearizability::{Linearizability, MachineModel};
use synod_oracle::service::{OverLog, ServiceClaim};
use synod_services::ServiceParams;
use synod_sim::{
    Context, Damage, Durable, Duration, Message, NodeId, Observation, OperationId, Protocol, Time,
};
use synod_testing::{Outcome, TestRun, at, ms};

/// The log's configuration.
pub(crate) struct Config {
    machine: Machine,
    workload: Workload,
    /// Number of operations of each client.
    operations: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) enum Letter {
    Ask { client: u32, sequence: u64, operation: OperationId, command: Command },
    Tell { client: u32, sequence: u64, output: Output },
}

impl Message for Letter {}

#[derive(Clone, Debug, Serialize)]
pub(crate) enum Record {
    Snapshot { image: Image, sessions: BTreeMap<u32, (u64, Output)> },
    Tick(Time),
    Command { client: u32, sequence: u64, operation: OperationId, command: Command },
}

#[derive(Clone, Debug, Serialize)]
pub(crate) enum Claim {
    Call(Call),
    Executed(Executed),
}

impl Observation for Claim {}

impl Claim {
    fn of_service(&self) -> Option<ServiceClaim<'_>> {
        Some(match self {
            Claim::Call(call) => ServiceClaim::Call(call),
            Claim::Executed(executed) => ServiceClaim::Executed(*executed),
        })
    }
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum Timer {
    Think,
    Retry,
    Deadline,
}

pub(crate) enum Node {
    Replica(Replica),
    Client(Client),
}

type Ctx<'a> = Context<'a, Node>;

// ---- The replica ----

pub(crate) struct Replica {
    machine: Box<dyn StateMachine>,
    clock: Option<Duration>,
    /// The last command of each client that was applied, with its output.
    sessions: BTreeMap<u32, (u64, Output)>,
    /// Number of records since the last snapshot.
    records: u64,
    /// What was applied on the way up.
    replayed: Vec<Executed>,
}

/// How many records a replica writes between two snapshots.
const SNAPSHOT: u64 = 25;

impl Replica {
    fn new(config: &Config, durable: Durable<'_, Record>) -> Replica {
        let mut replica = Replica {
            machine: config.machine.start(),
            clock: config.machine.clock(),
            sessions: BTreeMap::new(),
            records: 0,
            replayed: Vec::new(),
        };
        for record in durable.records {
            match record {
                Record::Snapshot { image, sessions } => {
                    replica.machine.restore(&config.machine.image(image.bytes())).expect("it is a state");
                    replica.sessions = sessions.clone();
                }
                Record::Tick(now) => replica.machine.tick(*now),
                Record::Command { client, sequence, operation, command } => {
                    let output = replica.machine.apply(command);
                    replica.sessions.insert(*client, (*sequence, output));
                    let at = replica.machine.now();
                    replica.replayed.push(Executed { operation: *operation, at });
                }
            }
        }
        replica
    }

    fn tick(&mut self, ctx: &mut Ctx<'_>, now: Time) {
        ctx.persist(Record::Tick(now));
        self.records += 1;
        self.machine.tick(now);
    }

    fn await_deadline(&mut self, ctx: &mut Ctx<'_>) {
        match self.machine.deadline() {
            Some(deadline) => ctx.set_timer(Timer::Deadline, deadline.since(ctx.now())),
            None => ctx.cancel_timer(Timer::Deadline),
        }
    }

    fn on_deadline(&mut self, ctx: &mut Ctx<'_>) {
        let now = ctx.now();
        if now > self.machine.now() {
            self.tick(ctx, now);
            ctx.sync();
        }
        self.await_deadline(ctx);
    }

    fn on_ask(&mut self, ctx: &mut Ctx<'_>, from: NodeId, letter: &Letter) {
        let Letter::Ask { client, sequence, operation, command } = letter else { return };
        let (client, sequence, operation) = (*client, *sequence, *operation);
        let output = match self.sessions.get(&client) {
            Some((last, output)) if *last == sequence => output.clone(),
            Some((last, _)) if *last > sequence => return,
            _ => {
                if let Some(now) =
                    self.clock.and_then(|lag| ticks::before_command(self.machine.now(), ctx.now(), lag))
                {
                    self.tick(ctx, now);
                }
                if command.is_read() {
                    self.machine.read(command)
                } else {
                    let command = command.clone();
                    let output = self.machine.apply(&command);
                    ctx.persist(Record::Command { client, sequence, operation, command });
                    self.records += 1;
                    self.sessions.insert(client, (sequence, output.clone()));
                    output
                }
            }
        };
        if self.records >= SNAPSHOT {
            self.records = 0;
            ctx.truncate();
            let (image, sessions) = (self.machine.snapshot(), self.sessions.clone());
            ctx.persist(Record::Snapshot { image, sessions });
        }
        ctx.sync();
        if self.clock.is_some() {
            ctx.observe(Claim::Executed(Executed { operation, at: self.machine.now() }));
        }
        ctx.send(from, Letter::Tell { client, sequence, output });
        self.await_deadline(ctx);
    }
}

// ---- Clients ----

pub(crate) struct Client {
    source: Box<dyn CommandSource>,
    /// The client's name, which it changes when it gives an operation up.
    client: u32,
    sequence: u64,
    left: u64,
    asked: u64,
    clients: u32,
    pending: Option<(OperationId, Command)>,
    attempts: u32,
}

const ATTEMPTS: u32 = 5;

impl Client {
    fn next(&mut self, ctx: &mut Ctx<'_>) {
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        self.asked += 1;
        self.sequence += 1;
        self.attempts = 0;
        let me = u64::from(ctx.me().0);
        let number = (self.asked - 1) * u64::from(self.clients) + me;
        let command = self.source.draw(ctx.rng(), number);
        let operation = OperationId(me << 32 | self.asked);
        let step = Step::Invoke(command.clone());
        ctx.observe(Claim::Call(Call { operation, client: self.client, step }));
        self.pending = Some((operation, command));
        self.ask(ctx);
    }

    fn ask(&mut self, ctx: &mut Ctx<'_>) {
        let (operation, command) = self.pending.clone().expect("something is asked");
        self.attempts += 1;
        ctx.set_timer(Timer::Retry, ms(20));
        ctx.send(NodeId(0), Letter::Ask { client: self.client, sequence: self.sequence, operation, command });
    }

    fn retry(&mut self, ctx: &mut Ctx<'_>) {
        if self.attempts < ATTEMPTS {
            return self.ask(ctx);
        }
        let is_read = self.pending.as_ref().is_some_and(|(_, command)| command.is_read());
        self.finish(ctx, if is_read { Step::Fail } else { Step::Info });
        self.client += self.clients;
        self.sequence = 0;
    }

    fn finish(&mut self, ctx: &mut Ctx<'_>, step: Step) {
        let (operation, _) = self.pending.take().expect("something is asked");
        ctx.observe(Claim::Call(Call { operation, client: self.client, step }));
        ctx.cancel_timer(Timer::Retry);
        ctx.set_timer(Timer::Think, ms(4));
    }

    fn on_tell(&mut self, ctx: &mut Ctx<'_>, letter: &Letter) {
        let Letter::Tell { client, sequence, output } = letter else { return };
        let Some((_, command)) = &self.pending else { return };
        if (*client, *sequence) == (self.client, self.sequence) {
            self.source.learn(command, output);
            self.finish(ctx, Step::Ok(output.clone()));
        }
    }
}

impl Protocol for Node {
    type Config = Config;
    type Message = Letter;
    type Timer = Timer;
    type Record = Record;
    type Observation = Claim;

    fn new(config: &Rc<Config>, me: NodeId, nodes: usize, _: u64, durable: Durable<'_, Record>) -> Node {
        if me == NodeId(0) {
            return Node::Replica(Replica::new(config, durable));
        }
        Node::Client(Client {
            source: config.workload.client(),
            client: me.0,
            sequence: 0,
            left: config.operations,
            asked: 0,
            clients: nodes as u32 - 1,
            pending: None,
            attempts: 0,
        })
    }

    fn on_start(&mut self, ctx: &mut Ctx<'_>) {
        match self {
            Node::Replica(replica) => {
                let replayed = std::mem::take(&mut replica.replayed);
                if replica.clock.is_some() {
                    replayed.into_iter().for_each(|executed| ctx.observe(Claim::Executed(executed)));
                }
                replica.await_deadline(ctx);
            }
            Node::Client(client) => client.next(ctx),
        }
    }

    fn on_message(&mut self, ctx: &mut Ctx<'_>, from: NodeId, letter: &Letter) {
        match self {
            Node::Replica(replica) => replica.on_ask(ctx, from, letter),
            Node::Client(client) => client.on_tell(ctx, letter),
        }
    }

    fn on_timer(&mut self, ctx: &mut Ctx<'_>, timer: Timer) {
        match (self, timer) {
            (Node::Replica(replica), _) => replica.on_deadline(ctx),
            (Node::Client(client), Timer::Retry) => client.retry(ctx),
            (Node::Client(client), _) => client.next(ctx),
        }
    }
}

/// A run of the service: four clients, messages lost, a replica that crashes every now and then, and clients cut off.
/// Its oracles are the service's own and that of linearizability.
pub(crate) fn run(params: ServiceParams, seed: u64) -> Outcome<Node> {
    params.check().expect("the parameters are sound");
    let (machine, workload) = (params.machine(), params.workload());
    let config = Config { machine: machine.clone(), workload, operations: 150 };
    let mut run = TestRun::<Node>::new(config, 5).seed(seed).delays(ms(1), ms(4)).sync_latency(ms(1));
    run.link.loss = Probability::from_ppm(50_000).expect("a probability");
    run.ground_truth.lossless = false;
    for crash in 0..4 {
        let from = 200 + 350 * crash + seed * 17 % 100;
        let damage = if crash % 2 == 0 { Damage::Unsynced } else { Damage::Torn };
        // The second one takes longer than clients are patient.
        let down = if crash == 1 { 200 } else { 40 };
        run = run.crash_with(NodeId(0), damage, at(from), Some(at(from + down)));
    }
    run.isolate(1, at(300), at(420))
        .oracles(move |_, ground_truth| {
            let ground_truth = Rc::new(ground_truth.clone());
            let own = synod_services::oracle(&machine).expect("the service has an oracle");
            let own = OverLog::new(&ground_truth, Claim::of_service, own);
            let model = MachineModel(machine);
            let linearizability = Linearizability::new(&ground_truth, model, |claim| {
                Some(match claim {
                    Claim::Call(call) => MachineModel::call(call),
                    Claim::Executed(executed) => MachineModel::executed(*executed),
                })
            });
            vec![Box::new(own), Box::new(linearizability)]
        })
        .until_violation_of(params.name())
        .run()
}

/// Seeds of the true services, and those among which every bug is found.
const SEEDS: std::ops::Range<u64> = 0..12;

/// Asserts that neither oracle objects to the service, and that both have had something to judge.
pub(crate) fn assert_true(params: ServiceParams) {
    for seed in SEEDS {
        let outcome = run(params, seed).clean();
        for oracle in [params.name(), "linearizability"] {
            let checked = outcome.checked[oracle];
            assert!(checked > 300, "seed {seed}: {oracle} judged {checked}");
        }
    }
}

/// Asserts that the service's own oracle finds the bug, with most seeds.
pub(crate) fn assert_caught(params: ServiceParams, bug: &str, oracle: &str) {
    let caught = SEEDS.filter(|&seed| run(params, seed).violates(oracle)).count();
    assert!(2 * caught as u64 > SEEDS.end, "{bug} is caught with {caught} of {} seeds", SEEDS.end);
}
