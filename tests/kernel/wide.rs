//! Event references become wide when narrow ones no longer name all that is pending.

use synod::sim::{NodeId, Simulation};
use synod::testing::ms;
use synod::testing::script::{Actor, Diary, Input, actors};

/// Three nodes that send a few thousand messages, with references that become wide after so many events.
fn crowd(widen_at: Option<u64>) -> (u64, String) {
    let setup = actors(3, |me, ctx, input| match input {
        Input::Start | Input::Timer(_) if ctx.me() == NodeId(0) => {
            (0..50).for_each(|number| ctx.send(NodeId(1 + number % 2), u64::from(number)));
            me.count += 1;
            if me.count < 40 {
                ctx.set_timer(0, ms(1));
            }
        }
        Input::Message(from, number) if number % 7 == 0 && from == NodeId(0) => ctx.broadcast(number + 1),
        _ => {}
    });
    let mut run = Simulation::<Actor, Diary>::new(setup, Diary::default());
    let end = loop {
        if widen_at == Some(run.events()) {
            run.widen_events();
        }
        if let Some(ending) = run.step() {
            break run.end(ending);
        }
    };
    (end.events, end.digest.to_string())
}

#[test]
fn the_moment_does_not_matter() {
    let narrow = crowd(None);
    for moment in [0, 1, 2, 77, 600, 1_500] {
        assert_eq!(crowd(Some(moment)), narrow, "after {moment} events");
    }
}
