//! Generator of a client's commands, drawn from a mix.

use super::command::{Command, Key, Output, Value};
use rand::Rng;
use synod_sim::collections::TreeMap;
use synod_sim::random::Stream;

/// Number of keys, and shares of the commands in parts per million.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    /// The keys, each as likely as any other.
    pub keys: u32,
    /// Gets.
    pub get: u32,
    /// Puts.
    pub put: u32,
    /// Compare-and-swaps.
    pub cas: u32,
    /// Appends.
    pub append: u32,
    /// After how many of its commands a client goes on to fresh keys, if ever: what came of earlier ones matters no
    /// more then, and operations of unknown outcome stay few for each key.
    pub renew: Option<u32>,
}

/// The whole, in parts per million.
const WHOLE: u32 = 1_000_000;

/// A client puts instead of appending once it believes that a key holds so many numbers, so that no list grows for
/// ever.
const LONGEST_LIST: usize = 8;

/// One client's source of commands.
///
/// It keeps what the client believes that each key holds: what it last read there or wrote itself. A
/// compare-and-swap expects that, so it succeeds unless another client has written since.
#[derive(Clone, Debug)]
pub struct Generator {
    mix: Mix,
    believed: TreeMap<Key, Value>,
    /// The first of the keys that it asks for now.
    base: u32,
    /// Number of commands since it moved to these keys.
    drawn: u32,
}

impl Mix {
    /// Returns true if there is a key, the parts make a whole, and keys last for a command at least.
    pub fn is_whole(&self) -> bool {
        let parts = [self.get, self.put, self.cas, self.append];
        self.keys > 0
            && self.renew != Some(0)
            && parts.into_iter().map(u64::from).sum::<u64>() == u64::from(WHOLE)
    }
}

impl Generator {
    /// A client's source of commands, of which it has asked none yet.
    ///
    /// # Panics
    /// If the mix has no key or its parts do not make a whole.
    pub fn new(mix: Mix) -> Generator {
        assert!(mix.is_whole(), "the parts of a mix add up to a million, over at least one key");
        Generator { mix, believed: TreeMap::new(), base: 0, drawn: 0 }
    }

    /// The next command. What it writes, if it writes, is `value`: give every operation of a run its own, and readers
    /// can tell whose write they see.
    pub fn draw(&mut self, stream: &mut Stream, value: u64) -> Command {
        let Mix { keys, get, put, cas, renew, .. } = self.mix;
        if renew == Some(self.drawn) {
            self.base = self.base.checked_add(keys).expect("keys do not run out");
            self.believed.clear();
            self.drawn = 0;
        }
        self.drawn += 1;
        let key = Key(self.base + below(stream, keys));
        let part = below(stream, WHOLE);
        if part < get {
            return Command::Get { key };
        }
        let believed = self.believed.get(&key).cloned().unwrap_or_default();
        let part = part - get;
        if (put..put + cas).contains(&part) {
            return Command::Cas { key, expected: believed, value };
        }
        if part < put || believed.0.len() >= LONGEST_LIST {
            self.believed.insert(key, Value([value].into()));
            return Command::Put { key, value };
        }
        self.believed.insert(key, Value(believed.0.iter().copied().chain([value]).collect()));
        Command::Append { key, value }
    }

    /// The client is told what its `command` did.
    pub fn learn(&mut self, command: &Command, output: &Output) {
        match (command, output) {
            (Command::Get { key }, Output::Value(value)) => {
                self.believed.insert(*key, value.clone());
            }
            (Command::Cas { key, value, .. }, Output::Swapped(true)) => {
                self.believed.insert(*key, Value([*value].into()));
            }
            _ => {}
        }
    }
}

/// A number below `count`.
fn below(stream: &mut Stream, count: u32) -> u32 {
    ((u128::from(stream.next_u64()) * u128::from(count)) >> 64) as u32
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;
    use synod_sim::random::{Purpose, Streams};

    const MIX: Mix = Mix { keys: 4, get: 400_000, put: 100_000, cas: 200_000, append: 300_000, renew: None };

    /// What `clients` ask in turns, with what a store answers.
    fn asked(clients: usize, seed: u64) -> Vec<(Command, Output)> {
        let mut stream = Streams::new(seed).stream(Purpose::Node, 0);
        let mut store = Store::default();
        let mut generators = vec![Generator::new(MIX); clients];
        let mut ask = |number: u64| {
            let generator = &mut generators[number as usize % clients];
            let command = generator.draw(&mut stream, number);
            let output = store.apply(&command);
            generator.learn(&command, &output);
            (command, output)
        };
        (1..=10_000).map(&mut ask).collect()
    }

    #[test]
    fn a_mix_comes_in_its_parts_and_over_all_keys() {
        let asked = asked(3, 1);
        let share = |wanted: fn(&Command) -> bool| {
            asked.iter().filter(|(command, _)| wanted(command)).count() as u32 * 100
        };
        let writes = share(|command| matches!(command, Command::Put { .. } | Command::Append { .. }));
        let near = |share: u32, part: u32| assert!(share.abs_diff(part) < 20_000, "{share} of {part}");
        near(share(|command| command.is_read()), MIX.get);
        near(share(|command| matches!(command, Command::Cas { .. })), MIX.cas);
        near(writes, MIX.put + MIX.append);
        for key in (0..MIX.keys).map(Key) {
            let of_key = asked.iter().filter(|(command, _)| command.key() == key).count() as u32;
            near(of_key * 100, 1_000_000 / MIX.keys);
        }
    }

    #[test]
    fn a_client_goes_on_to_fresh_keys() {
        let mut stream = Streams::new(1).stream(Purpose::Node, 0);
        let mut generator = Generator::new(Mix { renew: Some(10), ..MIX });
        for number in 0..100 {
            let key = generator.draw(&mut stream, number).key().0;
            assert_eq!(u64::from(key / MIX.keys), number / 10);
        }
        assert!(generator.believed.keys().all(|key| key.0 >= 36), "what it believed of others is forgotten");
    }

    #[test]
    fn swaps_succeed_unless_another_client_wrote() {
        let swapped = |clients| {
            let asked = asked(clients, 2);
            let count =
                |wanted| asked.iter().filter(|(_, output)| *output == Output::Swapped(wanted)).count();
            (count(true), count(false))
        };
        let (alone, failed) = swapped(1);
        assert!(alone > 1_500 && failed == 0, "{alone} and {failed}");
        let (some, others) = swapped(3);
        assert!(some > 400 && others > 400, "{some} and {others}");
    }

    #[test]
    fn lists_stay_short_even_for_a_client_that_is_told_nothing() {
        let longest = |outputs: &mut dyn Iterator<Item = Output>| {
            let length = |output: Output| if let Output::Value(value) = output { value.0.len() } else { 0 };
            outputs.map(length).max()
        };
        assert_eq!(longest(&mut asked(1, 3).into_iter().map(|(_, output)| output)), Some(LONGEST_LIST));
        let mut stream = Streams::new(3).stream(Purpose::Node, 0);
        let (mut generator, mut store) = (Generator::new(MIX), Store::default());
        let mut unheard = (0..10_000).map(|number| store.apply(&generator.draw(&mut stream, number)));
        assert!(longest(&mut unheard) <= Some(LONGEST_LIST));
    }

    #[test]
    fn a_mix_is_whole_or_refused() {
        assert!(MIX.is_whole());
        assert!(!Mix { keys: 0, ..MIX }.is_whole());
        assert!(!Mix { renew: Some(0), ..MIX }.is_whole());
        assert!(!Mix { get: 0, ..MIX }.is_whole());
        assert!(!Mix { get: u32::MAX, put: u32::MAX, ..MIX }.is_whole());
    }
}
