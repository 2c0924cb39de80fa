//! The Rust blocks of the README and the book, as doc tests; `tests/book.rs` sees to all other blocks.

/// The front page.
#[doc = include_str!("../README.md")]
struct Readme;

/// Services.
#[doc = include_str!("../docs/src/services.md")]
struct Services;
