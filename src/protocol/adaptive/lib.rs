//! Adaptive coordination: a chain of protocols, from the one that bears most to the one that asks least, of which the
//! next is tried when the present one will not decide in time.
//!
//! Every protocol of the chain is a rung with a security level, and none is ever entered whose level lies below the
//! floor that the proposal demands. A rung is left for a reason: time presses, agents have failed, or the rung came to
//! an end without a decision because its agreement was not good enough. Rungs are left downwards alone, each once, and
//! none before it has had its time to dwell.
//!
//! Two rungs never decide differently. A member that leaves signs CLOSE, its abort message: it sends nothing more in
//! this rung, and this is its abort history, what it has prepared or voted ([`Abortable`](synod_common::decide::Abortable); Guerraoui et al., *The Next
//! 700 BFT Protocols*, EuroSys 2010). The opener of the next rung gathers the abort messages of n − f members; as the
//! view changes do for a new primary in PBFT, they determine the init history with which it opens the rung. Where
//! several values remain possible, it waits for more. A rung that nobody opens in its time is passed over.
//!
//! Who has decided says so to whoever leaves. Where members may lie f + 1 must say so; as long as fewer have decided,
//! they abort with the others, and their abort histories bind the next rung to what they have decided.

mod bug;
mod config;
mod durable;
#[cfg(feature = "harness")]
pub mod harness;
mod history;
mod message;
mod node;
mod observation;
pub mod oracle;
mod switching;

pub use bug::Bug;
pub use config::{Config, Rung};
pub use durable::{Entry, Record};
pub use message::{Close, Message, Open, Settled, Timer};
pub use node::Adaptive;
pub use observation::{Mark, Observation, Reason, Trigger};
pub use synod_common::decide::Level;
