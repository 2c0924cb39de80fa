//! Handles: what they hold, how they compare, and what is read of them.

use serde::{Deserialize, Serialize};
use std::fmt;
use synod_log::{Command, Image, Machine, Malformed, Output, Service};
use synod_sim::{Digest, Value};

/// A text to which clients append.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Text(String);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Ask {
    Append { text: String, times: u32 },
    Read,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Told {
    Done,
    Text(String),
}

macro_rules! display {
    ($($type:ident)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "<{self:?}>")
            }
        }
    )*};
}

display! { Text Ask Told }

impl Service for Text {
    const NAME: &'static str = "text";
    type Command = Ask;
    type Output = Told;

    fn apply(&mut self, ask: &Ask) -> Told {
        match ask {
            Ask::Append { text, times } => {
                self.0 += &text.repeat(*times as usize);
                Told::Done
            }
            Ask::Read => Told::Text(self.0.clone()),
        }
    }

    fn is_read(ask: &Ask) -> bool {
        matches!(ask, Ask::Read)
    }
}

fn append(text: &str, times: u32) -> Ask {
    Ask::Append { text: text.to_owned(), times }
}

#[test]
fn a_handle_holds_what_was_encoded_however_long_and_is_read_like_the_value() {
    for length in 0..60 {
        let ask = append(&"x".repeat(length), 2);
        let handle = Command::of::<Text>(&ask);
        assert_eq!(handle.decode::<Text>().as_ref(), Ok(&ask));
        assert_eq!((handle.size(), handle.bytes().len()), (3 + length, 3 + length));
        assert_eq!(Command::from_bytes::<Text>(handle.bytes()), handle);
        assert_eq!(Digest::of(&(7, &handle)), Digest::of(&(7, &ask)), "on the wire it is the value");
        assert_eq!(Value::of(&handle), Value::of(&ask), "and in a trace");
        let json = |value: serde_json::Result<String>| value.expect("it has a form");
        assert_eq!(json(serde_json::to_string(&handle)), json(serde_json::to_string(&ask)));
        assert_eq!((format!("{handle:?}"), handle.to_string()), (format!("{ask:?}"), ask.to_string()));
    }
}

#[test]
fn handles_compare_by_their_bytes() {
    let long = "x".repeat(40);
    let asks = [append("", 0), append("", 1), append("a", 0), append(&long, 0), append(&long, 1), Ask::Read];
    let handles = asks.each_ref().map(Command::of::<Text>);
    for (a, b) in handles.iter().flat_map(|a| handles.iter().map(move |b| (a, b))) {
        assert_eq!(a.cmp(b), a.bytes().cmp(b.bytes()));
        assert_eq!(a == b, a.bytes() == b.bytes());
    }
}

#[test]
fn what_is_a_read_is_known_without_decoding() {
    let machine = Machine::new(Text::default());
    for (ask, is_read) in [(append("a", 1), false), (Ask::Read, true)] {
        let handle = Command::of::<Text>(&ask);
        assert_eq!([handle.is_read(), machine.command(handle.bytes()).is_read()], [is_read; 2]);
    }
    assert!(!machine.command(&[9]).is_read());
}

#[test]
fn damaged_bytes_are_answered_alike_and_change_nothing() {
    let machine = Machine::new(Text::default());
    let good = Command::of::<Text>(&append("abc", 2));
    let mut longer = good.bytes().to_vec();
    longer.push(0);
    let truncated = (0..good.bytes().len()).map(|length| good.bytes()[..length].to_vec());
    for bytes in truncated.chain([longer.clone(), vec![2], vec![0, 255, 255, 255, 255, 15], vec![0xff; 30]]) {
        let [mut one, mut other] = [machine.start(), machine.start()];
        let command = machine.command(&bytes);
        assert!(command.decode::<Text>().is_err(), "{bytes:?}");
        let outputs = [one.apply(&command), other.apply(&command), one.read(&command)];
        assert!(outputs.iter().all(|output| output.is_malformed() && *output == outputs[0]));
        assert!(outputs[0].decode::<Text>().is_err());
        assert_eq!(one.digest(), machine.start().digest());
        assert_eq!(command.bytes(), bytes);
        assert!(command.to_string().starts_with("malformed") && outputs[0].to_string() == "malformed");
        assert!(format!("{command:?}").starts_with("malformed"));
        let json = serde_json::to_string(&command).expect("it has a form");
        assert!(json.starts_with("\"malformed"), "{json}");
        assert_eq!(machine.part(&command).to_string(), "text");
    }
    assert_eq!(machine.command(&longer).decode::<Text>(), Err(Malformed::Trailing(1)));
}

#[test]
fn what_is_no_read_is_not_read() {
    let replica = Machine::new(Text::default()).start();
    assert!(replica.read(&Command::of::<Text>(&append("a", 1))).is_malformed());
    assert_eq!(
        replica.read(&Command::of::<Text>(&Ask::Read)),
        Output::of::<Text>(&Told::Text(String::new()))
    );
}

#[test]
fn a_damaged_state_is_refused_and_the_old_one_stays() {
    let machine = Machine::new(Text::default());
    let mut replica = machine.start();
    replica.apply(&Command::of::<Text>(&append("abc", 1)));
    let before = replica.digest();
    let image = replica.snapshot();
    for length in 0..image.bytes().len() {
        assert!(replica.restore(&machine.image(&image.bytes()[..length])).is_err());
    }
    assert_eq!(replica.digest(), before);
    let mut other = machine.start();
    other.restore(&machine.image(image.bytes())).expect("a state");
    assert_eq!((other.digest(), other.size(), image.size()), (before, 4, 4));
    assert_eq!(image.decode::<Text>(), Ok(Text("abc".to_owned())));
    assert_eq!(Image::of(&Text("abc".to_owned())), image);
}

#[test]
#[should_panic(expected = "values stay with their machine")]
fn a_command_to_another_machine_is_a_mistake() {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    struct Other;
    display! { Other }
    impl Service for Other {
        const NAME: &'static str = "other";
        type Command = Ask;
        type Output = Told;
        fn apply(&mut self, _: &Ask) -> Told {
            Told::Done
        }
    }
    Machine::new(Other).start().apply(&Command::of::<Text>(&Ask::Read));
}

#[test]
fn an_answer_to_damaged_bytes_has_no_size() {
    let malformed = Output::malformed::<Text>();
    assert_eq!((malformed.size(), malformed.bytes().len(), malformed.is_malformed()), (0, 0, true));
    assert!(!Output::of::<Text>(&Told::Done).is_malformed());
}

#[test]
fn an_object_goes_where_its_machine_goes_and_nowhere_else() {
    let object = Machine::new(Text::default()).object();
    let (ask, read) = (Command::of::<Text>(&append("a", 1)), Command::of::<Text>(&Ask::Read));
    let done = Output::of::<Text>(&Told::Done);
    let told = |text: &str| Output::of::<Text>(&Told::Text(text.to_owned()));
    let after = object.step(None, &ask, Some(&done)).expect("that is what it says");
    assert!(after > object && after != object && object == object.clone());
    assert_eq!(object.partial_cmp(&after), Some(object.cmp(&after)), "states have one order");
    assert_eq!(after.partial_cmp(&object), Some(after.cmp(&object)));
    assert_eq!(object.step(None, &ask, None), Some(after.clone()), "whatever it was told");
    assert_eq!(object.step(None, &ask, Some(&told(""))), None);
    assert_eq!(after.step(None, &read, Some(&told("a"))), Some(after.clone()));
    assert_eq!(after.step(None, &read, Some(&told(""))), None);
    // What is no command changes nothing, and is answered so.
    let damaged = Machine::new(Text::default()).command(&[9]);
    let malformed = Output::malformed::<Text>();
    assert_eq!(after.step(None, &damaged, None), Some(after.clone()));
    assert_eq!(after.step(None, &damaged, Some(&malformed)), Some(after.clone()));
    assert_eq!(after.step(None, &damaged, Some(&done)), None);
}

#[test]
fn whoever_says_nothing_of_debts_may_owe_all_to_anybody() {
    let machine = Machine::new(Text::default());
    let (ask, read) = (Command::of::<Text>(&append("a", 1)), Command::of::<Text>(&Ask::Read));
    let done = Output::of::<Text>(&Told::Done);
    for operation in [(&ask, Some(&done)), (&ask, None), (&read, None)] {
        for other in [(&ask, Some(&done)), (&ask, None), (&read, None)] {
            assert!(machine.owes(operation, other) && machine.sees(operation, other));
            assert!(machine.object().awaits(operation, other));
        }
    }
    // Bytes that are no command take no part.
    let damaged = machine.command(&[9]);
    assert!(!machine.object().awaits((&damaged, None), (&ask, None)));
}
