//! Distributed coordination: a committee agrees on a proposal, and all agents vote on it in a tree.
//!
//! With thousands of agents PBFT is too expensive, and a tree alone needs a root that is trusted with the proposal. So
//! the seed draws a committee ([`lottery`]). It is large enough that a third or more of its members are faulty with a
//! probability of at most ε. The committee runs PBFT. Its decision, vouched for by f + 1 of its members, is the
//! proposal of a [hierarchical](synod_hierarchical) vote of all agents. Committee and tree are stages of a
//! [pipeline](synod_compose::pipeline).
//!
//! Source of the committee: Y. Gilad et al., *Algorand: Scaling Byzantine Agreements for Cryptocurrencies*, SOSP 2017,
//! §5 and §7.5. Here the committee is drawn without replacement from a fixed population, hence the hypergeometric law.

mod bug;
#[cfg(feature = "harness")]
pub mod harness;
pub mod lottery;
pub mod oracle;

pub use bug::Bug;
