//! What bounds a run, how it ends, and that nothing is left over.

use synod::sim::inject::{InFlight, Intervention};
use synod::sim::network::{Fate, LossCause};
use synod::sim::{CpuCost, Cut, Damage, Ending, Limits, NodeId, Setup, Simulation};
use synod::testing::script::{Actor, Diary, Input, actors, play};
use synod::testing::{at, ms, network_fn};

/// One node whose timer goes off every millisecond for ever.
fn ticker() -> Setup<Actor> {
    actors(1, |_, ctx, _| ctx.set_timer(0, ms(1)))
}

#[test]
fn the_horizon_ends_a_run_before_the_first_event_later_than_it() {
    let limits = Limits { horizon: at(10), ..Limits::default() };
    let (end, diary) = play(Setup { limits, ..ticker() });
    assert_eq!((end.ending, end.at), (Ending::Horizon, at(10)));
    assert_eq!((end.events, diary.len()), (11, 10));
    assert_eq!(end.ending.to_string(), "stopped at the horizon");
}

#[test]
fn the_horizon_can_be_asked_about_again() {
    let limits = Limits { horizon: at(10), ..Limits::default() };
    let mut run = Simulation::new(Setup { limits, ..ticker() }, Diary::default());
    let first = run.run();
    let second = run.run();
    assert_eq!((first.ending, first.events, first.digest), (second.ending, second.events, second.digest));
    assert_eq!(run.pending(), 1, "the timer beyond the horizon is still armed");
}

#[test]
fn the_event_limit_ends_a_run() {
    let limits = Limits { events: 1_000, ..Limits::default() };
    let (end, _) = play(Setup { limits, ..ticker() });
    assert_eq!((end.ending, end.events), (Ending::Events(1_000), 1_000));
    assert_eq!(end.ending.to_string(), "stopped: 1,000 events; raise `limits.events`");
}

#[test]
fn the_memory_limit_ends_a_storm() {
    // Whoever hears something tells everyone.
    let setup = actors(32, |_, ctx, _| ctx.broadcast(0));
    let limits = Limits { memory_bytes: 1 << 20, ..Limits::default() };
    let (end, _) = play(Setup { limits, ..setup });
    let Ending::Memory(bytes) = end.ending else { panic!("{:?}", end.ending) };
    assert!(bytes > 1 << 20 && bytes < 64 << 20, "{bytes}");
    assert!(end.tally.kernel_bytes_max >= bytes);
    let message = end.ending.to_string();
    assert!(
        message.starts_with("stopped: ") && message.ends_with(" bytes in use; raise `limits.memory`"),
        "{message}"
    );
}

#[test]
fn storage_counts_as_memory_until_it_is_truncated() {
    let writer = |truncates: bool| {
        let setup = actors(1, move |_, ctx, _| {
            (0..100).for_each(|record| ctx.persist(record));
            if truncates {
                ctx.truncate();
                ctx.sync();
            }
            ctx.set_timer(0, ms(1));
        });
        let limits = Limits { memory_bytes: 4 << 20, horizon: at(20_000), ..Limits::default() };
        play(Setup { limits, ..setup }).0.ending
    };
    assert!(matches!(writer(false), Ending::Memory(_)));
    assert_eq!(writer(true), Ending::Horizon);
}

#[test]
fn nothing_is_left_of_a_run_in_which_everything_goes_wrong() {
    let setup = actors(4, |me, ctx, input| match input {
        Input::Start => {
            ctx.set_timer(1, ms(2));
            ctx.set_timer(1, ms(3));
            ctx.broadcast(0);
        }
        Input::Message(..) if me.count < 20 => {
            me.count += 1;
            ctx.charge(ms(1));
            ctx.persist(me.count);
            ctx.sync();
            ctx.broadcast(me.count);
        }
        Input::Timer(_) => ctx.cancel_timer(1),
        Input::Message(..) => {}
    });
    let network =
        network_fn(|from: NodeId, to: NodeId, number, now| match (number + u64::from(from.0 + to.0)) % 5 {
            0 => Fate::Lost(LossCause::Chance),
            1 => Fate::Damaged(now + ms(2)),
            2 => Fate::Duplicate(now + ms(1)),
            _ => Fate::Intact(now + ms(1)),
        });
    let interventions = vec![
        (
            at(3),
            Intervention::Crash {
                id: 0,
                node: NodeId(1).into(),
                damage: Damage::Torn,
                in_flight: InFlight::Deliver,
            },
        ),
        (
            at(4),
            Intervention::Cut {
                id: 0,
                cut: Cut::Sides(vec![Some(0), Some(0), Some(1)]),
                in_flight: InFlight::Deliver,
            },
        ),
        (at(7), Intervention::Restart { id: 0, node: NodeId(1).into() }),
        (at(9), Intervention::Heal { id: 0 }),
        (
            at(9),
            Intervention::Crash {
                id: 0,
                node: NodeId(2).into(),
                damage: Damage::All,
                in_flight: InFlight::Deliver,
            },
        ),
    ];
    let cpu = CpuCost { base: ms(1), ..CpuCost::default() };
    let network = Box::new(network);
    let (end, _) = play(Setup { network, interventions, cpu, sync_latency: ms(1), ..setup });
    // `play` has made sure that no slot is left.
    assert_eq!(end.ending, Ending::Quiescent);
    assert!(end.tally.duplicated > 0 && end.tally.damaged > 0 && end.tally.lost_copies() > 0);
}
