//! The names that a scenario may use.

/// The names that a scenario may use, which depend on the protocol.
#[derive(Copy, Clone, Debug, Default)]
pub struct Vocabulary<'a> {
    /// The metrics that a run can report. One that ends in `*` stands for all that begin like it.
    pub metrics: &'a [&'a str],
    /// The oracles that there are.
    pub oracles: &'a [&'a str],
    /// The coverage marks that there are.
    pub marks: &'a [&'a str],
}
