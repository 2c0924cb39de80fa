//! Histories of clients are linearizable, and the oracle finds those that are not.

mod checker;
mod foreign;
mod histories;
mod key_value;
mod oracle;
mod outage;
mod written;
