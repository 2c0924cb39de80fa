//! How many messages PBFT sends, to the copy: the closed forms of Castro and Liskov's message diagrams, for protocol
//! messages that are sent once over links that lose nothing.

use super::trial::{Trial, at, most};
use synod::sim::NodeId;
use synod::sim::inject::Action;

/// n with 2n(n−1), 2n²−n+1, and 2(n−1)(n−f), as published.
const TABLE: [(u64, [u64; 3]); 7] = [
    (4, [24, 29, 18]),
    (7, [84, 92, 60]),
    (10, [180, 191, 126]),
    (13, [312, 326, 216]),
    (20, [760, 781, 532]),
    (50, [4900, 4951, 3332]),
    (100, [19800, 19901, 13266]),
];

/// The numbers of replicas that every law is tried with.
fn sizes() -> impl Iterator<Item = u64> {
    (4..=30).chain([50, 100])
}

#[test]
fn a_decision_takes_2n_times_n_minus_1() {
    for n in sizes() {
        let run = Trial::session(n as u32).patient().run().done();
        assert_eq!(run.sent("pre-prepare"), n - 1, "n = {n}");
        assert_eq!(run.sent("prepare"), (n - 1) * (n - 1), "n = {n}");
        assert_eq!(run.sent("commit"), n * (n - 1), "n = {n}");
        assert_eq!(run.end.tally.sent(), 2 * n * (n - 1), "n = {n}");
    }
}

#[test]
fn a_client_adds_its_request_and_n_replies() {
    for n in sizes() {
        let run = Trial::log(n as u32, 1, 1).patient().run().done();
        assert_eq!((run.sent("request"), run.sent("reply")), (1, n), "n = {n}");
        assert_eq!(run.end.tally.sent(), 2 * n * n - n + 1, "n = {n}");
    }
}

/// The f last replicas, none of which leads view 0.
fn last(n: u64) -> std::ops::Range<u32> {
    let n = n as u32;
    n - most(n)..n
}

#[test]
fn f_silent_backups_leave_2_times_n_minus_1_times_n_minus_f() {
    for n in sizes() {
        let dead = last(n).fold(Trial::session(n as u32), |trial, node| trial.killing(node, at(0)));
        let mute =
            last(n).fold(Trial::session(n as u32), |trial, node| trial.lying(node, |_, _, _| Action::Drop));
        for trial in [dead, mute] {
            let run = trial.patient().run().done();
            assert_eq!(run.end.tally.sent(), 2 * (n - 1) * (n - u64::from(most(n as u32))), "n = {n}");
        }
    }
}

#[test]
fn the_laws_give_the_published_table() {
    for (n, published) in TABLE {
        let f = u64::from(most(n as u32));
        assert_eq!([2 * n * (n - 1), 2 * n * n - n + 1, 2 * (n - 1) * (n - f)], published);
        assert!(sizes().any(|size| size == n), "n = {n} is among the sizes tried");
    }
}

#[test]
fn a_checkpoint_takes_n_times_n_minus_1() {
    for n in sizes().filter(|n| *n <= 30) {
        for interval in [1, 4] {
            let mut trial = Trial::log(n as u32, 1, 13).patient();
            trial.config.checkpoint_interval = interval;
            trial.config.in_flight_max = 1;
            let run = trial.run().done();
            assert_eq!(run.sent("checkpoint"), 13 / interval * n * (n - 1), "n = {n}, K = {interval}");
            assert_eq!(run.end.tally.sent(), 13 * (2 * n * n - n + 1), "n = {n}: they are upkeep");
        }
    }
}

#[test]
fn a_view_change_of_x_replicas_takes_x_times_n_minus_1_and_a_new_view() {
    for n in sizes().filter(|n| *n <= 30) {
        let f = u64::from(most(n as u32));
        for dead in [1, f] {
            // The primary, and backups that do not come next.
            let backups = (n - dead + 1..n).map(|node| node as u32);
            let mut trial = backups
                .fold(Trial::session(n as u32).killing(0, at(0)), |trial, node| trial.killing(node, at(0)));
            initiate(&mut trial, 1);
            let run = trial.run().done();
            let alive = n - dead;
            assert_eq!(run.sent("view-change"), alive * (n - 1), "n = {n}, {alive} alive");
            assert_eq!(run.sent("new-view"), n - 1, "n = {n}, {alive} alive");
        }
    }
}

/// Replica `initiator` proposes; the others hear of it after a while, and give up the primary a thousand delays on.
fn initiate(trial: &mut Trial, initiator: u32) {
    if let synod::protocol::pbft::Workload::Session(session) = &mut trial.config.workload {
        session.initiator = NodeId(initiator);
    }
    trial.config.client_timeout = super::trial::ms(1_000);
    trial.config.timeout = super::trial::ms(2_000);
    trial.config.status_interval = super::trial::ms(1_000_000);
}
