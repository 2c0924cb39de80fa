//! What clients see is linearizable, and the oracle says so where it is not.

mod checker;
mod histories;
mod key_value;
mod oracle;
