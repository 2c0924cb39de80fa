//! Distributed coordination: a committee agrees on what is asked, and a tree counts what everybody says to that.
//!
//! Among thousands PBFT costs too much, and a tree alone has a root that must be trusted with the question. So the seed
//! draws a committee by lot, so large that it has less than a third of faulty members but once in 1 / ε draws
//! ([`lottery`]); it runs PBFT; and its decision, vouched for by f + 1 of its members, is the proposal of a
//! [hierarchical](synod_hierarchical) vote of all. Committee and tree are stages of a [pipeline](synod_compose::pipeline).
//!
//! Source of the committee: Y. Gilad et al., *Algorand: Scaling Byzantine Agreements for Cryptocurrencies*, SOSP 2017,
//! §5 and §7.5, here with a lot drawn from a fixed population, hence the hypergeometric law.

mod bug;
#[cfg(feature = "harness")]
pub mod harness;
pub mod lottery;
pub mod oracle;

pub use bug::Bug;
