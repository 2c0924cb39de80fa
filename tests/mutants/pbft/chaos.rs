//! Everything at once, at random: loss, crashes, cuts and liars until the system is stable, liars beyond.

use super::plan::{Plan, forged, log, pass_if, session};
use rand::{Rng, RngExt};
use std::rc::Rc;
use synod::protocol::pbft::{
    Batch, Checkpoint, Commit, Config, Message, NewView, Operation, PrePrepare, Prepare, Snapshot, ViewChange,
};
use synod::sim::inject::{Action, InFlight, Intervention};
use synod::sim::{Cut, Damage, Digest, Duration, NodeId, Purpose, Streams};
use synod::testing::{at, ms};

/// A scenario of `seed`'s own.
pub(crate) fn plan(seed: u64) -> Plan {
    let mut dice = Streams::new(seed).stream(Purpose::Resolution, 0);
    let n = [4, 4, 5, 7][dice.random_range(0..4)];
    let config = if dice.random_bool(0.3) { session(n, dice.random_range(0..n)) } else { log(n, 4, 24) };
    let config = Config {
        checkpoint_interval: dice.random_range(1..6),
        batch_max: if dice.random() { 1 } else { 8 },
        in_flight_max: dice.random_range(1..3),
        status_interval: ms(dice.random_range(20..150)),
        ..config
    };
    let liars: Vec<NodeId> =
        (0..dice.random_range(0..=config.quorum.f)).map(|_| NodeId(dice.random_range(0..n))).collect();
    let stable = dice.random_range(100..1_500);
    let loss = [0.0, 0.05, 0.3][dice.random_range(0..3)];
    let mut plan = Plan::new(config).unstable_until(stable).without_authentication();
    plan.0.ground_truth.horizon = at(20_000);
    for liar in &liars {
        plan = plan.with_faulty(liar.0);
    }
    for id in 0..dice.random_range(0..3) {
        let sides = (0..n).map(|_| Some(dice.random_range(0..2))).collect();
        let start = dice.random_range(0..stable);
        plan.0.interventions.push((
            at(start),
            Intervention::Cut { id, cut: Cut::Sides(sides), in_flight: InFlight::Deliver },
        ));
        plan.0.interventions.push((at(dice.random_range(start..stable)), Intervention::Heal { id }));
    }
    for _ in 0..dice.random_range(0..4) {
        let (node, start) = (NodeId(dice.random_range(0..n)), dice.random_range(0..stable));
        let damage = [Damage::None, Damage::Unsynced, Damage::Torn][dice.random_range(0..3)];
        plan.0.interventions.push((
            at(start),
            Intervention::Crash { id: 0, node: node.into(), damage, in_flight: InFlight::Deliver },
        ));
        plan.0
            .interventions
            .push((at(dice.random_range(start..stable)), Intervention::Restart { id: 0, node: node.into() }));
    }
    // Whoever is down when the system is to be stable comes back.
    plan.0
        .interventions
        .extend((0..n).map(|node| (at(stable), Intervention::Restart { id: 0, node: NodeId(node).into() })));
    let honesty = dice.random_range(0.2..1.0);
    plan.with_script(move |now, from, _, message| {
        if now < at(stable) && dice.random_bool(loss) {
            return Action::Drop;
        }
        if !liars.contains(&from) || dice.random_bool(honesty) {
            return Action::Pass;
        }
        lie(&mut dice, from.0, message)
    })
}

/// What `liar` says to one receiver in the place of `message`.
fn lie(dice: &mut impl Rng, liar: u32, message: &Message) -> Action<Message> {
    if dice.random_bool(0.3) {
        return if dice.random() { Action::Drop } else { Action::Delay(Duration::from_millis(300)) };
    }
    let other = Digest([dice.random(); 32]);
    Action::Replace(match message {
        Message::PrePrepare(body, batch) if body.signer() == NodeId(liar) => {
            let batch =
                Batch::of(batch.requests.iter().chain(batch.requests.iter()).cloned().collect::<Vec<_>>());
            let body = PrePrepare { digest: batch.digest(), ..(**body).clone() };
            Message::PrePrepare(forged(liar, body), batch)
        }
        Message::Prepare(body) => {
            Message::Prepare(forged(liar, Prepare { digest: other, ..(**body).clone() }))
        }
        Message::Commit(body) => Message::Commit(forged(liar, Commit { digest: other, ..(**body).clone() })),
        Message::Checkpoint(body) => {
            Message::Checkpoint(forged(liar, Checkpoint { digest: other, ..(**body).clone() }))
        }
        Message::ViewChange(body) => {
            Message::ViewChange(forged(liar, ViewChange { prepared: Vec::new(), ..(**body).clone() }))
        }
        Message::NewView(body) => {
            Message::NewView(forged(liar, NewView { proposals: Vec::new(), ..(**body).clone() }))
        }
        Message::State(snapshot, proof) => {
            let mut snapshot = Snapshot::clone(snapshot);
            snapshot.ledger.enter(&Operation::new(999, 0));
            Message::State(Rc::new(snapshot), Rc::clone(proof))
        }
        _ => return pass_if(false),
    })
}
