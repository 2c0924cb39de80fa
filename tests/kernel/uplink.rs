//! A node can tell when what it sent has left it.

use std::num::NonZeroU64;
use synod::net::{Fabric, Law, Link, Topology};
use synod::sim::{Clock, Duration, NodeId, Setup, Streams};
use synod::testing::ms;
use synod::testing::script::{Input, actors, lines, note, play};

/// Node 0 sends node 1 three messages of some bytes and says when its uplink is free, then and a millisecond later.
fn said(bandwidth_bps: Option<u64>, clock: Clock) -> Vec<String> {
    let streams = Streams::new(1);
    let layout = Topology::FullMesh.build(2, &streams).expect("two nodes");
    let mut link = Link::new(Law::constant(Duration::from_micros(10)));
    link.bandwidth_bps = bandwidth_bps.and_then(NonZeroU64::new);
    let setup = actors(2, |_, ctx, input| {
        let free = ctx.uplink_free_at();
        match input {
            Input::Start if ctx.me() == NodeId(0) => {
                note(ctx, format_args!("free {free}"));
                (0..3).for_each(|_| ctx.send(NodeId(1), 1));
                ctx.set_timer(0, ms(1));
            }
            Input::Timer(_) => note(ctx, format_args!("free {free}")),
            _ => {}
        }
    });
    let network = Box::new(Fabric::new(layout, vec![link], &streams));
    let (_, diary) = play(Setup { network, clocks: vec![clock], ..setup });
    lines(&diary, "free").into_iter().map(str::to_owned).collect()
}

#[test]
fn copies_that_queue_for_bandwidth_leave_one_after_the_other() {
    // A message of one byte takes 8 bits at a kilobit a second.
    assert_eq!(said(Some(1_000), Clock::TRUE), ["0ns n0 free 0ns", "1ms n0 free 24ms"]);
}

#[test]
fn without_a_bandwidth_all_has_left_at_once() {
    assert_eq!(said(None, Clock::TRUE), ["0ns n0 free 0ns", "1ms n0 free 1ms"]);
}

#[test]
fn the_answer_is_by_the_nodes_own_clock() {
    let ahead = Clock { offset_ns: 5_000_000, drift_ppb: 0 };
    assert_eq!(said(Some(1_000), ahead), ["0ns n0 free 5ms", "1ms n0 free 29ms"]);
}
