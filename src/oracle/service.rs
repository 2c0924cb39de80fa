//! What oracles of a replicated service see, whatever log orders its commands.

use synod_log::{Executed, history};

/// What a node claims of the service that is replicated.
#[derive(Copy, Clone, Debug)]
pub enum ServiceClaim<'a> {
    /// A client has asked, or its operation has ended.
    Call(&'a history::Call),
    /// An operation took effect at this time of the log, which the machine knows.
    Executed(Executed),
}
