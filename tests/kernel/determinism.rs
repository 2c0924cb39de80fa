//! One seed, one run: digests that never change, and draws that nothing unrelated shifts.

use rand::Rng;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use synod::net::{Fabric, Law, Link, Probability, Reordering, Topology};
use synod::protocol::pbft::{Arrival, Clients, Config, Operation, Pbft, Quorum, Session, Workload};
use synod::sim::inject::{
    Action, AdversaryContext, Direction, Envelope, InFlight, Interceptor, Intervention,
};
use synod::sim::{
    Context, Damage, Durable, Duration, End, Event, EventTime, Flow, Message, NodeId, Observation, Observer,
    Protocol, Setup, Simulation, Streams, Time,
};
use synod::testing::script::{Diary, actors};

/// Every node says something random to all others, ten times, whatever it hears.
struct Chatter {
    talks: bool,
    round: u32,
}

/// The round, and a word from the sender's stream.
#[derive(Copy, Clone, Debug, Serialize)]
struct Word(u32, u64);

impl Message for Word {}

#[derive(Debug, Serialize)]
struct Heard(u64);

impl Observation for Heard {}

impl Protocol for Chatter {
    /// How many nodes talk; those after them do nothing.
    type Config = u32;
    type Message = Word;
    type Timer = u8;
    type Record = ();
    type Observation = Heard;

    fn new(talkers: &Rc<u32>, me: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Chatter {
        Chatter { talks: me.0 < **talkers, round: 0 }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Chatter>) {
        if self.talks {
            ctx.set_timer(0, Duration::from_millis(1));
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Chatter>, _: NodeId, &Word(_, word): &Word) {
        ctx.observe(Heard(word));
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Chatter>, _: u8) {
        self.round += 1;
        let word = ctx.rng().next_u64();
        ctx.broadcast(Word(self.round, word));
        if self.round < 10 {
            ctx.set_timer(0, Duration::from_millis(3));
        }
    }
}

fn percent(percent: u32) -> Probability {
    Probability::from_ppm(percent * 10_000).expect("at most all")
}

fn mesh(nodes: usize, link: Link, streams: &Streams) -> Fabric {
    let layout = Topology::FullMesh.build(nodes as u32, streams).expect("a mesh of any size");
    Fabric::new(layout, vec![link], streams)
}

/// A link that does everything that a link can do wrong.
fn rough(latency: Law) -> Link {
    let extra = Law::exponential(Duration::from_millis(10), Duration::ZERO).expect("a law");
    Link {
        loss: percent(10),
        duplication: percent(10),
        reordering: Some(Reordering { probability: percent(20), extra }),
        corruption: percent(5),
        ..Link::new(latency)
    }
}

fn laws() -> [(&'static str, Law); 4] {
    let ms = Duration::from_millis;
    [
        ("uniform", Law::uniform(ms(1), ms(20)).expect("a law")),
        ("lognormal", Law::lognormal(ms(5), 0.8).expect("a law")),
        ("gamma", Law::gamma(2.5, ms(5)).expect("a law")),
        ("pareto", Law::pareto(ms(2), 1.5).expect("a law")),
    ]
}

fn chatter(talkers: u32, nodes: usize, seed: u64, latency: Law) -> Setup<Chatter> {
    let streams = Streams::new(seed);
    Setup::new(talkers, nodes, streams, mesh(nodes, rough(latency), &streams))
}

fn digest_of<P: Protocol>(setup: Setup<P>) -> String {
    Simulation::new(setup, ()).run().digest.to_string()
}

fn pbft(workload: Workload, n: u32, seed: u64, link: Link) -> Setup<Pbft> {
    let quorum = Quorum::new(n, Quorum::most_faults(n)).expect("n >= 3f + 1");
    let config = Config::new(quorum, workload);
    let nodes = config.nodes();
    let streams = Streams::new(seed);
    Setup::new(config, nodes, streams, mesh(nodes, link, &streams))
}

fn decision(seed: u64) -> Setup<Pbft> {
    let session = Session {
        initiator: NodeId(0),
        at: Duration::ZERO,
        operation: Operation::new(7, 64),
        valid: 0..=9,
        deadline: None,
    };
    let latency = Law::lognormal(Duration::from_millis(5), 0.5).expect("a law");
    let setup = pbft(Workload::Session(session), 4, seed, Link::new(latency));
    with_horizon(setup, 2)
}

/// A log of 60 requests over links that lose one message in fifty, and a replica that crashes and comes back.
fn log(seed: u64) -> Setup<Pbft> {
    let clients = Clients {
        hosts: 1,
        clients: 4,
        requests: 60,
        arrival: Arrival::Open { mean: Duration::from_millis(20) },
        payload_bytes: 64,
        service: None,
    };
    let latency = Law::gamma(2.0, Duration::from_millis(4)).expect("a law");
    let setup = pbft(Workload::Log(clients), 4, seed, Link { loss: percent(2), ..Link::new(latency) });
    let node = NodeId(2);
    let interventions = vec![
        (
            Time::from_nanos(300_000_000),
            Intervention::Crash {
                id: 0,
                node: node.into(),
                damage: Damage::Unsynced,
                in_flight: InFlight::Deliver,
            },
        ),
        (Time::from_nanos(800_000_000), Intervention::Restart { id: 0, node: node.into() }),
    ];
    with_horizon(Setup { interventions, sync_latency: Duration::from_micros(100), ..setup }, 5)
}

fn with_horizon<P: Protocol>(mut setup: Setup<P>, secs: u64) -> Setup<P> {
    setup.limits.horizon = Time::ZERO + Duration::from_secs(secs);
    setup
}

#[test]
fn one_seed_gives_one_digest_and_another_another() {
    for (name, law) in laws() {
        let digest = |seed| digest_of(chatter(8, 8, seed, law.clone()));
        assert_eq!(digest(1), digest(1), "{name}");
        assert_ne!(digest(1), digest(2), "{name}");
    }
    assert_eq!(digest_of(decision(1)), digest_of(decision(1)));
    assert_ne!(digest_of(decision(1)), digest_of(decision(2)));
    assert_eq!(digest_of(log(1)), digest_of(log(1)));
    assert_ne!(digest_of(log(1)), digest_of(log(2)));
}

/// Digests of seed 1. They are the same on every platform and in every build profile; they change only with what the
/// kernel, a law or PBFT does, and then the version of Synod changes with them.
const GOLDEN: [(&str, &str); 6] = [
    ("uniform", "02a2e7b5082594d270110974fcb52f39"),
    ("lognormal", "511db499f776b003b01a722f3254a1ac"),
    ("gamma", "cbbf8c6a0db6b4429c863692e3e58e2d"),
    ("pareto", "4d8b694715ccdbedf5c9773aad8144d9"),
    ("pbft decision", "4689adda6e63518cd5a205ac13984261"),
    ("pbft log", "9241bd7ad86c934102d8de0d1f6c4e4a"),
];

#[test]
fn golden_digests_never_change() {
    let mut digests: Vec<_> =
        laws().into_iter().map(|(name, law)| (name, digest_of(chatter(8, 8, 1, law)))).collect();
    digests.push(("pbft decision", digest_of(decision(1))));
    digests.push(("pbft log", digest_of(log(1))));
    let digests: Vec<_> = digests.iter().map(|(name, digest)| (*name, digest.as_str())).collect();
    assert_eq!(digests, GOLDEN);
}

#[test]
fn the_golden_runs_do_what_they_are_for() {
    let end = Simulation::new(chatter(8, 8, 1, laws()[0].1.clone()), ()).run();
    assert!(end.tally.duplicated > 0 && end.tally.damaged > 0 && end.tally.lost_copies() > 50);
    let completed = |setup| {
        let mut run = Simulation::new(setup, Marks::default());
        run.run();
        run.into_observer().0
    };
    assert_eq!(completed(decision(1))["decided"], 4);
    let log = completed(log(1));
    assert_eq!((log["completed"], log["restarted"]), (60, 1));
}

/// Counts what PBFT gets done.
#[derive(Default)]
struct Marks(BTreeMap<&'static str, u32>);

impl Observer<Pbft> for Marks {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Flow {
        use synod::protocol::pbft::Observation::{Completed, Decided};
        let mark = match event {
            Event::Observed { observation: Completed { .. }, .. } => "completed",
            Event::Observed { observation: Decided { .. }, .. } => "decided",
            Event::Restarted { .. } => "restarted",
            _ => return Flow::Continue,
        };
        *self.0.entry(mark).or_default() += 1;
        Flow::Continue
    }
}

/// A copy: sender, receiver, round.
type Named = (u32, u32, u32);

/// For every copy what its sender drew and when it arrived, once or twice; nothing if it was lost.
#[derive(Default)]
struct Draws(BTreeMap<Named, Vec<(u64, Time)>>);

impl Observer<Chatter> for Draws {
    fn wants_copies(&self) -> bool {
        true
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Chatter>) -> Flow {
        if let Event::Delivered { from, to, message: Word(round, word), .. } = event {
            self.0.entry((from.0, to.0, *round)).or_default().push((*word, moment.at));
        }
        Flow::Continue
    }
}

fn draws(setup: Setup<Chatter>) -> (End, BTreeMap<Named, Vec<(u64, Time)>>) {
    let mut run = Simulation::new(setup, Draws::default());
    let end = run.run();
    (end, run.into_observer().0)
}

const STRUCK: NodeId = NodeId(3);

fn base() -> Setup<Chatter> {
    chatter(6, 6, 1, laws()[1].1.clone())
}

/// All copies but those that node 3 sends or receives.
fn unrelated(copies: BTreeMap<Named, Vec<(u64, Time)>>) -> BTreeMap<Named, Vec<(u64, Time)>> {
    let struck = |&(from, to, _): &Named| from == STRUCK.0 || to == STRUCK.0;
    copies.into_iter().filter(|(envelope, _)| !struck(envelope)).collect()
}

#[test]
fn a_node_that_does_nothing_shifts_no_draw() {
    let (_, alone) = draws(base());
    let (_, mut joined) = draws(chatter(6, 7, 1, laws()[1].1.clone()));
    joined.retain(|&(_, to, _), _| to < 6);
    assert!(alone.len() > 200);
    assert_eq!(alone, joined);
}

/// Strikes what node 3 sends: withholds, delays or replaces.
struct Striker(fn(&Word) -> Action<Word>);

impl Interceptor<Word> for Striker {
    fn covers(&self, node: NodeId, way: Direction) -> bool {
        way == Direction::Outbound && node == STRUCK
    }

    fn intercept(
        &mut self,
        _: &mut AdversaryContext<'_, Word>,
        _: Direction,
        envelope: &Envelope<'_, Word>,
    ) -> Action<Word> {
        (self.0)(envelope.message)
    }
}

#[test]
fn a_fault_on_one_node_shifts_no_other_draw() {
    let (_, whole) = draws(base());
    let whole_rest = unrelated(whole.clone());
    assert!(whole_rest.len() > 150);

    let crash = Intervention::Crash {
        id: 0,
        node: STRUCK.into(),
        damage: Damage::None,
        in_flight: InFlight::Deliver,
    };
    let restart = Intervention::Restart { id: 0, node: STRUCK.into() };
    let interventions = vec![(Time::from_nanos(9_000_000), crash), (Time::from_nanos(15_000_000), restart)];
    let mut struck = vec![draws(Setup { interventions, ..base() }).1];
    for strike in [
        (|_| Action::Drop) as fn(&Word) -> Action<Word>,
        |_| Action::Delay(Duration::from_millis(7)),
        |word| Action::Replace(Word(word.0, 0)),
    ] {
        struck.push(draws(Setup { interceptors: vec![Box::new(Striker(strike))], ..base() }).1);
    }
    for copies in struck {
        assert_ne!(copies, whole, "the fault did something");
        assert_eq!(unrelated(copies), whole_rest);
    }
}

#[test]
fn withholding_one_copy_leaves_the_others_of_the_same_message_alone() {
    /// Keeps node 3's words from node 0.
    struct Deaf;
    impl Interceptor<Word> for Deaf {
        fn covers(&self, node: NodeId, way: Direction) -> bool {
            way == Direction::Outbound && node == STRUCK
        }
        fn intercept(
            &mut self,
            _: &mut AdversaryContext<'_, Word>,
            _: Direction,
            envelope: &Envelope<'_, Word>,
        ) -> Action<Word> {
            if envelope.to == NodeId(0) { Action::Drop } else { Action::Pass }
        }
    }
    let (_, mut whole) = draws(base());
    let (end, deaf) = draws(Setup { interceptors: vec![Box::new(Deaf)], ..base() });
    whole.retain(|&(from, to, _), _| (from, to) != (STRUCK.0, 0));
    assert_eq!(deaf, whole);
    assert!(end.tally.lost_copies() > 0);
}

#[test]
fn whoever_looks_on_changes_nothing() {
    let (end, _) = draws(base());
    assert_eq!(end.digest.to_string(), digest_of(base()));

    let script = || {
        actors(3, |me, ctx, _| {
            me.count += 1;
            if me.count < 20 && !ctx.rng().next_u64().is_multiple_of(4) {
                ctx.broadcast(me.count);
            }
        })
    };
    let watched = Simulation::new(script(), Diary::default()).run();
    assert_eq!(watched.digest.to_string(), digest_of(script()));
}

#[test]
fn switching_a_fault_of_the_links_on_shifts_no_delay() {
    let link = |loss| Link { loss, ..Link::new(laws()[2].1.clone()) };
    let run = |loss| {
        let streams = Streams::new(1);
        draws(Setup::new(6, 6, streams, mesh(6, link(loss), &streams))).1
    };
    let (whole, lossy) = (run(Probability::NEVER), run(percent(30)));
    assert_eq!(whole.len(), 6 * 5 * 10);
    assert!(lossy.len() < 260);
    assert!(lossy.iter().all(|(envelope, arrivals)| whole[envelope] == *arrivals));
}

#[test]
fn the_tape_names_the_first_event_that_differs() {
    let transcript = |seed| {
        let mut run = Simulation::new(decision(seed), ());
        run.keep_transcript();
        run.run();
        run.take_transcript()
    };
    let (first, second, other) = (transcript(1), transcript(1), transcript(2));
    assert_eq!(first, second);
    let place = first.iter().zip(&other).position(|(a, b)| a != b).expect("they differ");
    assert!(place > 0, "the starts are the same");
}

/// The golden digests on another target, where its standard library is installed.
#[test]
#[expect(clippy::print_stderr, reason = "says why it did not run")]
fn second_target() {
    let targets = ["i686-unknown-linux-gnu", "x86_64-unknown-linux-musl"];
    let Some(target) = targets.into_iter().find(|target| is_installed(target)) else {
        return eprintln!("skipped: neither {} nor {} is installed", targets[0], targets[1]);
    };
    let cargo = |arguments: &[&str]| {
        Command::new(env!("CARGO"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["test", "--quiet", "--test", "determinism", "--target", target])
            .arg("--target-dir")
            .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join(target))
            .args(arguments)
            .output()
            .expect("cargo runs")
    };
    let built = cargo(&["--no-run"]);
    if !built.status.success() {
        let reason = String::from_utf8_lossy(&built.stderr);
        return eprintln!("skipped: the tests do not build for {target}:\n{reason}");
    }
    let ran = cargo(&["--", "--exact", "golden_digests_never_change"]);
    assert!(ran.status.success(), "{target}:\n{}", String::from_utf8_lossy(&ran.stdout));
}

fn is_installed(target: &str) -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let Ok(asked) = Command::new(rustc).args(["--print", "target-libdir", "--target", target]).output()
    else {
        return false;
    };
    let folder = String::from_utf8_lossy(&asked.stdout);
    let Ok(entries) = Path::new(folder.trim()).read_dir() else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}
