//! Properties of mechanisms, by exhaustion over a grid of types.
