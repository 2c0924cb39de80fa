//! `sync_then`: what was written becomes durable in the background, and the node is told.

use serde::Serialize;
use std::rc::Rc;
use synod::sim::inject::{InFlight, Intervention};
use synod::sim::network::ConstantDelay;
use synod::sim::{
    Context, Damage, Durable, Duration, Event, EventTime, Flow, NodeId, Observation, Observer, Protocol,
    Setup, Simulation, Streams,
};
use synod::testing::{at, ms};

/// Writes 1, begins a sync, writes 2, and sends at once; says what it hears and finds.
struct Writer {
    found: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
enum Said {
    Found(Vec<u64>),
    Synced(u64),
    Heard,
}

impl Observation for Said {}

impl Protocol for Writer {
    type Config = ();
    type Message = ();
    type Timer = ();
    type Record = u64;
    type Observation = Said;

    fn new(_: &Rc<()>, _: NodeId, _: usize, _: u64, durable: Durable<'_, u64>) -> Writer {
        Writer { found: durable.records.to_vec() }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Writer>) {
        ctx.observe(Said::Found(self.found.clone()));
        if self.found.is_empty() {
            ctx.persist(1);
            ctx.sync_then(40);
            ctx.persist(2);
            ctx.send(ctx.me(), ());
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Writer>, _: NodeId, _: &()) {
        ctx.observe(Said::Heard);
    }

    fn on_timer(&mut self, _: &mut Context<'_, Writer>, _: ()) {}

    fn on_synced(&mut self, ctx: &mut Context<'_, Writer>, token: u64) {
        ctx.observe(Said::Synced(token));
    }
}

#[derive(Default)]
struct Log(Vec<(u64, Said)>);

impl Observer<Writer> for Log {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Writer>) -> Flow {
        if let Event::Observed { observation, .. } = event {
            self.0.push((moment.at.as_nanos() / 1_000_000, (*observation).clone()));
        }
        Flow::Continue
    }
}

/// Runs one writer whose device takes `sync`, and which crashes for a millisecond at `crash`.
fn run(sync: Duration, crash: Option<u64>) -> Vec<(u64, Said)> {
    let mut setup = Setup::<Writer>::new((), 1, Streams::new(1), ConstantDelay(ms(1)));
    setup.sync_latency = sync;
    if let Some(from) = crash {
        let node = NodeId(0).into();
        setup.interventions.push((
            at(from),
            Intervention::Crash { id: 1, node, damage: Damage::Unsynced, in_flight: InFlight::Deliver },
        ));
        setup.interventions.push((at(from + 1), Intervention::Restart { id: 1, node }));
    }
    let mut run = Simulation::new(setup, Log::default());
    run.run();
    run.into_observer().0
}

#[test]
fn nothing_waits_for_a_background_sync() {
    let said = run(ms(5), None);
    assert_eq!(said, [(0, Said::Found(vec![])), (1, Said::Heard), (5, Said::Synced(40))]);
}

#[test]
fn a_sync_that_takes_no_time_is_told_of_too() {
    let said = run(Duration::ZERO, None);
    assert_eq!(said, [(0, Said::Found(vec![])), (0, Said::Synced(40)), (1, Said::Heard)]);
}

#[test]
fn a_crash_before_it_is_done_loses_all_and_after_it_what_came_later() {
    let found = |crash| {
        let said = run(ms(5), Some(crash));
        said.into_iter().filter(|(_, said)| matches!(said, Said::Found(_))).nth(1).expect("it restarts").1
    };
    assert_eq!(found(4), Said::Found(vec![]));
    assert_eq!(found(6), Said::Found(vec![1]));
}

#[test]
fn a_node_that_crashed_is_not_told() {
    let told = run(ms(5), Some(3)).into_iter().filter(|(_, said)| *said == Said::Synced(40));
    // The restarted node found nothing, and begins a sync of its own.
    assert_eq!(told.map(|(at, _)| at).collect::<Vec<_>>(), [9]);
}
