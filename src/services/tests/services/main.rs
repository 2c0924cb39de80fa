//! Services on the simplest log there is: their own oracles find nothing wrong with them, and every known bug.

mod counter;
mod lock;
mod queue;
mod rig;
