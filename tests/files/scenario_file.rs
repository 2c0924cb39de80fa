//! What a scenario file says is what a scenario holds, and what a scenario prints.

use super::fixture::{Params, VALID, Workload, vocabulary};
use proptest::prelude::*;
use synod::fault::{Fault, StorageLoss};
use synod::harness::{Draft, ProtocolSchema, SEED_MAX, Scenario, ScenarioError, schema};
use synod::scenario::{Document, to_yaml};
use synod::sim::network::{Arrival, Fate, Transmission};
use synod::sim::{Duration, Network, NodeId, Recipients, Streams, Time};
use synod::units::is_printable;

type Read = Scenario<Params, Workload>;

fn read(text: &str) -> Result<Read, ScenarioError> {
    Scenario::read(&Document::parse("x.yaml", text)?.complete()?, "flood", &vocabulary())
}

/// A valid scenario with this network.
fn with_network(agents: u32, network: &str) -> Read {
    let text = format!(
        "name: x\nagents: {agents}\nnetwork: {network}\nprotocol: {{flood: {{rounds: 1}}}}\nworkload: idle\n"
    );
    read(&text).unwrap()
}

#[test]
fn faults_become_a_plan() {
    let plan = read(VALID).unwrap().world.plan(1, None);
    let [silent @ Fault::Silent(_), Fault::Crash(crash), Fault::Partition(partition)] =
        plan.faults.as_slice()
    else {
        panic!("{plan:?}")
    };
    assert_eq!(silent.name(), "silent-1");
    assert_eq!(crash.storage, StorageLoss::Synced);
    assert_eq!(crash.until.map(|until| until.to_string()), Some("5s".to_owned()));
    assert_eq!(partition.groups, [[0, 1], [2, 3]]);
    assert_eq!(plan.corrupted().into_iter().collect::<Vec<_>>(), [NodeId(0)]);
    assert_ne!(silent.id(), plan.faults[1].id());
}

#[test]
fn an_agent_that_restarts_without_storage_is_byzantine() {
    let text = VALID.replace("until: 5s}\n  - part", "until: 5s, storage: lost}\n  - part");
    let plan = read(&text).unwrap().world.plan(1, None);
    assert_eq!(plan.corrupted().into_iter().collect::<Vec<_>>(), [NodeId(0), NodeId(3)]);
}

/// When a message from `from` to `to` arrives in a network without chance, in milliseconds.
fn delay(scenario: &Read, clients: u32, from: u32, to: u32) -> u64 {
    let mut fabric = scenario.world.fabric(clients, &Streams::new(1)).unwrap();
    let to = Recipients::One(NodeId(to));
    let transmission = Transmission { from: NodeId(from), to: &to, at: Time::ZERO, bytes: 1, number: 0 };
    let mut arrivals = Vec::new();
    fabric.route(&transmission, &mut arrivals);
    match arrivals.as_slice() {
        [Arrival { fate: Fate::Intact(at), .. }] => at.as_nanos() / 1_000_000,
        other => panic!("{other:?}"),
    }
}

#[test]
fn clients_are_linked_to_everybody_in_a_mesh_and_to_one_agent_elsewhere() {
    let mesh = with_network(4, "{latency: {constant: 10ms}}");
    let ring = with_network(4, "{topology: ring, latency: {constant: 10ms}}");
    let regular = with_network(4, "{topology: {k_regular: {degree: 2}}, latency: {constant: 10ms}}");
    assert_eq!((delay(&mesh, 2, 4, 2), delay(&mesh, 2, 5, 2)), (10, 10));
    assert_eq!((delay(&ring, 2, 4, 0), delay(&ring, 2, 4, 2)), (10, 30));
    assert_eq!((delay(&regular, 5, 4, 0), delay(&regular, 5, 8, 0)), (10, 10));
}

#[test]
fn regions_set_the_latency() {
    let network = "{regions: {members: {eu: 2, us: 1}, within: {constant: 1ms},
        between: [{pair: [us, eu], latency: {constant: 90ms}}]}}";
    let scenario = with_network(3, network);
    assert_eq!((delay(&scenario, 3, 0, 1), delay(&scenario, 3, 0, 2)), (1, 90));
    // Clients 3, 4 and 5 are in eu, eu and us.
    assert_eq!((delay(&scenario, 3, 3, 0), delay(&scenario, 3, 5, 0), delay(&scenario, 3, 5, 2)), (1, 90, 1));
}

#[test]
fn clocks_are_drawn_within_their_bounds() {
    let text = VALID.replace("stop: decided", "clocks: {offset: 5ms, drift: 50ppm}");
    let clocks = read(&text).unwrap().world.clocks;
    let drawn = clocks.draw(1_000, &Streams::new(1));
    assert!(drawn.iter().all(|clock| clock.offset_ns.abs() <= 5_000_000 && clock.drift_ppb.abs() <= 50_000));
    assert!(
        drawn.iter().any(|clock| clock.offset_ns < -4_000_000)
            && drawn.iter().any(|clock| clock.drift_ppb > 40_000)
    );
    assert_eq!(drawn[..10], clocks.draw(10, &Streams::new(1)), "more nodes change no clock");
    assert!(read(VALID).unwrap().world.clocks.draw(10, &Streams::new(1)).is_empty());
}

#[test]
fn costs_are_those_of_the_kernel() {
    let text = VALID
        .replace("stop: decided", "cpu: {base: 10us, per_byte: 1ns, sign: 30us}\nlimits: {memory: 1KiB}");
    let scenario = read(&text).unwrap();
    assert_eq!(scenario.world.cpu.handling().per_kib, Duration::from_nanos(1_024));
    assert_eq!(scenario.world.cpu.crypto().sign, Duration::from_micros(30));
    assert_eq!(
        (scenario.world.bounds().memory_bytes, scenario.world.bounds().horizon),
        (1_024, Time::from_nanos(60_000_000_000))
    );
}

#[test]
fn a_topology_that_does_not_go_with_the_agents_is_refused_where_it_stands() {
    for (topology, error) in [
        ("star: {centre: 9}", "4:29: error: there is no node 9: the last of 4 nodes is 3"),
        ("k_regular: {degree: 4}", "4:34: error: a node cannot have 4 neighbours among 4 nodes"),
        (
            "small_world: {degree: 3, rewire: 10%}",
            "4:36: error: a small world needs an even number of neighbours, half on each side, not 3",
        ),
        ("edges: [[0, 1], [1, 7]]", "4:30: error: there is no node 7: the last of 4 nodes is 3"),
        ("edges: [[0, 1]]", "4:3: error: the network falls into 3 parts"),
    ] {
        let text = VALID.replace("full_mesh", &format!("{{{topology}}}"));
        let document = Document::parse("x.yaml", &text).unwrap();
        let scenario: Read =
            Scenario::read(&document.clone().complete().unwrap(), "flood", &vocabulary()).unwrap();
        for clients in [0, 3] {
            let problem = scenario.world.fabric(clients, &Streams::new(1)).unwrap_err();
            let found = document.error(problem).to_string();
            assert!(found.starts_with(&format!("x.yaml:{error}")), "{found}");
        }
    }
}

#[test]
fn the_protocol_is_found_before_anything_else_is_read() {
    let protocol = |text: &str| {
        let document = Document::parse("x.yaml", text).unwrap();
        document
            .complete()
            .unwrap()
            .protocol(&["flood", "gossip"])
            .map(str::to_owned)
            .map_err(|error| error.to_string())
    };
    assert_eq!(protocol("nonsense: [1]\nprotocol: {flood: {}}").as_deref(), Ok("flood"));
    for (text, error) in [
        ("name: a", r#"1:1: error: missing field "protocol""#),
        ("protocol: {flod: {}}", r#"1:12: error: unknown protocol "flod", did you mean "flood"?"#),
        ("protocol: flood", "1:11: error: expected a protocol's name and its parameters"),
        (
            "protocol: {flood: {}, gossip: {}}",
            r#"1:23: error: a scenario has one protocol, and "gossip" is another"#,
        ),
    ] {
        assert_eq!(protocol(text).unwrap_err().lines().next(), Some(format!("x.yaml:{error}").as_str()));
    }
}

#[test]
fn files_are_read_into_the_scenario() {
    let folder = std::env::temp_dir().join(format!("synod-scenario-file-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let text = VALID
        .replace("full_mesh", "{file: links.csv}")
        .replace("lognormal: {median: 20ms, p99: 80ms}", "empirical: {file: delays.csv}");
    std::fs::write(folder.join("x.yaml"), text).unwrap();
    std::fs::write(folder.join("links.csv"), "from,to\n0,1\n1,2\n2,3\n").unwrap();
    std::fs::write(folder.join("delays.csv"), "delay_ms\n7\n7\n").unwrap();
    let tree = Document::load(&folder.join("x.yaml")).unwrap().complete().unwrap();
    let scenario: Read = Scenario::read(&tree, "flood", &vocabulary()).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let printed = to_yaml(&scenario.to_tree("flood", &scenario.world)).unwrap();
    assert!(!printed.contains("csv"), "{printed}");
    assert_eq!(read(&printed).unwrap(), scenario);
}

#[test]
fn the_schema_describes_what_is_accepted() {
    let protocols = [ProtocolSchema::of::<Params, Workload>("flood")];
    for draft in [Draft::Draft07, Draft::Draft2020] {
        let schema = schema(&protocols, draft);
        let printed = serde_json::to_value(read(VALID).unwrap().world).unwrap();
        for key in printed.as_object().unwrap().keys() {
            assert!(schema["properties"][key].is_object() || schema["properties"][key] == true, "{key}");
        }
        let mut required: Vec<_> = schema["required"].as_array().unwrap().clone();
        required.sort_by_key(|name| name.to_string());
        assert_eq!(required, ["agents", "name", "network", "protocol", "workload"]);
    }
}

/// One of these texts.
fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(texts)
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(
        name in "\\PC{1,30}".prop_filter("no name", |name| !name.trim().is_empty() && name.chars().all(is_printable)),
        about in any::<String>().prop_map(|text| text.replace(|c: char| !is_printable(c), " ").trim_end().to_owned()),
        seed in 0..=SEED_MAX,
        agents in 4..=1_000_000u32,
        latency in one_of(&["constant: 0", "uniform: {min: 1us, max: 3ms}", "exponential: {p99: 7ms}",
            "normal: {mean: 5ms, sd: 1ms, min: 1ns}", "lognormal: {median: 2ms, sigma: 0.3}",
            "gamma: {mean: 3ms, shape: 1e-1}", "pareto: {median: 1ms, p99: 9ms}", "empirical: {samples: [1ms, 3ms]}"]),
        topology in one_of(&["full_mesh", "{star: {centre: 0}}", "ring", "{tree: {branching: 2}}",
            "{k_regular: {degree: 4}}", "{small_world: {degree: 4, rewire: 10%}}", "{edges: [[0, 1]]}"]),
        extras in one_of(&["", "reordering: {share: 1%, extra: {constant: 1ms}}", "bandwidth: 1Gbps", "max_message: 1MiB"]),
        rest in one_of(&["", "stop: horizon", "oracles: {except: [agreement]}", "expect: {undecided: 0.5, violates: [validity]}",
            "expect: {undecided: {at_least: -3}, success_rate: {exactly: 99.9%}}", "authentication: ed25519",
            "faults: [{crash: {agents: [3, 1], from: 1s, storage: torn}}, {silent: {agents: [2], name: 'no: \"n\"'}}]"]),
    ) {
        let text = format!(
            "name: {name:?}\nabout: {about:?}\nseed: {seed}\nagents: {agents}\nnetwork:\n  topology: {topology}\n  \
             latency: {{{latency}}}\n  {extras}\nprotocol: {{flood: {{rounds: 1}}}}\nworkload: {{open: {{rate: 2.5/s}}}}\n{rest}\n"
        );
        // Rust's escapes are not all YAML's.
        let Ok(scenario) = read(&text) else { return Err(TestCaseError::reject("no YAML")) };
        let printed = to_yaml(&scenario.to_tree("flood", &scenario.world)).unwrap();
        prop_assert_eq!(read(&printed).map_err(|error| TestCaseError::fail(error.to_string()))?, scenario);
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = read(&text);
    }

    #[test]
    fn no_damage_panics(at in 0..VALID.len(), length in 0..20usize, insert in "[\\PC\n\t]{0,6}") {
        let mut text = VALID.to_owned();
        let end = (at + length).min(text.len());
        text.replace_range(at..end, &insert);
        if let Err(error) = read(&text) {
            prop_assert!(error.to_string().contains("error: "));
        }
    }

    #[test]
    fn no_override_panics(path in "[a-z.0-9_]{0,30}", value in "\\PC{0,10}") {
        let mut document = Document::parse("x.yaml", VALID).unwrap();
        if document.set(&format!("{path}={value}")).is_ok() {
            let _ = document.complete().and_then(|tree| Scenario::<Params, Workload>::read(&tree, "flood", &vocabulary()));
        }
    }
}
