//! The trend of a series: a straight line by least squares, and how sure its slope is.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// How fast a quantity grows.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Trend {
    /// The slope that fits best.
    pub slope: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// A point on the line: the means of both coordinates.
    pub middle: (f64, f64),
}

impl Trend {
    /// The trend of `points`, each (x, y), by ordinary least squares, with the interval of Student's t: residuals are
    /// taken for independent and normal with one variance. `None` of fewer than three points, or if all have one x.
    pub fn of(points: &[(f64, f64)]) -> Option<Trend> {
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
        let half = student_95(freedom) * libm::sqrt(squares / freedom as f64 / sxx);
        Some(Trend { slope, low: slope - half, high: slope + half, middle: (mean_x, mean_y) })
    }

    /// What becomes of the mean in one step of x, as a multiple of it, with the ends of the interval. `None` where the
    /// mean is not positive.
    pub fn growth(self) -> Option<[f64; 3]> {
        let (_, mean) = self.middle;
        let grown = |slope: f64| (1.0 + slope / mean).max(0.0);
        (mean > 0.0).then(|| [self.slope, self.low, self.high].map(grown))
    }

    /// Where the line is at `x`.
    pub fn at(self, x: f64) -> f64 {
        let (middle, mean) = self.middle;
        mean + self.slope * (x - middle)
    }
}

/// The distance from 0 within which 95 % of Student's t with so many degrees of `freedom` lie.
fn student_95(freedom: usize) -> f64 {
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    // Halved until the doubles end.
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        *(if within(middle, freedom) < 0.95 { &mut low } else { &mut high }) = middle;
    }
    libm::sqrt(freedom as f64) * libm::tan((low + high) / 2.0)
}

/// How much of Student's t lies within √freedom · tan(angle) of 0: a finite series (M. Abramowitz, I. Stegun, *Handbook
/// of mathematical functions*, 26.7.3 and 26.7.4).
fn within(angle: f64, freedom: usize) -> f64 {
    let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
    let is_odd = freedom % 2 == 1;
    let (mut term, mut sum) = if is_odd { (cosine, 0.0) } else { (1.0, 0.0) };
    let first = if is_odd { 1 } else { 0 };
    for power in (first..freedom.saturating_sub(1)).step_by(2) {
        sum += term;
        term *= cosine * cosine * (power + 1) as f64 / (power + 2) as f64;
    }
    if is_odd { FRAC_2_PI * (angle + sine * sum) } else { sine * sum }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    #[test]
    fn quantiles_are_students() {
        for freedom in (1..=40).chain([100, 345, 718]) {
            let exact = StudentsT::new(0.0, 1.0, freedom as f64).expect("it is one").inverse_cdf(0.975);
            let found = student_95(freedom);
            assert!((found / exact - 1.0).abs() < 1e-6, "{freedom}: {found} and {exact}");
        }
        // Tables have three digits behind the point.
        for (freedom, table) in [(1, 12.706), (2, 4.303), (3, 3.182), (10, 2.228), (30, 2.042)] {
            assert!((student_95(freedom) - table).abs() < 5e-4, "{freedom}");
        }
    }

    #[test]
    fn a_line_is_found_and_noise_widens_the_interval() {
        let exact: Vec<(f64, f64)> = (0..10).map(|x| (f64::from(x), 7.0 - 0.5 * f64::from(x))).collect();
        let trend = Trend::of(&exact).expect("there are enough");
        assert_eq!((trend.middle, trend.at(0.0), trend.at(10.0)), ((4.5, 4.75), 7.0, 2.0));
        let grown = trend.growth().expect("its mean is positive");
        assert!(grown.iter().all(|part| (part - 4.25 / 4.75).abs() < 1e-12), "{grown:?}");
        assert!(
            [trend.slope, trend.low, trend.high].iter().all(|end| (end + 0.5).abs() < 1e-12),
            "{trend:?}"
        );
        // By hand: x 1 to 4, y 1, 3, 2, 4: slope 0.8, residual variance 0.9, t of two degrees 4.3027.
        let trend = Trend::of(&[(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 4.0)]).expect("there are enough");
        assert!((trend.slope - 0.8).abs() < 1e-12);
        let half = 4.302_652_729_7 * libm::sqrt(0.9 / 5.0);
        let [grown, low, high] = trend.growth().expect("its mean is positive");
        assert!((grown - 1.32).abs() < 1e-12 && (high - 1.0 - (0.8 + half) / 2.5).abs() < 1e-8, "{high}");
        assert!((low - 1.0 - (0.8 - half) / 2.5).abs() < 1e-8, "{low}");
        assert!(
            (trend.high - trend.slope - half).abs() < 1e-8 && (trend.slope - trend.low - half).abs() < 1e-8
        );
    }

    #[test]
    fn nothing_is_left_of_what_falls_too_fast_and_nothing_grows_from_nothing() {
        let growth = |figures: [f64; 3]| {
            let points = [(0.0, figures[0]), (0.5, figures[1]), (1.0, figures[2])];
            Trend::of(&points).expect("there are enough").growth()
        };
        assert_eq!(growth([3.0, 1.0, -1.0]), Some([0.0; 3]), "four less than one is not less than nothing");
        assert_eq!(growth([0.0; 3]), None);
    }

    #[test]
    fn too_few_points_have_no_trend() {
        assert_eq!(Trend::of(&[(1.0, 1.0), (2.0, 2.0)]), None);
        assert_eq!(Trend::of(&[(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]), None);
    }
}
