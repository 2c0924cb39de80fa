//! Markets: call markets, McAfee's double auction, a continuous book, price discovery.
