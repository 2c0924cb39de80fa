//! Ordinary least squares: the trend of a series, and the confidence interval of its slope.

use crate::student_quantile;

/// A regression line of points (x, y), with the confidence interval of its slope.
///
/// Source: N. Draper and H. Smith, *Applied Regression Analysis* (3rd ed., 1998), chapter 1.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct LeastSquares {
    /// The slope, in units of y per unit of x.
    pub slope: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
    /// A point on the line: the means of both coordinates.
    pub middle: (f64, f64),
}

impl LeastSquares {
    /// Returns the line through `points`, each (x, y), by ordinary least squares, with the interval of Student's t:
    /// residuals are taken for independent and normal with one variance. `None` of fewer than three points, or if all
    /// have one x.
    pub fn fit(points: &[(f64, f64)]) -> Option<LeastSquares> {
        let freedom = points.len().checked_sub(2).filter(|&freedom| freedom > 0)?;
        let count = points.len() as f64;
        let (sum_x, sum_y) = points.iter().fold((0.0, 0.0), |(sx, sy), (x, y)| (sx + x, sy + y));
        let (mean_x, mean_y) = (sum_x / count, sum_y / count);
        let (mut sxx, mut sxy) = (0.0, 0.0);
        for (x, y) in points {
            sxx += (x - mean_x) * (x - mean_x);
            sxy += (x - mean_x) * (y - mean_y);
        }
        if sxx == 0.0 {
            return None;
        }
        let slope = sxy / sxx;
        let residual = |(x, y): &(f64, f64)| y - mean_y - slope * (x - mean_x);
        let squares: f64 = points.iter().map(|point| residual(point) * residual(point)).sum();
        let half = student_quantile(0.975, freedom as u64) * libm::sqrt(squares / freedom as f64 / sxx);
        Some(LeastSquares { slope, low: slope - half, high: slope + half, middle: (mean_x, mean_y) })
    }

    /// Returns what becomes of the mean in one step of x, as a multiple of it, with the ends of the interval. `None`
    /// where the mean is not positive.
    pub fn growth(self) -> Option<[f64; 3]> {
        let (_, mean) = self.middle;
        let grown = |slope: f64| (1.0 + slope / mean).max(0.0);
        (mean > 0.0).then(|| [self.slope, self.low, self.high].map(grown))
    }

    /// Returns where the line is at `x`.
    pub fn at(self, x: f64) -> f64 {
        let (middle, mean) = self.middle;
        mean + self.slope * (x - middle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_found_and_noise_widens_the_interval() {
        let exact: Vec<(f64, f64)> = (0..10).map(|x| (f64::from(x), 7.0 - 0.5 * f64::from(x))).collect();
        let line = LeastSquares::fit(&exact).expect("there are enough");
        assert_eq!((line.middle, line.at(0.0), line.at(10.0)), ((4.5, 4.75), 7.0, 2.0));
        let grown = line.growth().expect("its mean is positive");
        assert!(grown.iter().all(|part| (part - 4.25 / 4.75).abs() < 1e-12), "{grown:?}");
        assert!([line.slope, line.low, line.high].iter().all(|end| (end + 0.5).abs() < 1e-12), "{line:?}");
        // By hand: x 1 to 4, y 1, 3, 2, 4: slope 0.8, residual variance 0.9, t of two degrees 4.3027.
        let line =
            LeastSquares::fit(&[(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 4.0)]).expect("there are enough");
        assert!((line.slope - 0.8).abs() < 1e-12);
        let half = 4.302_652_729_7 * libm::sqrt(0.9 / 5.0);
        let [grown, low, high] = line.growth().expect("its mean is positive");
        assert!((grown - 1.32).abs() < 1e-12 && (high - 1.0 - (0.8 + half) / 2.5).abs() < 1e-8, "{high}");
        assert!((low - 1.0 - (0.8 - half) / 2.5).abs() < 1e-8, "{low}");
        assert!((line.high - line.slope - half).abs() < 1e-8 && (line.slope - line.low - half).abs() < 1e-8);
    }

    #[test]
    fn nothing_is_left_of_what_falls_too_fast_and_nothing_grows_from_nothing() {
        let growth = |figures: [f64; 3]| {
            let points = [(0.0, figures[0]), (0.5, figures[1]), (1.0, figures[2])];
            LeastSquares::fit(&points).expect("there are enough").growth()
        };
        assert_eq!(growth([3.0, 1.0, -1.0]), Some([0.0; 3]), "four less than one is not less than nothing");
        assert_eq!(growth([0.0; 3]), None);
    }

    #[test]
    fn too_few_points_have_no_trend() {
        assert_eq!(LeastSquares::fit(&[(1.0, 1.0), (2.0, 2.0)]), None);
        assert_eq!(LeastSquares::fit(&[(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]), None);
    }

    proptest! {
        #[test]
        fn no_other_line_is_nearer(
            points in prop::collection::vec((-100.0..100.0, -100.0..100.0), 3..30),
            (tilt, shift) in (-0.1..0.1, -1.0..1.0),
        ) {
            let Some(line) = LeastSquares::fit(&points) else { return Ok(()) };
            let squares = |of: &dyn Fn(f64) -> f64| -> f64 {
                points.iter().map(|(x, y)| (y - of(*x)) * (y - of(*x))).sum()
            };
            let (least, other) = (squares(&|x| line.at(x)), squares(&|x| line.at(x) + shift + tilt * x));
            prop_assert!(least <= other * (1.0 + 1e-9) + 1e-9, "{} and {}", least, other);
            prop_assert!(line.low <= line.slope && line.slope <= line.high);
        }
    }
}
