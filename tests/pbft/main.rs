//! PBFT in the kernel: behaviour of replicas and clients, cost, fault tolerance.

mod attacks;
mod behaviour;
mod latency_laws;
mod message_laws;
mod random_faults;
mod trial;
mod view_change_schedule;
