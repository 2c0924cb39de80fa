//! What each Byzantine kind does on the wire, copy by copy, under a protocol in which every node keeps talking.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use synod::fault::{Fault, FaultReport};
use synod::sim::auth::Forge;
use synod::sim::inject::{Action, AdversaryContext, Alteration, Direction, Effects, Envelope, Interceptor};
use synod::sim::network::ConstantDelay;
use synod::sim::{
    Attack, Context, Durable, Duration, Event, EventTime, Flow, Insiders, Kind, Message, NodeId, Observation,
    Observer, Protocol,
};
use synod::testing::{TestRun, at, ms};

/// What nodes say: who, in which of its lives, and which of its words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Word {
    speaker: u32,
    life: u32,
    round: u64,
    contents: u64,
    is_signed: bool,
}

impl Message for Word {
    const KINDS: &'static [Kind] = &[Kind::protocol("even"), Kind::protocol("odd")];

    fn kind(&self) -> usize {
        (self.round % 2) as usize
    }

    fn damaged(&self) -> Option<Word> {
        Some(Word { is_signed: false, ..self.clone() })
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Word> {
        let is_own = forge.holds(NodeId(self.speaker));
        match alteration {
            Alteration::Header { .. } if is_own => Some(Word { round: self.round + 1, ..self.clone() }),
            Alteration::Contents { draw } if is_own => Some(Word { contents: draw, ..self.clone() }),
            Alteration::Name(name) => Some(Word { speaker: name.0, is_signed: false, ..self.clone() }),
            _ => None,
        }
    }
}

/// A node that says its next word every millisecond, and at every sixth round proves that node 0 lies, if told so.
struct Talker {
    told: Rc<Told>,
    me: NodeId,
    round: u64,
}

#[derive(Clone, Default)]
struct Told {
    life: u32,
    /// The round from which node 3 has proof against node 0.
    proof: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Proof;

impl Observation for Proof {
    fn accuses(&self) -> Option<NodeId> {
        Some(NodeId(0))
    }
}

const ROUNDS: u64 = 20;

impl Protocol for Talker {
    type Config = Told;
    type Message = Word;
    type Timer = ();
    type Record = ();
    type Observation = Proof;

    fn new(told: &Rc<Told>, me: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Talker {
        Talker { told: Rc::clone(told), me, round: 0 }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Talker>) {
        ctx.set_timer((), Duration::from_millis(1));
    }

    fn on_message(&mut self, _: &mut Context<'_, Talker>, _: NodeId, _: &Word) {}

    fn on_timer(&mut self, ctx: &mut Context<'_, Talker>, (): ()) {
        self.round += 1;
        let Talker { told, me, round } = self;
        ctx.broadcast(Word { speaker: me.0, life: told.life, round: *round, contents: 0, is_signed: true });
        if told.proof == Some(*round) && me.0 == 3 {
            ctx.observe(Proof);
        }
        if *round < ROUNDS {
            ctx.set_timer((), Duration::from_millis(1));
        }
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        // The lead passes on every five rounds.
        Some((self.round / 5, NodeId((self.round / 5) as u32 % 4)))
    }

    fn twin(told: &Rc<Told>, life: u32) -> Rc<Told> {
        Rc::new(Told { life, ..Told::clone(told) })
    }

    const ATTACKS: &'static [Attack] =
        &[Attack { name: "hush", about: "It says no odd word.", strength: "nothing" }];

    fn attack(name: &str, insiders: Insiders<Talker>) -> Box<dyn Interceptor<Word>> {
        assert_eq!((name, insiders.strength_ppm), ("hush", 250_000));
        Box::new(Hush(insiders))
    }
}

struct Hush(Insiders<Talker>);

impl Interceptor<Word> for Hush {
    fn covers(&self, node: NodeId, direction: Direction) -> bool {
        direction == Direction::Outbound && self.0.nodes.contains(&node)
    }

    fn intercept(
        &mut self,
        _: &mut AdversaryContext<'_, Word>,
        _: Direction,
        envelope: &Envelope<'_, Word>,
    ) -> Action<Word> {
        if envelope.message.round.is_multiple_of(2) {
            return Action::Pass;
        }
        self.0.effects.borrow_mut().dropped += 1;
        Action::Drop
    }
}

/// What arrived: when, from whom, at whom, and what.
type Heard = Vec<(u64, u32, u32, Word)>;

struct Ears(Heard);

impl Observer<Talker> for Ears {
    fn wants_copies(&self) -> bool {
        true
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Talker>) -> Flow {
        if let Event::Delivered { from, to, message, .. } = event {
            let micros = moment.at.as_nanos() / 1_000;
            self.0.push((micros, from.0, to.0, (*message).clone()));
        }
        Flow::Continue
    }
}

const NODES: u32 = 5;

/// Four agents and a client, over links of 100 µs, under `faults`.
fn hear_told(faults: &str, told: Told) -> (Heard, Vec<FaultReport>) {
    let faults: Vec<Fault> = serde_json::from_str(faults).expect("faults");
    let mut run = TestRun::<Talker>::new(told, NODES as usize).seed(7).agents(4, 1).faults(faults);
    run.timer = ms(10);
    let network = ConstantDelay(Duration::from_micros(100));
    let watched = run.network(network).horizon(at(100)).run_before(Ears(Vec::new()));
    (watched.simulation.into_observer().0, watched.faults)
}

fn hear(faults: &str) -> (Heard, Effects) {
    let (heard, reports) = hear_told(faults, Told::default());
    (heard, reports[0].effect)
}

fn honest() -> Heard {
    hear_told("[]", Told::default()).0
}

/// What `heard` has of node 0's words and `other` lacks, and the reverse.
fn differences(heard: &Heard, other: &Heard) -> (Heard, Heard) {
    let lacking = |these: &Heard, those: &Heard| -> Heard {
        let those: BTreeSet<_> = those.iter().collect();
        these.iter().filter(|heard| !those.contains(heard)).cloned().collect()
    };
    (lacking(heard, other), lacking(other, heard))
}

const ALL: u64 = ROUNDS * (NODES as u64 - 1);

#[test]
fn the_silent_say_nothing_within_their_window_and_on_duty() {
    let (heard, effect) = hear(r#"[{"silent": {"agents": [0]}}]"#);
    assert!(heard.iter().all(|&(_, from, ..)| from != 0));
    assert_eq!(effect, Effects { dropped: ALL, ..Effects::default() });

    // Rounds 5 to 14 lie within, of which 5, 6, 10 and 11 on duty.
    let window = r#"[{"silent": {"agents": [0], "from": "5ms", "until": "15ms", "duty": {"on": "2ms", "off": "3ms"}}}]"#;
    let (heard, effect) = hear(window);
    let rounds: BTreeSet<u64> =
        heard.iter().filter(|heard| heard.1 == 0).map(|heard| heard.3.round).collect();
    let expected: BTreeSet<u64> = (1..=ROUNDS).filter(|round| ![5, 6, 10, 11].contains(round)).collect();
    assert_eq!((rounds, effect.dropped), (expected, 4 * 4));
}

#[test]
fn the_starved_hear_nothing_and_the_others_all() {
    let (heard, effect) = hear(r#"[{"selective_omission": {"agents": [0], "victims": [2]}}]"#);
    let (more, less) = differences(&heard, &honest());
    assert!(more.is_empty() && less.iter().all(|&(_, from, to, _)| (from, to) == (0, 2)));
    assert_eq!((less.len() as u64, effect.dropped), (ROUNDS, ROUNDS));
}

#[test]
fn a_timing_attack_makes_the_same_receivers_wait() {
    let (heard, effect) = hear(r#"[{"delay": {"agents": [0], "by": "90% of timer", "to": "50%"}}]"#);
    let after = |lag: u64| -> BTreeSet<(u32, u32)> {
        let those = heard.iter().filter(|(at, .., word)| *at == word.round * 1_000 + 100 + lag);
        those.map(|&(_, from, to, _)| (from, to)).collect()
    };
    let (timely, late) = (after(0), after(9_000));
    assert!(timely.is_disjoint(&late) && late.iter().all(|&(from, _)| from == 0));
    assert_eq!(timely.len() + late.len(), (NODES * (NODES - 1)) as usize, "nobody hears at any other time");
    assert_eq!((late.len(), effect.delayed), (2, 2 * ROUNDS));
    assert_eq!(effect.total(), effect.delayed);
    let (_, none) = hear(r#"[{"delay": {"agents": [0], "by": "1ms", "to": "0%"}}]"#);
    assert_eq!(none.total(), 0);
}

#[test]
fn an_inverted_window_arrives_last_first() {
    let (heard, effect) = hear(r#"[{"reversed_order": {"agents": [0], "window": "5ms"}}]"#);
    let rounds: Vec<u64> =
        heard.iter().filter(|heard| (heard.1, heard.2) == (0, 1)).map(|heard| heard.3.round).collect();
    assert_eq!(rounds[..9], [4, 3, 2, 1, 9, 8, 7, 6, 5]);
    assert_eq!((rounds.len() as u64, effect.delayed), (ROUNDS, ALL));
}

#[test]
fn what_is_replayed_was_said_before_and_is_sent_besides() {
    let (heard, effect) = hear(r#"[{"replay": {"agents": [0], "memory": 8}}]"#);
    let (more, less) = differences(&heard, &honest());
    assert!(less.is_empty());
    let old: Vec<_> = heard.iter().filter(|(at, _, _, word)| at / 1_000 > word.round).collect();
    assert!(old.iter().all(|(_, from, ..)| *from == 0), "only the faulty replay");
    assert!(old.iter().any(|(.., word)| word.speaker != 0), "what they heard, too");
    assert!(old.iter().all(|(at, .., word)| at / 1_000 - word.round <= 3), "of the last eight messages");
    // In the first round there is nothing old.
    assert_eq!((old.len() as u64, effect.forged), (ALL - 4, ALL - 4));
    assert!(!more.is_empty() && effect.total() == effect.forged);
}

#[test]
fn mutants_of_words_are_properly_sealed_and_as_many_as_drawn() {
    for (what, is_changed) in [
        (
            "header",
            (|word: &Word, at: u64| word.round == at + 1 && word.contents == 0) as fn(&Word, u64) -> bool,
        ),
        ("contents", |word, at| word.round == at && word.contents != 0),
    ] {
        let fault = format!(r#"[{{"mutate": {{"agents": [0], "what": "{what}", "chance": "25%"}}}}]"#);
        let (heard, effect) = hear(&fault);
        let (changed, lost) = differences(&heard, &honest());
        assert!(changed.iter().all(|(at, from, _, word)| *from == 0 && is_changed(word, at / 1_000)));
        assert!(changed.iter().all(|(.., word)| word.is_signed));
        assert_eq!((changed.len(), changed.len() as u64), (lost.len(), effect.altered));
        assert!((10..32).contains(&effect.altered), "{} of {ALL}", effect.altered);
    }
}

#[test]
fn the_garbled_bear_no_signature_and_perhaps_the_name_of_one_who_is_not_held() {
    let (heard, effect) = hear(r#"[{"bad_signature": {"agents": [0]}}]"#);
    assert!(heard.iter().all(|(_, from, _, word)| word.is_signed == (*from != 0) && word.speaker == *from));
    assert_eq!(effect, Effects { altered: ALL, ..Effects::default() });

    let (heard, effect) = hear(r#"[{"bad_signature": {"agents": [0, 1], "how": "name"}}]"#);
    let names: BTreeSet<u32> =
        heard.iter().filter(|heard| heard.1 < 2).map(|heard| heard.3.speaker).collect();
    assert_eq!((names, effect.altered), ([2, 3].into(), 2 * ALL));
}

#[test]
fn what_is_amplified_comes_many_times_more() {
    let (heard, effect) = hear(r#"[{"amplify": {"agents": [0], "copies": 3}}]"#);
    let count = |from| heard.iter().filter(|heard| heard.1 == from).count() as u64;
    assert_eq!((count(0), count(1)), (4 * ALL, ALL));
    assert_eq!(effect, Effects { duplicated: 3 * ALL, ..Effects::default() });
}

#[test]
fn a_flood_is_made_of_rewritten_words_of_its_own() {
    let (heard, effect) = hear(r#"[{"flood": {"agents": [0], "copies": 6}}]"#);
    let mine: Vec<_> = heard.iter().filter(|heard| heard.1 == 0).collect();
    assert_eq!((mine.len() as u64, effect.forged), (7 * ALL, 6 * ALL));
    assert!(mine.iter().all(|(.., word)| word.speaker == 0 && word.is_signed));
    assert_eq!(mine.iter().filter(|(.., word)| word.contents != 0).count() as u64, 3 * ALL);
}

#[test]
fn twins_tell_each_side_one_story_and_clients_all() {
    let (heard, effect) = hear(r#"[{"twins": {"agents": [0], "from": "5ms"}}]"#);
    let mut sides: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (at, from, to, word) in &heard {
        match (*from, *at < 5_000) {
            (0, false) => drop(sides.entry(*to).or_default().insert(word.life)),
            _ => assert_eq!(word.life, 0, "others have one life, and before the window all have"),
        }
    }
    assert_eq!(sides[&4], [0, 1].into());
    let agents: Vec<usize> = [1, 2, 3].map(|agent| sides[&agent].len()).into();
    assert_eq!(agents, [1, 1, 1]);
    let second = [1, 2, 3].iter().filter(|agent| sides[agent].contains(&1)).count() as u64;
    assert!(second == 1 || second == 2);
    let rounds = ROUNDS - 4;
    let (dropped, forged) = (second * rounds, (second + 1) * rounds);
    // The second instance hears its side and the client, and its own timer, in every round.
    assert_eq!(effect, Effects { dropped, forged, duplicated: forged + rounds, ..Effects::default() });
}

#[test]
fn double_voters_tell_everybody_both_and_on_duty_only() {
    let fault = r#"[{"twins": {"agents": [0], "sides": "all", "duty": {"on": "2500us", "off": "2500us"}}}]"#;
    let (heard, effect) = hear(fault);
    let second: BTreeSet<u64> =
        heard.iter().filter(|heard| heard.3.life == 1).map(|heard| heard.3.round).collect();
    assert_eq!(second, [1, 2, 5, 6, 7, 10, 11, 12, 15, 16, 17, 20].into());
    // Twelve timers and all that others say while it is split are the second instance's too.
    assert_eq!(effect, Effects { forged: 12 * 4, duplicated: 12 + 49, ..Effects::default() });
}

#[test]
fn a_coalition_rushes_and_keeps_its_secrets() {
    let fault = r#"[{"twins": {"agents": [0, 1], "sides": "all", "rushing": true, "withhold": ["odd"]}}]"#;
    let (heard, effect) = hear(fault);
    for (at, from, to, word) in &heard {
        assert_eq!(at - word.round * 1_000, if *to < 2 { 0 } else { 100 }, "colluders hear at once");
        assert!(*from > 1 || *to < 2 || word.round % 2 == 0, "odd words are theirs alone");
    }
    let odd = ROUNDS / 2;
    // Both lives of both keep odd words from three; what a second life says besides is made up.
    assert_eq!((effect.dropped, effect.forged), (4 * 3 * odd, 2 * 3 * odd));
}

/// What node 0 does in each round: silent, late, or neither.
fn moods(faults: &str, told: Told) -> String {
    let (heard, _) = hear_told(faults, told);
    (1..=ROUNDS)
        .map(|round| match heard.iter().find(|heard| (heard.1, heard.2, heard.3.round) == (0, 1, round)) {
            None => 's',
            Some((at, ..)) if at - round * 1_000 > 100 => 'l',
            Some(_) => '.',
        })
        .collect()
}

#[test]
fn the_adaptive_choose_by_detection_leadership_and_trust() {
    let adaptive = |by: &str| {
        format!(
            r#"[{{"adaptive": {{"agents": [0], "until": "16ms", "by": {by}, "choices":
                [{{"silent": {{}}}}, {{"delay": {{"by": "1ms", "to": "100%"}}}}]}}}}]"#
        )
    };
    // The window ends before round 16. Proof comes in round 9, after node 0 has spoken.
    let told = Told { proof: Some(9), ..Told::default() };
    assert_eq!(moods(&adaptive(r#""detection""#), told), "sssssssssllllll.....");
    // Node 0 leads in rounds 0 to 4 and is next in rounds 15 to 19; it speaks first of all in each round.
    assert_eq!(moods(&adaptive(r#""leader""#), Told::default()), "sssssllllllllll.....");
    // Half of the window has passed after 8 ms, in epoch 1, which is the second choice's.
    assert_eq!(moods(&adaptive(r#"{"trust": "50%"}"#), Told::default()), ".......lllsssss.....");
}

#[test]
fn insiders_attack_within_the_window_and_count_themselves() {
    let (heard, effect) =
        hear(r#"[{"insider": {"agents": [0], "attack": "hush", "strength": "25%", "from": "11ms"}}]"#);
    let (more, less) = differences(&heard, &honest());
    assert!(more.is_empty());
    assert!(less.iter().all(|(at, from, _, word)| *at > 11_000 && *from == 0 && word.round % 2 == 1));
    assert_eq!((less.len() as u64, effect.dropped), (5 * 4, 5 * 4));
}

#[test]
fn no_fault_shifts_anothers_draws() {
    let mutate = r#"{"mutate": {"agents": [0], "what": "contents", "chance": "30%"}}"#;
    let delay = r#"{"delay": {"agents": [1], "by": "1ms", "to": "50%"}}"#;
    let others = [
        r#"{"replay": {"agents": [0, 2], "chance": "50%"}}"#,
        r#"{"flood": {"agents": [1], "copies": 2}}"#,
        r#"{"bad_signature": {"agents": [2], "chance": "50%"}}"#,
        r#"{"amplify": {"agents": [3], "copies": 1}}"#,
    ];
    let marks = |faults: &str| -> BTreeSet<(u32, u64, u64)> {
        let (heard, _) = hear_told(faults, Told::default());
        let changed = heard
            .iter()
            .filter(|(at, from, _, word)| *from == 0 && word.contents != 0 && at / 1_000 == word.round);
        changed.map(|(_, _, to, word)| (*to, word.round, word.contents)).collect()
    };
    let late = |faults: &str| -> BTreeSet<(u32, u64)> {
        let (heard, _) = hear_told(faults, Told::default());
        let late = heard.iter().filter(|(at, from, _, word)| *from == 1 && *at == word.round * 1_000 + 1_100);
        late.map(|(_, _, to, word)| (*to, word.round)).collect()
    };
    let alone = (marks(&format!("[{mutate}]")), late(&format!("[{delay}]")));
    assert!(!alone.0.is_empty() && !alone.1.is_empty());
    for other in others {
        assert_eq!(marks(&format!("[{other}, {mutate}]")), alone.0, "{other}");
        assert!(late(&format!("[{other}, {delay}]")).is_superset(&alone.1), "{other}");
    }
}
