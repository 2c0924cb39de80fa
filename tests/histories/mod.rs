//! Histories of clients at a key-value store: made up, honest or not.

use std::fmt::Write;
use synod::harness::KeyValue;
use synod::oracle::linearizability::{Call, History, Offence, Step};
use synod::protocol::common::kv::{Command, Generator, Key, Mix, Output, Store, Value};
use synod::sim::random::{Purpose, Stream, Streams};
use synod::sim::{NodeId, OperationId, Time};

/// An entry of a history: which operation, of which client, and how far it is.
pub(crate) struct Entry {
    pub(crate) operation: u64,
    pub(crate) client: u32,
    pub(crate) step: Step<KeyValue>,
}

pub(crate) fn stream(seed: u64) -> Stream {
    Streams::new(seed).stream(Purpose::Node, 0)
}

pub(crate) fn below(stream: &mut Stream, count: u64) -> u64 {
    use rand::Rng;
    stream.next_u64() % count
}

pub(crate) fn value(numbers: &[u64]) -> Value {
    Value(numbers.into())
}

/// The history that entries make, an entry a millisecond, as far as it has an order; then the end.
pub(crate) fn judged(
    entries: impl IntoIterator<Item = Entry>,
) -> Result<History<KeyValue>, Offence<KeyValue>> {
    let mut history = History::new();
    for (place, Entry { operation, client, step }) in entries.into_iter().enumerate() {
        let call = Call { operation: OperationId(operation), client, step };
        let at = Time::from_nanos(place as u64 * 1_000_000);
        history.on_call(at, NodeId(client), call)?;
    }
    history.on_end()?;
    Ok(history)
}

/// The operations of an offence, one a line.
pub(crate) fn told(offence: &Offence<KeyValue>) -> String {
    let mut text = String::new();
    for operation in &offence.operations {
        let output = operation.output().map_or("unknown".to_owned(), ToString::to_string);
        writeln!(text, "{}: {output}", operation.input).expect("a string takes everything");
    }
    text
}

/// What `clients` that never rest see of a store, `total` operations in all; each takes effect at some moment while it
/// is under way. One in `unknown` is never heard of again, and may have taken effect.
pub(crate) fn honest(seed: u64, clients: u32, total: u64, mix: Mix, unknown: Option<u64>) -> Vec<Entry> {
    enum Stage {
        Idle,
        Asked(u64, Command),
        Done(u64, Command, Output),
    }
    let mut stream = stream(seed);
    let mut store = Store::default();
    let mut generators = vec![Generator::new(mix); clients as usize];
    let mut stages: Vec<Stage> = (0..clients).map(|_| Stage::Idle).collect();
    let (mut entries, mut asked, mut idle) = (Vec::new(), 0, 0);
    while asked < total || idle < clients {
        let client = below(&mut stream, u64::from(clients)) as usize;
        let generator = &mut generators[client];
        let stage = std::mem::replace(&mut stages[client], Stage::Idle);
        let (step, number) = match stage {
            Stage::Idle if asked < total => {
                asked += 1;
                let command = generator.draw(&mut stream, asked);
                stages[client] = Stage::Asked(asked, command.clone());
                (Step::Invoke(command), asked)
            }
            Stage::Idle => {
                idle = stages.iter().filter(|stage| matches!(stage, Stage::Idle)).count() as u32;
                continue;
            }
            Stage::Asked(number, _) if unknown.is_some_and(|one_in| below(&mut stream, 2 * one_in) == 0) => {
                (Step::Info, number)
            }
            Stage::Asked(number, command) => {
                let output = store.apply(&command);
                if unknown.is_none_or(|one_in| below(&mut stream, 2 * one_in) > 0) {
                    stages[client] = Stage::Done(number, command, output);
                    continue;
                }
                (Step::Info, number)
            }
            Stage::Done(number, command, output) => {
                generator.learn(&command, &output);
                (Step::Ok(output), number)
            }
        };
        entries.push(Entry { operation: number, client: client as u32, step });
    }
    entries
}

/// Half of the operations are gets.
pub(crate) fn mix(keys: u32) -> Mix {
    Mix { keys, get: 500_000, put: 200_000, cas: 150_000, append: 150_000, renew: None }
}

pub(crate) const ONLY: Key = Key(0);
