//! The kit's own tests.

use super::script::{Actor, Diary, Input, actors, lines, note, play};
use super::{OracleRig, TestRun, at, ground_without, ms, network_fn, on_copies, survey};
use std::panic::{AssertUnwindSafe, catch_unwind};
use synod_fault::Fault;
use synod_sim::inject::Action;
use synod_sim::network::{Fate, LossCause};
use synod_sim::{Cut, Damage, Ending, Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// Returns a run in which every node sends its number to every other at the start and every ten milliseconds, five
/// times in all.
fn chatter(nodes: usize) -> TestRun<Actor> {
    TestRun::scripted(nodes, |me, ctx, input| {
        if !matches!(input, Input::Message(..)) {
            ctx.broadcast(u64::from(ctx.me().0));
            me.count += 1;
            if me.count < 5 {
                ctx.set_timer(0, ms(10));
            }
        }
    })
}

fn faults(json: &str) -> Vec<Fault> {
    serde_json::from_str(json).expect("faults")
}

#[test]
fn a_run_is_a_function_of_its_seed() {
    let digest = |seed| chatter(4).delays(ms(1), ms(9)).seed(seed).run().digest();
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
    let outcome = chatter(4).run();
    assert_eq!((outcome.end.ending, outcome.sent("message")), (Ending::Quiescent, 4 * 3 * 5));
    assert_eq!(outcome.end.tally.delivered, 4 * 3 * 5);
    assert_eq!(outcome.machine(2).expect("it is up").count, 5);
}

#[test]
fn what_befalls_nodes_happens_when_it_is_said_to() {
    // Rounds leave at 0, 10, 20, 30 and 40 ms, and arrive a millisecond later.
    let delivered = |run: TestRun<Actor>| run.run().end.tally.delivered;
    assert_eq!(delivered(chatter(3).partition(&[&[0], &[1, 2]], at(5), at(25))), 5 * 6 - 2 * 4);
    assert_eq!(delivered(chatter(3).isolate(0, at(5), at(25))), 5 * 6 - 2 * 4);
    assert_eq!(
        delivered(chatter(3).cut(Cut::OneWay(vec![true], vec![false, true, true]), at(5), at(15))),
        5 * 6 - 2
    );
    // A crashed node sends nothing more, and the four rounds of the others to it are lost.
    let killed = chatter(3).kill(2, at(5)).run();
    assert_eq!((killed.end.tally.delivered, killed.end.tally.lost_copies()), (6 + 4 * 2, 4 * 2));
    assert!(killed.machine(2).is_none());
    // One that comes back begins anew.
    let restarted = chatter(3).crash_with(NodeId(2), Damage::All, at(5), Some(at(6))).run();
    assert_eq!(restarted.sent("message"), 2 * (5 + 5 + 6));
}

#[test]
fn closures_decide_about_copies_and_links() {
    let odd = on_copies(
        |wire, copy| if copy.message % 2 == 1 && wire.now < at(15) { Action::Drop } else { Action::Pass },
    );
    assert_eq!(chatter(3).intercept(odd).run().end.tally.delivered, 5 * 6 - 2 * 2);
    let far = network_fn(|from, to, _, at| match from.0.abs_diff(to.0) {
        1 => Fate::Intact(at + ms(1)),
        _ => Fate::Lost(LossCause::Chance),
    });
    assert_eq!(chatter(3).network(far).run().end.tally.delivered, 5 * 4);
}

#[test]
fn who_is_corrupt_is_known_to_be_faulty_and_loses_its_keys() {
    let run = chatter(4).corrupt(3, |wire, copy| {
        assert_eq!(copy.from, NodeId(3), "nobody else is asked");
        assert!(wire.forge.holds(NodeId(3)) && !wire.forge.holds(NodeId(2)));
        Action::Replace(7)
    });
    assert_eq!(
        (run.ground_truth.correct.as_slice(), run.ground_truth.fault_free),
        (&[true, true, true, false][..], false)
    );
    let watched = run.run_before(Diary::default());
    assert_eq!(watched.end.ending, Ending::Quiescent);
    let diary = watched.simulation.into_observer().0;
    assert_eq!(lines(&diary, "7 from n3 reached").len(), 5 * 3);
    assert_eq!(ground_without(3, 1).correct, [true, false, true, true]);
}

#[test]
fn faults_strike_and_what_is_true_follows_from_them() {
    let json = r#"[{"silent": {"agents": [0]}}, {"crash": {"agents": [1], "from": "5ms", "until": "15ms"}}]"#;
    let seen = std::rc::Rc::new(std::cell::RefCell::new(None));
    let keep = std::rc::Rc::clone(&seen);
    let outcome = chatter(4)
        .faults(faults(json))
        .oracles(move |_, ground_truth| {
            *keep.borrow_mut() = Some(ground_truth.clone());
            Vec::new()
        })
        .run();
    let ground_truth: GroundTruth = seen.borrow_mut().take().expect("oracles are made");
    assert_eq!(ground_truth.correct, [false, true, true, true]);
    assert_eq!((ground_truth.fault_free, ground_truth.stable_from), (false, Some(at(15))));
    let effects: Vec<u64> = outcome.faults.iter().map(|fault| fault.effect.dropped).collect();
    // Agent 1 is down for the round that arrives at 11 ms: agents 2 and 3 speak to it in vain.
    assert_eq!(effects, [5 * 3, 2]);
}

/// An oracle that objects to everything that node `node` does, from event `from` on.
struct Strict {
    name: &'static str,
    node: u32,
    from: u64,
    checked: u64,
}

impl Oracle<Actor> for Strict {
    fn name(&self) -> &'static str {
        self.name
    }

    fn claim(&self) -> &'static str {
        "it does nothing"
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Actor>) -> Result<(), Violation> {
        let Event::Expired { node, .. } = event else { return Ok(()) };
        self.checked += 1;
        if node.0 != self.node || moment.at < at(self.from) {
            return Ok(());
        }
        Err(Violation::new([*node], moment.at))
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

fn strict() -> TestRun<Actor> {
    chatter(3).oracles(|_, _| {
        let oracle =
            |name, node, from| Box::new(Strict { name, node, from, checked: 0 }) as Box<dyn Oracle<Actor>>;
        vec![oracle("early", 0, 10), oracle("late", 1, 30), oracle("never", 9, 0)]
    })
}

#[test]
fn the_first_objection_ends_a_run_unless_another_is_waited_for() {
    let first = strict().run();
    assert_eq!((first.end.ending, first.end.at), (Ending::Violation, at(10)));
    assert!(first.violates("early") && !first.violates("late"));
    assert_eq!(first.checked["never"], 1);
    let late = strict().until_violation_of("late").run();
    let told: Vec<_> = late.violations.iter().map(|(name, why)| (*name, why.message.as_str())).collect();
    assert_eq!((late.end.at, told), (at(30), vec![("early", "10ms"), ("late", "30ms")]));
    let none = strict().until_violation_of("never").run();
    assert_eq!(none.end.ending, Ending::Quiescent);
    assert!(catch_unwind(AssertUnwindSafe(|| none.clean())).is_err());
    assert_eq!(chatter(3).run().clean().end.ending, Ending::Quiescent);
}

#[test]
fn a_run_is_done_when_the_test_says_so() {
    let outcome = chatter(3).until(|moment, _| moment.at >= at(20)).run();
    assert_eq!((outcome.end.ending, outcome.end.at), (Ending::Done, at(20)));
    let endless = TestRun::<Actor>::scripted(1, |_, ctx, _| ctx.set_timer(0, ms(1)));
    assert_eq!(endless.horizon(at(100)).run().end.ending, Ending::Horizon);
    let endless = TestRun::<Actor>::scripted(1, |_, ctx, _| ctx.set_timer(0, ms(1))).events(50);
    assert!(catch_unwind(AssertUnwindSafe(|| endless.run())).is_err(), "it does not come to an end");
}

#[test]
fn a_survey_adds_up_premises_and_names_seeds() {
    let calm = || {
        chatter(3)
            .oracles(|_, _| vec![Box::new(Strict { name: "calm", node: 9, from: 0, checked: 0 }) as Box<_>])
    };
    assert_eq!(survey(0..3, |seed| calm().seed(seed).run())["calm"], 3 * 3 * 4);
    let error = catch_unwind(|| survey(4..6, |seed| strict().seed(seed).run())).expect_err("they object");
    let message = error.downcast_ref::<String>().expect("a text");
    assert!(message.contains("seed 4: early: 10ms\nseed 5: early: 10ms"), "{message}");
}

#[test]
fn a_diary_has_a_line_an_event() {
    let (end, diary) = play(actors(2, |me, ctx, input| match input {
        Input::Start if ctx.me().0 == 0 => {
            ctx.persist(5);
            ctx.send(NodeId(1), 3);
            note(ctx, format_args!("found {:?}", me.found));
        }
        _ => {}
    }));
    assert_eq!(diary, ["0ns n0 sent 3", "0ns n0 found []", "1ms 3 from n0 reached n1"]);
    assert_eq!(end.tally.persisted, 1);
}

#[test]
fn a_rig_counts_time_and_events() {
    let mut rig = OracleRig::<Actor, _>::new(Strict { name: "x", node: 1, from: 3, checked: 0 });
    let expired = Event::Expired { node: NodeId(1), timer: &0 };
    assert_eq!((rig.send(0, 1, 4), rig.feed(&expired)), (Ok(()), Ok(())));
    assert_eq!(rig.feed(&expired).expect_err("from 3 ms on").message, "3ms");
    assert_eq!((rig.at, rig.oracle.checked), (at(3), 2));
    assert_eq!(rig.end_with(Ending::Horizon, &[9]), Ok(()));
}
