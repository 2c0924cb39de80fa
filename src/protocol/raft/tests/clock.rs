//! A machine that knows the time, on Raft: locks whose leases end by the log's time.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use synod_common::workload::Arrival;
use synod_log::{Machine, Part, Service, Source, Workload};
use synod_oracle::linearizability::{Linearizability, MachineModel};
use synod_raft::{Clients, Config, Observation, Raft, Reads, oracle};
use synod_sim::inject::{Action, InterventionTarget};
use synod_sim::{Damage, Duration, Purpose, Stream, Streams, Time};
use synod_testing::{Outcome, TestRun, at, ms, on_copies, survey};

// ---- The service ----

/// Until when which lock is held, and by which operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Locks {
    now: Time,
    held: BTreeMap<u8, (u64, Time)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Ask {
    Acquire { lock: u8, number: u64, lease: Duration },
    Holder { lock: u8 },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Told {
    Granted,
    Held(u64),
    Free,
}

macro_rules! display {
    ($($type:ident)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, out)
            }
        }
    )*};
}

display! { Locks Ask Told }

impl Service for Locks {
    const NAME: &'static str = "locks";
    const CLOCK: Option<Duration> = Some(ms(5));
    type Command = Ask;
    type Output = Told;

    fn apply(&mut self, ask: &Ask) -> Told {
        let Ask::Acquire { lock, number, lease } = *ask else { return self.read(ask) };
        if let Some(&(holder, _)) = self.held.get(&lock) {
            return Told::Held(holder);
        }
        self.held.insert(lock, (number, self.now + lease));
        Told::Granted
    }

    fn is_read(ask: &Ask) -> bool {
        matches!(ask, Ask::Holder { .. })
    }

    fn read(&self, ask: &Ask) -> Told {
        let (Ask::Holder { lock } | Ask::Acquire { lock, .. }) = ask;
        self.held.get(lock).map_or(Told::Free, |&(holder, _)| Told::Held(holder))
    }

    fn part(ask: &Ask) -> Part {
        let (Ask::Holder { lock } | Ask::Acquire { lock, .. }) = *ask;
        Part::numbered("lock ", lock.into())
    }

    fn tick(&mut self, now: Time) {
        self.now = now;
        self.held.retain(|_, (_, until)| *until > now);
    }

    fn now(&self) -> Time {
        self.now
    }

    fn deadline(&self) -> Option<Time> {
        self.held.values().map(|&(_, until)| until).min()
    }
}

/// Asks for one of two locks, or who holds it.
#[derive(Clone, Debug)]
struct Client {
    lease: Duration,
}

impl Source for Client {
    type Service = Locks;

    fn draw(&mut self, stream: &mut Stream, number: u64) -> Ask {
        let lock = (stream.next_u64() % 2) as u8;
        match stream.next_u64() % 2 {
            0 => Ask::Acquire { lock, number, lease: self.lease },
            _ => Ask::Holder { lock },
        }
    }
}

// ---- The runs ----

fn run(seed: u64, lease: Duration, reads: Reads) -> Outcome<Raft> {
    let clients = Clients {
        hosts: 2,
        clients: 4,
        operations: 120,
        arrival: Arrival::Closed { think: ms(7) },
        workload: Workload::new(Client { lease }),
        payload_bytes: 0,
    };
    let config = Config {
        reads,
        election_timeout: ms(60),
        heartbeat_interval: ms(10),
        snapshot_interval: 16,
        snapshot_trail: 2,
        ..Config::new(3, Machine::new(Locks::default()), Some(clients))
    };
    let nodes = config.nodes();
    let mut dice = Streams::new(seed).stream(Purpose::Resolution, 0);
    let mut run = TestRun::<Raft>::new(config, nodes)
        .seed(seed)
        .delays(ms(1), ms(5))
        .sync_latency(Duration::from_micros(300))
        .unstable_until(at(2_000))
        .horizon(at(8_000));
    for crash in 0..4 {
        let from = 150 + 300 * u64::from(crash) + dice.random_range(0..100);
        let leader = InterventionTarget::Leader(crash);
        run = run.crash_with(leader, Damage::Unsynced, at(from), Some(at(from + 150)));
    }
    let loss = on_copies(move |wire, _| match dice.random_range(0..12) {
        0 if wire.now < at(2_000) => Action::Drop,
        1 if wire.now < at(2_000) => Action::Duplicate { copies: 1, apart: ms(9) },
        _ => Action::Pass,
    });
    let run = run.intercept(loss).oracles(|config, ground_truth| {
        let mut oracles = oracle::all(config, ground_truth);
        let model = MachineModel(config.machine.clone());
        let ground_truth = std::rc::Rc::new(ground_truth.clone());
        oracles.push(Box::new(Linearizability::new(&ground_truth, model, |claim| match claim {
            Observation::Call(call) => Some(MachineModel::call(call)),
            Observation::Executed(executed) => Some(MachineModel::executed(*executed)),
            _ => None,
        })));
        oracles
    });
    run.run()
}

fn locks(outcome: &Outcome<Raft>, node: u32) -> Locks {
    let Some(Raft::Replica(replica)) = outcome.machine(node) else { panic!("{node} is a replica, and up") };
    replica.machine().snapshot().decode().expect("it is a state")
}

#[test]
fn what_clients_see_is_what_the_machine_says_at_the_times_of_the_log() {
    for reads in [Reads::Log, Reads::ReadIndex, Reads::Lease { drift_ppm: 1_000 }] {
        let checked = survey(0..30, |seed| run(seed, ms(20), reads));
        assert!(checked["linearizability"] > 1_000, "{checked:?}");
    }
}

#[test]
fn a_deadline_is_kept_though_nobody_asks_for_anything() {
    for seed in 0..10 {
        let outcome = run(seed, Duration::from_secs(3), Reads::ReadIndex).clean();
        let states: Vec<Locks> = (0..3).map(|node| locks(&outcome, node)).collect();
        assert!(states.iter().all(|locks| locks.held.is_empty()), "seed {seed}: {states:?}");
        assert!(states.windows(2).all(|pair| pair[0] == pair[1]), "seed {seed}: {states:?}");
        // Of the last lease, which began while clients asked, the end is the last that happened.
        assert!(states[0].now > at(3_000) && states[0].now < at(7_000), "seed {seed}: {states:?}");
    }
}
