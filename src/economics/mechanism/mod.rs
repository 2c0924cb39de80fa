//! Properties of mechanisms, by exhaustion over a grid of types.
//!
//! A direct [`Mechanism`] asks each agent for its type, decides and takes payments. A [`sheet`](sheet()) tries every
//! profile of types and every lie on a grid and tells, with a witness for each failure, whether
//!
//! | property | means |
//! |---|---|
//! | strategy-proof | no agent gains by a lie, whatever the others are |
//! | pair-proof | no two agents both gain by lying together |
//! | ring-proof | no two agents gain in sum, as if they could pay each other |
//! | individually rational | no honest agent is worse off than if it stayed away |
//! | efficient | among honest agents the decision has the greatest welfare |
//! | without deficit | agents pay at least as much as they get |
//! | balanced | agents pay as much as they get |
//!
//! and [`false_names()`] whether an agent gains by taking part twice. On a grid a failure is a proof, success is
//! evidence: between the points of the grid anything may hide. No mechanism has all: in general none is efficient,
//! balanced, individually rational and strategy-proof (Green and Laffont 1979, Myerson and Satterthwaite 1983).

pub mod bundles;
pub mod direct;
pub mod exchange;
pub mod false_names;
pub mod finding;
pub mod grid;
pub mod posted_price;
pub mod sheet;
pub mod single_item;

pub use bundles::{Bundles, Valuation};
pub use direct::{Decided, Mechanism};
pub use exchange::Exchange;
pub use false_names::{FalseNames, false_names};
pub use finding::{Finding, Witness};
pub use grid::SheetError;
pub use posted_price::PostedPrice;
pub use sheet::{Sheet, sheet};
pub use single_item::SingleItem;
