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

    fn owes(&self, operation: &OperationOf<KeyValue>, other: &OperationOf<KeyValue>) -> bool {
        kv::owes((&operation.input, operation.output()), (&other.input, other.output()))
    }

    fn sees(&self, operation: &OperationOf<KeyValue>, other: &OperationOf<KeyValue>) -> bool {
        kv::sees((&operation.input, operation.output()), (&other.input, other.output()))
    }

    fn are_alike(&self, command: &Command, other: &Command) -> bool {
        command == other || kv::are_alike(command, other)
    }

    fn glimpses(&self, operation: &OperationOf<KeyValue>) -> Option<Vec<Value>> {
        kv::glimpses((&operation.input, operation.output()))
    }

    fn awaits(&self, held: &Value, operation: &OperationOf<KeyValue>, other: &OperationOf<KeyValue>) -> bool {
        kv::awaits(held, (&operation.input, operation.output()), (&other.input, other.output()))
    }

    fn determines(&self, command: &Command, output: &Output) -> bool {
        kv::determines(command, output)
    }

    fn weight(&self, value: &Value) -> usize {
        8 * value.0.len()
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
