//! Where labels go, so that none lies on another.

use super::canvas::{Canvas, Point};

/// The labels that have found a place.
#[derive(Debug, Default)]
pub(super) struct Labels {
    taken: Vec<Area>,
    placed: Vec<(String, Point, String)>,
}

/// Left, top, right and bottom.
#[derive(Copy, Clone, Debug)]
struct Area(f64, f64, f64, f64);

impl Area {
    fn meets(self, other: Area) -> bool {
        self.0 < other.2 && other.0 < self.2 && self.1 < other.3 && other.1 < self.3
    }
}

/// The size of labels' letters.
pub(super) const SIZE: f64 = 11.0;

/// About how wide `words` are in letters of `size`: generous, since fonts differ.
pub(super) fn width(words: &str, size: f64) -> f64 {
    words.chars().count() as f64 * size * 0.58
}

impl Labels {
    /// Keeps a place free.
    pub(super) fn keep_free(&mut self, (left, top): Point, (right, bottom): Point) {
        self.taken.push(Area(left, top, right, bottom));
    }

    /// Puts `words` at the first of `places`, each the left end of a base line, where they lie on no other label and
    /// within `reach` from left to right. False if there is none.
    pub(super) fn place(&mut self, class: &str, words: &str, places: &[Point], reach: (f64, f64)) -> bool {
        let wide = width(words, SIZE);
        for &(x, y) in places {
            let area = Area(x - 2.0, y - SIZE + 1.0, x + wide + 2.0, y + 3.0);
            let fits = area.0 >= reach.0 && area.2 <= reach.1;
            if fits && !self.taken.iter().any(|&taken| taken.meets(area)) {
                self.taken.push(area);
                self.placed.push((class.to_owned(), (x, y), words.to_owned()));
                return true;
            }
        }
        false
    }

    /// Draws them: last, so that nothing covers them.
    pub(super) fn draw(self, canvas: &mut Canvas) {
        for (class, at, words) in self.placed {
            canvas.text(&class, at, &words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_takes_the_first_place_that_is_free() {
        let mut labels = Labels::default();
        let places = [(10.0, 20.0), (10.0, 40.0)];
        let reach = (0.0, 200.0);
        assert!(labels.place("", "one", &places, reach));
        assert!(labels.place("", "two", &places, reach));
        assert!(!labels.place("", "three", &places, reach));
        assert!(!labels.place("", "beyond", &[(190.0, 80.0)], reach));
        let at: Vec<Point> = labels.placed.iter().map(|label| label.1).collect();
        assert_eq!(at, places);
    }
}
