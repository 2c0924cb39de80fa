//! What goes wrong in a run: the plan, as plain data, and how it takes hold of the kernel.
//!
//! A plan is resolved before the run starts: who is struck, when and how strongly is then fixed, but for roles such as
//! whoever leads, which are resolved when the fault strikes. Each fault has an id that its random streams are keyed
//! by, so that removing one fault from a plan shifts no other's.
//!
//! Faults are of two sorts. Those of [`byzantine`] corrupt agents, of which then nothing is promised; those of
//! [`environment`] befall correct agents: crashes, processors, clocks and the network.

mod arm;
pub mod byzantine;
mod clash;
pub mod environment;
mod grip;
mod ground;
mod kinds;
mod lag;
mod phases;
mod plan;
mod resolve;
mod swarm;
mod who;
mod window;

pub use clash::Clash;
pub use grip::{Armed, FaultReport, Record, Terms, fault_of_cut};
pub use ground::Calm;
pub use kinds::{
    Adaptive, Amplify, Bursts, Choice, Clock, Corrupt, Crash, Delay, Duplicate, Duty, Fault, Flood, Garble,
    Garbled, Insider, Invert, Isolate, Loss, Mutate, OneWay, Partition, Reorder, Replay, Rest, Rewritten,
    Ring, Sides, Silent, Slow, SlowLinks, Starve, StorageLoss, Twins,
};
pub use lag::Lag;
pub use plan::{FaultId, Plan};
pub use resolve::{Surroundings, name_all};
pub use swarm::Swarm;
pub use who::Who;
pub use window::Window;
