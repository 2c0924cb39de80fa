//! How long PBFT takes: three delays to decide, five for a client, and the laws that random delays follow, against an
//! independent Monte Carlo reference.
//!
//! `SYNOD_SAMPLES` sets how many runs each cell of the reference table is estimated from.

use super::trial::{Trial, at, most, ms};
use std::cell::RefCell;
use std::rc::Rc;
use synod::net::{Law, Link, Probability};
use synod::protocol::pbft::{Message, Observation, Quorum, Workload};
use synod::sim::inject::Action;
use synod::sim::{Duration, NodeId, Time};
use synod::testing::assert_share;

/// The mean delay: the unit of all that follows.
const UNIT: Duration = ms(1);

fn units(span: Duration) -> f64 {
    span.as_nanos() as f64 / UNIT.as_nanos() as f64
}

/// When each replica decides, in constant delays.
fn decisions(n: u32) -> Vec<u64> {
    let run = Trial::session(n).patient().over(Law::constant(ms(7))).run().done();
    run.witness().decided().iter().map(|(at, _)| at.as_nanos() / ms(7).as_nanos()).collect()
}

#[test]
fn every_replica_decides_after_three_delays() {
    for n in [4, 5, 7, 10, 13, 31] {
        assert_eq!(decisions(n), vec![3; n as usize], "n = {n}");
    }
}

#[test]
fn replicas_that_tolerate_no_fault_decide_sooner() {
    assert_eq!(decisions(1), [0]);
    // A backup's own prepare is all that it needs, so that its commit travels with its prepare.
    assert_eq!(decisions(2), [2, 3]);
    assert_eq!(decisions(3), [2, 2, 2]);
}

#[test]
fn a_client_knows_after_five_delays() {
    for n in [4, 5, 7, 10, 31] {
        let run = Trial::log(n, 1, 3).patient().over(Law::constant(ms(7))).run().done();
        assert_eq!(run.witness().progress.latencies().exact(), Some(&[ms(5 * 7); 3][..]), "n = {n}");
    }
}

#[test]
fn a_view_change_adds_two_delays_and_two_more() {
    for n in [4, 5, 7, 10, 13] {
        let mut trial = Trial::session(n).killing(0, at(0)).over(Law::constant(ms(7)));
        let Workload::Session(session) = &mut trial.config.workload else { unreachable!() };
        session.initiator = NodeId(n - 1);
        trial.config.client_timeout = ms(100_000);
        trial.config.timeout = ms(200_000);
        trial.config.timeout_max = ms(200_000);
        trial.config.status_interval = ms(10_000_000);
        trial.ground_truth.horizon = at(1_000_000);
        let run = trial.run().done();
        // The initiator starts its timer at once and the others a delay after it tells them; they give up one after
        // the other, and the last of a quorum to do so counts.
        let told = 100_000 + 7;
        let started = told + 200_000;
        let witness = run.witness();
        let entered =
            witness.times(|_, claim| matches!(claim, Observation::ViewEntered { .. }).then_some(()));
        let entered: Vec<Time> = entered.map(|(at, ())| at).collect();
        assert_eq!(entered[0], at(started + 7), "n = {n}: VIEW-CHANGE");
        assert_eq!(entered[1..], vec![at(started + 2 * 7); n as usize - 2], "n = {n}: NEW-VIEW");
        let decided: Vec<Time> = witness.decided().iter().map(|&(at, _)| at).collect();
        assert_eq!(decided, vec![at(started + 4 * 7); n as usize - 1], "n = {n}: PREPARE, COMMIT");
    }
}

/// A sample of what one quantity is, run by run.
#[derive(Default)]
struct Sample(Vec<f64>);

impl Sample {
    fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    /// The standard error of the mean.
    fn mean_error(&self) -> f64 {
        let (mean, count) = (self.mean(), self.0.len() as f64);
        let squares: f64 = self.0.iter().map(|x| (x - mean) * (x - mean)).sum();
        (squares / (count - 1.0) / count).sqrt()
    }

    /// The share `q` quantile and its standard error: the order statistics one standard deviation of the number of
    /// values below it to either side.
    fn quantile(&self, q: f64) -> (f64, f64) {
        let mut sorted = self.0.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let count = sorted.len() as f64;
        let spread = (count * q * (1.0 - q)).sqrt();
        let place = |rank: f64| sorted[(rank.ceil().max(1.0) as usize).min(sorted.len()) - 1];
        let rank = count * q;
        (place(rank), (place(rank + spread) - place(rank - spread)) / 2.0)
    }
}

/// Demands that `estimate` agrees with `reference`, whose own standard error is at most 0.25 %.
fn agree(what: &str, (estimate, error): (f64, f64), reference: f64) {
    let reference_error = 0.0025 * reference;
    let tolerance = 4.0 * (error * error + reference_error * reference_error).sqrt();
    assert!(
        (estimate - reference).abs() <= tolerance,
        "{what}: {estimate:.4} ± {error:.4}, reference {reference}"
    );
}

/// Figures of the reference: first, mean and last replica, counted from the primary's receipt, and the client's
/// mean, median, 95th and 99th percentile, counted from its send.
type Row = (u32, [f64; 7]);

const EXPONENTIAL: [Row; 3] = [
    (4, [2.106, 2.665, 3.353, 4.209, 4.005, 6.766, 8.403]),
    (7, [2.503, 3.087, 3.883, 4.577, 4.366, 6.863, 8.484]),
    (10, [2.668, 3.238, 4.068, 4.704, 4.489, 6.871, 8.460]),
];
const UNIFORM: [Row; 3] = [
    (4, [2.343, 2.786, 3.245, 4.552, 4.550, 5.933, 6.426]),
    (7, [2.737, 3.199, 3.647, 4.940, 4.943, 6.123, 6.525]),
    (13, [3.000, 3.436, 3.831, 5.150, 5.149, 6.208, 6.524]),
];
const LOGNORMAL: [Row; 1] = [(4, [2.361, 2.707, 3.099, 4.473, 4.390, 5.761, 6.595])];

fn samples(n: u32) -> u64 {
    let set = std::env::var("SYNOD_SAMPLES").ok().and_then(|text| text.parse().ok());
    set.unwrap_or(if n <= 7 { 20_000 } else { 4_000 })
}

fn reproduces(law: &Law, rows: &[Row]) {
    for &(n, reference) in rows {
        let mut cells: [Sample; 4] = Default::default();
        for seed in 0..samples(n) {
            let run = Trial::log(n, 1, 1).patient().over(law.clone()).seeded(seed).run().done();
            let witness = run.witness();
            let accepted = witness.times(|node, claim| {
                (node == NodeId(0) && matches!(claim, Observation::Accepted { .. })).then_some(())
            });
            let proposed = accepted.map(|(at, ())| at).next().expect("the primary proposes");
            let executed: Vec<f64> =
                witness.executed().iter().map(|(at, _)| units(at.since(proposed))).collect();
            let client = units(witness.progress.latencies().exact().expect("they are few")[0]);
            let figures =
                [executed[0], executed.iter().sum::<f64>() / f64::from(n), executed[n as usize - 1], client];
            cells.iter_mut().zip(figures).for_each(|(cell, figure)| cell.0.push(figure));
        }
        let names = ["first replica", "mean replica", "last replica", "client mean"];
        for ((name, cell), reference) in names.iter().zip(&cells).zip(reference) {
            agree(&format!("{law:?}, n = {n}, {name}"), (cell.mean(), cell.mean_error()), reference);
        }
        for (q, reference) in [0.5, 0.95, 0.99].into_iter().zip(&reference[4..]) {
            agree(&format!("{law:?}, n = {n}, client p{q}"), cells[3].quantile(q), *reference);
        }
    }
}

#[test]
fn exponential_delays_give_the_reference_latencies() {
    reproduces(&exponential(), &EXPONENTIAL);
}

#[test]
fn uniform_delays_give_the_reference_latencies() {
    reproduces(&Law::uniform(Duration::ZERO, ms(2)).unwrap(), &UNIFORM);
}

#[test]
fn lognormal_delays_give_the_reference_latencies() {
    // Mean 1 at sigma = ½: the median is exp(−⅛).
    let median = Duration::from_nanos(882_497);
    reproduces(&Law::lognormal(median, 0.5).unwrap(), &LOGNORMAL);
}

fn exponential() -> Law {
    Law::exponential(UNIT, Duration::ZERO).unwrap()
}

#[test]
fn a_quorum_of_k_of_m_waits_for_the_kth_order_statistic() {
    // Proposals go out at once to m = n − 1 backups: when the k-th has it.
    for (law, n, k, expected) in [
        (exponential(), 4, 2, 0.8333),
        (exponential(), 7, 4, 0.9500),
        (exponential(), 10, 6, 0.9956),
        (exponential(), 13, 8, 1.0199),
        (exponential(), 100, 66, 1.0886),
        (Law::uniform(Duration::ZERO, UNIT).unwrap(), 4, 2, 2.0 / 4.0),
        (Law::uniform(Duration::ZERO, UNIT).unwrap(), 10, 6, 6.0 / 10.0),
    ] {
        let mut sample = Sample::default();
        for seed in 0..if n > 50 { 200 } else { 4_000 } {
            let mut trial = Trial::session(n).patient().over(law.clone()).seeded(seed);
            // Nobody votes: only the proposals matter.
            trial.ground_truth.horizon = at(50);
            let run = (1..n).fold(trial, |trial, node| trial.lying(node, |_, _, _| Action::Drop)).run();
            let accepted = run.witness().times(|node, claim| {
                (node != NodeId(0) && matches!(claim, Observation::Accepted { .. })).then_some(())
            });
            sample
                .0
                .push(units(accepted.map(|(at, ())| at).nth(k - 1).expect("k backups").since(Time::ZERO)));
        }
        let error = sample.mean_error();
        assert!(
            (sample.mean() - expected).abs() < 4.0 * error + 0.00005,
            "{k} of {}: {:.4} ± {error:.4}, not {expected}",
            n - 1,
            sample.mean()
        );
    }
}

#[test]
fn without_retransmission_loss_leaves_backups_unprepared_as_often_as_the_binomial_law_says() {
    for (ppm, n, published) in [
        (50_000, 4, 0.9905),
        (50_000, 7, 0.9920),
        (50_000, 10, 0.9954),
        (200_000, 4, 0.8704),
        (200_000, 7, 0.7491),
        (200_000, 10, 0.6847),
    ] {
        let heard = f64::from(1_000_000 - ppm) / 1e6;
        let quorum = Quorum::new(n, most(n)).unwrap().strong();
        let law = at_least(n - 2, heard * heard, quorum - 2);
        assert!((law - published).abs() < 0.00005, "p = {ppm} ppm, n = {n}: {law}");
        let (mut accepted, mut prepared) = (0, 0);
        for seed in 0..4_000 {
            let mut trial = Trial::session(n).patient().seeded(seed);
            trial.link = Link { loss: Probability::from_ppm(ppm).unwrap(), ..Link::new(Law::constant(UNIT)) };
            trial.ground_truth.horizon = at(50);
            let run = trial.run();
            // One backup a run: what two of them hear is not independent.
            let backup = NodeId(1 + seed as u32 % (n - 1));
            let mut proposals = run.witness().times(|node, claim| {
                (node == backup && matches!(claim, Observation::Accepted { .. })).then_some(())
            });
            if proposals.next().is_some() {
                accepted += 1;
                prepared += u64::from(run.witness().commits.contains(&backup));
            }
        }
        assert_share(&format!("p = {ppm} ppm, n = {n}"), prepared, accepted, law, 4.0);
    }
}

/// P(Bin(`trials`, `p`) ≥ `least`).
fn at_least(trials: u32, p: f64, least: u32) -> f64 {
    // The law of the number of successes, one trial after the other.
    let mut law = vec![0.0; trials as usize + 1];
    law[0] = 1.0;
    for _ in 0..trials {
        for successes in (0..law.len()).rev() {
            let below = if successes > 0 { law[successes - 1] } else { 0.0 };
            law[successes] = law[successes] * (1.0 - p) + below * p;
        }
    }
    law[least as usize..].iter().sum()
}

#[test]
fn a_silent_backup_costs_the_next_order_statistic_and_no_more() {
    // With one backup silent every phase waits for all that are left, where delays are constant that is no wait.
    let heard = Rc::new(RefCell::new(0));
    let count = Rc::clone(&heard);
    let mute = move |_, _, _: &Message| {
        *count.borrow_mut() += 1;
        Action::Drop
    };
    let run = Trial::session(4).patient().lying(3, mute).run().done();
    let decided: Vec<Time> = run.witness().decided().iter().map(|&(at, _)| at).collect();
    assert_eq!(decided, vec![at(3); 4], "the silent one hears and decides too");
    assert_eq!(*heard.borrow(), 2 * 3, "its prepare and its commit");
}
