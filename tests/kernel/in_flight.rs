//! What becomes of copies that are on their way when a cut begins or their receiver goes down: sent at 10 ms, due at
//! 60 ms, under a fault from 30 to 40 ms.

use synod::sim::inject::{InFlight, Intervention};
use synod::sim::network::ConstantDelay;
use synod::sim::{Cut, Damage, End, NodeId, Setup, Time};
use synod::testing::script::{Actor, Input, actors, lines, play};
use synod::testing::{at, ms};

/// Three nodes say their number to all others at these times, over links of 50 ms, under `interventions`.
fn talk(times: &'static [u64], interventions: Vec<(Time, Intervention)>) -> (End, Vec<String>) {
    let setup = actors(3, move |_, ctx, input| match input {
        Input::Start => {
            for (timer, &time) in (0..).zip(times) {
                ctx.set_timer(timer, ms(time));
            }
        }
        Input::Timer(_) => ctx.broadcast(u64::from(ctx.me().0)),
        Input::Message(..) => {}
    });
    play(Setup::<Actor> { interventions, network: Box::new(ConstantDelay(ms(50))), ..setup })
}

fn cut(in_flight: InFlight) -> Vec<(Time, Intervention)> {
    let cut = Cut::Sides(vec![Some(0), Some(1), Some(1)]);
    vec![(at(30), Intervention::Cut { id: 4, cut, in_flight }), (at(40), Intervention::Heal { id: 4 })]
}

fn crash(in_flight: InFlight) -> Vec<(Time, Intervention)> {
    let node = NodeId(0).into();
    vec![
        (at(30), Intervention::Crash { id: 4, node, damage: Damage::None, in_flight }),
        (at(40), Intervention::Restart { id: 4, node }),
    ]
}

/// Who reached whom at `time`.
fn reached(diary: &[String], time: &str) -> Vec<String> {
    let arrivals =
        diary.iter().filter(|line| line.starts_with(&format!("{time} ")) && line.contains("reached"));
    let pair = |line: &String| {
        let words: Vec<&str> = line.split(' ').collect();
        format!("{}>{}", words[3], words[5])
    };
    arrivals.map(pair).collect()
}

const ALL: [&str; 6] = ["n0>n1", "n0>n2", "n1>n0", "n1>n2", "n2>n0", "n2>n1"];

#[test]
fn a_cut_that_delivers_takes_nothing_that_outlasts_it() {
    let (end, diary) = talk(&[10], cut(InFlight::Deliver));
    assert_eq!(reached(&diary, "60ms"), ALL);
    assert_eq!(end.tally.cut.get(&4), None);
}

#[test]
fn a_cut_that_drops_takes_what_is_on_the_wire_between_its_sides() {
    let (end, diary) = talk(&[10, 45], cut(InFlight::Drop));
    assert_eq!(reached(&diary, "60ms"), ["n1>n2", "n2>n1"]);
    assert_eq!(lines(&diary, "Partition").len(), 4);
    assert_eq!(end.tally.cut[&4], 4);
    assert_eq!(reached(&diary, "95ms"), ALL, "what is sent after it has healed arrives");
}

#[test]
fn a_cut_that_comes_again_takes_what_was_sent_in_between() {
    let mut twice = cut(InFlight::Drop);
    twice.extend(cut(InFlight::Drop).into_iter().map(|(time, change)| (time + ms(30), change)));
    let (end, diary) = talk(&[10, 45, 75], twice);
    assert_eq!(reached(&diary, "60ms"), ["n1>n2", "n2>n1"]);
    assert_eq!(reached(&diary, "95ms"), ["n1>n2", "n2>n1"]);
    assert_eq!(reached(&diary, "125ms"), ALL);
    assert_eq!(end.tally.cut[&4], 8);
}

#[test]
fn what_was_on_its_way_to_a_node_reaches_its_next_life_if_the_crash_delivers() {
    let (end, diary) = talk(&[10], crash(InFlight::Deliver));
    assert_eq!(reached(&diary, "60ms"), ALL);
    assert_eq!(end.tally.down.get(&4), None);
}

#[test]
fn the_next_life_hears_nothing_from_before_if_the_crash_drops() {
    let (end, diary) = talk(&[10, 45], crash(InFlight::Drop));
    assert_eq!(reached(&diary, "60ms"), ["n0>n1", "n0>n2", "n1>n2", "n2>n1"], "what it sent itself arrives");
    assert_eq!(end.tally.down[&4], 2);
    let others = ALL.into_iter().filter(|pair| !pair.starts_with("n0")).collect::<Vec<_>>();
    assert_eq!(reached(&diary, "95ms"), others, "its first life's timer is gone; the others are heard again");
}
