//! What theory says.

/// A figure that theory gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Theory {
    /// The metric.
    pub metric: &'static str,
    /// Its value.
    pub value: f64,
    /// The law, as people write it.
    pub law: String,
}
