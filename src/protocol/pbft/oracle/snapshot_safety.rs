//! P14: a checkpoint's state is what the slots before it come to.

use super::super::{Batch, ClientId, Config, Observation, Operation, Outcome, Pbft, Sequence, Snapshot};
use std::collections::VecDeque;
use std::rc::Rc;
use synod_log::{Command, Image, StateMachine};
use synod_sim::collections::TreeMap;
use synod_sim::units::plural;
use synod_sim::{Digest, Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// P14: every state that a correct replica takes a checkpoint of, or takes over, tells the ledger, the client table and
/// the machine's state to which the committed slots up to it come.
///
/// The oracle keeps a ledger and a client table of its own, by what the papers say of them; the machine is the
/// service's.
#[derive(Debug)]
pub struct SnapshotSafety {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    state: State,
    service: Option<Service>,
    /// The states after the latest checkpoints.
    checkpoints: VecDeque<State>,
    /// Slots that were shown and that nobody has claimed to have executed yet: what a crash undoes never was.
    shown: TreeMap<(Sequence, Digest), Batch>,
    /// The last state that each replica has shown, until it claims it.
    held: TreeMap<NodeId, Rc<Snapshot>>,
    checked: u64,
}

/// The state after a slot.
#[derive(Clone, Debug)]
struct State {
    sequence: Sequence,
    height: u64,
    chain: Digest,
    last: u64,
    clients: TreeMap<ClientId, (u64, Outcome)>,
    /// That of the machine; none for the initial one.
    image: Option<Image>,
}

#[derive(Debug)]
struct Service {
    machine: Box<dyn StateMachine>,
    initial: Image,
    empty: Command,
}

/// How many states are kept. Nobody is further behind without taking a state over.
const KEPT: usize = 8;

impl SnapshotSafety {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> SnapshotSafety {
        let service = config.machine().map(|kind| {
            let machine = kind.start();
            Service { initial: machine.snapshot(), machine, empty: kind.command(&[]) }
        });
        let state = State {
            sequence: 0,
            height: 0,
            chain: Digest::ZERO,
            last: 0,
            clients: TreeMap::new(),
            image: None,
        };
        SnapshotSafety {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            state,
            service,
            checkpoints: VecDeque::new(),
            shown: TreeMap::new(),
            held: TreeMap::new(),
            checked: 0,
        }
    }

    fn on_executing(&mut self, sequence: Sequence, digest: Digest, batch: &Batch) {
        if sequence > self.state.sequence {
            self.shown.insert((sequence, digest), batch.clone());
        }
    }

    /// A correct replica has executed a slot: the first that gets so far tells what is in it.
    fn on_executed(&mut self, sequence: Sequence, digest: Digest) {
        if sequence != self.state.sequence + 1 {
            return;
        }
        let Some(batch) = self.shown.remove(&(sequence, digest)) else { return };
        while self.shown.first_key_value().is_some_and(|(&(other, _), _)| other <= sequence) {
            self.shown.pop_first();
        }
        self.state.sequence = sequence;
        if let (Some(tick), Some(service)) = (batch.tick, &mut self.service) {
            let now = tick.max(service.machine.now());
            service.machine.tick(now);
        }
        for request in batch.requests.iter() {
            let is_old =
                self.state.clients.get(&request.client).is_some_and(|(last, _)| request.timestamp <= *last);
            if !is_old {
                let outcome = self.enter(&request.operation);
                self.state.clients.insert(request.client, (request.timestamp, outcome));
            }
        }
        if sequence.is_multiple_of(self.config.checkpoint_interval) {
            let image = self.service.as_ref().map(|service| (service.machine.snapshot(), &service.initial));
            self.state.image = image.filter(|(image, initial)| image != *initial).map(|(image, _)| image);
            self.checkpoints.push_back(self.state.clone());
            if self.checkpoints.len() > KEPT {
                self.checkpoints.pop_front();
            }
        }
    }

    fn enter(&mut self, operation: &Operation) -> Outcome {
        let State { height, chain, last, .. } = &mut self.state;
        *height += 1;
        *chain = Digest::of(&(*chain, operation));
        let previous = std::mem::replace(last, operation.value);
        let output = self.service.as_mut().map(|service| {
            let command = operation.command.as_ref().unwrap_or(&service.empty);
            service.machine.apply(command)
        });
        Outcome { height: *height, previous, output }
    }

    fn on_holding(&mut self, node: NodeId, snapshot: &Snapshot) -> Result<(), Violation> {
        let sequence = snapshot.sequence;
        let Some(state) = self.checkpoints.iter().find(|state| state.sequence == sequence) else {
            return Ok(());
        };
        self.checked += 1;
        let Some(flaw) = state.flaw(snapshot) else { return Ok(()) };
        let message = format_args!("agent {node} has a state after slot {sequence} {flaw}");
        Err(Violation::new([node], message).with("sequence", sequence))
    }
}

impl State {
    /// What `snapshot` tells otherwise, if it does.
    fn flaw(&self, snapshot: &Snapshot) -> Option<String> {
        let ledger = &snapshot.ledger;
        let (held, due) =
            ((ledger.height(), ledger.chain(), ledger.last()), (self.height, self.chain, self.last));
        if held != due {
            return Some(format!(
                "with a ledger of {}, {}; due are {}, {}",
                plural(held.0, "operation"),
                held.1,
                due.0,
                due.1
            ));
        }
        if !snapshot.clients.iter().eq(self.clients.iter()) {
            let (held, due) = (&snapshot.clients, &self.clients);
            return Some(format!("with another client table: {held:?}, and due is {due:?}"));
        }
        (snapshot.image != self.image).then(|| "with another state of the machine".to_owned())
    }
}

impl Oracle<Pbft> for SnapshotSafety {
    fn name(&self) -> &'static str {
        "snapshot_safety"
    }

    fn claim(&self) -> &'static str {
        "P14: a checkpoint tells ledger, clients and machine as the slots up to it make them"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Pbft>) -> Result<(), Violation> {
        let (node, observation) = match *event {
            Event::Shown { node, observation } | Event::Observed { node, observation } => (node, observation),
            _ => return Ok(()),
        };
        if !self.ground_truth.is_correct(node) || self.config.session().is_some() {
            return Ok(());
        }
        match observation {
            Observation::Executing { sequence, digest, batch } => {
                self.on_executing(*sequence, *digest, batch)
            }
            &Observation::Executed { sequence, digest } => self.on_executed(sequence, digest),
            Observation::Holding(snapshot) => {
                self.held.insert(node, Rc::clone(snapshot));
            }
            // The whole of its last slot is claimed before its state is.
            Observation::Checkpointed { sequence, .. } | Observation::Installed { sequence, .. } => {
                if let Some(snapshot) = self.held.remove(&node).filter(|held| held.sequence == *sequence) {
                    return self.on_holding(node, &snapshot);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{ClientTable, Ledger, Request};
    use super::super::rig::{Rig, config, ground_truth, request, signed};
    use super::*;

    fn show(rig: &mut Rig<SnapshotSafety>, observation: &Observation) {
        rig.feed(&Event::Shown { node: NodeId(0), observation }).expect("it is shown");
    }

    /// The replica executes a slot, and claims it.
    fn execute(rig: &mut Rig<SnapshotSafety>, sequence: Sequence, requests: Vec<Request>) {
        let batch = Batch::of(requests.into_iter().map(|request| signed(4, request)).collect::<Vec<_>>());
        let digest = batch.digest();
        show(rig, &Observation::Executing { sequence, digest, batch });
        rig.observe(0, Observation::Executed { sequence, digest }).expect("executed");
    }

    #[test]
    fn a_state_tells_what_has_happened_up_to_it() {
        let config = Config { checkpoint_interval: 2, ..config(4) };
        let mut rig = Rig::new(SnapshotSafety::new(&Rc::new(config), &Rc::new(ground_truth(4))));
        // The second request comes twice.
        let slots = [vec![request(0, 1, 7), request(1, 1, 8)], vec![request(1, 1, 8), request(0, 2, 9)]];
        for (sequence, requests) in (1..).zip(slots) {
            execute(&mut rig, sequence, requests);
        }
        let mut ledger = Ledger::new();
        let mut clients = ClientTable::new();
        for (client, timestamp, value) in [(0, 1, 7), (1, 1, 8), (0, 2, 9)] {
            let outcome = ledger.enter(&Operation::new(value, 0));
            clients.insert(ClientId(client), (timestamp, outcome));
        }
        let right = Snapshot { sequence: 2, ledger, clients, image: None };
        let mut hold = |snapshot: Snapshot| {
            let (sequence, digest) = (snapshot.sequence, snapshot.digest());
            show(&mut rig, &Observation::Holding(Rc::new(snapshot)));
            rig.observe(0, Observation::Checkpointed { sequence, digest })
        };
        hold(right.clone()).expect("right");
        hold(Snapshot { clients: ClientTable::new(), ..right.clone() }).expect_err("nobody is known");
        hold(Snapshot { ledger: Ledger::new(), ..right.clone() }).expect_err("nothing was entered");
        hold(Snapshot { sequence: 4, ..right }).expect("nobody knows");
        assert_eq!(rig.oracle.checked(), 3);
    }
}
