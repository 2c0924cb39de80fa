//! Replicated logs and the deterministic state machines whose commands they order.
//!
//! A replicated service is a [`Service`]: some forty lines, which know nothing of replication.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use std::fmt;
//! use synod_log::{Command, Machine, Service};
//!
//! /// A counter that stays within bounds.
//! #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
//! struct Counter {
//!     value: i64,
//!     most: i64,
//! }
//!
//! #[derive(Debug, Serialize, Deserialize)]
//! enum Ask {
//!     Add(i64),
//!     Get,
//! }
//!
//! #[derive(Debug, Serialize, Deserialize)]
//! enum Told {
//!     Holds(i64),
//!     OutOfBounds,
//! }
//!
//! impl Service for Counter {
//!     const NAME: &'static str = "counter";
//!     type Command = Ask;
//!     type Output = Told;
//!
//!     fn apply(&mut self, ask: &Ask) -> Told {
//!         let Ask::Add(amount) = ask else { return Told::Holds(self.value) };
//!         match self.value.checked_add(*amount) {
//!             Some(sum) if (0..=self.most).contains(&sum) => self.value = sum,
//!             _ => return Told::OutOfBounds,
//!         }
//!         Told::Holds(self.value)
//!     }
//!
//!     fn is_read(ask: &Ask) -> bool {
//!         matches!(ask, Ask::Get)
//!     }
//! }
//!
//! # macro_rules! display { ($($type:ident)*) => {$(
//! #     impl fmt::Display for $type {
//! #         fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
//! #             fmt::Debug::fmt(self, out)
//! #         }
//! #     }
//! # )*} }
//! # display! { Counter Ask Told } // `Display`, for people, is left out here.
//! // What a log's configuration holds, and what each of its replicas does:
//! let machine = Machine::new(Counter { value: 0, most: 9 });
//! let mut replica = machine.start();
//! let add = Command::of::<Counter>(&Ask::Add(7));
//! assert_eq!(replica.apply(&add).to_string(), "Holds(7)");
//! assert_eq!(replica.apply(&add).to_string(), "OutOfBounds");
//!
//! // A read needs no entry in the log; another replica catches up by a snapshot.
//! let mut other = machine.start();
//! other.restore(&replica.snapshot())?;
//! let get = Command::of::<Counter>(&Ask::Get);
//! assert!(get.is_read() && other.digest() == replica.digest());
//! assert_eq!(other.read(&get).to_string(), "Holds(7)");
//!
//! // Bytes that are no command do nothing, at every replica alike.
//! assert!(replica.apply(&machine.command(b"?!")).is_malformed());
//! # Ok::<(), synod_log::Malformed>(())
//! ```
//!
//! A log knows machines by [`Machine`] and [`StateMachine`], and what it orders by [`Command`] and [`Output`]: bytes in
//! shared handles, as in etcd's Raft, so that a log is compiled once and each further service costs it nothing. Bytes
//! are decoded where a command is first applied, for all replicas of a run, and where people read it.
//!
//! **Damaged bytes.** Applying is total. Whatever a Byzantine client sends, a log may order: bytes that are no command
//! change nothing and are answered by [`Output::malformed`], at every replica alike. So a log does not look into what
//! it orders, and there is no check that one of its paths could miss.
//!
//! **Time** in a machine is what the leader proposed, a tick that the log orders like a command: deadlines and leases are
//! decided in the log, and no replica's clock reaches [`Service::apply`]. [`ticks`] has the rules.
//!
//! **Clients** ask what a [`Workload`] draws and record a [`history`], which the oracle of linearizability
//! compares with the machine's own [`Object`]. That tests the log; what tests a machine are oracles of its own and the
//! [`laws`].
//!
//! **Hosting.** A protocol can run a log as its child: [`Log`].

mod bytes;
mod codec;
mod encoded;
pub mod history;
pub mod laws;
mod log;
mod machine;
mod object;
mod service;
mod source;
pub mod ticks;

pub use codec::Malformed;
pub use encoded::{Command, Image, Output};
pub use history::Executed;
pub use log::{Log, LogEvent, Proposal, ProposalId, Proposed};
pub use machine::{Machine, StateMachine};
pub use object::Object;
pub use service::{Part, Service};
pub use source::{CommandSource, Source, Workload};
