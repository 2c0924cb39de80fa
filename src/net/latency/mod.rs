//! How long a link takes: laws of delay, how they are fitted, and how they are drawn from.
//!
//! All mathematics goes through `libm`, whose results are the same bits on every platform.

mod empirical;
mod error;
mod family;
mod fit;
mod law;
mod sampler;
mod ziggurat;

pub use empirical::Empirical;
pub use error::LawError;
pub use family::Family;
pub use fit::Quantiles;
pub use law::Law;
pub use sampler::Sampler;
pub(super) use sampler::{Kind as SamplerKind, Sample};
