//! State machines without their types: what a log applies commands to, and how it comes by one.

use super::codec::Malformed;
use super::encoded::{Command, Image, Output, values};
use super::object::Object;
use super::service::{Part, Service};
use std::fmt;
use std::rc::Rc;
use synod_sim::{Digest, Duration, Time};

/// A replica's state machine: a [`Service`] behind bytes, so that a log is compiled once for all services.
pub trait StateMachine: fmt::Debug {
    /// Carries out `command`, which the log has ordered. Bytes that are no command change nothing, and are answered by
    /// [`Output::malformed`]: every replica answers alike, and a log need not look into commands.
    fn apply(&mut self, command: &Command) -> Output;

    /// Answers a command that is a read, and changes nothing. Others are answered as malformed ones are: a log must
    /// have looked at [`Command::is_read`].
    fn read(&self, command: &Command) -> Output;

    /// It is `now`, by the log.
    ///
    /// # Panics
    /// If time falls.
    fn tick(&mut self, now: Time);

    /// Returns the time of the last tick; zero for a service without a clock.
    fn now(&self) -> Time;

    /// Returns when a tick will next do more than to tell the time, if ever.
    fn deadline(&self) -> Option<Time>;

    /// Returns the whole state.
    fn snapshot(&self) -> Image;

    /// Replaces the state.
    ///
    /// # Errors
    /// If `image` is no state of this machine, which then stays as it is.
    fn restore(&mut self, image: &Image) -> Result<(), Malformed>;

    /// Returns the digest of the state: that of its [`Image`].
    fn digest(&self) -> Digest;

    /// Returns the modelled size of the state, in bytes.
    fn size(&self) -> usize;
}

/// A kind of state machine with its initial state: what a log's configuration holds.
#[derive(Clone)]
pub struct Machine(Rc<dyn Kind>);

/// What is known of a service without its types.
trait Kind {
    fn name(&self) -> &'static str;
    fn start(&self) -> Box<dyn StateMachine>;
    fn object(&self) -> Object;
    fn clock(&self) -> Option<Duration>;
    fn command(&self, bytes: &[u8]) -> Command;
    fn image(&self, bytes: &[u8]) -> Image;
    fn part(&self, command: &Command) -> Part;
    fn is_noop(&self, command: &Command, output: &Output) -> bool;
    fn determines(&self, command: &Command, output: &Output) -> bool;
    fn owes(&self, operation: (&Command, Option<&Output>), other: (&Command, Option<&Output>)) -> bool;
    fn sees(&self, operation: (&Command, Option<&Output>), other: (&Command, Option<&Output>)) -> bool;
    fn are_alike(&self, command: &Command, other: &Command) -> bool;
    fn glimpses(&self, operation: (&Command, Option<&Output>)) -> Option<Vec<Object>>;
}

impl Machine {
    /// Returns the machine that starts in this state.
    pub fn new<S: Service>(initial: S) -> Machine {
        Machine(Rc::new(Running(initial)))
    }

    /// Returns the service's name.
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// Returns a state machine in its initial state.
    pub fn start(&self) -> Box<dyn StateMachine> {
        self.0.start()
    }

    /// Returns the initial state as a sequential object, for the oracle of linearizability.
    pub fn object(&self) -> Object {
        self.0.object()
    }

    /// Returns by how much the log's time may lag behind the leader's clock; `None` if the machine knows no time.
    pub fn clock(&self) -> Option<Duration> {
        self.0.clock()
    }

    /// Takes bytes from outside for a command, whatever they are.
    pub fn command(&self, bytes: &[u8]) -> Command {
        self.0.command(bytes)
    }

    /// Takes bytes from outside for a state, whatever they are.
    pub fn image(&self, bytes: &[u8]) -> Image {
        self.0.image(bytes)
    }

    /// Returns the part of the state that `command` concerns; that of a malformed one is the whole.
    pub fn part(&self, command: &Command) -> Part {
        self.0.part(command)
    }

    /// Returns true if a command that was answered by `output` has changed nothing, whatever the state was.
    pub fn is_noop(&self, command: &Command, output: &Output) -> bool {
        self.0.is_noop(command, output)
    }

    /// Returns true if a command that was answered by `output` leaves the same behind, whatever the state of its part was.
    pub fn determines(&self, command: &Command, output: &Output) -> bool {
        self.0.determines(command, output)
    }

    /// Returns true if what `operation` was told may be owed to `other`; see [`Service::owes`].
    pub fn owes(&self, operation: (&Command, Option<&Output>), other: (&Command, Option<&Output>)) -> bool {
        self.0.owes(operation, other)
    }

    /// Returns true if `operation` may tell that `other` took effect; see [`Service::sees`].
    pub fn sees(&self, operation: (&Command, Option<&Output>), other: (&Command, Option<&Output>)) -> bool {
        self.0.sees(operation, other)
    }

    /// Returns true if it makes no difference which of two commands takes effect; see [`Service::are_alike`].
    pub fn are_alike(&self, command: &Command, other: &Command) -> bool {
        self.0.are_alike(command, other)
    }

    /// Returns the states through which a part may come to what `operation` tells; see [`Service::glimpses`].
    pub fn glimpses(&self, operation: (&Command, Option<&Output>)) -> Option<Vec<Object>> {
        self.0.glimpses(operation)
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Machine({})", self.name())
    }
}

/// A service at work.
#[derive(Debug)]
struct Running<S>(S);

impl<S: Service> StateMachine for Running<S> {
    fn apply(&mut self, command: &Command) -> Output {
        match command.value::<S>() {
            Ok(command) => Output::holding::<S>(self.0.apply(command)),
            Err(_) => Output::malformed::<S>(),
        }
    }

    fn read(&self, command: &Command) -> Output {
        match command.value::<S>() {
            Ok(command) if S::is_read(command) => Output::holding::<S>(self.0.read(command)),
            _ => Output::malformed::<S>(),
        }
    }

    fn tick(&mut self, now: Time) {
        assert!(now >= self.0.now(), "the log's time does not fall");
        self.0.tick(now);
    }

    fn now(&self) -> Time {
        self.0.now()
    }

    fn deadline(&self) -> Option<Time> {
        self.0.deadline()
    }

    fn snapshot(&self) -> Image {
        Image::of(&self.0)
    }

    fn restore(&mut self, image: &Image) -> Result<(), Malformed> {
        self.0 = image.decode()?;
        Ok(())
    }

    fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }

    fn size(&self) -> usize {
        self.0.size().unwrap_or_else(|| synod_sim::digest::encoded_len(&self.0))
    }
}

impl<S: Service> Kind for Running<S> {
    fn name(&self) -> &'static str {
        S::NAME
    }

    fn start(&self) -> Box<dyn StateMachine> {
        Box::new(Running(self.0.clone()))
    }

    fn object(&self) -> Object {
        Object::new(self.0.clone())
    }

    fn clock(&self) -> Option<Duration> {
        S::CLOCK
    }

    fn command(&self, bytes: &[u8]) -> Command {
        Command::from_bytes::<S>(bytes)
    }

    fn image(&self, bytes: &[u8]) -> Image {
        Image::from_bytes::<S>(bytes)
    }

    fn part(&self, command: &Command) -> Part {
        command.value::<S>().map_or(Part::whole(S::NAME), S::part)
    }

    fn is_noop(&self, command: &Command, output: &Output) -> bool {
        match (command.value::<S>(), output.value::<S>()) {
            (Ok(command), Ok(output)) => S::is_noop(command, output),
            _ => true,
        }
    }

    fn determines(&self, command: &Command, output: &Output) -> bool {
        match (command.value::<S>(), output.value::<S>()) {
            (Ok(command), Ok(output)) => S::determines(command, output),
            _ => false,
        }
    }

    fn owes(&self, operation: (&Command, Option<&Output>), other: (&Command, Option<&Output>)) -> bool {
        match (values::<S>(operation), values::<S>(other)) {
            (Ok(operation), Ok(other)) => S::owes(operation, other),
            // A malformed command has no effect, and no answer that depends on another.
            _ => false,
        }
    }

    fn sees(&self, operation: (&Command, Option<&Output>), other: (&Command, Option<&Output>)) -> bool {
        match (values::<S>(operation), values::<S>(other)) {
            (Ok(operation), Ok(other)) => S::sees(operation, other),
            _ => false,
        }
    }

    fn are_alike(&self, command: &Command, other: &Command) -> bool {
        command == other
            || match (command.value::<S>(), other.value::<S>()) {
                (Ok(command), Ok(other)) => S::are_alike(command, other),
                _ => false,
            }
    }

    fn glimpses(&self, operation: (&Command, Option<&Output>)) -> Option<Vec<Object>> {
        let states = self.0.glimpses(values::<S>(operation).ok()?)?;
        Some(states.into_iter().map(Object::new).collect())
    }
}
