//! Fault injection: the plan, as plain data, and its installation into the kernel.
//!
//! A plan is resolved before the run starts: agents, times and strengths are fixed then, except for roles such as the
//! current leader, which are resolved when the fault begins. Each fault has an id that its random streams are keyed by,
//! so that removing one fault from a plan shifts no other's.
//!
//! There are two classes of faults. Those of [`byzantine`] corrupt agents, of which nothing is guaranteed then; those
//! of [`environment`] affect correct agents: crashes, processors, clocks and the network.

mod agent_selector;
mod builder;
pub mod byzantine;
mod conflict;
mod delay_spec;
pub mod environment;
mod ground_truth;
mod install;
mod kinds;
mod phases;
mod plan;
mod resolve;
mod schedule;
mod swarm;

pub use agent_selector::AgentSelector;
pub use builder::{FaultLog, FaultReport, InstalledPlan, RunParams, fault_of_cut};
pub use conflict::Conflict;
pub use delay_spec::DelaySpec;
pub use ground_truth::Baseline;
pub use kinds::{
    Adaptive, AdaptivePolicy, Amplify, BadSignature, Clock, Corrupt, Crash, Delay, Duplicate, DutyCycle,
    Fault, Flood, GilbertElliott, Insider, Isolate, Loss, Mutate, OneWay, Partition, Pause, Reorder, Replay,
    Rest, ReversedOrder, Rewritten, Ring, SelectiveOmission, Sides, SignatureDefect, Silent, Slow, SlowLinks,
    StorageLoss, Twins,
};
pub use plan::{FaultId, Plan};
pub use resolve::{ResolveContext, name_all};
pub use schedule::FaultSchedule;
pub use swarm::Swarm;
