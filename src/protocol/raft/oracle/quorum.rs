//! Who decides: counted here once more, whatever a mutant takes for a majority.

use super::super::{Config, Configuration};
use std::rc::Rc;
use synod_sim::NodeId;

/// The members at the start.
pub(super) fn first_members(config: &Config) -> Rc<Configuration> {
    let (voters, learners) = (config.voters.clone(), config.learners.clone());
    Rc::new(Configuration { voters, outgoing: Vec::new(), learners, changes: 0 })
}

/// Returns true if those for whom `is` holds decide under `configuration`: more than half of its voters, and while one
/// set of voters gives way to another, more than half of either.
#[inline]
pub(super) fn decide(configuration: &Configuration, is: impl Fn(NodeId) -> bool) -> bool {
    let most = |voters: &[NodeId]| 2 * voters.iter().filter(|&&voter| is(voter)).count() > voters.len();
    most(&configuration.voters) && (configuration.outgoing.is_empty() || most(&configuration.outgoing))
}

/// Returns true if `node` has a say under `configuration`.
pub(super) fn votes(configuration: &Configuration, node: NodeId) -> bool {
    configuration.voters.contains(&node) || configuration.outgoing.contains(&node)
}

#[cfg(test)]
mod tests {
    use super::super::rig::configuration;
    use super::*;

    #[test]
    fn more_than_half_of_either_set_decide_and_learners_do_not() {
        let decides = |configuration: &Configuration, nodes: &[u32]| {
            decide(configuration, |node| nodes.contains(&node.0))
        };
        let even = configuration(&[0, 1, 2, 3], &[], &[4]);
        assert!(decides(&even, &[0, 1, 3]) && !decides(&even, &[0, 1]) && !decides(&even, &[0, 1, 4]));
        let joint = configuration(&[2, 3, 4], &[0, 1, 2], &[]);
        assert!(decides(&joint, &[0, 2, 3]));
        assert!(!decides(&joint, &[2, 3, 4]) && !decides(&joint, &[0, 1, 2]));
    }
}
