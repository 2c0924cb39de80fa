//! Auctions of bundles: winner determination, VCG payments, and a greedy allocation with critical values.
