//! Statistics: distributions, confidence intervals, histograms, trends and a bandit.
//!
//! Everything here is a function of its arguments alone, the same to the bit on every platform: transcendental functions
//! come from `libm`. Nothing knows what is simulated, and nothing draws random numbers.
//!
//! | question | answer |
//! |---|---|
//! | How likely is it? | `normal_*`, `gamma_*` |
//!
//! In names, `cdf` is the distribution function P(X ≤ x), `tail` its complement P(X ≥ x), and `quantile` the inverse of
//! `cdf`.

mod gamma;
mod normal;
mod root;

pub use gamma::{gamma_cdf, gamma_quantile};
pub use normal::{normal_cdf, normal_density, normal_quantile, truncated_normal_quantile};
pub use root::root;
