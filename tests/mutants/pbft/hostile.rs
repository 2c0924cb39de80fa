//! What one liar alone can try: contents that no correct replica would send. The true protocol tolerates them all.

use super::plan::{Memory, Plan, forged, log, pass_if, run, session};
use std::rc::Rc;
use synod::protocol::pbft::{Batch, Commit, Config, Message, PrePrepare, Reply, Status, ViewChange};
use synod::sim::inject::Action;
use synod::sim::{NodeId, Signed};
use synod::testing::{at, ms};

const SEEDS: std::ops::Range<u64> = 1..4;

/// The true protocol passes every oracle although `liar`, of four replicas, says what `lie` makes of its messages.
fn assert_tolerates(plan: fn() -> Plan, liar: u32, lie: fn(&Message) -> Option<Message>) {
    for seed in SEEDS {
        let plan =
            plan().with_faulty(liar).without_authentication().with_script(move |_, from, _, message| {
                match lie(message).filter(|_| from == NodeId(liar)) {
                    Some(message) => Action::Replace(message),
                    None => Action::Pass,
                }
            });
        let report = run(plan, seed, None, None);
        assert!(report.violations.is_empty(), "seed {seed}: {:?}", report.violations);
        assert!(report.checked["liveness"] > 0, "seed {seed}: liveness was never demanded");
    }
}

#[test]
fn a_null_batch_cannot_use_a_session_up() {
    assert_tolerates(
        || Plan::new(session(4, 1)),
        0,
        |message| match message {
            Message::PrePrepare(proposal, _) => {
                let batch = Batch::null();
                let proposal = PrePrepare { digest: batch.digest(), ..(**proposal).clone() };
                Some(Message::PrePrepare(forged(0, proposal), batch))
            }
            _ => None,
        },
    );
}

#[test]
fn the_largest_numbers_do_no_harm() {
    assert_tolerates(
        || Plan::new(log(4, 2, 40)),
        3,
        |message| match message {
            Message::Status(status) => {
                let status = Status { last_executed: u64::MAX, ..(**status).clone() };
                Some(Message::Status(forged(3, status)))
            }
            Message::Checkpoint(_) => {
                let change = ViewChange { view: u64::MAX, low: u64::MAX, stable: vec![], prepared: vec![] };
                Some(Message::ViewChange(forged(3, change)))
            }
            Message::Prepare(prepare) => {
                let far = synod::protocol::pbft::Prepare { sequence: u64::MAX, ..(**prepare).clone() };
                Some(Message::Prepare(forged(3, far)))
            }
            Message::Reply(reply) => {
                Some(Message::Reply(forged(3, Reply { view: u64::MAX, ..(**reply).clone() })))
            }
            _ => None,
        },
    );
}

#[test]
fn a_padded_proof_of_commitment_is_no_proof() {
    for seed in SEEDS {
        let heard: Memory<Vec<Signed<Commit>>> = Memory::default();
        let proposed: Memory<Option<Batch>> = Memory::default();
        let (liar, lagging) = (NodeId(3), NodeId(2));
        let script = move |_, from: NodeId, to: NodeId, message: &Message| match message {
            Message::Commit(commit) if from != liar => {
                heard.borrow_mut().push(commit.clone());
                if to == lagging { Action::Delay(ms(300)) } else { Action::Pass }
            }
            Message::Commit(_) if to == lagging => Action::Drop,
            Message::PrePrepare(_, batch) => {
                *proposed.borrow_mut() = Some(batch.clone());
                Action::Pass
            }
            Message::Status(_) if from == liar && to == lagging => {
                let mut commits = heard.borrow().clone();
                let (Some(first), Some(batch)) = (commits.first().cloned(), proposed.borrow().clone()) else {
                    return Action::Pass;
                };
                commits.push(forged(3, (*first).clone()));
                commits.push(first);
                Action::Replace(Message::Committed(Rc::from(commits), batch))
            }
            _ => Action::Pass,
        };
        // Honest commits are late as well, so only safety and the late liveness are demanded.
        let plan = Plan::new(session(4, 0)).unstable_until(1_200).with_faulty(3);
        let plan = plan.without_authentication().with_script(script);
        let report = run(plan, seed, None, None);
        assert!(report.violations.is_empty(), "seed {seed}: {:?}", report.violations);
    }
}

/// A window of 200 slots: what is lost beyond the first 64 of them is asked for too.
#[test]
fn losses_far_into_the_window_are_made_good() {
    for seed in SEEDS {
        let config = Config {
            checkpoint_interval: 100,
            timeout: ms(20_000),
            timeout_max: ms(32_000),
            ..log(4, 2, 90)
        };
        let mut plan =
            Plan::new(config).unstable_until(3_000).with_script(|now, _, _, message| match message {
                Message::Prepare(prepare) if (66..70).contains(&prepare.sequence) => pass_if(now > at(3_000)),
                _ => Action::Pass,
            });
        plan.0.ground_truth.horizon = at(15_000);
        // Whether all executed shows in what P5 has seen: a slot and its request, 90 times at each of four replicas.
        let report = run(plan, seed, None, None);
        assert!(report.violations.is_empty(), "seed {seed}: {:?}", report.violations);
        assert!(report.checked["order"] >= 4 * 90 * 2, "seed {seed}: {:?}", report.checked);
    }
}
