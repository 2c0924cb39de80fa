//! What clients ask of the locks, and what they are told.

use serde::{Deserialize, Serialize};
use std::fmt;
use synod_sim::{Duration, Time};

/// Names a lock.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LockId(pub u32);

/// Names whoever may hold a lock.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Owner(pub u64);

/// A fencing token: of two grants of a lock the later one has the higher.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub u64);

/// Commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Takes the lock if nobody holds it, not even the same owner.
    Acquire {
        /// The lock.
        lock: LockId,
        /// Who asks.
        owner: Owner,
        /// How long the lease is to last, by the log's time.
        lease: Duration,
    },
    /// Lets the holder's lease last so long from now on, if that is longer.
    Renew {
        /// The lock.
        lock: LockId,
        /// The holder's token.
        token: Token,
        /// How long.
        lease: Duration,
    },
    /// Ends the holder's lease.
    Release {
        /// The lock.
        lock: LockId,
        /// The holder's token.
        token: Token,
    },
    /// Asks who holds the lock.
    Holder {
        /// The lock.
        lock: LockId,
    },
}

/// Answer to a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// To `acquire` and `renew`: the lock is the client's, up to this time, exclusively, by the log.
    Granted {
        /// The token.
        token: Token,
        /// When the lease ends.
        until: Time,
    },
    /// To `acquire` and `holder`: somebody holds the lock.
    Held {
        /// Who.
        owner: Owner,
        /// With which token.
        token: Token,
        /// When the lease ends, unless it is renewed.
        until: Time,
    },
    /// To `release`: it is done.
    Released,
    /// To `renew` and `release`: the token is not that of a holder.
    Refused,
    /// To `holder`: nobody.
    Free,
}

impl Command {
    /// Returns the lock that it concerns.
    pub fn lock(&self) -> LockId {
        match *self {
            Command::Acquire { lock, .. }
            | Command::Renew { lock, .. }
            | Command::Release { lock, .. }
            | Command::Holder { lock } => lock,
        }
    }
}

impl fmt::Display for LockId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "lock {}", self.0)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "owner {}", self.0)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "token {}", self.0)
    }
}

impl fmt::Display for Command {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Acquire { lock, owner, lease } => write!(out, "acquire {lock} as {owner} for {lease}"),
            Command::Renew { lock, token, lease } => write!(out, "renew {lock} with {token} for {lease}"),
            Command::Release { lock, token } => write!(out, "release {lock} with {token}"),
            Command::Holder { lock } => write!(out, "look who holds {lock}"),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Granted { token, until } => write!(out, "granted with {token} until {until}"),
            Output::Held { owner, token, until } => {
                write!(out, "held by {owner} with {token} until {until}")
            }
            Output::Released => write!(out, "released"),
            Output::Refused => write!(out, "refused"),
            Output::Free => write!(out, "free"),
        }
    }
}
