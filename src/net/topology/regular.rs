//! Random regular graphs: A. Steger and N. C. Wormald, *Generating random regular graphs quickly* (1999).

use super::TopologyError;
use super::edges::{EdgeSet, edge};
use super::small_world::below;
use synod_sim::Stream;

/// Whether `nodes` nodes can have `degree` neighbours each.
pub(super) fn check(nodes: u32, degree: u32) -> Result<(), TopologyError> {
    if degree >= nodes {
        return Err(TopologyError::TooManyNeighbours { neighbours: degree, nodes });
    }
    if !(u64::from(nodes) * u64::from(degree)).is_multiple_of(2) {
        return Err(TopologyError::OddDegreeSum { degree, nodes });
    }
    Ok(())
}

/// Returns a random graph in which every node has `degree` neighbours.
pub(super) fn draw(nodes: u32, degree: u32, stream: &mut Stream) -> EdgeSet {
    // A dense graph is drawn as what it lacks, since the pairing is quick for sparse graphs only.
    if degree > nodes / 2 {
        let lacking = draw(nodes, nodes - 1 - degree, stream);
        let all = (0..nodes).flat_map(|a| (a + 1..nodes).map(move |b| (a, b)));
        return all.filter(|pair| !lacking.contains(pair)).collect();
    }
    loop {
        if let Some(edges) = pair_points(nodes, degree, stream) {
            return edges;
        }
    }
}

/// Gives every node `degree` points and joins random pairs of points that make new links, until none is left; `None`
/// if those that are left make no new link.
fn pair_points(nodes: u32, degree: u32, stream: &mut Stream) -> Option<EdgeSet> {
    let mut points: Vec<u32> = (0..nodes).flat_map(|node| (0..degree).map(move |_| node)).collect();
    let mut edges = EdgeSet::new();
    let mut failures = 0;
    while !points.is_empty() {
        let (i, j) =
            (below(points.len() as u32, stream) as usize, below(points.len() as u32, stream) as usize);
        let (a, b) = (points[i], points[j]);
        if a != b && edges.insert(edge(a, b)) {
            points.swap_remove(i.max(j));
            points.swap_remove(i.min(j));
            failures = 0;
        } else {
            failures += 1;
            // Looking through all pairs is dear, so it waits until there is reason to believe that none is left.
            if failures % 100 == 0 && !can_pair(&points, &edges) {
                return None;
            }
        }
    }
    Some(edges)
}

fn can_pair(points: &[u32], edges: &EdgeSet) -> bool {
    points
        .iter()
        .enumerate()
        .any(|(i, &a)| points[i + 1..].iter().any(|&b| a != b && !edges.contains(&edge(a, b))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_sim::{Purpose, Streams};

    #[test]
    fn every_node_has_the_degree() {
        let mut stream = Streams::new(1).stream(Purpose::Topology, 0);
        for (nodes, degree) in
            [(1, 0), (2, 1), (5, 2), (10, 3), (20, 10), (50, 25), (60, 40), (7, 6), (500, 8)]
        {
            let edges = draw(nodes, degree, &mut stream);
            for node in 0..nodes {
                let found = edges.iter().filter(|&&(a, b)| a == node || b == node).count();
                assert_eq!(found, degree as usize, "node {node} of {nodes}");
            }
        }
    }

    #[test]
    fn all_graphs_are_about_as_likely() {
        // The 2-regular graphs on 5 nodes are the 12 cycles.
        let mut stream = Streams::new(2).stream(Purpose::Topology, 0);
        let mut counts = std::collections::BTreeMap::<EdgeSet, u32>::new();
        for _ in 0..12_000 {
            *counts.entry(draw(5, 2, &mut stream)).or_default() += 1;
        }
        assert_eq!(counts.len(), 12);
        assert!(counts.values().all(|count| count.abs_diff(1_000) < 130), "{counts:?}");
    }

    #[test]
    fn impossible_degrees_are_refused() {
        assert_eq!(check(5, 3), Err(TopologyError::OddDegreeSum { degree: 3, nodes: 5 }));
        assert_eq!(check(5, 5), Err(TopologyError::TooManyNeighbours { neighbours: 5, nodes: 5 }));
        assert_eq!(check(6, 3), Ok(()));
    }
}
