//! What clients asked and were told in a run, as a history that checkers of others read too: one entry a line.
//!
//! The entries are Jepsen's, in EDN or as JSON objects. Virtual time has many ties, which checkers read differently, so
//! `time` is the number of the event, and rises from entry to entry. Calls that nobody answers, or whose client
//! crashed, end as `info` at the end; their client goes on under a new number, as Jepsen's do.

use super::stream::Stream;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use synod_campaign::Notation;
use synod_harness::tree;
use synod_harness::{AnyEvent, Prepared, Recorded, Recorder};
use synod_sim::{EventTime, NodeId, Value};

/// Writes a run's history as the run goes on. Beside what is written it keeps the calls under way.
pub struct ClientHistory<W: Write> {
    out: Stream<W>,
    notation: Notation,
    /// How many clients there are.
    clients: u64,
    /// How many entries have been written.
    index: u64,
    /// The time of the last one.
    time: u64,
    /// How often each client has gone on under a new number.
    lives: BTreeMap<u64, u64>,
    /// The calls under way, by operation.
    pending: BTreeMap<u64, Call>,
    /// The calls of which nobody will learn what came, in order.
    lost: Vec<Call>,
}

/// A call that has been invoked.
struct Call {
    node: NodeId,
    client: u64,
    process: u64,
    /// The place of its invocation among all entries.
    index: u64,
    asked: Asked,
}

/// What a client asked.
struct Asked {
    function: String,
    key: Option<Value>,
    value: Value,
}

/// The scenario does not say how many clients there are: there are no more than these.
const MANY: u64 = 1_000_000;

impl<W: Write> ClientHistory<W> {
    /// Creates the history of a run of `scenario`, so many bytes at most.
    pub fn new(out: W, notation: Notation, scenario: &dyn Prepared, limit: u64) -> ClientHistory<W> {
        let (lives, pending, lost) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let clients = clients(&scenario.config()).unwrap_or(MANY);
        ClientHistory {
            out: Stream::new(out, limit),
            notation,
            clients,
            index: 0,
            time: 0,
            lives,
            pending,
            lost,
        }
    }

    /// A client's call ends without an answer: it goes on under a new number.
    fn renumber(&mut self, client: u64) {
        *self.lives.entry(client).or_default() += 1;
    }

    fn note(&mut self, event: u64, node: NodeId, fields: &[(&'static str, Value)]) {
        let number = |name: &str| match field(fields, name) {
            Some(Value::Natural(number)) => Some(*number),
            _ => None,
        };
        let (Some(operation), Some(client)) = (number("operation"), number("client")) else { return };
        let Some(Value::Variant(step, content)) = field(fields, "step") else { return };
        let content = content.as_deref();
        if let ("Invoke", Some(command)) = (*step, content) {
            let process = client + self.clients * self.lives.get(&client).copied().unwrap_or(0);
            let call = Call { node, client, process, index: self.index, asked: Asked::of(command) };
            self.write(event, "invoke", &call, &call.asked.value, &[]);
            self.pending.insert(operation, call);
            return;
        }
        let Some(call) = self.pending.remove(&operation) else { return };
        match (*step, content) {
            ("Ok", Some(output)) => self.answer(event, &call, output),
            ("Fail", _) => self.write(event, "fail", &call, &call.asked.value, &[]),
            _ => {
                self.write(event, "info", &call, &call.asked.value, &[]);
                self.renumber(call.client);
            }
        }
    }

    /// Writes what a client was told.
    fn answer(&mut self, event: u64, call: &Call, output: &Value) {
        let asked = &call.asked;
        match output {
            _ if asked.key.is_none() => self.write(event, "ok", call, &asked.value, &[("output", output)]),
            Value::Variant("Swapped", Some(swapped)) => {
                // As Jepsen's clients say it; a checker that knows no better leaves the call out.
                let kind = if **swapped == Value::Bool(true) { "ok" } else { "fail" };
                self.write(event, kind, call, &asked.value, &[("swapped", swapped)]);
            }
            Value::Variant("Value", Some(value)) => self.write(event, "ok", call, value.bare(), &[]),
            _ => self.write(event, "ok", call, &asked.value, &[]),
        }
    }

    fn write(&mut self, event: u64, kind: &str, call: &Call, value: &Value, more: &[(&str, &Value)]) {
        self.time = event.max(self.time + 1);
        let (index, time, process) = (self.index, self.time, call.process);
        self.index += 1;
        let Asked { function, key, .. } = &call.asked;
        let line = match self.notation {
            Notation::Edn => {
                let mut value = edn(value);
                if let Some(key) = key {
                    value = format!("[{} {value}]", edn(key));
                }
                let mut line = format!(
                    "{{:index {index}, :time {time}, :process {process}, :type :{kind}, :f :{function}, :value {value}"
                );
                for (name, value) in more {
                    write!(line, ", :{name} {}", edn(value)).expect("a string takes everything");
                }
                line + "}"
            }
            Notation::JsonLines => {
                let mut line = format!(
                    "{{\"index\":{index},\"time\":{time},\"process\":{process},\"type\":\"{kind}\",\"f\":\"{function}\""
                );
                let fields = key.iter().map(|key| ("key", key)).chain([("value", value)]);
                for (name, value) in fields.chain(more.iter().copied()) {
                    let value = serde_json::to_string(value).expect("a tree has a JSON form");
                    write!(line, ",\"{name}\":{value}").expect("a string takes everything");
                }
                line + "}"
            }
        };
        self.out.write(|out| writeln!(out, "{line}"));
    }
}

impl<W: Write> Recorder for ClientHistory<W> {
    fn record(&mut self, moment: EventTime, event: AnyEvent<'_>) {
        match event {
            AnyEvent::Observed { node, claim, .. } => {
                if let Some(fields) = call(&claim.value()) {
                    self.note(moment.event, node, fields);
                }
            }
            AnyEvent::Crashed { node } => {
                let lost: Vec<Call> =
                    self.pending.extract_if(.., |_, call| call.node == node).map(|(_, call)| call).collect();
                lost.iter().for_each(|call| self.renumber(call.client));
                self.lost.extend(lost);
            }
            _ => {}
        }
    }

    fn finish(&mut self) -> io::Result<Recorded> {
        let mut open = std::mem::take(&mut self.lost);
        open.extend(std::mem::take(&mut self.pending).into_values());
        open.sort_unstable_by_key(|call| call.index);
        for call in &open {
            self.write(self.time + 1, "info", call, &call.asked.value, &[]);
        }
        self.out.finish()
    }
}

impl Asked {
    /// Returns what a command asks. The names of the key-value store's are those that `check-history` knows.
    fn of(command: &Value) -> Asked {
        let command = command.bare();
        let (name, content) = match command {
            Value::Variant(name, content) => (*name, content.as_deref().unwrap_or(&Value::Nothing)),
            other => ("ask", other),
        };
        let Value::Struct(_, fields) = content else {
            return Asked { function: kebab(name), key: None, value: content.clone() };
        };
        let held = |name: &str| field(fields, name).map_or(Value::Nothing, |value| value.bare().clone());
        let (function, value) = match name {
            "Get" => ("read", Value::Nothing),
            "Put" => ("put", held("value")),
            "Append" => ("append", held("value")),
            "Cas" => ("put-if", Value::Tuple(vec![held("expected"), held("value")])),
            _ => return Asked { function: kebab(name), key: None, value: content.clone() },
        };
        match field(fields, "key") {
            Some(key) => Asked { function: function.to_owned(), key: Some(key.bare().clone()), value },
            None => Asked { function: kebab(name), key: None, value: content.clone() },
        }
    }
}

/// Returns how many clients a scenario has.
fn clients(config: &tree::Node) -> Option<u64> {
    let clients = config.get("workload")?.get("requests")?.get("clients")?;
    match &clients.value {
        tree::Value::Scalar { text, .. } => text.parse().ok(),
        _ => None,
    }
}

/// Returns the fields of the entry of a client's history that a claim is, if it is one.
fn call(claim: &Value) -> Option<&[(&'static str, Value)]> {
    match claim {
        Value::Struct("Call", fields) => Some(fields),
        Value::Variant(_, Some(inner)) | Value::Named(_, inner) => call(inner),
        _ => None,
    }
}

fn field<'a>(fields: &'a [(&'static str, Value)], name: &str) -> Option<&'a Value> {
    fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.bare())
}

/// Returns a type's name in small letters, with hyphens between its words.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for (place, letter) in name.char_indices() {
        if letter.is_uppercase() && place > 0 {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text.replace('_', "-")
}

/// Returns a value in EDN.
fn edn(value: &Value) -> String {
    let all = |items: &[Value]| items.iter().map(edn).collect::<Vec<_>>().join(" ");
    match value {
        Value::Nothing => "nil".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Natural(number) if i64::try_from(*number).is_err() => format!("{number}N"),
        Value::Natural(number) => number.to_string(),
        Value::Negative(number) => number.to_string(),
        Value::Real(number) => format!("{number:?}"),
        Value::Text(text) | Value::Digest(text) => synod_campaign::Datum::Text(text.clone()).to_string(),
        Value::Node(node) => node.0.to_string(),
        Value::Time(time) => time.as_nanos().to_string(),
        Value::Duration(span) => span.as_nanos().to_string(),
        Value::List(items) | Value::Tuple(items) => format!("[{}]", all(items)),
        Value::Map(entries) => {
            let entry = |(key, value): &(Value, Value)| format!("{} {}", edn(key), edn(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::Struct(_, fields) => {
            let entry = |(name, value): &(&str, Value)| format!(":{} {}", kebab(name), edn(value));
            format!("{{{}}}", fields.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::Named(_, inner) => edn(inner),
        Value::Variant(name, None) => format!(":{}", kebab(name)),
        Value::Variant(name, Some(inner)) => format!("{{:{} {}}}", kebab(name), edn(inner)),
        Value::More(more) => format!(":and-{more}-more"),
    }
}
