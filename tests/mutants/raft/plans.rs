//! What goes wrong in the runs in which mutants are caught.

use super::plan::{Plan, ask, clients, config, nodes};
use rand::RngExt;
use synod::net::Probability;
use synod::protocol::common::kv::Mix;
use synod::protocol::common::workload::Arrival;
use synod::protocol::raft::{Change, Clients, Config, Message, Reads};
use synod::sim::inject::{Action, InFlight, Intervention, InterventionTarget};
use synod::sim::{Clock, Cut, Damage, NodeId, Purpose, Stream, Streams};
use synod::testing::{at, ms};

fn dice(seed: u64) -> Stream {
    Streams::new(seed).stream(Purpose::Resolution, 0)
}

fn members(voters: &[u32], learners: &[u32]) -> Change {
    Change::Members { voters: nodes(voters.iter().copied()), learners: nodes(learners.iter().copied()) }
}

/// A clock that gains or loses so many parts in a thousand.
fn clock(per_mille: i64) -> Clock {
    Clock { offset_ns: 0, drift_ppb: per_mille * 1_000_000 }
}

/// The first `replicas` nodes on the sides that `side` gives, clients on none: they reach everyone.
fn sides(replicas: u32, side: impl FnMut(u32) -> u32) -> Cut {
    Cut::Sides((0..replicas).map(side).map(Some).collect())
}

/// Nothing goes wrong.
pub(crate) fn calm(_: u64) -> Plan {
    Plan::new(config(3, 40))
}

/// Nothing goes wrong, and whoever times out stands at once.
pub(crate) fn calm_without_pre_vote(_: u64) -> Plan {
    let mut plan = Plan::new(Config { pre_vote: false, ..config(3, 40) });
    plan.0.ground_truth.horizon = at(16_000);
    plan
}

/// Everything at once, at random: crashes, cuts, losses, delays, drifting clocks, changes of members, transfers, and
/// then calm.
pub(crate) fn rough(seed: u64) -> Plan {
    let mut dice = dice(seed);
    let voters = dice.random_range(1..6);
    let replicas = voters + dice.random_range(0..3);
    let stable = dice.random_range(1_000..3_000);
    // Clocks that drift by d apart from true time drift by 2d / (1 + d) at most apart from each other.
    let (drift, bound) = [(0, 0), (24, 50_000), (200, 340_000)][dice.random_range(0..3)];
    let mut config = Config {
        voters: nodes(0..voters),
        reads: match dice.random_range(0..3) {
            0 => Reads::Log,
            1 => Reads::ReadIndex,
            _ => Reads::Lease { drift_ppm: bound },
        },
        snapshot_interval: dice.random_range(2..24),
        snapshot_trail: dice.random_range(0..6),
        batch_max: dice.random_range(1..8),
        in_flight_max: dice.random_range(1..4),
        plan: changes(&mut dice, replicas, stable),
        ..config(replicas, 60)
    };
    if dice.random_bool(0.3) {
        config.learners = nodes(voters..replicas);
    }
    let replicas_and_hosts = config.nodes();
    let mut plan = Plan::new(config).unstable_until(stable);
    plan.0.sync_latency = ms(dice.random_range(0..8));
    plan.0.link.duplication = Probability::from_ppm(50_000).expect("at most all");
    for _ in 0..dice.random_range(0..6) {
        let from = dice.random_range(0..stable);
        let until = dice.random_range(from..stable);
        plan = match dice.random_range(0..6) {
            0 => {
                let id = 1_000 + plan.0.interventions.len() as u32;
                let node = InterventionTarget::Leader(id);
                plan.0
                    .interventions
                    .push((at(from), Intervention::Isolate { id, node, in_flight: InFlight::Deliver }));
                plan.0.interventions.push((at(until), Intervention::Heal { id }));
                plan
            }
            1 => plan.cut(from, until, sides(replicas, |_| dice.random_range(0..2))),
            2 => {
                let mut some = || (0..replicas).map(|_| dice.random()).collect();
                let cut = Cut::OneWay(some(), some());
                plan.cut(from, until, cut)
            }
            kind => {
                let target = match kind {
                    3 => InterventionTarget::Leader(2_000 + plan.0.interventions.len() as u32),
                    _ => NodeId(dice.random_range(0..replicas)).into(),
                };
                let damage = [Damage::None, Damage::Unsynced, Damage::Torn][dice.random_range(0..3)];
                plan.crash(from, until, target, damage)
            }
        };
    }
    if drift > 0 {
        plan = plan
            .with_clocks((0..replicas_and_hosts).map(|_| clock(dice.random_range(-drift..=drift))).collect());
    }
    let loss = [0, 20_000, 100_000][dice.random_range(0..3)];
    if loss > 0 {
        plan = plan.with_script(move |_| match dice.random_range(0..1_000_000) {
            draw if draw < loss => Action::Drop,
            draw if draw < 2 * loss => Action::Delay(ms(dice.random_range(0..150))),
            _ => Action::Pass,
        });
    }
    plan
}

/// Up to four changes before `stable`.
fn changes(dice: &mut Stream, replicas: u32, stable: u64) -> Vec<(synod::sim::Duration, Change)> {
    let count = dice.random_range(0..5);
    let mut change = || {
        let when = ms(dice.random_range(0..stable));
        if dice.random_bool(0.3) {
            return (when, Change::Transfer(NodeId(dice.random_range(0..replicas))));
        }
        let roles: Vec<u32> = (0..replicas).map(|_| dice.random_range(0..4)).collect();
        let of =
            |wanted: &[u32]| (0..replicas).filter(|&node| wanted.contains(&roles[node as usize])).collect();
        let (voters, learners): (Vec<u32>, Vec<u32>) = (of(&[0, 1]), of(&[2]));
        if voters.is_empty() {
            return (when, members(&(0..replicas).collect::<Vec<u32>>(), &[]));
        }
        (when, members(&voters, &learners))
    };
    (0..count).map(|_| change()).collect()
}

/// Agent 0 leads, and from 600 ms on hears nobody, though all hear it.
pub(crate) fn deaf_leader(_: u64) -> Plan {
    let config = Config { plan: vec![(ms(400), Change::Transfer(NodeId(0)))], ..config(3, 40) };
    let everyone = vec![true; config.nodes()];
    let mut plan = Plan::new(config).unstable_until(600);
    plan.0.ground_truth.live_required[0] = false;
    let horizon = plan.0.ground_truth.horizon.as_nanos() / 1_000_000;
    plan.cut(600, horizon, Cut::OneWay(everyone, vec![true]))
}

/// A follower is cut off for a while.
pub(crate) fn lonely_follower(seed: u64) -> Plan {
    let node = dice(seed).random_range(0..5);
    Plan::new(config(5, 40)).unstable_until(3_000).cut(
        1_000,
        3_000,
        sides(5, |other| u32::from(other == node)),
    )
}

/// Agent 0 leads, and is removed.
pub(crate) fn leader_removed(_: u64) -> Plan {
    let plan = vec![(ms(400), Change::Transfer(NodeId(0))), (ms(700), members(&[1, 2], &[]))];
    Plan::new(Config { plan, ..config(3, 40) })
}

/// Two of three old voters are cut off while they give way to two new ones, and the third crashes.
pub(crate) fn torn_apart_while_joint(seed: u64) -> Plan {
    let mut dice = dice(seed);
    let plan = vec![(ms(400), Change::Transfer(NodeId(2))), (ms(1_000), members(&[2, 3, 4], &[]))];
    let config = Config { voters: nodes(0..3), plan, ..config(5, 40) };
    let split = 1_000 + dice.random_range(0..30);
    let crash = split + dice.random_range(0..20);
    Plan::new(config).unstable_until(2_500).cut(split, 2_500, sides(5, |node| u32::from(node < 2))).crash(
        crash,
        2_400,
        NodeId(2),
        Damage::Unsynced,
    )
}

/// A leader is cut off together with its clients, and appends what nobody confirms. Its successor commits that its own
/// term has begun, and crashes when the cut heals: the longest log is not the latest.
pub(crate) fn successor_crashes(seed: u64) -> Plan {
    let mut dice = dice(seed);
    let plan = vec![(ms(400), Change::Transfer(NodeId(0)))];
    let config = Config { plan, ..config(3, 200) };
    let from = 600 + dice.random_range(0..40);
    let until = from + 300 + dice.random_range(0..200);
    let nodes = config.nodes() as u32;
    Plan::new(config)
        .unstable_until(until + 1_000)
        .cut(from, until, sides(nodes, |node| u32::from(node == 1 || node == 2)))
        .crash(until, until + 1_000, InterventionTarget::Leader(0), Damage::None)
}

/// Clients of one key, of whom so many in a million read.
fn read_or_put(get: u32) -> Clients {
    Clients {
        workload: ask(Mix { keys: 1, get, put: 1_000_000 - get, cas: 0, append: 0, renew: None }),
        arrival: Arrival::Closed { think: ms(2) },
        ..clients(4_000)
    }
}

/// Clients of whom many read, and who look for another replica soon.
fn readers(reads: Reads) -> Config {
    let clients = Some(Clients { clients: 8, ..read_or_put(700_000) });
    Config { clients, reads, client_timeout: ms(20), client_attempts: 60, ..config(3, 0) }
}

/// The same, but each has a host of its own and writes little: one whose write is stuck turns no other away from a
/// leader of the past.
fn loyal_readers(reads: Reads) -> Config {
    let clients = Some(Clients { hosts: 12, clients: 12, ..read_or_put(980_000) });
    Config { clients, ..readers(reads) }
}

/// The leader is cut off from the others, though not from clients.
fn stale_leader(reads: Reads, seed: u64) -> Plan {
    let from = 800 + dice(seed).random_range(0..40);
    let plan = vec![(ms(400), Change::Transfer(NodeId(0)))];
    Plan::new(Config { plan, ..loyal_readers(reads) }).unstable_until(from + 500).cut(
        from,
        from + 500,
        sides(3, |node| u32::from(node == 0)),
    )
}

/// The leader that is cut off answers by read index, and its clock is slower than the others'.
pub(crate) fn stale_leader_with_read_index(seed: u64) -> Plan {
    stale_leader(Reads::ReadIndex, seed).with_clocks([-400, 400, 400].map(clock).to_vec())
}

/// The leader that is cut off answers by lease, and its clock is slower than the others'.
pub(crate) fn stale_leader_with_slow_clock(seed: u64) -> Plan {
    stale_leader(Reads::Lease { drift_ppm: 572_000 }, seed).with_clocks([-400, 400, 400].map(clock).to_vec())
}

/// A leader that reads by lease hands over; its heir hears of that when the leader has given it up, and the leader is
/// cut off before it hears of its heir's election.
pub(crate) fn cut_off_while_handing_over(seed: u64) -> Plan {
    let from = 1_110 + dice(seed).random_range(0..14);
    let plan = vec![(ms(400), Change::Transfer(NodeId(0))), (ms(1_000), Change::Transfer(NodeId(1)))];
    Plan::new(Config { plan, ..readers(Reads::Lease { drift_ppm: 0 }) })
        .unstable_until(from + 500)
        .cut(from, from + 500, sides(3, |node| u32::from(node == 0)))
        .with_script(|message| match message {
            Message::TimeoutNow(_) => Action::Delay(ms(106)),
            _ => Action::Pass,
        })
}

/// Leaders crash one after the other while many read, and it takes long to make anything durable.
pub(crate) fn leaders_crash_under_reads(seed: u64) -> Plan {
    let mut dice = dice(seed);
    let mut plan = Plan::new(readers(Reads::ReadIndex)).unstable_until(3_000);
    plan.0.sync_latency = ms(8);
    for crash in 0..5 {
        let from = 500 + 500 * u64::from(crash) + dice.random_range(0..50);
        plan = plan.crash(from, from + 400, InterventionTarget::Leader(crash), Damage::Unsynced);
    }
    plan
}

/// Replicas restart from snapshots all the time while answers are lost.
pub(crate) fn snapshots_and_lost_answers(seed: u64) -> Plan {
    let mut dice = dice(seed);
    let mix = Mix { keys: 1, get: 300_000, put: 0, cas: 0, append: 700_000, renew: None };
    let clients = Some(Clients { workload: ask(mix), ..clients(120) });
    let config = Config { clients, snapshot_interval: 3, snapshot_trail: 0, ..config(3, 0) };
    let mut plan = Plan::new(config).unstable_until(4_000);
    for crash in 0..16 {
        let from = 300 + 220 * u64::from(crash) + dice.random_range(0..100);
        plan = plan.crash(from, from + 40, NodeId(crash % 3), Damage::None);
    }
    plan.with_script(move |_| match dice.random_range(0..10) {
        0 => Action::Drop,
        _ => Action::Pass,
    })
}
