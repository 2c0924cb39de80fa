//! Histories of clients are linearizable, and the oracle finds those that are not.

mod checker;
mod histories;
mod key_value;
mod oracle;
