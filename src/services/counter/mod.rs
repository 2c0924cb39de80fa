//! Counters with bounds.
//!
//! A counter begins at zero, and an addition that would leave the bounds is refused and changes nothing: a stock that
//! is never oversold, a quota. Sums are exact; there is no wrapping and no saturation.
//!
//! Source for what its oracle demands: conservation of value, as in the bounded transactions of P. O'Neil, *The escrow
//! transactional method*, TODS 11(4), 1986.

mod bug;
mod client;
mod command;
mod machine;
mod oracle;
mod params;

pub use bug::Bug;
pub use client::CounterClient;
pub use command::{Command, CounterId, Output};
pub use machine::{Bounds, Counters};
pub use oracle::CounterJudge;
pub use params::CounterParams;
