//! Auctions of one item: who wins and what is paid, as pure functions of a transcript.
