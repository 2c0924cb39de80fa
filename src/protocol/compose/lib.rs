//! Protocols made of protocols: many sessions at once ([`Sessions`]), and a pipeline in which what one decides is what
//! the next decides about ([`Pipeline`]).
//!
//! A child is any protocol that [`Decide`]s. Children of one kind run as they are; [`Decider`] is the protocol that is
//! any of Synod's own, so that the stages of a pipeline, or the rungs of a fallback chain, can be of several kinds.
//! What belongs to a child is tagged with its number ([`Tagged`]); its signatures and its storage are bound to it by the
//! kernel ([`Context::narrow`](synod_sim::Context::narrow)); and oracles are lifted ([`lift`]) as they are.

mod abortable;
mod bug;
mod decide;
mod decider;
#[cfg(feature = "harness")]
pub mod harness;
pub mod lift;
pub mod pipeline;
pub mod sessions;
mod tagged;

pub use abortable::{Abortable, DeciderAbortProof, InitHistory};
pub use bug::Bug;
pub use decide::{Decide, Ending, Undecided};
pub use decider::{Decider, DeciderConfig, DeciderMessage, DeciderObservation, DeciderRecord, DeciderTimer};
pub use pipeline::Pipeline;
pub use sessions::Sessions;
pub use tagged::Tagged;
