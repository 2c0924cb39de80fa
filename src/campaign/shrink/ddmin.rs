//! Delta debugging on a set of paths: what can be spared is removed, in large pieces first.

use super::search::Search;
use synod_harness::Path;
use synod_scenario::Document;

/// Removes as many of the values at `paths` as can be spared: all of them, then halves, quarters, and in the end one by
/// one. A key that is removed falls back to its default.
pub(super) fn ddmin(search: &mut Search<'_>, paths: &[Path]) {
    let origin = search.document().clone();
    let mut left: Vec<usize> = (0..paths.len()).collect();
    let mut size = left.len();
    while size > 0 {
        let mut start = 0;
        while start < left.len() {
            let piece = start..(start + size).min(left.len());
            let stays =
                |place: &usize| left[..piece.start].contains(place) || left[piece.end..].contains(place);
            let gone = (0..paths.len()).filter(|place| !stays(place)).map(|place| &paths[place]);
            if search.attempt(without(&origin, gone)) { drop(left.drain(piece)) } else { start = piece.end }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
}

/// `origin` without the values at `paths`, which are in the order of the document.
fn without<'a>(origin: &Document, paths: impl DoubleEndedIterator<Item = &'a Path>) -> Document {
    let mut document = origin.clone();
    // From the end, so that the indices of what is still to go stay the same.
    for path in paths.rev() {
        document.remove(path);
    }
    document
}
