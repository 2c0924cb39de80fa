//! Protocols made of protocols: many sessions at once ([`Sessions`]), and a pipeline in which what one decides is what
//! the next decides about ([`Pipeline`]).
//!
//! A child is any protocol that [`Decide`]s. Children of one kind run as they are; [`Decider`] is any such protocol
//! without its type, so that the stages of a pipeline, or the rungs of a fallback chain, can be of several kinds, whoever
//! wrote them. What belongs to a child is tagged with its number ([`Tagged`]); its signatures and its storage are bound to
//! it by the kernel ([`Context::narrow`](synod_sim::Context::narrow)); and oracles are lifted ([`lift`]) as they are.

mod bug;
#[cfg(feature = "harness")]
pub mod harness;
pub mod pipeline;
pub mod sessions;

pub use bug::Bug;
pub use pipeline::Pipeline;
pub use sessions::Sessions;
pub use synod_common::decide::{Decide, Decider, DeciderConfig, Ending, Tagged, Undecided, lift};
