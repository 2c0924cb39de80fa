//! Histories of clients of a sequential object: random linearizable ones, and the check of any.
//!
//! ```
//! use synod_oracle::linearizability::{Model, OperationOf, Step};
//! use synod_sim::{Purpose, Stream, Streams};
//! use synod_testing::history::{Entry, Object, honest, judge};
//!
//! /// A counter that tells everyone their own number.
//! #[derive(Clone)]
//! struct Tickets;
//!
//! impl Model for Tickets {
//!     type Key = u8;
//!     type Input = &'static str;
//!     type Output = u64;
//!     type State = u64;
//!
//!     fn key(&self, _: &&'static str) -> u8 {
//!         0
//!     }
//!     fn initial(&self) -> u64 {
//!         0
//!     }
//!     fn step(&self, state: &u64, _: &&'static str, output: Option<&u64>) -> Option<u64> {
//!         output.is_none_or(|told| told == state).then_some(state + 1)
//!     }
//!     fn is_read(&self, _: &&'static str, _: &u64) -> bool {
//!         false
//!     }
//!     fn owes(&self, _: &OperationOf<Tickets>, _: &OperationOf<Tickets>) -> bool {
//!         true
//!     }
//! }
//!
//! struct Counter(u64);
//!
//! impl Object<Tickets> for Counter {
//!     fn ask(&mut self, _: u32, _: u64, _: &mut Stream) -> &'static str {
//!         "a ticket"
//!     }
//!     fn apply(&mut self, _: &&'static str) -> u64 {
//!         self.0 += 1;
//!         self.0 - 1
//!     }
//! }
//!
//! let mut rng = Streams::new(1).stream(Purpose::Node, 0);
//! let mut entries: Vec<Entry<Tickets>> = honest(&mut Counter(0), &mut rng, 3, 50, Some(10));
//! assert!(judge(Tickets, entries).is_ok());
//!
//! // A ticket that two clients get is none.
//! let [one, two] = [1, 2].map(|client| {
//!     let entry = |step: Step<Tickets>| Entry { operation: client, client: client as u32, step };
//!     [entry(Step::Invoke("a ticket")), entry(Step::Ok(0))]
//! });
//! assert!(judge(Tickets, one.into_iter().chain(two)).is_err());
//! ```

use rand::Rng;
use synod_oracle::linearizability::{Call, Counterexample, History, Model, Step};
use synod_sim::{NodeId, OperationId, Stream};

use super::at;

/// An entry of a history: which operation, of which client, and how far it is.
pub struct Entry<M: Model> {
    /// The operation.
    pub operation: u64,
    /// The client.
    pub client: u32,
    /// How far it is.
    pub step: Step<M>,
}

/// A sequential object and the clients' workload.
pub trait Object<M: Model> {
    /// Returns the input of `client`'s next operation, which has this `number`, from 1, among all.
    fn ask(&mut self, client: u32, number: u64, rng: &mut Stream) -> M::Input;

    /// Executes it, and returns the output.
    fn apply(&mut self, input: &M::Input) -> M::Output;

    /// Gives `client` the output, on which its next input may depend.
    fn tell(&mut self, client: u32, input: &M::Input, output: &M::Output) {
        let _ = (client, input, output);
    }
}

/// Returns a number below `count`, near enough to uniform for a test.
pub fn below(rng: &mut Stream, count: u64) -> u64 {
    rng.next_u64() % count
}

/// Returns a random linearizable history of `object`: `clients` that are never idle, `total` operations in all, each of
/// which takes effect at some time between call and return. One in `unknown` never returns, and may have taken effect.
pub fn honest<M: Model>(
    object: &mut impl Object<M>,
    rng: &mut Stream,
    clients: u32,
    total: u64,
    unknown: Option<u64>,
) -> Vec<Entry<M>> {
    enum Stage<M: Model> {
        Idle,
        Asked(u64, M::Input),
        Done(u64, M::Input, M::Output),
    }
    let mut stages: Vec<Stage<M>> = (0..clients).map(|_| Stage::Idle).collect();
    let (mut entries, mut asked, mut idle) = (Vec::new(), 0, 0);
    while asked < total || idle < clients {
        let client = below(rng, u64::from(clients)) as u32;
        let stage = std::mem::replace(&mut stages[client as usize], Stage::Idle);
        let (step, number) = match stage {
            Stage::Idle if asked < total => {
                asked += 1;
                let input = object.ask(client, asked, rng);
                stages[client as usize] = Stage::Asked(asked, input.clone());
                (Step::Invoke(input), asked)
            }
            Stage::Idle => {
                idle = stages.iter().filter(|stage| matches!(stage, Stage::Idle)).count() as u32;
                continue;
            }
            Stage::Asked(number, _) if unknown.is_some_and(|one_in| below(rng, 2 * one_in) == 0) => {
                (Step::Info, number)
            }
            Stage::Asked(number, input) => {
                let output = object.apply(&input);
                if unknown.is_none_or(|one_in| below(rng, 2 * one_in) > 0) {
                    stages[client as usize] = Stage::Done(number, input, output);
                    continue;
                }
                (Step::Info, number)
            }
            Stage::Done(number, input, output) => {
                object.tell(client, &input, &output);
                (Step::Ok(output), number)
            }
        };
        entries.push(Entry { operation: number, client, step });
    }
    entries
}

/// Checks the history of `entries` on an object of `model`, one a millisecond.
///
/// # Errors
/// The smallest part of it that is not linearizable.
pub fn judge<M: Model>(
    model: M,
    entries: impl IntoIterator<Item = Entry<M>>,
) -> Result<History<M>, Counterexample<M>> {
    let mut history = History::new(model);
    for (place, Entry { operation, client, step }) in entries.into_iter().enumerate() {
        let call = Call { operation: OperationId(operation), client, step };
        history.on_call(at(place as u64), NodeId(client), call)?;
    }
    history.on_end()?;
    Ok(history)
}
