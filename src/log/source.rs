//! What clients ask of a machine.

use super::encoded::{Command, Output};
use super::service::Service;
use std::fmt::Debug;
use std::rc::Rc;
use synod_sim::Stream;

/// A client of a service: what it asks next. Its value is what the client knows.
pub trait Source: Clone + Debug + 'static {
    /// The service.
    type Service: Service;

    /// Returns the next command. `number` is one that no other operation of the run has, and a small one: let a command
    /// write it, and readers can tell whose write they see.
    fn draw(&mut self, stream: &mut Stream, number: u64) -> <Self::Service as Service>::Command;

    /// Takes note of what its `command` was answered.
    fn learn(
        &mut self,
        command: &<Self::Service as Service>::Command,
        output: &<Self::Service as Service>::Output,
    ) {
        let _ = (command, output);
    }
}

/// A client of any machine.
pub trait CommandSource: Debug {
    /// Returns the next command; `number` is one that no other operation of the run has.
    fn draw(&mut self, stream: &mut Stream, number: u64) -> Command;

    /// Takes note of what its `command` was answered.
    fn learn(&mut self, command: &Command, output: &Output);
}

/// What the clients of a run ask: all alike, and each by itself. This is what a log's configuration holds.
#[derive(Clone, Debug)]
pub struct Workload(Rc<dyn Prototype>);

trait Prototype: Debug {
    fn client(&self) -> Box<dyn CommandSource>;
}

impl Workload {
    /// Returns the workload of clients that begin as copies of `source`.
    pub fn new(source: impl Source) -> Workload {
        Workload(Rc::new(Typed(source)))
    }

    /// Returns a client that has asked nothing yet.
    pub fn client(&self) -> Box<dyn CommandSource> {
        self.0.client()
    }
}

#[derive(Clone, Debug)]
struct Typed<C>(C);

impl<C: Source> Prototype for Typed<C> {
    fn client(&self) -> Box<dyn CommandSource> {
        Box::new(self.clone())
    }
}

impl<C: Source> CommandSource for Typed<C> {
    fn draw(&mut self, stream: &mut Stream, number: u64) -> Command {
        Command::holding::<C::Service>(self.0.draw(stream, number))
    }

    fn learn(&mut self, command: &Command, output: &Output) {
        // Nobody learns from an answer to what was no command.
        if let (Ok(command), Ok(output)) = (command.value::<C::Service>(), output.value::<C::Service>()) {
            self.0.learn(command, output);
        }
    }
}
