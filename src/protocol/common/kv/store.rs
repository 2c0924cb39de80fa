//! The store itself.

use super::command::{Command, Key, Output, Value};
use serde::{Deserialize, Serialize};
use std::fmt;
use synod_sim::collections::TreeMap;

/// Values of keys; empty ones are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Store(TreeMap<Key, Value>);

impl Store {
    /// Carries out `command`.
    pub fn apply(&mut self, command: &Command) -> Output {
        let key = command.key();
        let (output, held) = command.on(&self.get(key));
        if !held.0.is_empty() {
            self.0.insert(key, held);
        }
        output
    }

    /// Value of `key`.
    pub fn get(&self, key: Key) -> Value {
        self.0.get(&key).cloned().unwrap_or_default()
    }

    /// Returns true if no key holds anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The modelled size of what it holds, in bytes.
    pub fn size(&self) -> usize {
        self.0.values().map(|value| 4 + 8 * value.0.len()).sum()
    }
}

impl fmt::Display for Store {
    /// Returns what the only key holds, or all keys with what they hold.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() <= 1 {
            return self.0.values().next().unwrap_or(&Value::default()).fmt(out);
        }
        for (place, (key, value)) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            write!(out, "{separator}{key}: {value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_do_what_they_say() {
        let key = Key(1);
        let mut store = Store::default();
        let holds = |numbers: &[u64]| Output::Value(Value(numbers.into()));
        let cas = |expected: &[u64], value| Command::Cas { key, expected: Value(expected.into()), value };
        for (command, output) in [
            (Command::Get { key }, holds(&[])),
            (Command::Append { key, value: 1 }, Output::Written),
            (Command::Append { key, value: 2 }, Output::Written),
            (Command::Get { key }, holds(&[1, 2])),
            (Command::Get { key: Key(2) }, holds(&[])),
            (cas(&[2], 3), Output::Swapped(false)),
            (cas(&[1, 2], 3), Output::Swapped(true)),
            (Command::Get { key }, holds(&[3])),
            (Command::Put { key, value: 4 }, Output::Written),
            (Command::Get { key }, holds(&[4])),
        ] {
            assert_eq!(store.apply(&command), output, "{command}");
        }
        assert_eq!(store.size(), 12);
        assert_eq!([store.to_string(), Store::default().to_string()], ["4", "nothing"]);
        store.apply(&Command::Put { key: Key(2), value: 5 });
        assert_eq!(store.to_string(), "k1: 4, k2: 5");
    }
}
