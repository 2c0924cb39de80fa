//! Statistics: distributions, confidence intervals, histograms, trends and a bandit.
//!
//! Everything here is a function of its arguments alone, the same to the bit on every platform: transcendental
//! functions come from `libm`. Nothing knows what is simulated, and nothing draws random numbers.
//!
//! | question | answer |
//! |---|---|
//! | What is a share of trials, given a sample? | [`wilson`], shortest; [`clopper_pearson`], never too sure |
//! | What is a percentile, given a sample? | [`order_statistics_interval`] |
//! | What is a mean, given a sample? | [`Histogram::mean`], [`Histogram::standard_error`] |
//! | Does a quantity grow? | [`LeastSquares`] |
//! | Which option is best, at the least cost of finding out? | [`Ucb1`] |
//! | How likely is it? | `normal_*`, `gamma_*`, `beta_*`, `student_*`, `binomial_*`, `hypergeometric_*` |
//!
//! In names, `cdf` is the distribution function P(X ≤ x), `tail` its complement P(X ≥ x), and `quantile` the inverse of
//! `cdf`.

mod beta;
mod binomial;
mod clopper_pearson;
mod gamma;
mod histogram;
mod hypergeometric;
mod least_squares;
mod normal;
mod order_statistics;
mod root;
mod stirling;
mod student;
mod ucb1;
mod wilson;

pub use beta::{beta_cdf, beta_quantile};
pub use binomial::{binomial_cdf, binomial_pmf, binomial_tail};
pub use clopper_pearson::clopper_pearson;
pub use gamma::{gamma_cdf, gamma_quantile};
pub use histogram::Histogram;
pub use hypergeometric::{hypergeometric_pmf, hypergeometric_tail};
pub use least_squares::LeastSquares;
pub use normal::{normal_cdf, normal_density, normal_quantile, truncated_normal_quantile};
pub use order_statistics::{median_ranks, nearest_rank, order_statistics_interval};
pub use root::root;
pub use student::{student_cdf, student_quantile};
pub use ucb1::Ucb1;
pub use wilson::wilson;
