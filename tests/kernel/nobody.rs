//! A message to a node that does not exist is lost, and counted.

use std::rc::Rc;
use synod::sim::network::LossCause;
use synod::sim::{NodeId, Recipients, Setup};
use synod::testing::script::{Input, actors, lines, play};

#[test]
fn what_is_sent_to_nobody_is_lost_and_the_rest_arrives() {
    let list: Rc<[NodeId]> = [NodeId(7), NodeId(1), NodeId::NOBODY, NodeId(2)].into();
    let (end, diary) = play(actors(3, move |me, ctx, input| {
        if input == Input::Start && ctx.me() == NodeId(0) {
            ctx.send(NodeId(3), 10);
            ctx.send(NodeId(1), 11);
            ctx.multicast(Recipients::Peers(1..5), 12);
            ctx.multicast(Recipients::List(Rc::clone(&list)), 13);
        }
        me.count += 1;
    }));
    assert_eq!(end.tally.lost[&LossCause::NoSuchNode], 1 + 2 + 2);
    assert_eq!((end.tally.delivered, end.tally.sent()), (1 + 2 + 2, 10));
    assert_eq!(lines(&diary, "lost: NoSuchNode").len(), 5);
    assert_eq!(lines(&diary, "13 from n0 reached n2"), ["1ms 13 from n0 reached n2"]);
}

#[test]
fn a_run_in_which_nothing_else_happens_comes_to_rest() {
    let setup: Setup<_> = actors(1, |_, ctx, _| ctx.send(NodeId(1 << 30), 1));
    let mut run = synod::sim::Simulation::new(setup, ());
    run.run();
    assert_eq!(run.pending(), 0);
}
