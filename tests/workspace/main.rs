//! The workspace: its packages, their permitted dependencies, and its module graph.

mod manifests;
mod modules;
mod sources;
