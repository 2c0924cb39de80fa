//! Cuts: what they separate, when, and that they heal.

use synod::sim::inject::{
    Action, AdversaryContext, Direction, Envelope, InFlight, Interceptor, Intervention,
};
use synod::sim::{Cut, NodeId, Setup};
use synod::testing::script::{Actor, Input, actors, lines, play};
use synod::testing::{at, ms};

/// Every node says its number to every other at the times given, over links of 1 ms, while `cut` is in force from
/// 10 ms to 20 ms.
fn talk(nodes: usize, cut: Cut, times: &'static [u64]) -> Setup<Actor> {
    let setup = actors(nodes, move |_, ctx, input| match input {
        Input::Start => {
            for (timer, &time) in (0..).zip(times) {
                ctx.set_timer(timer, ms(time));
            }
        }
        Input::Timer(_) => ctx.broadcast(u64::from(ctx.me().0)),
        Input::Message(..) => {}
    });
    let interventions = vec![
        (at(10), Intervention::Cut { id: 4, cut, in_flight: InFlight::Deliver }),
        (at(20), Intervention::Heal { id: 4 }),
    ];
    Setup { interventions, ..setup }
}

/// Who reached whom, in order.
fn reached(diary: &[String]) -> Vec<String> {
    let pairs = lines(diary, "reached").into_iter().map(|line| {
        let words: Vec<_> = line.split(' ').collect();
        format!("{} {}>{}", words[0], words[3], words[5])
    });
    pairs.collect()
}

fn halves() -> Cut {
    Cut::Sides(vec![Some(0), Some(1)])
}

#[test]
fn a_cut_drops_what_leaves_during_it_and_what_arrives_during_it() {
    // Sent at 9 ms it arrives as the cut begins; at 15 ms within it; at 19 ms it would arrive as the cut heals.
    let (end, diary) = play(talk(2, halves(), &[5, 9, 15, 19, 20]));
    assert_eq!(reached(&diary), ["6ms n0>n1", "6ms n1>n0", "21ms n0>n1", "21ms n1>n0"]);
    assert_eq!(end.tally.cut[&4], 6);
    let when: Vec<_> =
        lines(&diary, "Partition").iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(when, ["10ms", "10ms", "15ms", "15ms", "19ms", "19ms"]);
}

#[test]
fn one_way_cuts_let_answers_pass() {
    let (_, diary) = play(talk(2, Cut::OneWay(vec![true, false], vec![false, true]), &[15]));
    assert_eq!(reached(&diary), ["16ms n1>n0"]);
}

#[test]
fn nodes_on_no_side_reach_everyone() {
    // Node 2 is on no side and node 3 beyond the list.
    let (end, diary) = play(talk(4, Cut::Sides(vec![Some(0), Some(1), None]), &[15]));
    assert_eq!(reached(&diary).len(), 10);
    assert_eq!(
        lines(&diary, "Partition"),
        ["15ms 0 from n0 to n1 lost: Partition", "15ms 1 from n1 to n0 lost: Partition"]
    );
    assert_eq!(end.tally.cut[&4], 2);
}

#[test]
fn cuts_overlap_and_heal_each_for_itself() {
    let mut setup = talk(2, halves(), &[15, 25, 35]);
    setup
        .interventions
        .push((at(12), Intervention::Cut { id: 5, cut: halves(), in_flight: InFlight::Deliver }));
    setup.interventions.push((at(30), Intervention::Heal { id: 5 }));
    let (end, diary) = play(setup);
    assert_eq!(reached(&diary), ["36ms n0>n1", "36ms n1>n0"]);
    assert_eq!((end.tally.cut[&4], end.tally.cut[&5]), (2, 2));
}

/// Puts a lie in the place of everything.
struct Liar;

impl Interceptor<u64> for Liar {
    fn covers(&self, _: NodeId, way: Direction) -> bool {
        way == Direction::Outbound
    }

    fn intercept(
        &mut self,
        _: &mut AdversaryContext<'_, u64>,
        _: Direction,
        _: &Envelope<'_, u64>,
    ) -> Action<u64> {
        Action::Replace(666)
    }
}

#[test]
fn a_replaced_copy_crosses_no_cut_either() {
    let setup = talk(2, halves(), &[15, 19]);
    let (end, diary) = play(Setup { interceptors: vec![Box::new(Liar)], ..setup });
    assert_eq!(reached(&diary), [""; 0]);
    assert_eq!(end.tally.cut[&4], 4);
}
