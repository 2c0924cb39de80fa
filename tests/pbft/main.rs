//! PBFT through the kernel: what replicas and clients do, what it costs, what it bears.

mod attacks;
mod behaviour;
mod latency_laws;
mod message_laws;
mod random_faults;
mod trial;
mod view_change_schedule;
