//! R9: a snapshot is what the entries before it come to.

use super::super::{
    ClientId, Config, Configuration, Entry, Index, Observation, Payload, Raft, Request, Snapshot,
};
use std::collections::VecDeque;
use std::rc::Rc;
use synod_log::{Image, Output, StateMachine};
use synod_sim::collections::{SortedMap, TreeMap};
use synod_sim::{Digest, Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// R9: every snapshot that a correct replica takes, or takes over, tells the members, the client sessions and the
/// machine's state to which the committed entries up to its index come.
///
/// The oracle keeps the entries that correct replicas apply, and applies them itself. Of Raft it knows what an entry
/// does; the machine is the service's.
#[derive(Debug)]
pub struct SnapshotSafety {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    /// States after some of the latest entries, the earliest first: from the next earlier one the state after any other
    /// is worked out.
    states: VecDeque<State>,
    /// The entries after the earliest of these states.
    entries: VecDeque<Rc<Entry>>,
    /// Entries that were shown and that nobody has claimed to have applied yet: what a crash undoes never was.
    shown: TreeMap<(Index, Digest), Rc<Entry>>,
    /// The last snapshot that each replica has shown, until it claims it.
    held: TreeMap<NodeId, Rc<Snapshot>>,
    checked: u64,
}

/// The state after an entry.
#[derive(Clone, Debug)]
struct State {
    index: Index,
    members: (Index, Rc<Configuration>),
    sessions: SortedMap<u32, (ClientId, u64, Output)>,
    image: Image,
}

/// How many states are kept: as many as replicas take snapshots of while the slowest catches up.
const STATES: usize = 16;

/// How many entries are kept where nobody takes snapshots.
const ENTRIES: usize = 1 << 16;

impl SnapshotSafety {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> SnapshotSafety {
        let first = Configuration {
            voters: config.voters.clone(),
            outgoing: Vec::new(),
            learners: config.learners.clone(),
            changes: 0,
        };
        let initial = State {
            index: 0,
            members: (0, Rc::new(first)),
            sessions: SortedMap::new(),
            image: config.machine.start().snapshot(),
        };
        SnapshotSafety {
            config: Rc::clone(config),
            ground_truth: Rc::clone(ground_truth),
            states: VecDeque::from([initial]),
            entries: VecDeque::new(),
            shown: TreeMap::new(),
            held: TreeMap::new(),
            checked: 0,
        }
    }

    /// The index of the last entry that is known.
    fn last(&self) -> Index {
        self.states[0].index + self.entries.len() as Index
    }

    fn on_applying(&mut self, index: Index, entry: &Rc<Entry>) {
        if index > self.last() {
            self.shown.insert((index, entry.digest()), Rc::clone(entry));
        }
    }

    /// A correct replica has applied an entry: the first that gets so far tells which it is.
    fn on_applied(&mut self, index: Index, digest: Digest) {
        if index != self.last() + 1 {
            return;
        }
        let Some(entry) = self.shown.remove(&(index, digest)) else { return };
        while self.shown.first_key_value().is_some_and(|(&(other, _), _)| other <= index) {
            self.shown.pop_first();
        }
        self.entries.push_back(entry);
        if self.entries.len() > ENTRIES {
            let middle = self.states[0].index + ENTRIES as Index / 2;
            if let Some(state) = self.state_after(middle) {
                self.states.retain(|later| later.index > middle);
                self.states.push_front(state);
                self.entries.drain(..ENTRIES / 2);
            }
        }
    }

    /// The state after `index`, unless that is forgotten or beyond what is known.
    fn state_after(&self, index: Index) -> Option<State> {
        if index > self.last() {
            return None;
        }
        let mut state = self.states.iter().rev().find(|state| state.index <= index)?.clone();
        let mut machine = self.config.machine.start();
        machine.restore(&state.image).expect("it is the machine's own");
        let known = (state.index - self.states[0].index) as usize;
        for entry in self.entries.iter().skip(known).take((index - state.index) as usize) {
            state.apply(&self.config, &mut *machine, entry);
        }
        state.image = machine.snapshot();
        Some(state)
    }

    fn on_holding(&mut self, node: NodeId, snapshot: &Snapshot) -> Result<(), Violation> {
        // What is older than all that is kept nobody can tell any more; nobody knows what is younger yet.
        let Some(state) = self.state_after(snapshot.index) else { return Ok(()) };
        self.checked += 1;
        if let Some(flaw) = state.flaw(snapshot) {
            let index = snapshot.index;
            let message = format_args!("agent {node} has a snapshot of the state after entry {index} {flaw}");
            return Err(Violation::new([node], message).with("index", index));
        }
        self.keep(state);
        Ok(())
    }

    fn keep(&mut self, state: State) {
        let place = self.states.partition_point(|other| other.index < state.index);
        if self.states.get(place).is_some_and(|other| other.index == state.index) {
            return;
        }
        self.states.insert(place, state);
        if self.states.len() > STATES {
            let first = self.states.pop_front().expect("there are many").index;
            self.entries.drain(..(self.states[0].index - first) as usize);
        }
    }
}

impl State {
    fn apply(&mut self, config: &Config, machine: &mut dyn StateMachine, entry: &Entry) {
        self.index += 1;
        match &entry.payload {
            Payload::Noop => {}
            Payload::Command(request) => self.execute(config, machine, request),
            Payload::Configuration(configuration) => self.members = (self.index, Rc::clone(configuration)),
            Payload::Tick(now) if *now >= machine.now() => machine.tick(*now),
            // Another oracle's affair.
            Payload::Tick(_) => {}
        }
    }

    /// A command is executed if it is later than the last of its client; a client's later number is later.
    fn execute(&mut self, config: &Config, machine: &mut dyn StateMachine, request: &Request) {
        let clients = config.clients.as_ref().map(|clients| clients.clients);
        let place = clients.map_or(request.client.0, |clients| request.client.0 % clients);
        let last = self.sessions.get(&place).map(|(client, sequence, _)| (*client, *sequence));
        if last < Some((request.client, request.sequence)) {
            let output = machine.apply(&request.command);
            self.sessions.insert(place, (request.client, request.sequence, output));
        }
    }

    /// What `snapshot` tells otherwise, if it does.
    fn flaw(&self, snapshot: &Snapshot) -> Option<String> {
        let (index, members) = &self.members;
        if (snapshot.configuration_index, &snapshot.configuration) != (*index, members) {
            return Some(format!(
                "in which {:?} of entry {} are the members; they are {members:?} of entry {index}",
                snapshot.configuration, snapshot.configuration_index
            ));
        }
        let held: Vec<_> = snapshot.sessions.iter().collect();
        let due = self
            .sessions
            .iter()
            .map(|(&place, (client, sequence, output))| (place, *client, *sequence, output));
        let due: Vec<_> = due.collect();
        if held != due {
            return Some(format!("with other client sessions: {held:?}, and due are {due:?}"));
        }
        (snapshot.state != self.image).then(|| "with another state of the machine".to_owned())
    }
}

impl Oracle<Raft> for SnapshotSafety {
    fn name(&self) -> &'static str {
        "snapshot_safety"
    }

    fn claim(&self) -> &'static str {
        "R9: a snapshot tells members, sessions and state as the committed entries up to its index make them"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Raft>) -> Result<(), Violation> {
        let (node, observation) = match *event {
            Event::Shown { node, observation } | Event::Observed { node, observation } => (node, observation),
            _ => return Ok(()),
        };
        if !self.ground_truth.is_correct(node) {
            return Ok(());
        }
        match observation {
            Observation::Applying { index, entry } => self.on_applying(*index, entry),
            &Observation::Applied { index, digest, .. } => self.on_applied(index, digest),
            Observation::Holding(snapshot) => {
                self.held.insert(node, Rc::clone(snapshot));
            }
            Observation::SnapshotTaken { index, .. } | Observation::SnapshotInstalled { index, .. } => {
                if let Some(snapshot) = self.held.remove(&node).filter(|held| held.index == *index) {
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
    use super::super::super::Sessions;
    use super::super::rig::{Rig, config, configuration, ground_truth};
    use super::*;
    use synod_common::kv::{self, Key, Store};
    use synod_log::Command;
    use synod_sim::OperationId;

    fn show(rig: &mut Rig<SnapshotSafety>, observation: &Observation) {
        rig.feed(&Event::Shown { node: NodeId(0), observation }).expect("it is shown");
    }

    /// The replica applies an entry, and claims it.
    fn apply(rig: &mut Rig<SnapshotSafety>, index: Index, payload: Payload) {
        let entry = Entry::new(1, payload);
        let digest = entry.digest();
        show(rig, &Observation::Applying { index, entry });
        rig.observe(0, Observation::Applied { index, term: 1, digest, executed: None }).expect("applied");
    }

    /// The replica has a snapshot, and claims it.
    fn hold(rig: &mut Rig<SnapshotSafety>, snapshot: Snapshot) -> Result<(), Violation> {
        let index = snapshot.index;
        show(rig, &Observation::Holding(Rc::new(snapshot)));
        rig.observe(0, Observation::SnapshotTaken { index, term: 1 })
    }

    fn put(sequence: u64, value: u64) -> Request {
        let command = Command::of::<Store>(&kv::Command::Put { key: Key(0), value });
        Request { client: ClientId(1), sequence, operation: OperationId(value), command, payload_bytes: 0 }
    }

    /// One put, again, another configuration, another put.
    fn history() -> [Payload; 4] {
        let members = Rc::new(configuration(&[0, 1], &[], &[2]));
        [
            Payload::Command(put(1, 5)),
            Payload::Command(put(1, 5)),
            Payload::Configuration(members),
            Payload::Command(put(2, 6)),
        ]
    }

    fn rig() -> Rig<SnapshotSafety> {
        let mut rig = Rig::new(SnapshotSafety::new(&Rc::new(config(3)), &Rc::new(ground_truth(3))));
        for (index, payload) in (1..).zip(history()) {
            apply(&mut rig, index, payload);
        }
        rig
    }

    /// What is right after two entries.
    fn snapshot() -> Snapshot {
        let mut machine = config(3).machine.start();
        let output = machine.apply(&put(1, 5).command);
        let mut sessions = Sessions::default();
        sessions.remember(1, &put(1, 5), &output);
        let configuration = Rc::new(configuration(&[0, 1, 2], &[], &[]));
        Snapshot {
            index: 2,
            term: 1,
            configuration,
            configuration_index: 0,
            state: machine.snapshot(),
            sessions,
        }
    }

    #[test]
    fn a_snapshot_tells_what_is_so_at_its_index() {
        let mut rig = rig();
        let mut hold = |snapshot| hold(&mut rig, snapshot);
        hold(snapshot()).expect("right");
        let latest = Rc::new(configuration(&[0, 1], &[], &[2]));
        hold(Snapshot { configuration: latest, configuration_index: 3, ..snapshot() }).expect_err("too late");
        hold(Snapshot { sessions: Sessions::default(), ..snapshot() }).expect_err("forgotten");
        hold(Snapshot { state: config(3).machine.start().snapshot(), ..snapshot() }).expect_err("empty");
        hold(Snapshot { index: 9, ..snapshot() }).expect("nobody knows");
        hold(Snapshot { index: 4, ..snapshot() }).expect_err("much has happened since");
        assert_eq!(rig.oracle.checked(), 5);
    }

    /// A leader's own entries count before they are durable, and a crash can take them back.
    #[test]
    fn what_is_never_claimed_was_never_applied() {
        let mut rig = rig();
        show(
            &mut rig,
            &Observation::Applying { index: 5, entry: Entry::new(1, Payload::Command(put(3, 9))) },
        );
        apply(&mut rig, 5, Payload::Noop);
        assert_eq!((rig.oracle.last(), rig.oracle.shown.len()), (5, 0));
        assert!(matches!(rig.oracle.entries[4].payload, Payload::Noop));
    }

    #[test]
    fn little_is_remembered() {
        let mut rig = rig();
        for index in 5..=3 * ENTRIES as Index {
            apply(&mut rig, index, Payload::Noop);
        }
        assert!(rig.oracle.entries.len() <= ENTRIES);
        hold(&mut rig, snapshot()).expect("long forgotten");
    }
}
