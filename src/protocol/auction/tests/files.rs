//! Auctions as scenarios: every known bug is caught by the oracle named for it, the true protocol passes them all under the
//! same seeds, nothing works without messages, and revenue is what theory says.

use serde_json::{Value, json};
use synod_auction::Bug;
use synod_auction::harness::AuctionHarness;
use synod_harness::tree::Tree;
use synod_harness::{Outcome, Prepared, Registry};

fn prepare(scenario: &Value) -> Result<Box<dyn Prepared>, String> {
    let registry = Registry::empty().with::<AuctionHarness>();
    let tree = Tree::of("auction", scenario).map_err(|error| error.to_string())?;
    registry.prepare(tree).map_err(|error| error.to_string())
}

fn run(scenario: &Value, seed: u64) -> Outcome {
    let prepared = prepare(scenario).unwrap_or_else(|error| panic!("{error}"));
    prepared.run(seed, None).unwrap_or_else(|error| panic!("{error}"))
}

/// Five bidders up to 30 ms away, whose bids are due after 2 s.
fn auction(protocol: Value, workload: Value) -> Value {
    let mut parameters = json!({"deadline": "2s", "resend": "200ms"});
    parameters.as_object_mut().unwrap().extend(protocol.as_object().unwrap().clone());
    json!({
        "name": "auction",
        "agents": 6,
        "network": {"latency": {"uniform": {"min": "1ms", "max": "30ms"}}},
        "storage": {"sync": "5ms"},
        "protocol": {"auction": parameters},
        "workload": workload,
        "horizon": "30s",
    })
}

fn with(mut scenario: Value, field: &str, value: Value) -> Value {
    scenario[field] = value;
    scenario
}

fn figure(outcome: &Outcome, name: &str) -> Option<f64> {
    outcome.metrics.get(name).map(|measure| measure.value())
}

// ---- Known bugs ----

/// The scenario in which a bug shows.
fn stage(bug: Bug) -> Value {
    let values = json!({"given": [10, 15, 12, 8, 9]});
    let alike = json!({"values": {"given": [7, 7, 7, 7, 7]}});
    let flood = |bids: u32, every: &str| json!({"values": values, "strategy": {"flooding": {"bids": bids, "every": every}}});
    let crash = |from: &str, until: &str| json!([{"crash": {"agents": [0], "from": from, "until": until, "storage": "torn"}}]);
    match bug {
        Bug::ReserveIgnored => auction(json!({"reserve": 13}), json!({"values": values})),
        Bug::SecondBidReplaces => auction(json!({"price": "first"}), flood(5, "50ms")),
        Bug::OwnBidSetsPrice => auction(json!({}), flood(5, "50ms")),
        Bug::TieToTheLast => auction(json!({}), alike),
        Bug::LosersPay => auction(json!({}), json!({"values": values})),
        Bug::LateBidCounts => {
            let workload = json!({"values": values, "strategy": {"sniping": {"lead": "10ms"}}});
            auction(json!({}), workload)
        }
        Bug::AcknowledgedEarly => {
            with(auction(json!({}), flood(5, "50ms")), "faults", crash("300ms", "400ms"))
        }
        // Bidder 5 is cut off, and hears of the outcome after the restart alone.
        Bug::OrderRedrawn => {
            let mut faults = crash("2020ms", "2100ms");
            let cut = json!({"isolate": {"agents": [5], "from": "1s", "until": "3s"}});
            faults.as_array_mut().unwrap().push(cut);
            with(auction(json!({}), alike), "faults", faults)
        }
        Bug::EleventhPasses => auction(json!({"limit": {"most": 5}}), flood(8, "40ms")),
    }
}

#[test]
fn every_bug_is_caught_by_its_oracle_and_the_true_protocol_by_none() {
    let mut wrong = Vec::new();
    for &bug in Bug::ALL {
        let scenario = stage(bug);
        let mut mutant = scenario.clone();
        mutant["protocol"]["auction"]["bug"] = json!(bug.name());
        for seed in 1..21 {
            let truth = run(&scenario, seed);
            if !truth.verdict.passed() {
                wrong.push(format!("{}, seed {seed}: the true protocol: {:?}", bug.name(), truth.violations));
            }
            let checked = truth.oracles.iter().find(|report| report.name == bug.oracle());
            if checked.is_none_or(|report| report.checked == 0) {
                wrong.push(format!("{}, seed {seed}: {} is vacuous", bug.name(), bug.oracle()));
            }
            let found = run(&mutant, seed).violations;
            if !found.iter().any(|violation| violation.oracle == bug.oracle()) {
                wrong.push(format!("{}, seed {seed}: {} sees nothing: {found:?}", bug.name(), bug.oracle()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// ---- Messages ----

#[test]
fn without_messages_nothing_is_settled_but_by_the_auctioneer() {
    let scenario = auction(json!({}), json!({"values": {"given": [10, 15, 12, 8, 9]}}));
    assert!(run(&scenario, 1).verdict.passed());
    let deaf = with(scenario, "faults", json!([{"isolate": {"agents": [0]}}]));
    let outcome = run(&deaf, 1);
    assert_eq!(figure(&outcome, "auction.bids"), Some(0.0));
    assert_eq!(outcome.coverage.get("sold"), None);
}

#[test]
fn whatever_the_seed_draws_all_settle_the_same() {
    let workload = json!({
        "values": {"uniform": {"low": 0, "high": 9}},
        "strategies": [
            {"bidders": [1], "by": {"flooding": {"bids": 15, "every": "100ms"}}},
            {"bidders": [2], "by": {"sniping": {"lead": "40ms"}}},
            {"bidders": [3], "by": {"shading": {"factor": "75%"}}},
        ],
    });
    for price in ["first", "second", "weighted"] {
        let scenario = auction(json!({"price": price, "reserve": 3}), workload.clone());
        let scenario = with(scenario, "swarm", json!({"faults": 6, "until": "4s"}));
        let scenario = prepare(&scenario).unwrap_or_else(|error| panic!("{error}"));
        let mut settled = 0;
        for seed in 1..101 {
            let outcome = scenario.run(seed, None).unwrap_or_else(|error| panic!("{error}"));
            assert!(outcome.violations.is_empty(), "{price}, seed {seed}: {:?}", outcome.violations);
            settled += u32::from(outcome.verdict.passed());
        }
        // An auctioneer that is down for good settles nothing.
        assert!(settled >= 80, "{price}: {settled} of 100");
    }
}

// ---- Laws ----

/// The mean of the seller's revenue, and its standard error, where so many bid the truth at the second price.
fn revenue(bidders: u32, reserve: u64, runs: u64) -> (f64, f64) {
    let workload = json!({"values": {"uniform": {"low": 1, "high": 1_000_000}}});
    let scenario = auction(json!({"reserve": reserve, "resend": "1s"}), workload);
    let scenario = prepare(&with(scenario, "agents", json!(bidders + 1))).unwrap();
    let revenues: Vec<f64> = (0..runs)
        .map(|seed| {
            let outcome = scenario.run(seed, None).unwrap();
            assert!(outcome.verdict.passed());
            figure(&outcome, "auction.revenue").unwrap() / 1e6
        })
        .collect();
    let count = runs as f64;
    let mean = revenues.iter().sum::<f64>() / count;
    let variance =
        revenues.iter().map(|revenue| (revenue - mean) * (revenue - mean)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

/// R. Myerson, *Optimal auction design*, 1981: n values drawn alike from [0, 1], the second price with the reserve r.
#[test]
fn revenue_is_what_theory_says() {
    for bidders in [2_u32, 3, 5, 8, 20] {
        let n = f64::from(bidders);
        for (reserve, r) in [(0, 0.0_f64), (500_000, 0.5)] {
            let theory = (n - 1.0) / (n + 1.0)
                + (0..bidders).map(|_| r).product::<f64>() * (1.0 - 2.0 * n * r / (n + 1.0));
            let (mean, error) = revenue(bidders, reserve, 2_000);
            assert!(
                (mean - theory).abs() < 4.0 * error,
                "n = {n}, r = {r}: {mean} ± {error}, theory {theory}"
            );
        }
    }
}

#[test]
fn where_nothing_is_of_value_efficiency_is_not_told() {
    let nothing = json!({"values": {"given": [0, 0, 0, 0, 0]}});
    let outcome = run(&auction(json!({}), nothing), 1);
    assert_eq!(figure(&outcome, "auction.efficiency"), None);
    assert_eq!(figure(&outcome, "auction.revenue"), Some(0.0));
    let unsold = run(&auction(json!({"reserve": 16}), json!({"values": {"given": [10, 15, 12, 8, 9]}})), 1);
    assert_eq!(figure(&unsold, "auction.efficiency"), Some(0.0));
}

// ---- Bad input ----

#[test]
fn what_makes_no_sense_is_refused() {
    let refusal =
        |protocol: Value, workload: Value| prepare(&auction(protocol, workload)).err().unwrap_or_default();
    let given = |values: Value| json!({"values": {"given": values}});
    let cases = [
        (json!({}), given(json!([1, 2, 3])), "3 values for 5 bidders"),
        (json!({}), given(json!([1, 2, 3, 4, -5])), "-5"),
        (json!({}), given(json!([1, 2, 3, 4, 1_u64 << 61])), "2^60"),
        (json!({}), json!({"values": {"uniform": {"low": 3, "high": 2}}}), "the highest is 2"),
        (json!({"reserve": 1_u64 << 61}), json!({}), "2^60"),
        (json!({"deadline": "0s"}), json!({}), "waiting takes time"),
        (json!({"resend": "0s"}), json!({}), "waiting takes time"),
        (json!({"deadline": "30s"}), json!({}), "before the horizon"),
        (json!({"limit": {"most": 0}}), json!({}), "a limit admits at least 1"),
        (json!({}), json!({"strategies": [{"bidders": [6], "by": "truthful"}]}), "there is no bidder 6"),
        (json!({}), json!({"strategies": [{"bidders": [0], "by": "truthful"}]}), "there is no bidder 0"),
        (
            json!({}),
            json!({"strategies": [{"bidders": [2, 2], "by": "truthful"}]}),
            "bidder 2 is named twice",
        ),
        (json!({}), json!({"strategy": {"shading": {"factor": "150%"}}}), "150%"),
        (json!({}), json!({"strategy": {"flooding": {"bids": 0, "every": "1s"}}}), "at least 1 bid"),
    ];
    for (protocol, workload, words) in cases {
        let found = refusal(protocol.clone(), workload.clone());
        assert!(found.contains(words), "{protocol} {workload}: {found:?}");
    }
    let alone = with(auction(json!({}), json!({})), "agents", json!(1));
    assert!(prepare(&alone).err().unwrap_or_default().contains("somebody else has to bid"));
    let weightless =
        json!([{"name": "auctioneer", "count": 1}, {"name": "bidders", "count": 5, "weight": 0}]);
    let weightless = with(auction(json!({"price": "weighted"}), json!({})), "groups", weightless);
    let found = prepare(&weightless).err().unwrap_or_default();
    assert!(found.contains("weight"), "{found}");
}
