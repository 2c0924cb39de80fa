//! The store as a service that any log replicates, and its clients.

use super::command::{Command, Output, Value};
use super::debts;
use super::generator::Generator;
use super::store::Store;
use synod_log::{Part, Service, Source};
use synod_sim::Stream;

impl Service for Store {
    const NAME: &'static str = "key-value store";
    type Command = Command;
    type Output = Output;

    fn apply(&mut self, command: &Command) -> Output {
        Store::apply(self, command)
    }

    fn is_read(command: &Command) -> bool {
        command.is_read()
    }

    fn read(&self, command: &Command) -> Output {
        command.on(&self.get(command.key())).0
    }

    fn part(command: &Command) -> Part {
        Part::numbered("k", command.key().0.into())
    }

    fn size(&self) -> Option<usize> {
        Some(Store::size(self))
    }

    /// What a command takes beyond its payload: the value that a compare-and-swap expects.
    fn command_size(command: &Command) -> Option<usize> {
        Some(if let Command::Cas { expected, .. } = command { 8 * expected.0.len() } else { 0 })
    }

    fn output_size(output: &Output) -> Option<usize> {
        Some(output.size())
    }

    fn is_noop(command: &Command, output: &Output) -> bool {
        command.is_read() || *output == Output::Swapped(false)
    }

    fn determines(command: &Command, output: &Output) -> bool {
        debts::determines(command, output)
    }

    fn awaits(&self, operation: debts::Operation<'_>, other: debts::Operation<'_>) -> bool {
        debts::awaits(&self.get(operation.0.key()), operation, other)
    }

    fn sees(operation: debts::Operation<'_>, other: debts::Operation<'_>) -> bool {
        debts::sees(operation, other)
    }

    fn are_alike(command: &Command, other: &Command) -> bool {
        debts::are_alike(command, other)
    }

    fn glimpses(&self, operation: debts::Operation<'_>) -> Option<Vec<Store>> {
        let key = operation.0.key();
        let holding = |value: Value| {
            let mut store = self.clone();
            for &number in value.0.iter() {
                store.apply(&Command::Append { key, value: number });
            }
            store
        };
        Some(debts::glimpses(operation)?.into_iter().map(holding).collect())
    }

    fn owes(operation: debts::Operation<'_>, other: debts::Operation<'_>) -> bool {
        debts::owes(operation, other)
    }
}

impl Source for Generator {
    type Service = Store;

    fn draw(&mut self, stream: &mut Stream, number: u64) -> Command {
        Generator::draw(self, stream, number)
    }

    fn learn(&mut self, command: &Command, output: &Output) {
        Generator::learn(self, command, output);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Key;
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use synod_log::laws::{Input, check};
    use synod_log::{Machine, Workload};
    use synod_sim::{Digest, Purpose, Streams};

    /// A few keys and numbers, so that compare-and-swaps succeed now and then.
    fn command() -> impl Strategy<Value = Command> {
        let key = (0..4u32).prop_map(Key);
        let expected = vec(0..3u64, 0..3).prop_map(|numbers| Value(numbers.into()));
        (key, 0..4, expected, 0..3u64).prop_map(|(key, kind, expected, value)| match kind {
            0 => Command::Get { key },
            1 => Command::Put { key, value },
            2 => Command::Cas { key, expected, value },
            _ => Command::Append { key, value },
        })
    }

    proptest! {
        #[test]
        fn it_keeps_the_laws_of_a_service(commands in vec(command(), 0..40)) {
            let inputs: Vec<_> = commands.into_iter().map(Input::Command).collect();
            check(&Store::default(), &inputs);
        }

        #[test]
        fn damaged_bytes_never_panic_and_change_nothing_that_is_no_command(bytes in vec(any::<u8>(), 0..40)) {
            let machine = Machine::new(Store::default());
            let mut replica = machine.start();
            let before = replica.digest();
            let command = machine.command(&bytes);
            let output = replica.apply(&command);
            prop_assert_eq!(output.is_malformed(), command.decode::<Store>().is_err());
            prop_assert!(!output.is_malformed() || replica.digest() == before);
            let _ = (format!("{command} {command:?}"), replica.restore(&machine.image(&bytes)));
        }
    }

    #[test]
    fn on_the_wire_and_in_digests_a_command_is_what_it_was() {
        let command = Command::Cas { key: Key(3), expected: Value([1, 300].into()), value: 7 };
        let handle = synod_log::Command::of::<Store>(&command);
        assert_eq!(Digest::of(&(1, &handle, 2)), Digest::of(&(1, &command, 2)));
        let json = |value: &dyn Fn() -> serde_json::Result<String>| value().expect("it has a form");
        assert_eq!(json(&|| serde_json::to_string(&handle)), json(&|| serde_json::to_string(&command)));
        assert_eq!(
            [format!("{handle:?}"), handle.to_string()],
            [format!("{command:?}"), command.to_string()]
        );
        assert_eq!((handle.size(), handle.bytes().len() <= 22), (16, true));
    }

    #[test]
    fn a_workload_asks_what_the_generator_asks() {
        let mix = super::super::Mix {
            keys: 2,
            get: 400_000,
            put: 100_000,
            cas: 300_000,
            append: 200_000,
            renew: None,
        };
        let stream = || Streams::new(1).stream(Purpose::Node, 0);
        let (mut one, mut other) = (stream(), stream());
        let mut generator = Generator::new(mix);
        let mut client = Workload::new(generator.clone()).client();
        let mut store = Store::default();
        let mut replica = Machine::new(Store::default()).start();
        for number in 1..500 {
            let command = generator.draw(&mut one, number);
            let asked = client.draw(&mut other, number);
            assert_eq!(asked.decode::<Store>().as_ref(), Ok(&command));
            let (output, told) = (store.apply(&command), replica.apply(&asked));
            assert_eq!(told.decode::<Store>().as_ref(), Ok(&output));
            generator.learn(&command, &output);
            client.learn(&asked, &told);
        }
        assert_eq!(replica.digest(), Digest::of(&store));
    }
}
