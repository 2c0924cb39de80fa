//! What PBFT does, situation by situation. Every run is witnessed: correct replicas execute the same slots in the same
//! order, and every request is answered once, with the one result that it had.

use super::trial::{Finished, Trial, at, most, ms};
use std::cell::RefCell;
use std::rc::Rc;
use synod::net::{Law, Link, Probability, Reordering};
use synod::protocol::pbft::{
    Arrival, Batch, Clients, Message, Observation, PrePrepare, Quorum, Reply, Workload,
};
use synod::sim::auth::Tag;
use synod::sim::inject::Action;
use synod::sim::{Authentication, Damage, Duration, NodeId, Signed, Time};

/// How many requests complete, each once, with all replicas in step.
fn completes(run: Finished, requests: usize) -> Finished {
    let run = run.done();
    assert_eq!(run.witness().completed.len(), requests);
    assert_eq!(run.witness().applied.len(), requests);
    run
}

// ---- Batches ----

/// The numbers of requests in the batches, slot by slot.
fn batch_sizes(run: &Finished) -> Vec<usize> {
    let applied = &run.witness().applied;
    let size = |slot: &u64| applied.values().filter(|(sequence, _)| sequence == slot).count();
    run.witness().slots.keys().map(size).collect()
}

#[test]
fn a_batch_holds_no_more_than_its_maximum() {
    let mut trial = Trial::log(4, 20, 20);
    (trial.config.batch_max, trial.config.in_flight_max) = (6, 1);
    let run = completes(trial.run(), 20);
    // The first request goes alone; the others gather while its slot is in flight.
    assert_eq!(batch_sizes(&run), [1, 6, 6, 6, 1]);
}

#[test]
fn a_batch_that_is_not_full_waits_for_its_delay() {
    let mut trial = Trial::log(4, 5, 5);
    (trial.config.batch_max, trial.config.batch_delay) = (64, ms(20));
    let run = completes(trial.run(), 5);
    assert_eq!(batch_sizes(&run), [5]);
    assert_eq!(run.witness().progress.latencies().exact(), Some(&[ms(20 + 5); 5][..]));
}

#[test]
fn a_full_batch_does_not_wait() {
    let mut trial = Trial::log(4, 5, 5);
    (trial.config.batch_max, trial.config.batch_delay) = (5, ms(20));
    assert_eq!(completes(trial.run(), 5).witness().progress.latencies().exact(), Some(&[ms(5); 5][..]));
}

#[test]
fn no_more_slots_are_in_flight_than_allowed() {
    for most in [1, 3, 8] {
        let mut trial = Trial::log(4, 40, 200);
        (trial.config.batch_max, trial.config.in_flight_max) = (1, most);
        let run = completes(trial.run(), 200);
        let mut executed = 0;
        for (_, node, claim) in run.witness().seen.iter().filter(|(_, node, _)| *node == NodeId(0)) {
            match claim {
                Observation::Accepted { sequence, .. } => {
                    assert!(*sequence <= executed + most, "{node:?} proposes {sequence} after {executed}");
                }
                Observation::Executed { sequence, .. } => executed = *sequence,
                _ => {}
            }
        }
    }
}

// ---- Watermarks, checkpoints, state transfer ----

#[test]
fn watermarks_bound_the_log_and_checkpoints_empty_it() {
    for interval in [1, 2, 16] {
        let mut trial = Trial::log(4, 8, 300).over(Law::exponential(ms(5), Duration::ZERO).unwrap());
        trial.config.checkpoint_interval = interval;
        trial.config.in_flight_max = trial.config.in_flight_max.min(2 * interval);
        trial.config.batch_max = 1;
        trial.ground_truth.horizon = at(40_000);
        trial.stops = false;
        let run = completes(trial.run(), 300);
        for (_, node, claim) in &run.witness().seen {
            if let Observation::Accepted { sequence, low, .. } = claim {
                assert!(
                    *sequence > *low && *sequence <= low + 2 * interval,
                    "{node:?}: {sequence} over {low}"
                );
            }
        }
        let last = *run.witness().slots.keys().last().expect("slots");
        for node in 0..4 {
            let replica = run.replica(node).expect("up");
            assert_eq!(replica.low(), last / interval * interval, "K = {interval}");
            assert!(replica.open_slots() as u64 <= 2 * interval);
        }
    }
}

#[test]
fn who_was_away_for_long_takes_the_state_over() {
    let away = |trial: Trial| {
        let mut trial = trial;
        trial.config.checkpoint_interval = 4;
        completes(trial.run(), 400)
    };
    let cut = away(Trial::log(4, 2, 400).parting(&[&[0, 1, 2], &[3]], at(20), at(500)));
    let crashed = away(Trial::log(4, 2, 400).restarting(3, Damage::Unsynced, at(20), at(500)));
    for run in [cut, crashed] {
        assert!(run.witness().count("state_transfer") > 0);
        assert!(run.replica(3).expect("up").last_executed() > 40);
    }
}

#[test]
fn a_state_that_does_not_answer_its_digest_is_refused() {
    // The voucher that is asked first sends an older state than the one asked for.
    let old = Rc::new(RefCell::new(None));
    let mut trial = Trial::log(4, 2, 400).restarting(3, Damage::Unsynced, at(20), at(500));
    trial.config.checkpoint_interval = 4;
    let run = completes(
        trial
            .lying(0, move |_, _, message| match message {
                Message::State(snapshot, _) => {
                    let stale = old.borrow_mut().get_or_insert_with(|| Rc::clone(snapshot)).clone();
                    Action::Replace(Message::State(stale, Rc::new([])))
                }
                _ => Action::Pass,
            })
            .run(),
        400,
    );
    assert!(run.witness().count("state_transfer") > 0);
}

// ---- Crashes ----

#[test]
fn rolling_restarts_of_all_replicas_lose_nothing() {
    for (damage, sync_ms) in [(Damage::None, 0), (Damage::Unsynced, 0), (Damage::Torn, 0), (Damage::Torn, 3)]
    {
        for seed in 0..5 {
            let roll = |trial: Trial, turn: u64| {
                let from = 40 + 150 * turn;
                trial.restarting((turn % 4) as u32, damage, at(from), at(from + 100))
            };
            let law = Law::exponential(ms(3), Duration::ZERO).unwrap();
            let mut trial = (0..12).fold(Trial::log(4, 3, 150).seeded(seed).over(law), roll);
            trial.config.timeout = ms(50);
            trial.config.client_timeout = ms(25);
            trial.config.checkpoint_interval = 4;
            trial.sync_latency = ms(sync_ms);
            let run = completes(trial.run(), 150);
            assert!(run.witness().count("recovery") >= 4, "{damage:?}");
        }
    }
}

#[test]
fn f_dead_replicas_are_borne_and_one_more_is_too_many() {
    for n in [4, 5, 6, 7, 8, 9, 10] {
        for f in 0..=most(n) {
            let kill = |count: u32| {
                let mut trial =
                    (0..count).fold(Trial::log(n, 2, 20), |trial, node| trial.killing(n - 1 - node, at(0)));
                trial.config.quorum = Quorum::new(n, f).unwrap();
                trial.run()
            };
            completes(kill(f), 20);
            let spare = n - Quorum::new(n, f).unwrap().strong();
            assert!(kill(spare + 1).witness().completed.is_empty(), "n = {n}, f = {f}: no quorum is left");
        }
    }
}

#[test]
fn few_replicas_work_without_any_fault() {
    for n in [1, 2, 3, 5, 6, 8, 9] {
        completes(Trial::log(n, 3, 60).run(), 60);
        assert_eq!(Trial::session(n).run().done().witness().decided().len(), n as usize);
    }
}

// ---- Networks ----

#[test]
fn loss_delays_requests_and_loses_none() {
    for percent in [5, 10, 20, 30] {
        for n in [4, 7] {
            let mut trial = Trial::log(n, 3, 60).over(Law::exponential(ms(5), Duration::ZERO).unwrap());
            trial.link.loss = Probability::from_ppm(percent * 10_000).unwrap();
            trial.ground_truth.horizon = at(600_000);
            completes(trial.run(), 60);
        }
    }
}

#[test]
fn duplication_reordering_and_corruption_change_nothing() {
    let chance = |percent: u32| Probability::from_ppm(percent * 10_000).unwrap();
    let mut trial = Trial::log(4, 5, 200);
    trial.link = Link {
        duplication: chance(50),
        reordering: Some(Reordering { probability: chance(30), extra: Law::constant(ms(30)) }),
        corruption: chance(5),
        ..Link::new(Law::exponential(ms(5), Duration::ZERO).unwrap())
    };
    trial.ground_truth.horizon = at(600_000);
    let run = completes(trial.run(), 200);
    assert!(run.witness().count("rejected_bad_signature") > 0);
}

#[test]
fn a_partition_without_a_majority_waits_and_heals() {
    let run = completes(Trial::log(4, 3, 100).parting(&[&[0, 1], &[2, 3]], at(30), at(5_000)).run(), 100);
    let during = |at: &&Time| **at > super::trial::at(100) && **at < super::trial::at(5_000);
    assert_eq!(run.witness().completed.values().filter(during).count(), 0);
}

#[test]
fn every_authentication_serves() {
    use Authentication::{Authenticator, Ed25519, Mac, None};
    for authentication in [None, Mac, Authenticator, Ed25519] {
        let mut trial = Trial::log(4, 2, 20).killing(0, at(12));
        trial.authentication = authentication;
        completes(trial.run(), 20);
    }
}

#[test]
fn open_loop_clients_of_several_hosts_share_the_requests() {
    let clients = Clients {
        hosts: 3,
        clients: 7,
        requests: 100,
        arrival: Arrival::Open { mean: ms(2) },
        payload_bytes: 16,
        service: None,
    };
    let run = completes(Trial::new(4, 1, Workload::Log(clients)).run(), 100);
    let share = |host: u64| run.witness().completed.keys().filter(|id| id.0 >> 32 == host).count();
    assert_eq!([4, 5, 6].map(share), [34, 33, 33]);
}

// ---- Faulty primaries ----

#[test]
fn a_client_tells_all_when_the_primary_is_silent() {
    let mut trial = Trial::log(4, 1, 5).lying(0, |_, _, _| Action::Drop);
    trial.config.client_timeout = ms(100);
    trial.config.timeout = ms(200);
    trial.config.status_interval = ms(100_000);
    let run = completes(trial.run(), 5);
    // 100 to tell all, 1 to reach them, 200 to give up, 4 for the new view to decide, 1 for the reply.
    assert_eq!(
        run.witness().progress.latencies().exact().expect("they are few")[0],
        ms(100 + 1 + 200 + 4 + 1)
    );
    assert_eq!(
        run.witness().progress.latencies().exact().expect("they are few")[1..],
        [ms(5); 4],
        "the client has learnt who leads"
    );
}

#[test]
fn a_primary_that_leaves_one_client_out_is_replaced() {
    // Its batches are sealed by their digests, so it cannot take a request out of one: it withholds all that hold it.
    let censored = |batch: &Batch| batch.requests.iter().any(|request| request.client.0 == 1);
    let mut trial = Trial::log(4, 3, 60);
    trial.config.batch_max = 1;
    let trial = trial.lying(0, move |_, _, message| match message {
        Message::PrePrepare(_, batch) if censored(batch) => Action::Drop,
        _ => Action::Pass,
    });
    let run = completes(trial.run(), 60);
    assert!(run.witness().count("view_change") > 0);
}

#[test]
fn a_primary_that_shows_its_backups_different_proposals_divides_nobody() {
    // It has no second proposal for a slot to show: it signs one each. What it can do is to show some backups the
    // proposal of another slot in its place.
    let shown = Rc::new(RefCell::new(None));
    let mut trial = Trial::log(7, 6, 60);
    trial.config.batch_max = 1;
    // Later than the timer: with STATUS the other backups make up for the primary.
    trial.config.status_interval = ms(2_000);
    let trial = trial.lying(0, move |_, to, message| match message {
        Message::PrePrepare(..) if to.0.is_multiple_of(2) => {
            let mut shown = shown.borrow_mut();
            Action::Replace(shown.get_or_insert_with(|| message.clone()).clone())
        }
        _ => Action::Pass,
    });
    let run = completes(trial.run(), 60);
    assert!(run.witness().count("view_change") > 0);
}

#[test]
fn two_proposals_for_a_slot_are_proof_and_end_the_view() {
    // Without authentication the wire can make the proposal that its keys keep it from signing; every message comes
    // twice, so that it has a copy for each.
    let mut trial = Trial::log(4, 2, 20);
    trial.authentication = Authentication::None;
    trial.link.duplication = Probability::from_ppm(1_000_000).unwrap();
    let mut copies = 0;
    let trial = trial.lying(0, move |_, to, message| match message {
        // f + 1 backups hold the proof: those whom they leave behind join them.
        Message::PrePrepare(proposal, batch) if to == NodeId(1) || to == NodeId(2) => {
            copies += 1;
            if copies % 2 == 0 {
                return Action::Pass;
            }
            let twice =
                Batch::of(batch.requests.iter().chain(batch.requests.iter()).cloned().collect::<Vec<_>>());
            let other = PrePrepare { digest: twice.digest(), ..(**proposal).clone() };
            let forged = Signed::with_tag(other, NodeId(0), 0, Tag::Absent);
            Action::Replace(Message::PrePrepare(forged, twice))
        }
        _ => Action::Pass,
    });
    let run = completes(trial.run(), 20);
    assert!(run.witness().count("equivocation_proven") > 0);
    assert!(run.witness().count("view_change") > 0);
}

#[test]
fn one_liar_cannot_lead_a_client_to_the_wrong_primary() {
    let mut trial = Trial::log(4, 2, 20);
    trial.authentication = Authentication::None;
    // It is among the first to answer, and view 2⁶⁴ − 3 would be its own.
    let trial = trial.lying(1, |_, _, message| match message {
        Message::Reply(reply) => {
            let reply = Reply { view: u64::MAX - 2, ..(**reply).clone() };
            Action::Replace(Message::Reply(Signed::with_tag(reply, NodeId(1), 0, Tag::Absent)))
        }
        // Nor does it hand on what is sent to it by mistake.
        Message::Request(_) => Action::Drop,
        _ => Action::Pass,
    });
    let run = completes(trial.run(), 20);
    let again: u64 = run.end.tally.kinds.iter().filter(|k| k.kind.name == "request").map(|k| k.resent).sum();
    assert_eq!(again, 0, "every request went to the primary at once");
}

// ---- Sessions ----

#[test]
fn a_session_gives_up_at_its_deadline_and_a_late_decision_overrides_it() {
    let mut trial = Trial::session(4).parting(&[&[0, 1], &[2, 3]], at(0), at(3_000));
    let Workload::Session(session) = &mut trial.config.workload else { unreachable!() };
    session.deadline = Some(ms(1_000));
    let run = trial.run().done();
    let aborted: Vec<Time> = run
        .witness()
        .times(|_, claim| matches!(claim, Observation::Aborted { .. }).then_some(()))
        .map(|(at, ())| at)
        .collect();
    assert_eq!(aborted, vec![at(1_000); 4]);
    let decided = run.witness().decided();
    assert_eq!(decided.len(), 4);
    assert!(decided.iter().all(|&(when, _)| when > at(3_000)));
}

#[test]
fn a_session_that_decides_in_time_does_not_give_up() {
    let mut trial = Trial::session(4);
    let Workload::Session(session) = &mut trial.config.workload else { unreachable!() };
    session.deadline = Some(ms(10));
    (trial.stops, trial.ground_truth.horizon) = (false, at(1_000));
    assert_eq!(trial.run().done().witness().count("session_aborted"), 0);
}

#[test]
fn an_invalid_proposal_is_voted_for_by_nobody() {
    let mut trial = Trial::session(4);
    let Workload::Session(session) = &mut trial.config.workload else { unreachable!() };
    session.valid = 100..=200;
    trial.ground_truth.horizon = at(5_000);
    let run = trial.run();
    assert!(run.witness().decided().is_empty() && run.is_quiet());
}
