//! Synod's own protocols.

use synod_harness::Registry;

/// Synod's own protocols, as far as their features are on; add yours by `.with::<YourHarness>()`.
///
/// ```
/// let names = [
///     "pbft", "raft", "simple", "weighted", "iterative", "hierarchical", "sessions", "pipeline", "adaptive", "distributed",
///     "auction",
/// ];
/// assert_eq!(synod::standard().names(), names);
/// ```
pub fn standard() -> Registry {
    let registry = Registry::empty();
    #[cfg(feature = "pbft")]
    let registry = registry.and(synod_pbft::harness::entries());
    #[cfg(feature = "raft")]
    let registry = registry.and(synod_raft::harness::entries());
    #[cfg(feature = "vote")]
    let registry = registry.and(synod_vote::harness::entries());
    #[cfg(feature = "iterative")]
    let registry = registry.and(synod_iterative::harness::entries());
    #[cfg(feature = "hierarchical")]
    let registry = registry.and(synod_hierarchical::harness::entries());
    #[cfg(feature = "compose")]
    let registry = registry.and(synod_compose::harness::entries());
    #[cfg(feature = "adaptive")]
    let registry = registry.and(synod_adaptive::harness::entries());
    #[cfg(feature = "distributed")]
    let registry = registry.and(synod_distributed::harness::entries());
    #[cfg(feature = "auction")]
    let registry = registry.and(synod_auction::harness::entries());
    registry
}
