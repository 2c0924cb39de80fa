//! Histories of clients at a key-value store: made up, honest or not.

use std::fmt::Write;
use synod::harness::KeyValue;
use synod::oracle::linearizability::{Counterexample, History};
use synod::protocol::common::kv::{Command, Generator, Key, Mix, Output, Store, Value};
use synod::sim::random::{Purpose, Stream, Streams};
use synod::testing::history::{self, Object};

/// An entry of a history of the store.
pub(crate) type Entry = history::Entry<KeyValue>;

pub(crate) fn stream(seed: u64) -> Stream {
    Streams::new(seed).stream(Purpose::Node, 0)
}

pub(crate) fn value(numbers: &[u64]) -> Value {
    Value(numbers.into())
}

/// Checks a history of the store.
pub(crate) fn judged(
    entries: impl IntoIterator<Item = Entry>,
) -> Result<History<KeyValue>, Counterexample<KeyValue>> {
    history::judge(KeyValue, entries)
}

/// The operations of an offence, one a line.
pub(crate) fn told(counterexample: &Counterexample<KeyValue>) -> String {
    let mut text = String::new();
    for operation in &counterexample.operations {
        let output = operation.output().map_or("unknown".to_owned(), ToString::to_string);
        writeln!(text, "{}: {output}", operation.input).expect("a string takes everything");
    }
    text
}

/// A store, and each client's knowledge of it.
struct Shop {
    store: Store,
    generators: Vec<Generator>,
}

impl Object<KeyValue> for Shop {
    fn ask(&mut self, client: u32, number: u64, rng: &mut Stream) -> Command {
        self.generators[client as usize].draw(rng, number)
    }

    fn apply(&mut self, command: &Command) -> Output {
        self.store.apply(command)
    }

    fn tell(&mut self, client: u32, command: &Command, output: &Output) {
        self.generators[client as usize].learn(command, output);
    }
}

/// Returns a random linearizable history of a store: see [`history::honest`].
pub(crate) fn honest(seed: u64, clients: u32, total: u64, mix: Mix, unknown: Option<u64>) -> Vec<Entry> {
    let mut shop = Shop { store: Store::default(), generators: vec![Generator::new(mix); clients as usize] };
    history::honest(&mut shop, &mut stream(seed), clients, total, unknown)
}

/// Half of the operations are gets.
pub(crate) fn mix(keys: u32) -> Mix {
    Mix { keys, get: 500_000, put: 200_000, cas: 150_000, append: 150_000, renew: None }
}

pub(crate) const ONLY: Key = Key(0);
