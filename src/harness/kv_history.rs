//! The key-value store as clients may see it, for the oracle of linearizability.

use synod_common::kv::{self, Command, Key, Output, Value};
use synod_oracle::linearizability::{Call, History, Judge, Model, OperationOf, Step};

/// The sequential store: each key is an object of its own.
#[derive(Copy, Clone, Debug)]
pub struct KeyValue;

impl Model for KeyValue {
    type Key = Key;
    type Input = Command;
    type Output = Output;
    type State = Value;

    fn key(&self, input: &Command) -> Key {
        input.key()
    }

    fn initial(&self) -> Value {
        Value::default()
    }

    fn step(&self, state: &Value, input: &Command, output: Option<&Output>) -> Option<Value> {
        let (told, after) = input.on(state);
        (output.is_none_or(|output| *output == told)).then_some(after)
    }

    fn is_read(&self, input: &Command, output: &Output) -> bool {
        input.is_read() || *output == Output::Swapped(false)
    }

    /// A get owes what it read to those who wrote it; a compare-and-swap what it expected, and if it did not find
    /// that, to whoever may have written in between.
    fn owes(&self, operation: &OperationOf<KeyValue>, other: &OperationOf<KeyValue>) -> bool {
        let Some(written) = other.input.written() else { return false };
        if other.output() == Some(&Output::Swapped(false)) {
            return false;
        }
        match (&operation.input, operation.output()) {
            (_, Some(Output::Value(value))) => value.0.contains(&written),
            (_, Some(Output::Swapped(false))) => true,
            (Command::Cas { expected, .. }, _) => expected.0.contains(&written),
            _ => false,
        }
    }
}

impl From<KeyValue> for Box<dyn Judge<KeyValue>> {
    #[inline(never)]
    fn from(model: KeyValue) -> Box<dyn Judge<KeyValue>> {
        Box::new(History::new(model))
    }
}

impl KeyValue {
    /// Returns an entry of a client's history, as the oracle takes it.
    pub fn call(call: &kv::Call) -> Call<KeyValue> {
        let step = match &call.step {
            kv::Step::Invoke(command) => Step::Invoke(command.clone()),
            kv::Step::Ok(output) => Step::Ok(output.clone()),
            kv::Step::Fail => Step::Fail,
            kv::Step::Info => Step::Info,
        };
        Call { operation: call.operation, client: call.client, step }
    }
}
