//! Small worlds: D. J. Watts and S. H. Strogatz, *Collective dynamics of 'small-world' networks* (1998).

use super::TopologyError;
use super::edges::{EdgeSet, edge};
use super::shapes::lattice;
use crate::Probability;
use rand::Rng;
use synod_sim::Stream;

/// Whether there is a lattice in which `nodes` nodes have `neighbours` neighbours each.
pub(super) fn check(nodes: u32, neighbours: u32) -> Result<(), TopologyError> {
    if !neighbours.is_multiple_of(2) {
        return Err(TopologyError::OddNeighbours(neighbours));
    }
    if neighbours >= nodes {
        return Err(TopologyError::TooManyNeighbours { neighbours, nodes });
    }
    Ok(())
}

/// Returns the lattice with each link's far end moved, with probability `rewiring`, to a node that the near end has no
/// link to yet. Links are taken in Watts and Strogatz's order: all to the next neighbour, then all to the one after it.
pub(super) fn draw(nodes: u32, neighbours: u32, rewiring: Probability, stream: &mut Stream) -> EdgeSet {
    let mut edges = lattice(nodes, neighbours);
    let mut degrees = vec![neighbours; nodes as usize];
    for step in 1..=neighbours / 2 {
        for near in 0..nodes {
            let far = (near + step) % nodes;
            // A node that is linked to all others has nowhere to move a link to.
            if !rewiring.decide(stream.next_u64()) || degrees[near as usize] == nodes - 1 {
                continue;
            }
            let moved = loop {
                let candidate = below(nodes, stream);
                if candidate != near && !edges.contains(&edge(near, candidate)) {
                    break candidate;
                }
            };
            edges.remove(&edge(near, far));
            edges.insert(edge(near, moved));
            degrees[far as usize] -= 1;
            degrees[moved as usize] += 1;
        }
    }
    edges
}

/// Returns a number below `bound`; the bias is below 2⁻³².
pub(super) fn below(bound: u32, stream: &mut Stream) -> u32 {
    ((u128::from(stream.next_u64()) * u128::from(bound)) >> 64) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_sim::{Purpose, Streams};

    fn drawn(rewiring_ppm: u32) -> EdgeSet {
        let mut stream = Streams::new(1).stream(Purpose::Topology, 0);
        draw(200, 6, Probability::from_ppm(rewiring_ppm).unwrap(), &mut stream)
    }

    #[test]
    fn rewiring_keeps_the_number_of_links() {
        assert_eq!(drawn(0), lattice(200, 6));
        for ppm in [100_000, 1_000_000] {
            assert_eq!(drawn(ppm).len(), 600);
        }
    }

    #[test]
    fn as_many_links_move_as_the_probability_says() {
        let moved = drawn(100_000).difference(&lattice(200, 6)).count() as f64;
        let standard_error = (600.0 * 0.1 * 0.9f64).sqrt();
        assert!((moved - 60.0).abs() < 4.0 * standard_error, "{moved}");
    }

    #[test]
    fn a_dense_lattice_is_rewired_without_end_of_links() {
        // Where nodes are soon linked to all others, how many links each has is what ends the search.
        let mut stream = Streams::new(7).stream(Purpose::Topology, 0);
        for nodes in 4..9 {
            for neighbours in (2..nodes).step_by(2) {
                for _ in 0..200 {
                    let drawn = draw(nodes, neighbours, Probability::ALWAYS, &mut stream);
                    assert_eq!(drawn.len() as u32, nodes * neighbours / 2, "{neighbours} of {nodes}");
                }
            }
        }
    }

    #[test]
    fn parameters_without_a_lattice_are_refused() {
        assert_eq!(check(10, 3), Err(TopologyError::OddNeighbours(3)));
        assert_eq!(check(4, 4), Err(TopologyError::TooManyNeighbours { neighbours: 4, nodes: 4 }));
        // All nodes linked to all others: nothing can move.
        let mut stream = Streams::new(1).stream(Purpose::Topology, 0);
        assert_eq!(draw(5, 4, Probability::ALWAYS, &mut stream), lattice(5, 4));
    }
}
