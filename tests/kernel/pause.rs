//! Pauses: what waits, in which order it is handled, and what goes on meanwhile.

use std::cell::Cell;
use std::rc::Rc;
use synod::sim::inject::{InFlight, Intervention};
use synod::sim::{Damage, End, NodeId, Setup, Time};
use synod::testing::script::{Actor, Input, actors, lines, note, play};
use synod::testing::{at, ms};

/// Node 1 stands still from `from` to `until`, in ms.
fn pause(id: u32, from: u64, until: u64) -> [(Time, Intervention); 2] {
    let node = NodeId(1).into();
    [(at(from), Intervention::Pause { id, node }), (at(until), Intervention::Resume { id, node })]
}

fn under(setup: Setup<Actor>, interventions: impl Into<Vec<(Time, Intervention)>>) -> (End, Vec<String>) {
    play(Setup { interventions: interventions.into(), ..setup })
}

/// Node 0 says 1, 2, 3 ... to node 1 every four milliseconds; node 1 has a timer every five, and tells what happens.
fn busy() -> Setup<Actor> {
    actors(2, |me, ctx, input| match input {
        Input::Start => ctx.set_timer(0, if ctx.me().0 == 0 { ms(4) } else { ms(5) }),
        Input::Timer(_) if ctx.me().0 == 0 => {
            me.count += 1;
            ctx.send(NodeId(1), me.count);
            if me.count < 6 {
                ctx.set_timer(0, ms(4));
            }
        }
        Input::Timer(_) => {
            note(ctx, format_args!("tick at {}", ctx.now()));
            me.count += 1;
            if me.count < 5 {
                ctx.set_timer(0, ms(5));
            }
        }
        Input::Message(_, number) => note(ctx, format_args!("heard {number} at {}", ctx.now())),
    })
}

#[test]
fn what_is_due_waits_in_order_and_is_handled_at_the_end() {
    let (end, diary) = under(busy(), pause(3, 7, 18));
    // Messages arrive at 5, 9, 13, 17, 21 and 25 ms; the timer of 10 ms expires late, and so do those after it.
    let said: Vec<&str> = lines(&diary, "n1 ").into_iter().filter(|line| line.contains(" at ")).collect();
    let expected = [
        "5ms n1 tick at 5ms",
        "5ms n1 heard 1 at 5ms",
        "18ms n1 heard 2 at 18ms",
        "18ms n1 tick at 18ms",
        "18ms n1 heard 3 at 18ms",
        "18ms n1 heard 4 at 18ms",
        "21ms n1 heard 5 at 21ms",
        "23ms n1 tick at 23ms",
        "25ms n1 heard 6 at 25ms",
        "28ms n1 tick at 28ms",
        "33ms n1 tick at 33ms",
    ];
    assert_eq!(said, expected);
    assert_eq!(lines(&diary, "reached n1")[1], "9ms 2 from n0 reached n1", "it has arrived, and waits");
    assert_eq!(lines(&diary, "paused"), ["7ms n1 paused"]);
    assert_eq!(lines(&diary, "resumed"), ["18ms n1 resumed"]);
    assert_eq!(end.tally.held[&3], 4);
}

#[test]
fn a_pause_in_which_nothing_is_due_does_nothing() {
    let (end, diary) = under(busy(), pause(3, 6, 8));
    let (_, quiet) = play(busy());
    let without: Vec<String> =
        diary.into_iter().filter(|line| !line.contains("paused") && !line.contains("resumed")).collect();
    assert_eq!(without, quiet);
    assert_eq!(end.tally.held.get(&3), None);
}

#[test]
fn a_service_in_progress_ends_when_the_node_goes_on() {
    let working = || {
        let mut setup = actors(2, |_, ctx, input| match input {
            Input::Start if ctx.me().0 == 0 => (1..=3).for_each(|number| ctx.send(NodeId(1), number)),
            Input::Start | Input::Timer(_) => {}
            Input::Message(_, number) => note(ctx, format_args!("done {number}")),
        });
        setup.cpu.base = ms(10);
        setup
    };
    // Served from 11 to 21, 31 and 41 ms: node 0 sends at the end of its own service, of 10 ms.
    let (_, diary) = play(working());
    assert_eq!(lines(&diary, "done"), ["21ms n1 done 1", "31ms n1 done 2", "41ms n1 done 3"]);
    let (_, diary) = under(working(), pause(3, 15, 26));
    assert_eq!(lines(&diary, "done"), ["26ms n1 done 1", "36ms n1 done 2", "46ms n1 done 3"]);
}

#[test]
fn the_device_goes_on_and_its_node_is_told_afterwards() {
    let found = Rc::new(Cell::new(0));
    let writing = |found: Rc<Cell<usize>>| {
        let mut setup = actors(2, move |me, ctx, input| match input {
            Input::Start if ctx.me().0 == 1 && me.found.is_empty() => {
                ctx.persist(7);
                ctx.sync();
                note(ctx, "synced");
            }
            Input::Start if ctx.me().0 == 1 => found.set(me.found.len()),
            _ => {}
        });
        setup.sync_latency = ms(10);
        setup
    };
    let (_, diary) = under(writing(Rc::clone(&found)), pause(3, 5, 20));
    assert_eq!(lines(&diary, "synced"), ["20ms n1 synced"]);
    // The record is durable from 10 ms on: a crash within the pause finds it there.
    for (crash, records) in [(8, 0), (12, 1)] {
        let node = NodeId(1).into();
        let damage = Damage::Unsynced;
        let mut all = pause(3, 5, 20).to_vec();
        all.push((at(crash), Intervention::Crash { id: 9, node, damage, in_flight: InFlight::Deliver }));
        all.push((at(15), Intervention::Restart { id: 9, node }));
        found.set(0);
        let (_, diary) = under(writing(Rc::clone(&found)), all);
        assert_eq!(found.get(), records, "after a crash at {crash} ms");
        assert_eq!(lines(&diary, "n1 restarted"), ["15ms n1 restarted"]);
        let synced: Vec<&str> = if records == 0 { vec!["30ms n1 synced"] } else { vec![] };
        assert_eq!(lines(&diary, "synced"), synced, "its new life starts when the pause is over");
    }
}

#[test]
fn a_node_goes_on_when_its_last_pause_is_over() {
    let both = [pause(3, 6, 12), pause(4, 8, 18)].concat();
    let (end, diary) = under(busy(), both);
    assert_eq!(lines(&diary, "n1 resumed"), ["18ms n1 resumed"]);
    assert_eq!(lines(&diary, "heard 2"), ["18ms n1 heard 2 at 18ms"]);
    // Held for the first: 9 and 10 ms, and what comes later for the second, for which those two waited longer.
    assert_eq!((end.tally.held[&3], end.tally.held[&4]), (2, 4));
}

#[test]
fn a_cut_that_lasts_when_a_copy_arrives_takes_it_from_a_paused_node_too() {
    let cut = synod::sim::Cut::OneWay(vec![true], vec![false, true]);
    let mut all = pause(3, 6, 30).to_vec();
    all.push((at(8), Intervention::Cut { id: 5, cut, in_flight: InFlight::Deliver }));
    all.push((at(10), Intervention::Heal { id: 5 }));
    let (_, diary) = under(busy(), all);
    assert_eq!(lines(&diary, "lost"), ["8ms 2 from n0 to n1 lost: Partition"]);
    assert_eq!(lines(&diary, "heard").len(), 5);
}
