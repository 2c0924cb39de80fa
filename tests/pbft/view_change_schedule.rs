//! When replicas give up one dead primary after the other: T, 2T, 4T, 8T, up to the cap.

use super::trial::{Finished, Trial, at, ms};
use synod::protocol::pbft::Workload;
use synod::sim::{NodeId, Time};

const DELAY: u64 = 1;
const TIMEOUT: u64 = 10_000;

/// The primaries of the first `dead` views are dead, and all know a request from 2 · `DELAY` on.
fn run(n: u32, dead: u32, timeout_max: u64) -> Finished {
    let mut trial = (0..dead).fold(Trial::session(n), |trial, node| trial.killing(node, at(0)));
    let Workload::Session(session) = &mut trial.config.workload else { unreachable!() };
    session.initiator = NodeId(n - 1);
    // It tells all replicas a delay after it tried the primary.
    trial.config.client_timeout = ms(DELAY);
    trial.config.timeout = ms(TIMEOUT);
    trial.config.timeout_max = ms(timeout_max);
    trial.config.status_interval = ms(100_000_000);
    trial.ground_truth.horizon = at(100_000_000);
    trial.run().done()
}

/// When the first replica, and when the last, asks for each view.
fn starts(run: &Finished, view: u64) -> (Time, Time) {
    let changes = run.witness().view_changes();
    let wanting = || changes.iter().filter(|(_, (_, target))| *target == view).map(|&(at, _)| at);
    (wanting().min().expect("someone asks"), wanting().max().expect("someone asks"))
}

#[test]
fn view_v_plus_k_starts_at_t_times_2_to_the_k_minus_1() {
    let dead = 6;
    let run = run(19, dead, 1 << 40);
    // The initiator's timer runs from its own proposal, at 0; the others hear of it after two delays. f + 1 who give
    // up make the rest join, but here all others expire together, at T + 2d.
    let mut start = TIMEOUT + 2 * DELAY;
    assert_eq!(starts(&run, 1), (at(TIMEOUT), at(start)));
    for view in 2..=u64::from(dead) {
        // The timer starts once a quorum is heard, a delay after it asked, and runs T, 2T, 4T, ...
        start += DELAY + TIMEOUT * (1 << (view - 2));
        let (first, last) = starts(&run, view);
        assert_eq!((first, last), (at(start), at(start)), "view {view}");
        let ratio = first.as_nanos() as f64 / at(TIMEOUT).as_nanos() as f64;
        let law = f64::from(1 << (view - 1));
        assert!((ratio / law - 1.0).abs() < 0.001, "view {view} starts at {ratio} T, not {law} T");
    }
    assert_eq!(run.witness().decided().first().map(|&(at, _)| at), Some(at(start + 4 * DELAY)));
}

#[test]
fn attempts_never_take_longer_than_the_cap() {
    let run = run(19, 6, 3 * TIMEOUT);
    let length = |view| starts(&run, view + 1).0.since(starts(&run, view).1).as_nanos() / 1_000_000;
    let lengths: Vec<u64> = (1..6).map(length).collect();
    let capped = [TIMEOUT, 2 * TIMEOUT, 3 * TIMEOUT, 3 * TIMEOUT, 3 * TIMEOUT];
    assert_eq!(lengths, capped.map(|timer| timer + DELAY));
}
