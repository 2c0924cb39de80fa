//! Draws faults of every kind with settings that the schema allows, as entries of `faults:`.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// Where faults are laid over: how many agents there are, how long a run takes in ms, what insiders can do.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) agents: u32,
    pub(crate) millis: u64,
    pub(crate) attacks: Vec<&'static str>,
}

/// Returns one fault of any kind.
pub(crate) fn fault(stage: &Stage) -> BoxedStrategy<String> {
    let mut kinds: Vec<&'static str> = synod::fault::Fault::KINDS.to_vec();
    kinds.retain(|&kind| kind != "insider" || !stage.attacks.is_empty());
    let stage = stage.clone();
    select(kinds).prop_flat_map(move |kind| fault_of(kind, &stage)).boxed()
}

/// Returns a fault of `kind`.
pub(crate) fn fault_of(kind: &'static str, stage: &Stage) -> BoxedStrategy<String> {
    let (agents, window) = (struck(kind, stage.agents), window(stage.millis));
    (agents, window, own(kind, stage))
        .prop_map(move |(agents, window, own)| {
            let settings: Vec<String> =
                [agents, window, own].into_iter().filter(|part| !part.is_empty()).collect();
            format!("{{{kind}: {{{}}}}}", settings.join(", "))
        })
        .boxed()
}

fn listed(agents: u32) -> BoxedStrategy<String> {
    proptest::collection::btree_set(0..agents, 1..=agents.min(4) as usize)
        .prop_map(|agents| format!("{:?}", agents.into_iter().collect::<Vec<_>>()))
        .boxed()
}

fn selector(agents: u32) -> BoxedStrategy<String> {
    prop_oneof![
        4 => listed(agents),
        2 => (1..=agents.min(3)).prop_map(|count| count.to_string()),
        1 => Just("20%".to_owned()),
        1 => Just("f".to_owned()),
    ]
    .boxed()
}

fn struck(kind: &str, agents: u32) -> BoxedStrategy<String> {
    let named = selector(agents).prop_map(|agents| format!("agents: {agents}"));
    match kind {
        "partition" | "ring" => Just(String::new()).boxed(),
        "slow_links" | "loss" | "gilbert_elliott" | "duplicate" | "reorder" | "corrupt" => {
            prop_oneof![Just(String::new()), named].boxed()
        }
        "crash" | "pause" | "isolate" | "slow" => {
            prop_oneof![1 => Just("agents: leader".to_owned()), 3 => named].boxed()
        }
        _ => named.boxed(),
    }
}

fn window(millis: u64) -> BoxedStrategy<String> {
    let duty = option::weighted(0.2, (1..50u64, 1..50u64));
    (0..millis, option::weighted(0.8, 1..=millis), duty)
        .prop_map(|(from, length, duty)| {
            let until = length.map_or(String::new(), |length| format!(", until: {}ms", from + length));
            let duty =
                duty.map_or(String::new(), |(on, off)| format!(", duty: {{on: {on}ms, off: {off}ms}}"));
            format!("from: {from}ms{until}{duty}")
        })
        .boxed()
}

fn own(kind: &'static str, stage: &Stage) -> BoxedStrategy<String> {
    let agents = stage.agents;
    let chance = || (1..=100u32).prop_map(|percent| format!("chance: {percent}%"));
    let in_flight = || select(vec!["", ", in_flight: drop", ", in_flight: deliver"]);
    let to = move || {
        option::weighted(0.4, listed(agents))
            .prop_map(|to| to.map_or(String::new(), |to| format!(", to: {to}")))
    };
    let by = || select(vec!["1ms", "20ms", "300ms", "5% of timer", "90% of timer"]);
    match kind {
        "selective_omission" => selector(agents).prop_map(|victims| format!("victims: {victims}")).boxed(),
        "delay" => (by(), 0..=100u32).prop_map(|(by, to)| format!("by: {by}, to: {to}%")).boxed(),
        "reversed_order" => by().prop_map(|by| format!("window: {by}")).boxed(),
        "replay" => {
            (chance(), 1..100u32).prop_map(|(chance, memory)| format!("{chance}, memory: {memory}")).boxed()
        }
        "mutate" => (chance(), select(vec!["header", "contents"]))
            .prop_map(|(chance, what)| format!("{chance}, what: {what}"))
            .boxed(),
        "bad_signature" => (chance(), select(vec!["signature", "name"]))
            .prop_map(|(chance, how)| format!("{chance}, how: {how}"))
            .boxed(),
        "amplify" | "flood" => (1..5u32).prop_map(|copies| format!("copies: {copies}")).boxed(),
        "twins" => (2..4u32, select(vec!["even", "all"]), any::<bool>(), any::<bool>())
            .prop_map(|(instances, sides, apart, rushing)| {
                format!("instances: {instances}, sides: {sides}, apart: {apart}, rushing: {rushing}")
            })
            .boxed(),
        "adaptive" => {
            let choice = select(vec![
                "{silent: {}}",
                "{delay: {by: 20ms}}",
                "{mutate: {chance: 50%}}",
                "{bad_signature: {chance: 50%}}",
                "{replay: {chance: 20%}}",
                "{reversed_order: {window: 10ms}}",
            ]);
            let by = select(vec!["detection", "leader", "{trust: 30%}"]);
            (proptest::collection::vec(choice, 1..4), by)
                .prop_map(|(choices, by)| format!("choices: [{}], by: {by}", choices.join(", ")))
                .boxed()
        }
        "insider" => (select(stage.attacks.clone()), 1..=100u32)
            .prop_map(|(attack, strength)| format!("attack: {attack}, strength: {strength}%"))
            .boxed(),
        "crash" => {
            let storage = select(vec!["kept", "synced", "torn", "lost"]);
            let apart = select(vec!["", ", stagger: 3ms", ", apart: 2ms", ", stagger: 1ms, apart: 4ms"]);
            (storage, apart, in_flight())
                .prop_map(|(storage, apart, in_flight)| format!("storage: {storage}{apart}{in_flight}"))
                .boxed()
        }
        "slow" => by().prop_map(|by| format!("by: {by}")).boxed(),
        "clock" => {
            select(vec!["ahead: 20ms", "behind: 1s", "fast: 30%", "slow: 30%", "ahead: 3ms, slow: 5%"])
                .prop_map(str::to_owned)
                .boxed()
        }
        "partition" => {
            let rest = select(vec!["", ", rest: apart"]);
            let shape = prop_oneof![
                (2..=agents.max(2)).prop_map(|parts| format!("parts: {parts}")),
                (1..agents.max(2))
                    .prop_map(move |size| format!("sizes: [{size}, {}]", agents.saturating_sub(size))),
                (1..agents.max(2)).prop_map(|size| format!("sizes: [{size}]")),
            ];
            (shape, rest, in_flight())
                .prop_map(|(shape, rest, in_flight)| format!("{shape}{rest}{in_flight}"))
                .boxed()
        }
        "isolate" => in_flight().prop_map(|text| text.trim_start_matches(", ").to_owned()).boxed(),
        "one_way" => {
            (selector(agents), in_flight()).prop_map(|(to, in_flight)| format!("to: {to}{in_flight}")).boxed()
        }
        "ring" => {
            (1..3u32, in_flight()).prop_map(|(reach, in_flight)| format!("reach: {reach}{in_flight}")).boxed()
        }
        "slow_links" => (by(), 0..20u32, to())
            .prop_map(|(by, jitter, to)| format!("by: {by}, jitter: {jitter}ms{to}"))
            .boxed(),
        "loss" | "corrupt" => (chance(), to()).prop_map(|(chance, to)| format!("{chance}{to}")).boxed(),
        "gilbert_elliott" => (1..=100u32, 1..=100u32, to())
            .prop_map(|(enter, leave, to)| format!("enter: {enter}%, leave: {leave}%{to}"))
            .boxed(),
        "duplicate" => (chance(), 0..30u32, to())
            .prop_map(|(chance, apart, to)| format!("{chance}, apart: {apart}ms{to}"))
            .boxed(),
        "reorder" => (chance(), by(), to())
            .prop_map(|(chance, by, to)| {
                let by = if by.contains("timer") { "40ms" } else { by };
                format!("{chance}, by: {by}{to}")
            })
            .boxed(),
        "silent" | "pause" => Just(String::new()).boxed(),
        other => panic!("no settings are known of {other}"),
    }
}
