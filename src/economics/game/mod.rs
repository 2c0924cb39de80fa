//! Games: equilibria of two and more players in exact rationals, and dynamics that lead to them or do not.
