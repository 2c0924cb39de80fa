//! The laws that a service keeps, as checks for its tests.
//!
//! Give [`check`] a start and inputs from a generator of random ones: it panics at the first law that is broken.

use super::codec::{decode, encode};
use super::encoded::{Command, Image, Output};
use super::machine::Machine;
use super::service::{Part, Service};
use std::collections::BTreeMap;
use synod_sim::{Digest, Time};

/// An input of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<C> {
    /// It is this time, by the log.
    Tick(Time),
    /// A command.
    Command(C),
}

/// Checks that `initial` keeps all laws while it handles `inputs`, whose ticks do not fall.
///
/// # Panics
/// If a law is broken:
///
/// - commands, outputs and states survive their encoding, and no beginning of an encoding is one;
/// - a read answers what [`Service::apply`] does, and neither changes the state;
/// - an output for which [`Service::is_noop`] is true changed nothing;
/// - after a command for which [`Service::determines`] is true the state of its part is the same, whatever it was;
/// - a snapshot restores the state, and what follows is the same;
/// - neighbours of different parts commute: outputs and digest are the same;
/// - a part is told what a service would be told that sees the commands of this part alone;
/// - of two ticks in a row, the second does all; a tick before the deadline tells the time and does no more.
pub fn check<S: Service>(initial: &S, inputs: &[Input<S::Command>]) {
    let mut state = initial.clone();
    let machine = Machine::new(initial.clone());
    let mut running = machine.start();
    let mut parts: BTreeMap<Part, S> = BTreeMap::new();
    for (place, input) in inputs.iter().enumerate() {
        // Every third input finds a replica that was restored from a snapshot.
        if place % 3 == 2 {
            let image = machine.image(running.snapshot().bytes());
            running = machine.start();
            running.restore(&image).expect("a snapshot is a state");
        }
        if let [Input::Command(first), Input::Command(second), ..] = &inputs[place..] {
            check_commute(&state, first, second);
        }
        match input {
            Input::Tick(now) => {
                check_tick(&state, *now);
                state.tick(*now);
                running.tick(*now);
            }
            Input::Command(command) => {
                let before = state.clone();
                let output = state.apply(command);
                check_command(&before, command, &output, &state);
                let told = Output::of::<S>(&output);
                assert_eq!(running.apply(&Command::of::<S>(command)), told, "a replica answers alike");
                let part = parts.entry(S::part(command)).or_insert_with(|| initial.clone());
                if state.now() > part.now() {
                    part.tick(state.now());
                }
                let alone = Output::of::<S>(&part.apply(command));
                assert_eq!(alone, told, "the part of {command} does not depend on others");
                if S::determines(command, &output) {
                    check_determined(initial, command, &told, part);
                }
            }
        }
        check_state(&state);
        assert_eq!(running.digest(), Digest::of(&state), "a replica's state is the same");
        assert_eq!((running.now(), running.deadline()), (state.now(), state.deadline()));
    }
}

fn check_state<S: Service>(state: &S) {
    let image = Image::of(state);
    assert_eq!(image.decode::<S>().as_ref(), Ok(state), "a state survives its encoding");
    assert_eq!(Digest::of_bytes(image.bytes()), Digest::of(state), "the digest is that of the encoding");
}

fn check_command<S: Service>(before: &S, command: &S::Command, output: &S::Output, after: &S) {
    let (asked, told) = (Command::of::<S>(command), Output::of::<S>(output));
    let again = asked.decode::<S>().expect("a command survives its encoding");
    assert_eq!(Command::of::<S>(&again), asked, "a command survives its encoding");
    let again = told.decode::<S>().expect("an output survives its encoding");
    assert_eq!(Output::of::<S>(&again), told, "an output survives its encoding");
    for length in 0..asked.bytes().len() {
        assert!(decode::<S::Command>(&asked.bytes()[..length]).is_err(), "no beginning of {command} is one");
    }
    if S::is_read(command) {
        assert!(S::is_noop(command, output), "a read changes nothing");
        assert_eq!(Output::of::<S>(&before.read(command)), told, "{command} reads what it would be told");
    }
    if S::is_noop(command, output) {
        assert_eq!(after, before, "{command} changed nothing when it was told {output}");
    }
}

/// Checks that from the start, if it is answered alike, a command leads to what it led a part to.
fn check_determined<S: Service>(initial: &S, command: &S::Command, told: &Output, part: &S) {
    let mut other = initial.clone();
    if part.now() > other.now() {
        other.tick(part.now());
    }
    if Output::of::<S>(&other.apply(command)) == *told {
        assert_eq!(other, *part, "after {command} with this answer the part is always the same");
    }
}

fn check_commute<S: Service>(state: &S, first: &S::Command, second: &S::Command) {
    if S::part(first) == S::part(second) {
        return;
    }
    let [mut one, mut other] = [state.clone(), state.clone()];
    let told = [encode(&one.apply(first)), encode(&one.apply(second))];
    let [later, earlier] = [encode(&other.apply(second)), encode(&other.apply(first))];
    assert!(told == [earlier, later], "{first} and {second} commute in what they are told");
    assert_eq!(Digest::of(&one), Digest::of(&other), "{first} and {second} commute in what they do");
}

fn check_tick<S: Service>(state: &S, now: Time) {
    let mut at_once = state.clone();
    at_once.tick(now);
    assert_eq!(at_once.now(), if S::CLOCK.is_some() { now } else { Time::ZERO }, "a tick tells the time");
    let half = Time::from_nanos(state.now().as_nanos().midpoint(now.as_nanos()));
    let mut in_steps = state.clone();
    in_steps.tick(half);
    in_steps.tick(now);
    assert_eq!(in_steps, at_once, "of two ticks the second does all");
    if state.deadline().is_some_and(|deadline| now < deadline) {
        assert_eq!(at_once.deadline(), state.deadline(), "nothing ends before its deadline");
    }
}
