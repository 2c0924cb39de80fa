//! Links as pairs of node numbers.

use crate::table::{CsvError, CsvProblem, rows};
use std::collections::BTreeSet;
use std::io::Read;
use synod_sim::NodeId;

/// Links without direction: each as (lower number, higher number).
pub(super) type EdgeSet = BTreeSet<(u32, u32)>;

/// Returns the link between `a` and `b`.
pub(super) fn edge(a: u32, b: u32) -> (u32, u32) {
    assert_ne!(a, b, "a link joins two nodes");
    (a.min(b), a.max(b))
}

/// Reads links for [`Topology::Edges`](crate::Topology::Edges): two node numbers a line, with a comma between
/// them. The first line may be a header of two names. Blank lines and lines that start with `#` are left out.
///
/// # Errors
/// The first line that is not so, or that links a node to itself.
pub fn edges_from_csv(reader: impl Read) -> Result<Vec<(NodeId, NodeId)>, CsvError> {
    let mut edges = Vec::new();
    for (index, (line, row)) in rows(reader, 2)?.into_iter().enumerate() {
        let node = |column: usize| {
            let not_a_node = |_| CsvError { line, problem: CsvProblem::NotANode(row[column].to_owned()) };
            row[column].parse().map(NodeId).map_err(not_a_node)
        };
        let (from, to) = (node(0), node(1));
        if index == 0 && from.is_err() && to.is_err() {
            continue;
        }
        let (from, to) = (from?, to?);
        if from == to {
            return Err(CsvError { line, problem: CsvProblem::SelfLoop(from) });
        }
        edges.push((from, to));
    }
    Ok(edges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_two_numbers_a_line() {
        let expected = vec![(NodeId(0), NodeId(1)), (NodeId(2), NodeId(1))];
        assert_eq!(edges_from_csv(&b"0,1\n2, 1\n"[..]), Ok(expected.clone()));
        assert_eq!(edges_from_csv(&b"# links\na,b\n\n0,1\n2,1"[..]), Ok(expected));
        assert_eq!(edges_from_csv(&b""[..]), Ok(Vec::new()));
    }

    #[test]
    fn errors_name_the_line() {
        for (text, line, problem) in [
            ("0,1\n0,x\n", 2, CsvProblem::NotANode("x".to_owned())),
            ("0,x\n", 1, CsvProblem::NotANode("x".to_owned())),
            ("a,b\r\n\r\n# links\r\n0,1\r\n  \r\n-1,2\r\n", 6, CsvProblem::NotANode("-1".to_owned())),
            ("0,1\n3,3\n", 2, CsvProblem::SelfLoop(NodeId(3))),
            ("0,1\n1,2,3\n", 2, CsvProblem::Columns { expected: 2, found: 3 }),
        ] {
            assert_eq!(edges_from_csv(text.as_bytes()), Err(CsvError { line, problem }));
        }
    }
}
