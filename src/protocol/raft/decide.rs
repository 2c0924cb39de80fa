//! Raft inside other protocols: it decides what its log applies first.

use super::config::Config;
use super::oracle;
use super::state::Raft;
use std::rc::Rc;
use synod_common::decide::on_log::{FirstProposal, LogDeciderConfig};
use synod_sim::Time;

/// One decision by a log like that of `config`, whose replicas propose `value` at `at`, by their own clocks.
pub fn once(config: Config, value: u64, at: Time) -> LogDeciderConfig<Raft> {
    LogDeciderConfig {
        members: config.replicas as usize,
        value,
        at,
        retry_interval: config.client_timeout,
        oracles: oracle::all,
        log: Rc::new(Config { machine: FirstProposal::machine(), clients: None, ..config }),
    }
}
