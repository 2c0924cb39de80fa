//! The kernel's ordering contract: events by (time, order of cause), effects in the order in which they were left,
//! and timers that fire only as they were last armed.

use synod::sim::inject::{InFlight, Intervention};
use synod::sim::{CpuCost, Damage, NodeId, Setup};
use synod::testing::script::{Actor, Ctx, Input, actors, lines, note, play};
use synod::testing::{at, ms};

const HUB: NodeId = NodeId(3);

#[test]
fn equal_times_keep_the_order_of_cause() {
    let (_, diary) = play(actors(4, |_, ctx, input| {
        if let Input::Start = input {
            match ctx.me().0 {
                0 => [1, 2, 3].into_iter().for_each(|message| ctx.send(HUB, message)),
                1 => ctx.send(HUB, 4),
                2 => ctx.send(HUB, 5),
                _ => {}
            }
        }
    }));
    let heard: Vec<_> = lines(&diary, "reached").iter().map(|line| line.as_bytes()[4] - b'0').collect();
    assert_eq!(heard, [1, 2, 3, 4, 5]);
}

#[test]
fn many_equal_times_keep_their_order_in_the_calendar_too() {
    let (_, diary) = play(actors(4, |_, ctx, input| {
        if let Input::Start = input
            && ctx.me() != HUB
        {
            (0..1_000).for_each(|message| ctx.send(HUB, u64::from(ctx.me().0) * 1_000 + message));
        }
    }));
    let heard = lines(&diary, "reached");
    let expected: Vec<_> =
        (0..3_000).map(|message| format!("1ms {message} from n{} reached n3", message / 1_000)).collect();
    assert_eq!(heard, expected);
}

#[test]
fn timers_and_messages_of_one_time_come_in_the_order_in_which_they_were_caused() {
    let (_, diary) = play(actors(2, |_, ctx, input| {
        if let Input::Start = input {
            if ctx.me().0 == 0 {
                ctx.set_timer(1, ms(1));
                ctx.send(NodeId(0), 7);
                ctx.set_timer(2, ms(1));
            }
        } else {
            note(ctx, "acted");
        }
    }));
    assert_eq!(
        diary,
        [
            "0ns n0 sent 7",
            "1ms n0 timer 1",
            "1ms n0 acted",
            "1ms 7 from n0 reached n0",
            "1ms n0 acted",
            "1ms n0 timer 2",
            "1ms n0 acted",
        ]
    );
}

#[test]
fn interventions_come_before_whatever_else_happens_then() {
    let setup = actors(2, |_, ctx, input| {
        if let Input::Start = input
            && ctx.me().0 == 0
        {
            ctx.send(NodeId(1), 7);
        }
    });
    let interventions = vec![(
        at(1),
        Intervention::Crash {
            id: 0,
            node: NodeId(1).into(),
            damage: Damage::None,
            in_flight: InFlight::Deliver,
        },
    )];
    let (end, diary) = play(Setup { interventions, ..setup });
    assert_eq!(diary, ["0ns n0 sent 7", "1ms n1 crashed", "1ms 7 from n0 to n1 lost: Down"]);
    assert_eq!(end.tally.down[&0], 1);
}

#[test]
fn effects_apply_in_order_when_their_service_ends() {
    for charge in [0, 5] {
        let (_, diary) = play(actors(2, move |_, ctx, input| {
            if let Input::Start = input
                && ctx.me().0 == 0
            {
                ctx.charge(ms(charge));
                note(ctx, "a");
                ctx.send(NodeId(1), 7);
                note(ctx, "b");
                ctx.persist(1);
                ctx.sync();
                note(ctx, "c");
            }
        }));
        let t = if charge == 0 { "0ns" } else { "5ms" };
        assert_eq!(diary[..4], ["n0 a", "n0 sent 7", "n0 b", "n0 c"].map(|line| format!("{t} {line}")));
    }
}

#[test]
fn a_later_handlers_effects_do_not_overtake_those_that_wait_for_a_sync() {
    // The message comes at the time at which the sync is done, but was caused before it.
    let setup = actors(2, |_, ctx, input| match input {
        Input::Start if ctx.me().0 == 0 => ctx.send(NodeId(1), 7),
        Input::Start => {
            ctx.sync();
            note(ctx, "first");
        }
        _ => note(ctx, "second"),
    });
    for sync_millis in [1, 2] {
        let (_, diary) = play(Setup { sync_latency: ms(sync_millis), ..setup_again(&setup) });
        let t = ms(sync_millis);
        assert_eq!(lines(&diary, "n1 "), [format!("{t} n1 first"), format!("{t} n1 second")]);
    }
}

/// The same actors once more.
fn setup_again(setup: &Setup<Actor>) -> Setup<Actor> {
    let fresh = actors(setup.nodes, |_, _, _| {});
    Setup { config: setup.config.clone(), ..fresh }
}

#[test]
fn a_timer_that_is_armed_again_fires_once_as_last_armed() {
    for (second, fires) in [(20, "20ms n0 timer 1"), (5, "5ms n0 timer 1")] {
        let (end, diary) = play(actors(1, move |_, ctx, input| {
            if let Input::Start = input {
                ctx.set_timer(1, ms(10));
                ctx.set_timer(1, ms(second));
            }
        }));
        assert_eq!(diary, [fires]);
        assert_eq!(end.tally.timers, 1);
    }
}

#[test]
fn a_cancelled_timer_never_fires_and_one_armed_after_that_does() {
    let (_, diary) = play(actors(1, |_, ctx, input| {
        if let Input::Start = input {
            ctx.set_timer(1, ms(10));
            ctx.set_timer(2, ms(10));
            ctx.cancel_timer(1);
            ctx.cancel_timer(2);
            ctx.set_timer(2, ms(30));
        }
    }));
    assert_eq!(diary, ["30ms n0 timer 2"]);
}

/// Node 1's processor serves message 1 from 1 ms to 11 ms. Message 2 comes meanwhile, and the timer expires behind it.
fn timer_behind_a_busy_processor(charge: u64, on_second: fn(&mut Ctx<'_>)) -> Vec<String> {
    let setup = actors(2, move |_, ctx, input| match input {
        Input::Start if ctx.me().0 == 0 => {
            [1, 2].into_iter().for_each(|message| ctx.send(NodeId(1), message))
        }
        Input::Start => ctx.set_timer(9, ms(5)),
        Input::Message(_, 1) => ctx.charge(ms(10)),
        Input::Message(..) => {
            ctx.charge(ms(charge));
            on_second(ctx);
        }
        Input::Timer(_) => note(ctx, "fired"),
    });
    lines(&play(setup).1, "fired").into_iter().map(String::from).collect()
}

#[test]
fn a_timer_whose_event_waits_for_the_processor_can_still_be_disarmed() {
    assert_eq!(timer_behind_a_busy_processor(0, |_| {}), ["11ms n1 fired"]);
    for charge in [0, 3] {
        assert_eq!(timer_behind_a_busy_processor(charge, |ctx| ctx.cancel_timer(9)), [""; 0]);
        let rearmed = timer_behind_a_busy_processor(charge, |ctx| ctx.set_timer(9, ms(20)));
        assert_eq!(rearmed, [format!("{}ms n1 fired", 31 + charge)]);
    }
}

#[test]
fn a_timer_of_a_former_life_never_fires() {
    let setup = actors(1, |_, ctx, input| {
        if let Input::Start = input {
            ctx.set_timer(1, ms(10));
        }
    });
    let interventions = vec![
        (
            at(2),
            Intervention::Crash {
                id: 0,
                node: NodeId(0).into(),
                damage: Damage::None,
                in_flight: InFlight::Deliver,
            },
        ),
        (at(4), Intervention::Restart { id: 0, node: NodeId(0).into() }),
    ];
    let (_, diary) = play(Setup { interventions, ..setup });
    assert_eq!(diary, ["2ms n0 crashed", "4ms n0 restarted", "14ms n0 timer 1"]);
}

#[test]
fn work_is_served_first_come_first_served() {
    let setup = actors(2, |_, ctx, input| match input {
        Input::Start if ctx.me().0 == 0 => (1..=3).for_each(|message| ctx.send(NodeId(1), message)),
        Input::Start => ctx.set_timer(9, ms(1)),
        Input::Message(_, message) => note(ctx, format_args!("done {message}")),
        Input::Timer(_) => note(ctx, "done timer"),
    });
    // A start is served like anything else.
    let cpu = CpuCost { base: ms(10), ..CpuCost::default() };
    let (end, diary) = play(Setup { cpu, ..setup });
    assert_eq!(
        lines(&diary, "done"),
        ["21ms n1 done 1", "31ms n1 done 2", "41ms n1 done 3", "51ms n1 done timer"]
    );
    assert_eq!(end.tally.busy(NodeId(1)), ms(50));
}
