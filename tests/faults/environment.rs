//! Faults of the environment do what they say, on a small protocol and under fixed seeds.

use synod::fault::{Fault, FaultReport};
use synod::sim::{Clock, Duration, NodeId};
use synod::testing::script::{Actor, Diary, Input, lines, note};
use synod::testing::{TestRun, assert_share, ms};

/// Returns the outcome of `run` under `faults`, and the log of the first of them. The last node is a client.
fn under(faults: &str, run: TestRun<Actor>) -> (Vec<String>, FaultReport) {
    let (diary, mut reports) = under_all(faults, run);
    (diary, reports.remove(0))
}

fn under_all(faults: &str, run: TestRun<Actor>) -> (Vec<String>, Vec<FaultReport>) {
    let faults: Vec<Fault> = serde_json::from_str(faults).unwrap();
    let agents = run.nodes as u32 - 1;
    let watched = run.agents(agents, 1).faults(faults).run_before(Diary::default());
    (watched.simulation.into_observer().0, watched.faults)
}

/// Everyone says something to everyone every ten milliseconds, so many times, over links of one millisecond.
fn chatter(nodes: usize, times: u64) -> TestRun<Actor> {
    TestRun::scripted(nodes, move |actor, ctx, input| match input {
        Input::Message(..) => {}
        Input::Start | Input::Timer(_) => {
            ctx.broadcast(actor.count);
            actor.count += 1;
            if actor.count < times {
                ctx.set_timer(0, ms(10));
            }
        }
    })
}

/// What became of the copies from one node to another: when each arrived that did, by its number.
fn arrivals(diary: &[String], from: u32, to: u32) -> Vec<(u64, Duration)> {
    let part = format!("from {:?} reached {:?}", NodeId(from), NodeId(to));
    let arrival = |line: &&str| {
        let words: Vec<&str> = line.split(' ').collect();
        (words[1].parse().unwrap(), words[0].parse::<synod::units::Span>().unwrap().0)
    };
    lines(diary, &part).iter().map(arrival).collect()
}

fn count(diary: &[String], from: u32, to: u32) -> usize {
    arrivals(diary, from, to).len()
}

/// The share of `part` in `whole`.
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

#[test]
fn an_isolated_agent_is_cut_off_from_everybody_until_it_is_not() {
    let faults = r#"[{"isolate": {"agents": [0], "from": "5ms", "until": "45ms"}}]"#;
    let (diary, report) = under(faults, chatter(4, 10));
    for other in 1..4 {
        // What is said at 10, 20, 30 and 40 ms is lost.
        assert_eq!((count(&diary, 0, other), count(&diary, other, 0)), (6, 6));
    }
    assert_eq!((count(&diary, 1, 2), count(&diary, 3, 1)), (10, 10));
    assert_eq!((report.effect.dropped, report.effect.total()), (24, 24));
}

#[test]
fn isolated_agents_do_not_hear_each_other_and_a_fault_on_duty_comes_and_goes() {
    let faults = r#"[{"isolate": {"agents": [0, 1], "from": "5ms", "duty": {"on": "10ms", "off": "10ms"}}}]"#;
    let (diary, _) = under(faults, chatter(4, 10));
    let numbers: Vec<u64> = arrivals(&diary, 0, 1).iter().map(|arrival| arrival.0).collect();
    assert_eq!(numbers, [0, 2, 4, 6, 8]);
    assert_eq!(count(&diary, 2, 3), 10);
}

#[test]
fn a_one_way_cut_keeps_one_direction() {
    let faults = r#"[{"one_way": {"agents": [0], "to": [1], "until": "45ms"}}]"#;
    let (diary, report) = under(faults, chatter(4, 10));
    assert_eq!((count(&diary, 0, 1), count(&diary, 1, 0), count(&diary, 0, 2)), (5, 10, 10));
    assert_eq!(report.effect.dropped, 5);
}

#[test]
fn in_a_ring_every_agent_reaches_a_majority_by_default() {
    for (agents, reached) in [(4, 3), (5, 3), (6, 5), (7, 5)] {
        let (diary, _) = under(r#"[{"ring": {}}]"#, chatter(agents as usize + 1, 1));
        let hears = |from, to| from == to || count(&diary, from, to) == 1;
        for agent in 0..agents {
            let around = (0..agents).filter(|&other| hears(agent, other)).count();
            assert_eq!(around, reached, "agent {agent} of {agents}");
            assert!(hears(agent, agents) && hears(agents, agent), "clients reach everybody");
        }
    }
    let (diary, _) = under(r#"[{"ring": {"reach": 1}}]"#, chatter(7, 1));
    assert_eq!((count(&diary, 0, 5), count(&diary, 0, 1), count(&diary, 0, 2)), (1, 1, 0));
}

#[test]
fn a_partition_in_parts_leaves_no_bridge() {
    let (diary, report) = under(r#"[{"partition": {"parts": 2}}]"#, chatter(6, 1));
    let pairs = (0..5).flat_map(|from| (0..5).map(move |to| (from, to)));
    assert_eq!(pairs.filter(|&(from, to)| count(&diary, from, to) == 1).count(), 3 * 2 + 2);
    assert_eq!((report.effect.dropped, report.agents.len()), (12, 5));
}

#[test]
fn links_lose_repeat_and_damage_as_often_as_they_are_told() {
    let copies = 12 * 2_000;
    for (kind, settings, chance) in [
        ("loss", r#""chance": "30%""#, 0.3),
        ("duplicate", r#""chance": "25%", "apart": "3ms""#, 0.25),
        ("corrupt", r#""chance": "10%""#, 0.1),
        ("reorder", r#""chance": "40%", "by": "8ms""#, 0.4),
    ] {
        let (diary, report) = under(&format!(r#"[{{"{kind}": {{{settings}}}}}]"#), chatter(4, 2_000));
        let effect = report.effect;
        let arrived = lines(&diary, "reached").len() as u64;
        let struck = match kind {
            "loss" => effect.dropped,
            "duplicate" => effect.duplicated,
            "corrupt" => effect.altered,
            _ => effect.delayed,
        };
        assert_eq!(struck, effect.total(), "{kind} does nothing else");
        assert_share(kind, struck, copies, chance, 4.0);
        match kind {
            "loss" | "corrupt" => assert_eq!(arrived + struck, copies),
            "duplicate" => assert_eq!(arrived, copies + struck),
            _ => assert_eq!(arrived, copies),
        }
    }
}

#[test]
fn only_links_of_the_agents_are_struck_clients_included() {
    let (diary, _) = under(r#"[{"loss": {"agents": [0], "chance": "100%"}}]"#, chatter(4, 10));
    for other in 1..4 {
        assert_eq!((count(&diary, 0, other), count(&diary, other, 0)), (0, 0));
    }
    assert_eq!((count(&diary, 1, 3), count(&diary, 2, 1)), (10, 10));
}

#[test]
fn one_direction_of_one_link_is_struck_and_no_other() {
    let quiet = under_all("[]", chatter(4, 20)).0;
    for (kind, settings) in [
        ("slow_links", r#""by": "5ms""#),
        ("loss", r#""chance": "100%""#),
        ("gilbert_elliott", r#""enter": "100%", "leave": "0%""#),
        ("duplicate", r#""chance": "100%", "apart": "3ms""#),
        ("reorder", r#""chance": "100%", "by": "8ms""#),
        ("corrupt", r#""chance": "100%""#),
    ] {
        let one_link = format!(r#"[{{"{kind}": {{"agents": [0], "to": [1], {settings}}}}}]"#);
        let (diary, report) = under(&one_link, chatter(4, 20));
        let into_one = format!(r#"[{{"{kind}": {{"to": [1], {settings}}}}}]"#);
        let (all, whole) = under(&into_one, chatter(4, 20));
        for (from, to) in (0..4).flat_map(|from| (0..4).map(move |to| (from, to))) {
            let is_same = |diary: &[String]| arrivals(diary, from, to) == arrivals(&quiet, from, to);
            assert_eq!(is_same(&diary), (from, to) != (0, 1), "{kind} from {from} to {to}");
            assert_eq!(is_same(&all), to != 1 || from == 1, "{kind} into 1, from {from} to {to}");
        }
        assert_eq!((report.effect.total(), whole.effect.total()), (20, 60), "{kind}");
    }
}

#[test]
fn a_paused_agent_handles_later_what_was_due_meanwhile() {
    let faults = r#"[{"pause": {"agents": [1], "from": "5ms", "until": "35ms"}}]"#;
    let (diary, report) = under(faults, chatter(4, 10));
    assert_eq!(lines(&diary, "n1 paused"), ["5ms n1 paused"]);
    assert_eq!(lines(&diary, "n1 resumed"), ["35ms n1 resumed"]);
    // Three others speak at 10, 20 and 30 ms, and its own timer is due at 10 ms.
    assert_eq!((report.effect.delayed, report.effect.total()), (10, 10));
    let said: Vec<Duration> = arrivals(&diary, 1, 0).iter().map(|arrival| arrival.1).collect();
    assert_eq!(said[..4], [ms(1), ms(36), ms(46), ms(56)]);
}

#[test]
fn a_cut_or_a_crash_takes_what_is_on_its_way_if_it_says_so() {
    for (fault, kept) in [
        (
            r#"{"partition": {"groups": [[0], [1, 2]], "from": "10500us", "until": "10600us", "in_flight": "drop"}}"#,
            8,
        ),
        (r#"{"isolate": {"agents": [0], "from": "10500us", "until": "10600us", "in_flight": "drop"}}"#, 6),
        (
            r#"{"one_way": {"agents": [0], "to": [1], "from": "10500us", "until": "10600us", "in_flight": "drop"}}"#,
            11,
        ),
        (r#"{"ring": {"reach": 1, "from": "10500us", "until": "10600us", "in_flight": "drop"}}"#, 12),
        (r#"{"partition": {"groups": [[0], [1, 2]], "from": "10500us", "until": "10600us"}}"#, 12),
    ] {
        let (diary, report) = under(&format!("[{fault}]"), chatter(4, 2));
        let arrived =
            diary.iter().filter(|line| line.starts_with("11ms") && line.contains("reached")).count();
        assert_eq!((arrived, report.effect.dropped), (kept, 12 - kept as u64), "{fault}");
    }
    let crash = r#"[{"crash": {"agents": [0], "from": "10500us", "until": "10600us", "in_flight": "drop"}}]"#;
    let (diary, report) = under(crash, chatter(4, 2));
    let arrived = diary.iter().filter(|line| line.starts_with("11ms") && line.contains("reached")).count();
    assert_eq!((arrived, report.effect.dropped), (9, 3));
}

#[test]
fn slow_links_are_slower_by_a_time_and_a_random_one() {
    let faults = r#"[{"slow_links": {"by": "5% of timer", "jitter": "3ms", "until": "995ms"}}]"#;
    let (diary, report) = under(faults, chatter(4, 200));
    let mut delays = Vec::new();
    for (number, arrived) in arrivals(&diary, 0, 1) {
        let delay = arrived - ms(10 * number);
        if number < 100 { delays.push(delay) } else { assert_eq!(delay, ms(1), "it is over") }
    }
    assert!(delays.iter().all(|delay| (ms(6)..=ms(9)).contains(delay)));
    let mean = delays.iter().map(|delay| delay.as_nanos()).sum::<u64>() / 100;
    assert!(mean.abs_diff(7_500_000) < 350_000, "{mean}");
    assert_eq!(report.effect.delayed, 1_200);
}

#[test]
fn a_duplicate_arrives_apart_and_an_overtaken_copy_within_bounds() {
    let (diary, _) = under(r#"[{"duplicate": {"chance": "100%", "apart": "3ms"}}]"#, chatter(2, 5));
    let expected: Vec<_> = (0..5).flat_map(|n| [(n, ms(10 * n + 1)), (n, ms(10 * n + 4))]).collect();
    assert_eq!(arrivals(&diary, 0, 1), expected);
    let (diary, _) = under(r#"[{"reorder": {"chance": "50%", "by": "40ms"}}]"#, chatter(2, 500));
    let order: Vec<u64> = arrivals(&diary, 0, 1).iter().map(|arrival| arrival.0).collect();
    assert!(order.windows(2).any(|pair| pair[0] > pair[1]), "some overtake others");
    let within = |&(number, arrived): &(u64, Duration)| arrived - ms(10 * number) <= ms(41);
    assert!(arrivals(&diary, 0, 1).iter().all(within));
}

const BURSTS: &str = r#"[{"gilbert_elliott": {"enter": "5%", "leave": "20%", "loss_bad": "90%"}}]"#;

/// The numbers of the copies from one node to another that never arrived.
fn lost(diary: &[String], from: u32, to: u32) -> Vec<u64> {
    let part = format!("from {:?} to {:?} lost", NodeId(from), NodeId(to));
    let number = |line: &&str| line.split(' ').nth(1).unwrap().parse().unwrap();
    lines(diary, &part).iter().map(number).collect()
}

#[test]
fn bursts_lose_what_their_law_says_in_the_long_run() {
    let times = 5_000;
    let (diary, report) = under(BURSTS, chatter(4, times));
    // enter / (enter + leave) · loss, within four standard errors of a chain whose states last.
    let law: f64 = 0.05 / 0.25 * 0.9;
    let spread = (1.0 + 0.75) / (1.0 - 0.75);
    let error = 4.0 * (law * (1.0 - law) * spread / (12.0 * times as f64)).sqrt();
    let rate = share(report.effect.dropped, 12 * times);
    assert!((rate - law).abs() < error, "{rate}");
    // After a loss, another one is more likely by far: a bad link stays bad for four copies in five.
    let lost = lost(&diary, 0, 1);
    let again = lost.windows(2).filter(|pair| pair[1] == pair[0] + 1).count();
    let rate = share(again as u64, lost.len() as u64);
    assert!((rate - (0.8 * 0.9)).abs() < 0.05, "{rate}");
}

#[test]
fn what_passes_on_one_link_changes_nothing_on_another() {
    let all = under(BURSTS, chatter(4, 500)).0;
    // The same, but agent 2 is down all the time.
    let both = BURSTS.replace("}}]", r#"}}, {"crash": {"agents": [2]}}]"#);
    let fewer = under(&both, chatter(4, 500)).0;
    assert!(!lost(&all, 0, 1).is_empty() && lost(&fewer, 2, 0).is_empty());
    assert_eq!((lost(&all, 0, 1), lost(&all, 3, 1)), (lost(&fewer, 0, 1), lost(&fewer, 3, 1)));
}

#[test]
fn work_queues_up_at_a_slow_processor() {
    let run = TestRun::scripted(3, |_, ctx, input| match input {
        Input::Start if ctx.me() == NodeId(0) => (0..4).for_each(|number| ctx.send(NodeId(1), number)),
        Input::Start => ctx.set_timer(0, ms(60)),
        Input::Message(_, number) => note(ctx, format_args!("handled {number}")),
        Input::Timer(_) => note(ctx, "awake"),
    });
    let (diary, report) =
        under(r#"[{"slow": {"agents": [1], "by": "10ms", "from": "500us", "until": "50ms"}}]"#, run);
    let handled = ["11ms n1 handled 0", "21ms n1 handled 1", "31ms n1 handled 2", "41ms n1 handled 3"];
    assert_eq!(lines(&diary, "handled"), handled);
    assert_eq!(lines(&diary, "n1 awake"), ["60ms n1 awake"], "it is over");
    assert_eq!((report.effect.delayed, report.effect.total()), (4, 4));
}

#[test]
fn a_wrong_clock_steps_drifts_and_is_what_it_was_afterwards() {
    let clocky = |own: Clock| {
        let mut run = TestRun::scripted(3, |actor, ctx, input| match input {
            Input::Message(..) => {}
            Input::Start | Input::Timer(_) => {
                note(ctx, format_args!("reads {}", ctx.now()));
                actor.count += 1;
                if actor.count < 5 {
                    ctx.set_timer(0, ms(1_100));
                }
            }
        });
        run.clocks = vec![own];
        run
    };
    let faults =
        r#"[{"clock": {"agents": [0], "fast": "10%", "ahead": "7s", "from": "500ms", "until": "2500ms"}}]"#;
    let (diary, report) = under(faults, clocky(Clock { offset_ns: 2_000_000, drift_ppb: 0 }));
    // By a fast clock 1.1 s last 1 s.
    let reads = [
        "0ns n0 reads 2ms",
        "1.1s n0 reads 8.162s",
        "2.1s n0 reads 9.262s",
        "3.1s n0 reads 3.102s",
        "4.2s n0 reads 4.202s",
    ];
    assert_eq!(lines(&diary, "n0 reads"), reads);
    assert_eq!(lines(&diary, "n1 reads")[1], "1.1s n1 reads 1.1s");
    // Twice it is read, and twice a timer is armed by it.
    assert_eq!((report.effect.altered, report.effect.total()), (4, 4));
}

#[test]
fn crashes_are_staggered_and_come_and_go() {
    let crashes = |faults: &str| {
        let (diary, _) = under(faults, chatter(4, 10));
        let of_lives = |line: &&String| line.contains("crashed") || line.contains("restarted");
        diary.iter().filter(of_lives).cloned().collect::<Vec<_>>()
    };
    let rolling = r#"[{"crash": {"agents": [0, 2], "from": "5ms", "until": "9ms", "stagger": "10ms"}}]"#;
    assert_eq!(
        crashes(rolling),
        ["5ms n0 crashed", "9ms n0 restarted", "15ms n2 crashed", "19ms n2 restarted"]
    );
    let looping = r#"[{"crash": {"agents": [1], "from": "5ms", "until": "30ms", "duty": {"on": "4ms", "off": "6ms"}}}]"#;
    let expected =
        [5, 15, 25].map(|begin| [format!("{begin}ms n1 crashed"), format!("{}ms n1 restarted", begin + 4)]);
    assert_eq!(crashes(looping), expected.concat());
}

#[test]
fn agents_that_are_down_at_the_start_join_one_after_another() {
    let lives = |faults: &str| {
        let (diary, _) = under(faults, chatter(4, 10));
        let of_lives = |line: &&String| line.contains("crashed") || line.contains("restarted");
        diary.iter().filter(of_lives).map(|line| line.split_once(' ').expect("a time").1.to_owned()).collect()
    };
    let named: Vec<String> = lives(r#"[{"crash": {"agents": [0, 2], "until": "9ms", "apart": "10ms"}}]"#);
    assert_eq!(named, ["n0 crashed", "n2 crashed", "n0 restarted", "n2 restarted"]);
    let (diary, _) =
        under(r#"[{"crash": {"agents": [0, 2], "until": "9ms", "apart": "10ms"}}]"#, chatter(4, 10));
    assert_eq!(lines(&diary, "restarted"), ["9ms n0 restarted", "19ms n2 restarted"]);
    // Six tenths of three agents, rounded up: the fourth node is a client.
    let part: Vec<String> = lives(r#"[{"crash": {"agents": "60%", "until": "9ms", "apart": "10ms"}}]"#);
    assert_eq!(part.iter().filter(|line| line.ends_with("restarted")).count(), 2);
}

#[test]
fn where_nobody_leads_a_fault_on_the_leader_strikes_nobody() {
    let faults = r#"[{"crash": {"agents": "leader", "from": "5ms", "until": "9ms"}}]"#;
    let (diary, report) = under(faults, chatter(4, 3));
    assert!(lines(&diary, "crashed").is_empty());
    assert!(report.agents.is_empty() && report.effect.total() == 0);
}

#[test]
fn each_fault_answers_for_what_it_did_itself() {
    let faults = r#"[{"crash": {"agents": [2], "from": "5ms", "until": "15ms"}}, {"crash": {"agents": [2], "from": "25ms"}},
        {"slow": {"agents": [0], "by": "1us", "until": "15ms"}}, {"slow": {"agents": [0], "by": "1us", "from": "25ms"}}]"#;
    let (_, reports) = under_all(faults, chatter(4, 10));
    let effects: Vec<_> =
        reports.iter().map(|report| (report.effect.dropped, report.effect.delayed)).collect();
    // Three others speak to node 2 at 0, 10, ... 90 ms; node 0 hears node 2 no more.
    assert_eq!((effects[0], effects[1]), ((3, 0), (21, 0)));
    assert!(effects[2].1 > 0 && effects[3].1 > effects[2].1, "{effects:?}");
}
