//! A service that knows the time: a lock with leases and fencing tokens, in forty lines.

use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use synod_log::laws::{Input, check};
use synod_log::{Command, Machine, Part, Service};
use synod_sim::{Digest, Duration, Time};

/// Who holds which lock, with which token, until when.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Locks {
    now: Time,
    held: BTreeMap<u8, (u32, u64, Time)>,
    /// The last token of each lock, which is never given again.
    tokens: BTreeMap<u8, u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Ask {
    Acquire { lock: u8, who: u32, lease: Duration },
    Holder { lock: u8 },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Told {
    Granted(u64),
    Held(u32),
    Free,
}

macro_rules! display {
    ($($type:ident)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, out)
            }
        }
    )*};
}

display! { Locks Ask Told }

impl Service for Locks {
    const NAME: &'static str = "locks";
    const CLOCK: Option<Duration> = Some(Duration::from_nanos(10));
    type Command = Ask;
    type Output = Told;

    fn apply(&mut self, ask: &Ask) -> Told {
        let Ask::Acquire { lock, who, lease } = *ask else { return self.read(ask) };
        if let Some(&(holder, _, _)) = self.held.get(&lock) {
            return Told::Held(holder);
        }
        let token = self.tokens.entry(lock).or_default();
        *token += 1;
        let until = Time::from_nanos(self.now.as_nanos() + lease.as_nanos());
        self.held.insert(lock, (who, *token, until));
        Told::Granted(*token)
    }

    fn is_read(ask: &Ask) -> bool {
        matches!(ask, Ask::Holder { .. })
    }

    fn read(&self, ask: &Ask) -> Told {
        let (Ask::Holder { lock } | Ask::Acquire { lock, .. }) = ask;
        self.held.get(lock).map_or(Told::Free, |&(holder, _, _)| Told::Held(holder))
    }

    fn part(ask: &Ask) -> Part {
        let (Ask::Holder { lock } | Ask::Acquire { lock, .. }) = *ask;
        Part::numbered("lock ", lock.into())
    }

    fn tick(&mut self, now: Time) {
        self.now = now;
        self.held.retain(|_, (_, _, until)| *until > now);
    }

    fn now(&self) -> Time {
        self.now
    }

    fn deadline(&self) -> Option<Time> {
        self.held.values().map(|&(_, _, until)| until).min()
    }
}

fn acquire(lock: u8, who: u32, lease: u64) -> Ask {
    Ask::Acquire { lock, who, lease: Duration::from_nanos(lease) }
}

proptest! {
    #[test]
    fn it_keeps_the_laws_of_a_service(steps in vec((0..4, 0..3u8, 0..3u32, 1..50u64), 0..40)) {
        let mut now = 0;
        let input = |(kind, lock, who, span)| match kind {
            0 => {
                now += span;
                Input::Tick(Time::from_nanos(now))
            }
            1 => Input::Command(Ask::Holder { lock }),
            _ => Input::Command(acquire(lock, who, span)),
        };
        let inputs: Vec<_> = steps.into_iter().map(input).collect();
        check(&Locks::default(), &inputs);
    }
}

#[test]
fn leases_end_in_the_log_and_tokens_rise() {
    let mut replica = Machine::new(Locks::default()).start();
    let mut ask = |at: u64, ask: &Ask| {
        replica.tick(Time::from_nanos(at));
        let told = replica.apply(&Command::of::<Locks>(ask)).decode::<Locks>().expect("a command");
        (told, replica.deadline().map(Time::as_nanos))
    };
    assert_eq!(ask(5, &acquire(1, 7, 10)), (Told::Granted(1), Some(15)));
    assert_eq!(ask(14, &acquire(1, 8, 10)), (Told::Held(7), Some(15)));
    assert_eq!(ask(15, &Ask::Holder { lock: 1 }), (Told::Free, None));
    assert_eq!(ask(15, &acquire(1, 8, 10)), (Told::Granted(2), Some(25)));
}

#[test]
#[should_panic(expected = "the log's time does not fall")]
fn time_does_not_fall() {
    let mut replica = Machine::new(Locks::default()).start();
    replica.tick(Time::from_nanos(2));
    replica.tick(Time::from_nanos(1));
}

/// Asserts that the check of a service finds the law that it breaks.
macro_rules! assert_breaks {
    ($law:literal, $initial:expr, $inputs:expr) => {
        let broken = std::panic::catch_unwind(|| check(&$initial, &$inputs)).expect_err("it breaks a law");
        let message = broken
            .downcast_ref::<String>()
            .cloned()
            .unwrap_or_else(|| (*broken.downcast_ref::<&str>().expect("a panic says something")).to_owned());
        assert!(message.contains($law), "{message}");
    };
}

/// A counter of all commands that says that it has a part for each.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Torn(u64);

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Sly(u64);

display! { Torn Sly }

impl Service for Torn {
    const NAME: &'static str = "torn";
    type Command = u8;
    type Output = u64;
    fn apply(&mut self, _: &u8) -> u64 {
        self.0 += 1;
        self.0
    }
    fn part(command: &u8) -> Part {
        Part::numbered("", u64::from(*command))
    }
}

/// A counter whose reads count.
impl Service for Sly {
    const NAME: &'static str = "sly";
    type Command = u8;
    type Output = u64;
    fn apply(&mut self, _: &u8) -> u64 {
        self.0 += 1;
        self.0
    }
    fn is_read(_: &u8) -> bool {
        true
    }
}

#[test]
fn broken_laws_are_found() {
    assert_breaks!("commute", Torn(0), [Input::Command(1), Input::Command(2)]);
    assert_breaks!(
        "does not depend on others",
        Torn(0),
        [Input::Command(1), Input::Tick(Time::ZERO), Input::Command(2)]
    );
    assert_breaks!("changed nothing", Sly(0), [Input::Command(1)]);
}

#[test]
fn a_digest_is_that_of_the_state() {
    let state = Locks { now: Time::from_nanos(9), ..Locks::default() };
    assert_eq!(Machine::new(state.clone()).start().digest(), Digest::of(&state));
}
