//! The house as a whole: its packages, what each may depend on, and how modules stand to each other.

mod manifests;
mod modules;
mod sources;
