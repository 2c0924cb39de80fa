//! Labels beside curves, moved apart.

use plotters::style::RGBColor;

/// A label: what it says, in which colour, and at which height what it names ends, in pixels.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub(super) words: String,
    pub(super) color: RGBColor,
    pub(super) y: f64,
}

/// How high a line of text is.
const LINE: f64 = 15.0;

/// Returns each label with the height at which it is written: as near as possible to what it names, in the same order,
/// none over another, and from `top` to `bottom` as long as there is room.
pub(super) fn apart(mut labels: Vec<Label>, top: f64, bottom: f64) -> Vec<(f64, Label)> {
    labels.sort_by(|a, b| a.y.total_cmp(&b.y));
    // Groups of labels that touch: their first height and how many there are.
    let mut groups: Vec<(f64, usize, f64)> = Vec::new();
    for label in &labels {
        groups.push((label.y, 1, label.y));
        while let [.., (above, many, sum), (below, more, rest)] = groups[..]
            && above + LINE * many as f64 > below
        {
            let (count, total) = (many + more, sum + rest);
            // The middle of the group is the mean of what its labels want.
            let middle = total / count as f64;
            let reach = LINE * (count - 1) as f64;
            let first = (middle - reach / 2.0).min(bottom - reach).max(top);
            groups.truncate(groups.len() - 2);
            groups.push((first, count, total));
        }
    }
    let heights =
        groups.iter().flat_map(|&(first, count, _)| (0..count).map(move |place| first + LINE * place as f64));
    heights.collect::<Vec<_>>().into_iter().zip(labels).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_order_and_their_distance() {
        let label = |y: f64| Label { words: y.to_string(), color: RGBColor(0, 0, 0), y };
        let heights = |wanted: &[f64]| -> Vec<f64> {
            apart(wanted.iter().copied().map(label).collect(), 0.0, 100.0)
                .into_iter()
                .map(|(y, _)| y)
                .collect()
        };
        assert_eq!(heights(&[80.0, 10.0]), [10.0, 80.0]);
        assert_eq!(heights(&[50.0, 50.0]), [42.5, 57.5]);
        assert_eq!(heights(&[99.0, 100.0, 98.0]), [70.0, 85.0, 100.0]);
        let many = heights(&[20.0, 21.0, 30.0, 36.0, 90.0]);
        assert!(many.windows(2).all(|pair| pair[1] - pair[0] >= LINE - 1e-9), "{many:?}");
        assert_eq!(many[4], 90.0);
    }
}
