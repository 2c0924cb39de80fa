//! A deciding protocol without its type.
//!
//! What a child sends, waits for, writes down and claims are values of its own types behind a pointer; where one comes
//! back to the child it is of the child's type again. In the digest of a run such a value is the child's own encoding,
//! and to people it shows as the child shows it.

mod child;
mod kinds;
mod protocol;
mod values;

pub use child::AbortRules;
pub use kinds::KindTable;
pub use protocol::{Decider, DeciderConfig};
pub use values::{DeciderAbortProof, DeciderMessage, DeciderObservation, DeciderRecord, DeciderTimer};
