//! What a crash destroys and what it spares: memory, timers, waiting work, unreleased effects; storage; messages in
//! flight.

use synod::sim::inject::{InFlight, Intervention};
use synod::sim::{CpuCost, Damage, NodeId, Setup};
use synod::testing::script::{Actor, Input, actors, lines, note, play};
use synod::testing::{at, ms};

/// Node 1 crashes at `from` ms and restarts at `until` ms.
fn with_outage(setup: Setup<Actor>, from: u64, until: u64, damage: Damage) -> Setup<Actor> {
    let node = NodeId(1);
    let interventions = vec![
        (at(from), Intervention::Crash { id: 0, node: node.into(), damage, in_flight: InFlight::Deliver }),
        (at(until), Intervention::Restart { id: 0, node: node.into() }),
    ];
    Setup { interventions, ..setup }
}

#[test]
fn memory_is_lost_and_what_is_in_flight_still_arrives() {
    let setup = actors(2, |me, ctx, input| match input {
        Input::Start if ctx.me().0 == 0 => {
            ctx.send(NodeId(1), 1);
            ctx.set_timer(0, ms(4));
        }
        Input::Start => {}
        Input::Timer(_) => ctx.send(NodeId(1), 2),
        Input::Message(..) => {
            me.count += 1;
            note(ctx, format_args!("has heard {}", me.count));
        }
    });
    // The second message leaves at 4 ms, when node 1 is down, and arrives at 5 ms, when it is up again.
    let (end, diary) = play(with_outage(setup, 3, 5, Damage::None));
    assert_eq!(lines(&diary, "has heard"), ["1ms n1 has heard 1", "5ms n1 has heard 1"]);
    assert_eq!(end.tally.lost_copies(), 0);
}

#[test]
fn what_finds_a_node_down_is_lost() {
    let setup = actors(2, |_, ctx, input| {
        if let Input::Start = input
            && ctx.me().0 == 0
        {
            ctx.send(NodeId(1), 1);
        }
    });
    let (end, diary) = play(with_outage(setup, 1, 2, Damage::None));
    assert_eq!(lines(&diary, "lost"), ["1ms 1 from n0 to n1 lost: Down"]);
    assert_eq!(end.tally.down[&0], 1);
}

#[test]
fn queued_work_and_timers_are_lost() {
    let setup = actors(2, |_, ctx, input| match input {
        Input::Start if ctx.me().0 == 0 => (1..=3).for_each(|message| ctx.send(NodeId(1), message)),
        Input::Start => ctx.set_timer(1, ms(4)),
        Input::Message(_, message) => {
            ctx.charge(ms(10));
            note(ctx, format_args!("done {message}"));
        }
        Input::Timer(_) => note(ctx, "done timer"),
    });
    // Message 1 is served until 11 ms; messages 2 and 3 and the timer wait for that. The new life's timer comes.
    let (end, diary) = play(with_outage(setup, 12, 13, Damage::None));
    assert_eq!(end.tally.delivered, 3);
    assert_eq!(lines(&diary, "done"), ["11ms n1 done 1", "17ms n1 done timer"]);
}

#[test]
fn a_crash_disarms_what_the_next_life_does_not_arm_again() {
    let setup = actors(2, |me, ctx, input| match input {
        Input::Start if ctx.me().0 == 1 && me.found.is_empty() => {
            ctx.persist(1);
            (1..=3).for_each(|timer| ctx.set_timer(timer, ms(10)));
        }
        Input::Start if ctx.me().0 == 1 => ctx.set_timer(2, ms(3)),
        Input::Timer(timer) => note(ctx, format_args!("timer {timer}")),
        _ => {}
    });
    let (end, diary) = play(with_outage(setup, 5, 6, Damage::None));
    assert_eq!(lines(&diary, "n1 timer"), ["9ms n1 timer 2", "9ms n1 timer 2"], "expired, and handled");
    assert_eq!(end.tally.timers, 1);
}

#[test]
fn a_crash_in_mid_service_destroys_its_effects() {
    let setup = actors(2, |_, ctx, input| match input {
        Input::Start if ctx.me().0 == 0 => ctx.send(NodeId(1), 1),
        Input::Message(..) if ctx.me().0 == 1 => {
            ctx.persist(7);
            ctx.send(NodeId(0), 2);
            note(ctx, "answered");
        }
        _ => {}
    });
    let cpu = CpuCost { base: ms(10), ..CpuCost::default() };
    // The starts take until 10 ms, the message from 11 ms (when it arrives) to 21 ms.
    let (end, diary) = play(with_outage(Setup { cpu, ..setup }, 20, 30, Damage::None));
    assert_eq!(lines(&diary, "n1 "), ["20ms n1 crashed", "30ms n1 restarted"]);
    assert_eq!((end.tally.sent(), end.tally.persisted), (1, 0));
}

/// Node 1 promises at 0 ms: it remembers, syncs for 10 ms, and says so.
fn promise() -> Setup<Actor> {
    let setup = actors(2, |me, ctx, input| {
        if let Input::Start = input
            && ctx.me().0 == 1
        {
            note(ctx, format_args!("found {:?}", me.found));
            if me.found.is_empty() {
                ctx.persist(7);
                ctx.sync();
                ctx.send(NodeId(0), 7);
            }
        }
    });
    Setup { sync_latency: ms(10), ..setup }
}

#[test]
fn effects_after_a_sync_wait_for_it() {
    let (end, diary) = play(promise());
    assert_eq!(diary, ["0ns n1 found []", "10ms n1 sent 7", "11ms 7 from n1 reached n0"]);
    assert_eq!((end.tally.persisted, end.tally.syncs), (1, 1));
}

#[test]
fn a_crash_before_the_sync_loses_record_and_message_and_one_after_it_neither() {
    let (_, diary) = play(with_outage(promise(), 9, 20, Damage::Unsynced));
    assert_eq!(
        diary,
        [
            "0ns n1 found []",
            "9ms n1 crashed",
            "20ms n1 restarted",
            "20ms n1 found []",
            "30ms n1 sent 7",
            "31ms 7 from n1 reached n0",
        ]
    );
    let (_, diary) = play(with_outage(promise(), 11, 20, Damage::Unsynced));
    assert_eq!(lines(&diary, "found"), ["0ns n1 found []", "20ms n1 found [7]"]);
    assert_eq!(lines(&diary, "sent"), ["10ms n1 sent 7"]);
}

#[test]
fn a_device_does_one_sync_after_the_other() {
    let setup = actors(1, |_, ctx, input| match input {
        Input::Start => {
            ctx.set_timer(1, ms(4));
            ctx.sync();
            note(ctx, "first");
            ctx.sync();
            note(ctx, "second");
        }
        _ => {
            ctx.sync();
            note(ctx, "third");
        }
    });
    let (_, diary) = play(Setup { sync_latency: ms(10), ..setup });
    assert_eq!(lines(&diary, "n0 "), ["4ms n0 timer 1", "10ms n0 first", "20ms n0 second", "30ms n0 third"]);
}

#[test]
fn a_crash_damages_storage_as_it_is_told() {
    for (damage, found) in [
        (Damage::None, "found [1, 2, 3] torn false"),
        (Damage::Unsynced, "found [1] torn false"),
        (Damage::Torn, "found [1, 2] torn true"),
        (Damage::All, "found [] torn false"),
    ] {
        let setup = actors(2, |me, ctx, input| {
            if let Input::Start = input
                && ctx.me().0 == 1
            {
                if ctx.now() == at(0) {
                    ctx.persist(1);
                    ctx.sync();
                    ctx.persist(2);
                    ctx.persist(3);
                } else {
                    note(ctx, format_args!("found {:?} torn {}", me.found, me.torn));
                }
            }
        });
        let (_, diary) = play(with_outage(setup, 1, 2, damage));
        assert_eq!(lines(&diary, "found"), [format!("2ms n1 {found}")], "{damage:?}");
        assert_eq!(lines(&diary, "wiped").len(), usize::from(damage == Damage::All));
    }
}

#[test]
fn truncating_rewriting_and_syncing_is_one_step() {
    for (crash, found) in [(15, "found [1, 2]"), (25, "found [9]")] {
        let setup = actors(2, |me, ctx, input| match input {
            Input::Start if ctx.me().0 == 1 && ctx.now() == at(0) => {
                ctx.persist(1);
                ctx.persist(2);
                ctx.sync();
                ctx.truncate();
                ctx.persist(9);
                ctx.sync();
            }
            Input::Start if ctx.me().0 == 1 => note(ctx, format_args!("found {:?}", me.found)),
            _ => {}
        });
        // The first sync is done at 10 ms, the second at 20 ms.
        let setup = Setup { sync_latency: ms(10), ..setup };
        let (_, diary) = play(with_outage(setup, crash, 30, Damage::Unsynced));
        assert_eq!(lines(&diary, "found"), [format!("30ms n1 {found}")]);
    }
}

#[test]
fn a_node_can_crash_again_and_again() {
    let setup = actors(2, |me, ctx, input| {
        if let Input::Start = input
            && ctx.me().0 == 1
        {
            note(ctx, format_args!("life {}", me.found.len() + 1));
            ctx.persist(0);
            ctx.sync();
        }
    });
    let node = NodeId(1);
    let crash = Intervention::Crash {
        id: 0,
        node: node.into(),
        damage: Damage::Unsynced,
        in_flight: InFlight::Deliver,
    };
    let restart = Intervention::Restart { id: 0, node: node.into() };
    // Crashing a node that is down and restarting one that is up do nothing.
    let interventions = vec![
        (at(1), crash.clone()),
        (at(2), crash.clone()),
        (at(3), restart.clone()),
        (at(4), restart.clone()),
        (at(5), crash),
        (at(5), restart),
    ];
    let (_, diary) = play(Setup { interventions, ..setup });
    assert_eq!(lines(&diary, "life"), ["0ns n1 life 1", "3ms n1 life 2", "5ms n1 life 3"]);
    assert_eq!(lines(&diary, "crashed").len(), 2);
}

#[test]
fn a_timer_that_is_disarmed_while_the_device_is_busy_never_expires() {
    let setup = actors(2, |_, ctx, input| match input {
        Input::Start if ctx.me() == NodeId(0) => ctx.send(NodeId(1), 1),
        Input::Start => {
            ctx.set_timer(0, ms(5));
            ctx.persist(7);
            ctx.sync();
        }
        Input::Message(..) => {
            ctx.cancel_timer(0);
            note(ctx, "disarmed");
        }
        Input::Timer(_) => note(ctx, "expired"),
    });
    let (_, diary) = play(Setup { sync_latency: ms(10), ..setup });
    assert_eq!(lines(&diary, "disarmed").len(), 1);
    assert!(lines(&diary, "expired").is_empty());
}

#[test]
fn who_is_down_twice_waits_for_both_crashes_to_be_over() {
    let setup = actors(2, |_, ctx, input| match input {
        Input::Start if ctx.me().0 == 0 => (1..=6).for_each(|after| ctx.set_timer(after, ms(after.into()))),
        Input::Timer(timer) => ctx.send(NodeId(1), timer.into()),
        _ => {}
    });
    let node = NodeId(1).into();
    let interventions = vec![
        (at(1), Intervention::Crash { id: 7, node, damage: Damage::None, in_flight: InFlight::Deliver }),
        (at(2), Intervention::Crash { id: 8, node, damage: Damage::None, in_flight: InFlight::Deliver }),
        (at(4), Intervention::Restart { id: 7, node }),
        (at(6), Intervention::Restart { id: 8, node }),
    ];
    let (end, diary) = play(Setup { interventions, ..setup });
    assert_eq!(lines(&diary, "restarted"), ["6ms n1 restarted"]);
    // One arrives a millisecond after the other, from 2 ms to 7 ms.
    assert_eq!((end.tally.down.get(&7), end.tally.down.get(&8)), (Some(&2), Some(&2)));
}
